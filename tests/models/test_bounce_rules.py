"""The rules for mails that came back quote nobody: what counts is mails never seen."""

import json
import re
from pathlib import Path

import pytest

from models.bounce_causes import CAUSES
from models.bounce_status import definite_reason
from models.bounce_troubles import TROUBLES
from tests.bench.bench_bounces import folder

ROOM = Path(__file__).resolve().parents[2] / "models"
RULES = sorted({*ROOM.glob("bounce_*.py"), ROOM / "auto_reply.py", ROOM / "stop_reply.py"})
HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9-]+\.){1,8}[a-z]{2,}(?![\w-]|\.\w)")
ADDRESS = re.compile(r"[\w.+=-]+@[\w-]+\.[\w.-]*\w")
SENTENCE = re.compile(r"[.!?;:]\s|[<>\"()\[\]\n]\s*")
WORDS = 6
"""Fewer are a phrase, which many say."""


@pytest.fixture(scope="module")
def samples() -> str:
    """Every mail of the samples that are there, in lower case."""
    return "\n".join(file.read_bytes().decode("latin-1").lower() for file in sorted(folder().glob("*.eml")))


def test_reasons_have_the_names_of_the_samples() -> None:
    tables = {wording.reason for wording in (*CAUSES, *TROUBLES)}
    codes = {name for number in range(1000) if (name := definite_reason(f"5.{number // 100}.{number % 100}"))}
    known = tables | codes | {"feedback", "vacation", "delivered", "undefined", ""}
    expected = {row["reason"] for rows in json.loads((folder() / "expected.json").read_text()).values() for row in rows}
    assert expected - known == set()


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("rules", RULES, ids=lambda file: file.stem)
def test_no_rule_names_a_samples_host_or_address(rules: Path, samples: str) -> None:
    source = rules.read_text().lower().replace("\\", "")
    seen = {*HOST.findall(samples), *ADDRESS.findall(samples)}
    assert {named for named in (*HOST.findall(source), *ADDRESS.findall(source)) if named in seen} == set()


@pytest.mark.parametrize("rules", RULES, ids=lambda file: file.stem)
def test_no_rule_quotes_a_samples_whole_sentence(rules: Path, samples: str) -> None:
    source = squeezed(re.sub(r"…|\\", "", rules.read_text().lower()))
    said = {squeezed(one).strip(" .,") for one in SENTENCE.split(samples)}
    assert [one for one in said if one.count(" ") >= WORDS - 1 and one in source] == []
