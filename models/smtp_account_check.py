"""What was typed for an SMTP account, checked: a value per column, or a problem per field."""

import ipaddress
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from models.address import normal_form
from models.catalogue import Problem
from models.dkim_key import algorithm_of, check_place, read_key
from models.errors import Invalid
from models.secret import encrypt
from models.smtp_account_table import SignIn, SmtpAccount, Tls

SECRETS: Final = {
    "password": "secret",
    "client_secret": "client_secret",
    "refresh_token": "refresh_secret",
    "dkim_key": "dkim_secret",
}
"""Field → column. An empty one keeps what is there."""
CHECKED: Final = (
    "name", "host", "port", "tls", "check_certificate", "sign_in", "username", "token_url", "client_id", "from_name",
    "from_address", "max_per_hour", "weight", "stand_by", "connections", "messages_per_connection", "connect_seconds",
    "reply_seconds", "answer_seconds", "dkim_domain", "dkim_selector",
)  # fmt: skip
"""The columns that a form shows."""
_LINES: Final = (
    "name", "host", "username", "token_url", "client_id", "from_name", "from_address", "dkim_domain", "dkim_selector"
)  # fmt: skip
_NUMBERS: Final = {
    "port": (1, 65535),
    "weight": (0, 100),
    "connections": (1, 100),
    "messages_per_connection": (1, 10_000),
    "connect_seconds": (1, 300),
    "reply_seconds": (5, 600),
    "answer_seconds": (60, 3600),  # impatience after the dot makes duplicates (RFC 5321 4.5.3.2.6)
}
"""Least and most."""
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_.:-]{1,253}")


def check(values: Mapping[str, object], kept: SmtpAccount | None) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The columns that `values` give, and the problems of its fields; what is absent has its column's default.

    `kept`: the account that is being changed: its secrets stay where none is typed. What belongs to another way of
    signing in, or to a signature that is not wanted any more, is emptied.
    """
    problems: dict[str, Problem] = {}
    given = {name: field.default for name, field in SmtpAccount.model_fields.items() if name in CHECKED} | dict(values)
    checked: dict[str, Any] = {key: _line(given[key], key, problems) for key in _LINES}
    checked |= {key: _number(given[key], key, bounds, problems) for key, bounds in _NUMBERS.items()}
    checked["max_per_hour"] = _number(given["max_per_hour"], "max_per_hour", (1, 10_000_000), problems, optional=True)
    for key in ("check_certificate", "stand_by"):
        checked[key] = str(given[key]).lower() not in {"false", "0", "no", "off", ""}
    checked["tls"] = _choice(Tls, given["tls"], "tls", problems)
    checked["sign_in"] = _choice(SignIn, given["sign_in"], "sign_in", problems)
    secrets = {field: str(values.get(field) or "") for field in SECRETS}
    checked |= {SECRETS[field]: encrypt(typed) for field, typed in secrets.items() if typed}
    _check_places(checked, problems)
    _check_sign_in(checked, kept, problems)
    _check_dkim(checked, secrets["dkim_key"], kept, problems)
    return checked, problems


def ask_again(account: SmtpAccount, checked: Mapping[str, object]) -> dict[str, Problem]:
    """A kept secret goes to the server that it was given for: the fields to fill in again when another would get it."""
    server = ("host", "port", "tls")
    places = {"password": server, "client_secret": ("token_url",), "refresh_token": (*server, "token_url")}
    return {
        field: Problem("smtp_account.password_again")
        for field, columns in places.items()
        if getattr(account, SECRETS[field])
        and SECRETS[field] not in checked
        and any(checked[column] != getattr(account, column) for column in columns)
    }


def _check_places(checked: dict[str, Any], problems: dict[str, Problem]) -> None:
    for key in ("name", "host"):
        if not checked[key]:
            problems.setdefault(key, Problem("errors.required"))
    if checked["host"] and not _HOST.fullmatch(checked["host"]):
        problems.setdefault("host", Problem("smtp_account.not_a_host"))
    if checked["from_address"] and (problem := _address_problem(checked["from_address"])):
        problems.setdefault("from_address", problem)


def _check_sign_in(checked: dict[str, Any], kept: SmtpAccount | None, problems: dict[str, Problem]) -> None:
    if checked["sign_in"] is not SignIn.XOAUTH2:
        checked |= {"token_url": "", "client_id": "", "client_secret": "", "refresh_secret": ""}
        return
    checked["secret"] = ""
    for key in ("username", "token_url", "client_id"):
        if not checked[key]:
            problems.setdefault(key, Problem("errors.required"))
    if "refresh_secret" not in checked and not (kept and kept.refresh_secret):
        problems.setdefault("refresh_token", Problem("errors.required"))
    if checked["token_url"] and not _is_safe(checked["token_url"]):
        problems.setdefault("token_url", Problem("smtp_account.not_a_token_url"))


def _is_safe(url: str) -> bool:
    """https, or this machine: secrets are posted there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_dkim(checked: dict[str, Any], pem: str, kept: SmtpAccount | None, problems: dict[str, Problem]) -> None:
    if not checked["dkim_domain"]:
        checked |= {"dkim_selector": "", "dkim_secret": ""}
        return
    try:
        checked["dkim_domain"], checked["dkim_selector"] = check_place(checked["dkim_domain"], checked["dkim_selector"])
    except Invalid as invalid:
        problems.update(invalid.problems)
    if pem:
        try:
            checked["dkim_algorithm"] = algorithm_of(read_key(pem))
        except Invalid as invalid:
            problems.update(invalid.problems)
    elif not (kept and kept.dkim_secret):
        problems.setdefault("dkim_key", Problem("smtp_account.no_key"))


def _choice(choices: type[StrEnum], value: object, key: str, problems: dict[str, Problem]) -> StrEnum | None:
    try:
        return choices(str(value or ""))
    except ValueError:
        problems[key] = Problem("errors.unknown_choice", value=value)
        return None


def _line(value: object, key: str, problems: dict[str, Problem], limit: int = 253) -> str:
    text = str(value or "").strip()
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        problems[key] = Problem("errors.control_character")
    elif len(text) > limit:
        problems[key] = Problem("errors.too_long", limit=limit)
    return text


def _number(
    value: object, key: str, bounds: tuple[int, int], problems: dict[str, Problem], *, optional: bool = False
) -> int | None:
    text = "" if value is None else str(value).strip()
    least, most = bounds
    if not text and optional:
        return None
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        problems[key] = Problem("errors.not_a_number" if text else "errors.required")
        return None
    if not least <= int(text) <= most:
        low = int(text) < least
        problems[key] = Problem("errors.at_least", least=least) if low else Problem("errors.at_most", most=most)
    return int(text)


def _address_problem(address: str) -> Problem | None:
    try:
        normal_form(address)
    except Invalid as invalid:
        return next(iter(invalid.problems.values()))
    return None
