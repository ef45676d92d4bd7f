"""envoi bounce explain FILE…"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click import exceptions

from dashboard.commands import narrate, print_json
from models.bounce import judge_mail
from models.bounce_mail import MOST_BYTES


@click.group()
def bounce() -> None:
    """Mails that came back."""


@bounce.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def explain(files: tuple[str, ...]) -> None:
    """The verdict on each mail, one line of JSON per FILE: a file, a folder of files, or - for standard input.

    Needs no database. Exit status 1 when a file could not be read; the others are judged all the same.
    """
    failed = False
    for name in (name for file in files for name in _names(file)):
        try:
            raw = _read(name)
        except OSError as error:
            narrate("bounce.unreadable", file=name, why=error.strerror)
            failed = True
            continue
        verdict = judge_mail(raw)
        print_json({
            "file": name,
            "kind": verdict.kind,
            "reason": verdict.reason,
            "recipient": verdict.recipient,
            "status": verdict.status,
            "evidence": verdict.evidence,
        })  # fmt: skip
    if failed:
        raise exceptions.Exit(1)


def _names(file: str) -> Iterator[str]:
    """The file, or those that lie in the folder."""
    path = Path(file)
    if file == "-" or not path.is_dir():
        yield file
    else:
        yield from (str(inside) for inside in sorted(path.iterdir()) if inside.is_file())


def _read(name: str) -> bytes:
    """As much of it as the judging looks at, and one octet more."""
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with open(name, "rb") as file:
        return file.read(MOST_BYTES + 1)
