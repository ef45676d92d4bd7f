"""Bytes in, rows out."""

import codecs
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from models.spreadsheet import MAX_LINES, Row, export_cell, import_cell, read_rows, write_rows
from models.spreadsheet_format import name_columns, sniff
from tests.samples.make_samples import HERE

TEXT = "Prénom;Nom;E-mail\r\nÉlodie;Lefèvre;e@example.com\r\nFrançois;Müller;f@example.com\r\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[Row]:
    return list(read_rows(path, sniff(path).format))


def problems(rows: list[Row]) -> dict[int, str]:
    return {row.number: row.problem.key for row in rows if row.problem}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("mac_roman"), "mac_roman"),
        (TEXT.encode("ascii", "ignore"), "utf-8"),
        ("a;b\nÉté;x@example.com\n".encode("cp1252"), "cp1252"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, content: bytes, encoding: str) -> None:
    found = sniff(written(tmp_path, content))
    assert found.format.encoding == encoding
    assert found.sample[0].cells[0] in {"Élodie", "lodie", "Été"}


def test_the_encoding_is_found_though_the_first_accent_comes_after_megabytes(tmp_path: Path) -> None:
    content = b"name,email\n" + b"Ada,ada@example.com\n" * 150_000 + "Zoé,zoe@example.com\n".encode("cp1252")
    found = sniff(written(tmp_path, content))
    assert found.format.encoding == "cp1252"
    assert found.row_count == 150_001


def test_a_few_broken_rows_do_not_make_utf8_something_else(tmp_path: Path) -> None:
    good = "Élodie,e{}@example.com\n"
    content = b"name,email\n" + b"".join(good.format(n).encode() for n in range(20)) + b"Zo\xe9,z@example.com\n"
    rows = rows_of(written(tmp_path, content))
    assert rows[0].cells[0] == "Élodie"
    assert problems(rows) == {22: "imports.unreadable"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_delimiter_and_the_line_ends_are_found(tmp_path: Path, delimiter: str, ending: str) -> None:
    lines = [["email", "name", "price"], ["a@example.com", "x", '"1,5;2"'], ["b@example.com", "y", '"2,5;3"']]
    path = written(tmp_path, (ending.join(delimiter.join(line) for line in lines)).encode())
    found = sniff(path)
    assert found.format.delimiter == delimiter
    assert [row.cells[2] for row in rows_of(path)] == ["1,5;2", "2,5;3"]


def test_the_first_line_of_excel_names_the_delimiter(tmp_path: Path) -> None:
    path = written(tmp_path, b"sep=|\r\nemail|name\r\na@example.com|Ada, Byron\r\n")
    assert rows_of(path) == [Row(2, ["a@example.com", "Ada, Byron"], None)]


def test_a_file_of_addresses_alone_has_no_header_and_loses_no_row(tmp_path: Path) -> None:
    path = written(tmp_path, b"a@example.com\nb@example.com\n")
    assert sniff(path).format.header == ("A",)
    assert [(row.number, row.cells) for row in rows_of(path)] == [(1, ["a@example.com"]), (2, ["b@example.com"])]


def test_columns_get_labels_of_their_own() -> None:
    assert name_columns(["email", " First \n name", "", "Email"]) == ("email", "First name", "C", "Email (2)")
    assert name_columns([""] * 28)[25:] == ("Z", "AA", "AB")


def test_encoding_and_delimiter_can_be_chosen_by_hand(tmp_path: Path) -> None:
    path = written(tmp_path, "email,name\na@example.com,Zoé\n".encode())
    assert sniff(path, encoding="cp1252").sample[0].cells[1] == "ZoÃ©"
    assert sniff(path, delimiter=";").format.header == ("email,name",)
    with pytest.raises(Invalid) as wrong:
        sniff(path, encoding="rot13")
    assert set(wrong.value.problems) == {"encoding"}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "imports.empty_file"),
        (b"\xef\xbb\xbf\r\n\r\n", "imports.empty_file"),
        (b"PK\x03\x04 and so on", "imports.workbook"),
        (b"\xd0\xcf\x11\xe0 and so on", "imports.workbook"),
        (b"x" * 1_000_000, "imports.too_long_row"),
        (b",,,\n , ,\n", "imports.empty_file"),
        (b"a," * 1_000 + b"\n", "imports.too_many_columns"),
        (b'"email,name\na@example.com,Ada\n', "imports.unclosed_quote"),
    ],
)
def test_what_is_no_csv_file_is_refused_with_the_reason(tmp_path: Path, content: bytes, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        sniff(written(tmp_path, content))
    assert refused.value.problems["file"].key == key


def test_a_line_of_200_megabytes_is_refused_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(Invalid):
        sniff(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_long_line_between_others_is_one_problem_row_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"email,name\na@example.com,Ada\nb@example.com,")
        for _ in range(30):
            file.write(b"y" * 1_000_000)
        file.write(b"\nc@example.com,Cleo\n")
    tracemalloc.start()
    rows = rows_of(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert problems(rows) == {3: "imports.too_long_row"}
    assert [row.cells[0] for row in rows] == ["a@example.com", "b@example.com", "c@example.com"]
    assert max(len(cell) for cell in rows[1].cells) < 1_000


def test_the_ragged_sample_row_by_row() -> None:
    rows = rows_of(HERE / "contacts/contacts-ragged.csv")
    assert problems(rows) == {
        4: "imports.misplaced_quote",  # left open, and met by the quotation mark of row 6
        5: "imports.too_many_cells",
        6: "imports.misplaced_quote",
        7: "imports.nul",
    }
    good = {row.number: row.cells for row in rows if not row.problem}
    assert good == {
        2: ["r1@example.com", "A", "One", "second-column@example.com"],
        3: ["r2@example.com", "B", "", ""],
        9: ["r7@example.com", "G", "Seven", ""],
        10: [";;;;", "", "", ""],
        11: ["r8@example.com", "H", "Eight", ""],
        12: ["r9@example.com", "I", "Nine", ""],
        13: ["r10@example.com", "J", "Ten", ""],
    }


def test_a_quotation_mark_left_open_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = ["email,name", 'a@example.com,"open', *(f"p{n}@example.com,P" for n in range(3 * MAX_LINES))]
    rows = rows_of(written(tmp_path, "\n".join(lines).encode()))
    assert problems(rows) == {2: "imports.unclosed_quote"}
    assert rows[0].cells == ["a@example.com", "open"]
    assert len(rows) == 1 + 3 * MAX_LINES


def test_rows_keep_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = written(tmp_path, b'email,city\na@example.com,"two\nlines"\n\n,\nb@example.com,x\n')
    assert [row.number for row in rows_of(path)] == [2, 5]
    assert sniff(path).row_count == 2


def test_blank_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, b"\n,,\nemail,name\na@example.com,Ada\n")
    assert sniff(path).format.header == ("email", "name")
    assert rows_of(path) == [Row(4, ["a@example.com", "Ada"], None)]


def test_sniffing_counts_what_is_filled_and_gives_examples(tmp_path: Path) -> None:
    path = written(tmp_path, b"email,name\na@example.com,Ada\nb@example.com, \nc@example.com,Ada\nd@example.com,Bo\n")
    found = sniff(path)
    assert found.filled == (4, 3)
    assert found.examples == (("a@example.com", "b@example.com", "c@example.com"), ("Ada", "Bo"))


@pytest.mark.parametrize("value", ["=1+1", "+33 1", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_a_formula_is_neutralised_on_the_way_out_and_comes_back_as_it_was(value: str) -> None:
    assert export_cell(value) == f"'{value}"
    assert import_cell(export_cell(value)) in {value, value.strip()}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")))
def test_what_is_exported_is_imported_again(value: str) -> None:
    if not value[:2].startswith(("'=", "'+", "'-", "'@", "'\t")):
        assert import_cell(export_cell(value.strip())) == value.strip()


def test_written_rows_are_read_again() -> None:
    file = io.StringIO(newline="")
    write_rows(file, [["a;b", 'say "x"', "two\nlines", 7, "=1"]], ";")
    assert file.getvalue() == '"a;b";"say ""x""";"two\nlines";7;\'=1\r\n'
