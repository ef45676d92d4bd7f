"""What the documents say of the code, held against the code: tests, tables, variables, commands, packages, places."""

import re
import tomllib
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from dashboard.cli import COMMANDS
from models.settings import Settings
from tests.schema import every_table

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
GIVEN = {"reflex", "sqlmodel", "apscheduler", "plotly", "emails"}
"""The packages that Envoi was to be built on."""


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_test_that_a_promise_names_is_there() -> None:
    """`file::test`, `…::test` of the file named before, `test` of any file; `test_begins_…` stands for the rest."""
    tests = {
        str(file.relative_to(ROOT / "tests")): set(re.findall(r"def (\w+)\(", file.read_text()))
        for file in (ROOT / "tests").rglob("*.py")
    }
    anywhere, here, missing = set().union(*tests.values()), "", []
    for said in re.findall(r"`([^`\s]+)`", read("docs/promises.md")):
        file, _, name = said.partition("::") if ".py" in said or said.startswith("…") else ("", "", said)
        here = here if file in {"", "…"} else file
        there = here in tests or (ROOT / here).is_file()
        known = tests.get(here, set()) if file else anywhere
        if not there or (name.startswith("test_") and not _begins(name, known)):
            missing.append(said)
    assert missing == []


def _begins(name: str, known: set[str]) -> bool:
    stem = name.removesuffix("…")
    return any(one.startswith(stem) for one in known) if stem != name else name in known


def test_every_table_is_drawn_in_the_schema() -> None:
    every_table()
    drawn = re.search(r"## 2\. .*?```\n(.*?)```", read("DECISIONS.md"), re.S)
    assert drawn
    there = set(re.findall(r"● (\w+)", drawn[1]))
    assert there == SQLModel.metadata.tables.keys()


def test_every_variable_of_the_environment_is_in_the_readme() -> None:
    named = set(re.findall(r"`ENVOI_(\w+)`", read("README.md")))
    assert named == {field.upper() for field in Settings.model_fields}


def test_every_word_of_the_command_is_in_the_readme() -> None:
    named = re.findall(r"`([a-z-]+)(?: \[--[a-z-]+\])?`", read("README.md"))
    assert COMMANDS.keys() - set(named) == set()


def test_every_package_has_its_reason() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    packages = {re.match(r"[\w-]+", line)[0] for line in project} - GIVEN
    table = read("DECISIONS.md").partition("| package | for |")[2].partition("\n\n")[0].lower()
    named = {
        name for row in table.splitlines() for name in re.findall(r"[\w-]+", row.split("|")[1] if "|" in row else "")
    }
    assert packages - named == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_place_that_a_document_leads_to_is_there(document: Path) -> None:
    places = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [place for place in places if not (document.parent / place).exists()] == []
