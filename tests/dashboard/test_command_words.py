"""Every word of the command, walked as `envoi --help` leads: what it does is said, and a program can read it."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from dashboard.cli import main

RUNS = {"serve", "web", "worker", "build"}
"""They run until they are told to stop, or make a file."""
CSV = {"export log", "export list", "suppression export"}
LINES = {"bounce explain"}
"""One line of JSON for each file, always."""
SENTENCES = {
    *("demo", "group-account verify", "webhook delete"),
}
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
    assert without == RUNS | CSV | LINES | SENTENCES


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
