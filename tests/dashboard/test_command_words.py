"""Every word of the command, walked as `envoi --help` leads: what it does is said, and a program can read it."""

import json
from collections.abc import Iterator
from typing import NoReturn

import click
import pytest
from click.testing import CliRunner

from dashboard import server
from dashboard.cli import main
from models.settings import settings

MAKES = {"build"}
"""It makes the page, and says so."""
CSV = {"suppression export"}
LINES = {"bounce explain"}
"""One line of JSON for each file, always."""
SENTENCES = {"group-account verify", "webhook delete"}
"""An act, and that it was done."""


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


WORDS = dict(commands(main))


@pytest.mark.parametrize("words", WORDS)
def test_every_word_has_help(words: str) -> None:
    shown = CliRunner().invoke(main, [*words.split(), "--help"])
    assert (shown.exit_code, shown.output.startswith("Usage: ")) == (0, True)
    said = WORDS[words].help or ""
    assert said.endswith(".") or "\n" in said or '"' in said, said


def test_every_word_that_prints_data_prints_json() -> None:
    without = {name for name, command in WORDS.items() if "--json" not in {o for p in command.params for o in p.opts}}
    assert without == MAKES | CSV | LINES | SENTENCES


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        *((words, ["--no-such-option"]) for words in WORDS),
        *((words, ["\udcff"] * 9) for words in WORDS if words not in LINES),  # as many files as one likes
    ],
)
def test_what_is_typed_wrongly_is_one_sentence(words: str, typed: list[str]) -> None:
    done = CliRunner().invoke(main, [*words.split(), *typed])
    assert done.exit_code == 2
    assert (done.output.startswith("envoi: "), done.output.count("\n")) == (True, 1)


@pytest.mark.parametrize("words", ["serve", "web", "worker"])
@pytest.mark.parametrize(("asked", "form"), [([], "text"), (["--json"], "json")])
def test_what_runs_until_it_is_stopped_logs_as_asked(
    words: str, asked: list[str], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def begun(*_: object, **__: object) -> NoReturn:
        seen.append(settings().log_format)
        raise SystemExit(0)

    for begins in ("dashboard.commands.serve.serve_dashboard", "dashboard.commands.web.serve_dashboard", "os.execv"):
        monkeypatch.setattr(begins, begun)
    monkeypatch.setattr("dashboard.commands.serve.prepare", lambda: None)
    monkeypatch.setattr("os.chdir", lambda _: None)
    monkeypatch.setenv("ENVOI_LOG_FORMAT", "text")
    CliRunner().invoke(main, [words, *asked])
    assert seen == [form]


@pytest.mark.usefixtures("sqlite_database")
def test_where_it_is_can_be_read_by_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server._announce()
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("ENVOI_LOG_FORMAT", "json")
    settings.cache_clear()
    server._announce()
    said = json.loads(capsys.readouterr().out)
    assert said["first_start"].startswith(f"{said['url']}/")
    server._announce_public()
    assert json.loads(capsys.readouterr().out) == {"url": said["url"]}
