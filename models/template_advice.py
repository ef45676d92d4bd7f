"""What the editor says about a template while it is written: the save's checks, and what mail programs do to it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final

from models.catalogue import Problem
from models.errors import Invalid
from models.template_check import Parsed, parse_template

GMAIL_CLIPS: Final = 102 * 1024
"""Octets of HTML after which Gmail shows "[Message clipped]"."""


class Level(StrEnum):
    """How much it matters: ERROR cannot be saved."""

    FINE = "fine"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list. `part`: the field it is about."""

    level: Level
    part: str
    problem: Problem


def checks(
    subject: str, html: str, text: str, *, fields: Collection[str] | None = (), mandatory_opt_out_link: bool = True
) -> list[Check]:
    """What there is to say, errors first. `fields`: as parse_template's; `mandatory_opt_out_link`: the setting."""
    try:
        parsed = parse_template(subject, html, text, fields=fields)
    except Invalid as invalid:
        found = [Check(Level.ERROR, part, problem) for part, problem in invalid.problems.items()]
    else:
        found = [
            Check(Level.FINE, "html", Problem("template.check_placeholders")),
            _opt_out(parsed, mandatory_opt_out_link),
        ]
    if not subject.strip():
        found.append(Check(Level.WARNING, "subject", Problem("template.check_no_subject")))
    return sorted([*found, _size(html), *_look(html)], key=lambda check: _ORDER.index(check.level))


_ORDER: Final = (Level.ERROR, Level.WARNING, Level.FINE)


def _opt_out(parsed: Parsed, mandatory: bool) -> Check:
    if parsed.has_opt_out:
        return Check(Level.FINE, "html", Problem("template.check_opt_out"))
    if mandatory:
        return Check(Level.FINE, "html", Problem("template.check_opt_out_added"))
    return Check(Level.WARNING, "html", Problem("template.check_no_opt_out", name="{optOutUrl}"))


def _size(html: str) -> Check:
    octets = len(html.encode(errors="replace"))
    size = max(1, round(octets / 1024)) if html else 0
    if octets > GMAIL_CLIPS:
        return Check(Level.WARNING, "html", Problem("template.check_clipped", size=size))
    return Check(Level.FINE, "html", Problem("template.check_size", size=size))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[int]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for key in _faults(tag, values):
            self.found.setdefault(key, []).append(self.getpos()[0])


def _faults(tag: str, values: dict[str, str]) -> list[str]:
    """The catalogue's keys of what is wrong with one tag."""
    if tag == "img":
        source = values.get("src", "").lower()
        relative = not source.startswith(("http://", "https://", "cid:", "data:", "{"))
        return ["template.check_no_alt"] * ("alt" not in values) + ["template.check_relative"] * relative
    if tag == "a":
        address = values.get("href", "").strip().lower()
        insecure, empty = address.startswith("http://"), address in ("", "#") and "name" not in values
        return ["template.check_insecure"] * insecure + ["template.check_no_address"] * empty
    if tag in {"form", "input", "button", "iframe", "object", "embed", "video", "audio"}:
        return ["template.check_removed"]
    if tag == "link" and "stylesheet" in values.get("rel", "").lower():
        return ["template.check_stylesheet"]
    return []


def _look(html: str) -> list[Check]:
    reader = _Reader()
    reader.feed(html)
    return [
        Check(Level.WARNING, "html", Problem(key, count=len(lines), line=lines[0]))
        for key, lines in reader.found.items()
    ]
