"""What is typed about a mail server, checked: each function gives the value for the column, and notes what is wrong in
`problems` beside the field's name; then how the account signs in there, for SMTP accounts and mailboxes alike."""

import ipaddress
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import idna

from models.address import normal_form
from models.catalogue import Problem
from models.errors import Invalid
from models.secret import encrypt
from models.smtp_account_table import SignIn

Problems = dict[str, Problem]
E_ = TypeVar("E_", bound=StrEnum)

SECRETS: Final = {"password": "secret", "client_secret": "client_secret", "refresh_token": "refresh_secret"}
"""Field → column of what an account signs in with. An empty one keeps what is there."""
_SERVER: Final = ("host", "port", "tls")
_GIVEN_FOR: Final = {
    "password": _SERVER,
    "client_secret": ("token_url",),
    "refresh_token": (*_SERVER, "token_url"),
}
"""Secret → the columns that say who gets it."""

_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_.:-]{1,253}")


def line(value: object, field: str, problems: Problems, *, required: bool = False, limit: int = 253) -> str:
    """One line of text, trimmed, without control characters."""
    text = str(value or "").strip()
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        problems[field] = Problem("errors.control_character")
    elif len(text) > limit:
        problems[field] = Problem("errors.too_long", limit=limit)
    elif required and not text:
        problems[field] = Problem("errors.required")
    return text


def whole(value: object, field: str, problems: Problems, least: int, most: int) -> int:
    """A whole number within bounds; 0 where it is none."""
    text = "" if value is None else str(value).strip()
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        problems[field] = Problem("errors.not_a_number" if text else "errors.required")
        return 0
    if int(text) < least:
        problems[field] = Problem("errors.at_least", least=least)
    elif int(text) > most:
        problems[field] = Problem("errors.at_most", most=most)
    return int(text)


def yes(value: object) -> bool:
    """A switch: whatever does not say no."""
    return str(value).lower() not in {"false", "0", "no", "off", "", "none"}


def choice(choices: type[E_], value: object, field: str, problems: Problems) -> E_:
    """A member of an enum; the first one where it is none."""
    try:
        return choices(str(value or ""))
    except ValueError:
        problems[field] = Problem("errors.unknown_choice", value=value)
        return next(iter(choices))


def host(value: object, field: str, problems: Problems) -> str:
    """A host's name or address."""
    text = line(value, field, problems, required=True)
    if text and not _HOST.fullmatch(text):
        problems.setdefault(field, Problem("smtp_account.not_a_host"))
    return text


def address(value: object, field: str, problems: Problems, *, required: bool = True) -> str:
    """An email address, as typed."""
    text = line(value, field, problems, required=required)
    try:
        if text:
            normal_form(text)
    except Invalid as invalid:
        problems.setdefault(field, next(iter(invalid.problems.values())))
    return text


def domain(value: object, field: str, problems: Problems) -> str:
    """A domain in A-labels (RFC 5890), or "" for none."""
    text = line(value, field, problems).rstrip(".")
    if not text:
        return ""
    try:
        found = idna.encode(text, uts46=True).decode()
    except idna.IDNAError:
        found = ""
    if "." not in found:
        problems.setdefault(field, Problem("smtp_account.not_a_domain"))
    return found


def secret_url(value: object, field: str, problems: Problems) -> str:
    """An address that secrets are posted to: https, or this machine."""
    text = line(value, field, problems, required=True)
    if text and not _is_safe(text):
        problems.setdefault(field, Problem("smtp_account.not_a_token_url"))
    return text


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
    except ValueError:
        return False
    return bool(name) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(name)))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


# Signing in


def secrets(values: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, Any]:
    """Columns of the secrets that were typed, encrypted. `fields`: field → column."""
    typed = {column: str(values.get(field) or "") for field, column in fields.items()}
    return {column: encrypt(text) for column, text in typed.items() if text}


def sign_in(
    given: Mapping[str, object], checked: Mapping[str, Any], *, has_token: bool, problems: Problems
) -> dict[str, Any]:
    """Columns of the way of signing in that `checked` has; what belongs to the other one is emptied. `has_token`: there
    is a refresh token already."""
    if checked["sign_in"] is SignIn.PASSWORD:
        return {"token_url": "", "client_id": "", "client_secret": "", "refresh_secret": ""}
    if not has_token and "refresh_secret" not in checked:
        problems.setdefault("refresh_token", Problem("errors.required"))
    return {
        "secret": "",
        "token_url": secret_url(given["token_url"], "token_url", problems),
        "client_id": line(given["client_id"], "client_id", problems, required=True),
    }


def ask_again(account: object, checked: Mapping[str, object]) -> Problems:
    """A kept secret goes to the server that it was given for: the fields to fill in again when another would get it.
    `account`: the row that is being changed."""
    return {
        field: Problem("smtp_account.password_again")
        for field, columns in _GIVEN_FOR.items()
        if getattr(account, SECRETS[field])
        and SECRETS[field] not in checked
        and any(checked[column] != getattr(account, column) for column in columns)
    }
