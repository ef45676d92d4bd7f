"""The words of the command, one module per noun. What they print is in the shell's language; --json is for programs."""

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import click

from models.catalogue import Language, text


def language() -> str:
    """The shell's language (POSIX: LC_ALL before LC_MESSAGES before LANG)."""
    chosen = next((v for v in map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
    return Language.FR if chosen.lower().startswith("fr") else Language.EN


def say(key: str, **values: object) -> None:
    """Print a sentence of the catalogue on standard output."""
    click.echo(text(language(), key, **values))


def narrate(key: str, **values: object) -> None:
    """Print a sentence on standard error: progress, beside what a program reads."""
    click.echo(text(language(), key, **values), err=True)


def print_json(value: object) -> None:
    """Print a value, dataclasses and moments included, as one line of JSON."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, handed over as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum | Mapping):
        return str(value) if isinstance(value, StrEnum) else dict(value)
    return str(value)
