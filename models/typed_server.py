"""What is typed about a mail server, checked: each function gives the value for the column, and notes what is wrong in
`problems` beside the field's name."""

import ipaddress
import re
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlsplit

import idna

from models.address import normal_form
from models.catalogue import Problem
from models.errors import Invalid

Problems = dict[str, Problem]
E_ = TypeVar("E_", bound=StrEnum)

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


def address(value: object, field: str, problems: Problems) -> str:
    """An email address, as typed."""
    text = line(value, field, problems, required=True)
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
