"""The rules of the house that no tool holds: rights on every handler, words in both languages, names of files."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from models.catalogue import FORMS, WORDS, typeset

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("dashboard", "jobs", "models")
NO_NOUN = {"utils", "helpers", "common", "misc", "base", "services", "repositories"}
SHARED = {"acts", "auth", "commands", "i18n", "public", "ui"}
# What Reflex gives each State by itself; none of them touches data.
OF_REFLEX = {
    "setvar",
    "hydrate",
    "hydrate_and_load",
    "set_is_hydrated",
    "on_load_internal",
    "update_vars_internal",
    "handle_frontend_exception",
}
ERRORS = ("EnvoiError", "NotFound", "NotAllowed", "Refused", "Conflict", "Unavailable")
# What words a key, which is among the first two arguments
WORDING = {"tr", "tr_with", "text", "Problem", "say", "narrate", "pair", *ERRORS}
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    return tuple((file.relative_to(ROOT), ast.parse(file.read_text())) for file in files)


def handlers() -> dict[str, object]:
    """Every event handler that a socket can call: full name → function."""
    import reflex as rx

    import dashboard.dashboard  # noqa: F401 - registers every State

    def below(state: type[rx.State]) -> Iterator[type[rx.State]]:
        yield state
        for substate in state.get_substates():
            yield from below(substate)

    return {
        f"{state.get_full_name()}.{name}": handler.fn
        for state in below(rx.State)
        for name, handler in state.event_handlers.items()
    }


def test_every_event_handler_asks_for_a_right() -> None:
    from dashboard.auth.guard import right_of

    unguarded = [
        name
        for name, function in handlers().items()
        if right_of(function) is None and not _is_of_reflex(name, function)
    ]
    assert unguarded == []


def _is_of_reflex(name: str, function: object) -> bool:
    module = getattr(function, "__module__", "") or getattr(getattr(function, "func", None), "__module__", "")
    return name.rpartition(".")[2] in OF_REFLEX and module.startswith("reflex")


def test_every_key_that_is_used_exists() -> None:
    missing = {f"{file}:{line}: {key}" for file, tree in sources() for line, key in _keys(tree) if key not in WORDS}
    assert missing == set()


def _keys(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The literal keys that are handed to what words them."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in WORDING:
                said = (a.value for a in arguments[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str))
                yield from ((node.lineno, key) for key in said if KEY.fullmatch(key))


def test_both_languages_say_the_same() -> None:
    different = {
        key: (english, french)
        for key, (english, french) in WORDS.items()
        if not english.strip()
        or not french.strip()
        or _placeholders(english) != _placeholders(french)
        or not english.count(FORMS) == french.count(FORMS) <= 1
    }
    assert different == {}


def _placeholders(sentence: str) -> set[str]:
    """Names of the values; those of each plural form together (a form may write its number out)."""
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("Prêt ? Oui ! Non ; 5 %", "Prêt\u202f? Oui\u202f! Non\u202f; 5\u202f%"),
        ("« {name} » attend : {because}", "«\u202f{name}\u202f» attend\u00a0: {because}"),
        ("l'adresse", "l’adresse"),
        ("https://a.fr:80", "https://a.fr:80"),
    ],
)
def test_french_is_set_as_french(written: str, set_: str) -> None:
    assert typeset(written) == set_
    assert typeset(set_) == set_


def test_no_file_without_a_noun() -> None:
    named = {file.stem for file, _ in sources()} | {file.parent.name for file, _ in sources()}
    assert named & NO_NOUN == set()


def test_the_folders_of_features_are_all_kept_apart() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    kept_apart = next(set(contract["modules"]) for contract in contracts if contract["type"] == "independence")
    folders = {f.name for f in (ROOT / "dashboard").iterdir() if (f / "__init__.py").is_file()} - SHARED
    assert kept_apart == {f"dashboard.{name}" for name in folders}


def test_only_jobs_opens_connections() -> None:
    opened = {
        str(file)
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"open_connection", "create_connection", "start_server"}
    }
    assert {file for file in opened if not file.startswith("jobs/")} == set()


def test_models_do_not_look_at_the_clock() -> None:
    """`now` comes in (house rule 1). The clocks that measure how long something took are another matter."""
    looking = {
        f"{file}:{node.lineno}"
        for file, tree in sources()
        if file.parts[0] == "models" and file.name != "logs.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"datetime.now", "datetime.utcnow", "time.time", "date.today"}
    }
    assert looking == set()
