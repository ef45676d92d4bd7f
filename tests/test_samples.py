"""The samples hold every kind of trouble that "Bad input" names, and are what their script makes.

The rules here are written down anew: nothing is imported from models.
"""

import csv
import io
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.samples import make_samples

SAMPLES = Path(os.environ.get("ENVOI_SAMPLES_DIR") or make_samples.HERE)
READ_AS = {
    "contacts-utf8-comma.csv": ("utf-8-sig", ","),
    "contacts-cp1252-semicolon.csv": ("cp1252", ";"),
    "contacts-utf16-tab.csv": ("utf-16", "\t"),
    "contacts-ragged.csv": ("utf-8", ","),
}


def rows_of(name: str) -> list[list[str]]:
    encoding, delimiter = READ_AS[name]
    text = (SAMPLES / "contacts" / name).read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def address(row: list[str]) -> str:
    return row[2] if len(row) > 2 else ""


def folded(row: list[str]) -> str:
    return address(row).strip().lower()


def plain(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


ROW_TROUBLES: dict[str, Callable[[list[str]], object]] = {
    "malformed: no @": lambda row: address(row).strip() and "@" not in address(row),
    "malformed: two @": lambda row: "@@" in address(row),
    "malformed: no dot in the domain": lambda row: re.fullmatch(r"[^@\s]+@[^@.\s]+", address(row)),
    "a newline in the address": lambda row: "\n" in address(row),
    "far too long": lambda row: len(address(row)) > 254,
    "an IDN": lambda row: not address(row).rpartition("@")[2].isascii(),
    "a UTF-8 local part": lambda row: not address(row).rpartition("@")[0].isascii(),
    "no address": lambda row: len(row) > 2 and any(row) and address(row) == "",
    "white space around the address": lambda row: address(row).strip() and address(row) != address(row).strip(),
    "upper case": lambda row: "@" in address(row) and address(row) != address(row).lower(),
    "a formula with =": lambda row: row and row[0].startswith("="),
    "a formula with +": lambda row: row and row[0].startswith("+"),
    "HTML": lambda row: any("<script>" in cell for cell in row),
    "quotation marks": lambda row: any('"' in cell for cell in row),
    "a separator in a cell": lambda row: any("," in cell for cell in row),
    "a line break in a cell": lambda row: any("\n" in cell for cell in row[:2] + row[3:]),
    "accents": lambda row: any(plain(cell) != cell for cell in row),
}
OWN_TROUBLES: dict[str, Callable[[list[str]], object]] = {
    "malformed: two dots": lambda row: ".." in address(row),
    "white space for an address": lambda row: address(row) and not address(row).strip(),
    "a blank row": lambda row: not any(row),
    "a NUL": lambda row: any("\0" in cell for cell in row),
    "too many cells": lambda row: len(row) > 8,
    "too few cells": lambda row: 0 < len(row) < 8,
    "a formula with -": lambda row: row and row[0].startswith("-"),
    "a formula with @": lambda row: row and row[0].startswith("@"),
    "a very long name": lambda row: row and len(row[0]) > 200,
    "an emoji": lambda row: any(c >= "\U0001f300" for cell in row for c in cell),
    "combining accents": lambda row: any(unicodedata.combining(c) for cell in row for c in cell),
    "400 characters": lambda row: len(address(row)) == 400,
    "right to left": lambda row: any("\u0590" <= c <= "\u05ff" for cell in row for c in cell),
}


@pytest.mark.parametrize("trouble", [*ROW_TROUBLES, *OWN_TROUBLES])
def test_the_samples_hold(trouble: str) -> None:
    if trouble in OWN_TROUBLES and SAMPLES != make_samples.HERE:
        return  # another folder of samples has the troubles that its maker thought of
    has_it = {**ROW_TROUBLES, **OWN_TROUBLES}[trouble]
    assert any(has_it(row) for row in rows_of("contacts-utf8-comma.csv")[1:])


def test_the_samples_hold_twins_in_the_same_and_in_another_case() -> None:
    rows = rows_of("contacts-utf8-comma.csv")[1:]
    first: dict[str, str] = {}
    twins = [
        (first[folded(row)], address(row))
        for row in rows
        if first.setdefault(folded(row), address(row)) and folded(row)
    ]
    assert any(a.strip() != b.strip() and a.strip().lower() == b.strip().lower() for a, b in twins)
    again = [row for number, row in enumerate(rows) if folded(row) in map(folded, rows[:number]) and folded(row)]
    assert len(again) >= 2 or SAMPLES != make_samples.HERE


def test_a_thousand_rows_in_three_encodings_and_separators() -> None:
    assert len(rows_of("contacts-utf8-comma.csv")) > 1_000
    assert len(rows_of("contacts-cp1252-semicolon.csv")) > 300
    assert len(rows_of("contacts-utf16-tab.csv")) > 300
    assert (SAMPLES / "contacts/contacts-utf16-tab.csv").read_bytes()[:2] == b"\xff\xfe"
    with pytest.raises(UnicodeDecodeError):
        (SAMPLES / "contacts/contacts-cp1252-semicolon.csv").read_bytes().decode()


def test_the_ragged_file_has_a_doubled_header_an_open_quotation_mark_a_nul_and_rows_of_every_length() -> None:
    text = (SAMPLES / "contacts/contacts-ragged.csv").read_bytes().decode()
    header, *rows = text.splitlines()
    assert len(set(header.split(","))) < len(header.split(","))
    assert any(row.count('"') % 2 for row in rows)
    assert "\0" in text
    widths = {len(row.split(",")) for row in rows}
    assert min(widths) < len(header.split(",")) < max(widths)


def test_a_newsletter_has_the_weight_and_the_parts_of_real_ones() -> None:
    letters = [path.read_text() for path in (SAMPLES / "newsletters").glob("*.html")]
    assert any(
        len(html) > 10_000 and "@media" in html and "<table" in html and "alt=" in html and "href=" in html
        for html in letters
    )


def test_our_newsletter_has_every_place_that_the_script_names_and_dark_mode() -> None:
    html = (make_samples.HERE / "newsletters/newsletter.html").read_text()
    assert all(html.count(place) == 1 for place in make_samples.NEWSLETTER_PLACES)
    assert "prefers-color-scheme: dark" in html
    assert html.count("href=") >= 20
    assert 25_000 < len(html.encode()) < 32_000


def test_the_committed_samples_are_what_the_script_makes() -> None:
    for name, content in make_samples.files().items():
        assert (make_samples.HERE / name).read_bytes() == content, f"{name}: run python -m tests.samples.make_samples"


def test_nobody_in_the_samples_can_be_reached() -> None:
    kept_free = re.compile(r"(?:.+\.)?example(?:\.(?:com|org|net))?", re.IGNORECASE)  # RFC 2606, RFC 6761
    text = "\n".join(
        content.decode("utf-8", "replace") for name, content in make_samples.files().items() if "16" not in name
    )
    for domain in re.findall(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)", text) + re.findall(r"https?://([^/\s\"]+)", text):
        assert kept_free.fullmatch(domain) or domain.startswith("www.w3.org") or ".." in domain, domain
