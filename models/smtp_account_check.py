"""What was typed for an SMTP account, checked: a value per column, or a problem per field."""

from collections.abc import Mapping
from typing import Any, Final

from models import typed_server
from models.catalogue import Problem
from models.dkim_key import algorithm_of, check_place, read_key
from models.errors import Invalid
from models.smtp_account_table import SignIn, SmtpAccount, Tls

SECRETS: Final = {**typed_server.SECRETS, "dkim_key": "dkim_secret"}
"""Field → column. An empty one keeps what is there."""
CHECKED: Final = (
    "name", "host", "port", "tls", "check_certificate", "sign_in", "username", "token_url", "client_id", "from_name",
    "from_address", "max_per_hour", "weight", "stand_by", "connections", "messages_per_connection", "connect_seconds",
    "reply_seconds", "answer_seconds", "dkim_domain", "dkim_selector",
)  # fmt: skip
"""The columns that a form shows."""
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
_MOST_PER_HOUR: Final = 10_000_000


def check(values: Mapping[str, object], kept: SmtpAccount | None) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The columns that `values` give, and the problems of its fields; what is absent has its column's default.

    `kept`: the account that is being changed: its secrets stay where none is typed. What belongs to another way of
    signing in, or to a signature that is not wanted any more, is emptied.
    """
    problems: dict[str, Problem] = {}
    given = {name: field.default for name, field in SmtpAccount.model_fields.items() if name in CHECKED} | dict(values)
    checked: dict[str, Any] = {
        "name": typed_server.line(given["name"], "name", problems, required=True),
        "host": typed_server.host(given["host"], "host", problems),
        "tls": typed_server.choice(Tls, given["tls"], "tls", problems),
        "check_certificate": typed_server.yes(given["check_certificate"]),
        "sign_in": typed_server.choice(SignIn, given["sign_in"], "sign_in", problems),
        "from_name": typed_server.line(given["from_name"], "from_name", problems),
        "from_address": typed_server.address(given["from_address"], "from_address", problems, required=False),
        "max_per_hour": _most_per_hour(given["max_per_hour"], problems),
        "stand_by": typed_server.yes(given["stand_by"]),
    }
    checked |= {key: typed_server.whole(given[key], key, problems, *bounds) for key, bounds in _NUMBERS.items()}
    by_token = checked["sign_in"] is SignIn.XOAUTH2
    checked["username"] = typed_server.line(given["username"], "username", problems, required=by_token)
    checked |= typed_server.secrets(values, SECRETS)
    checked |= typed_server.sign_in(given, checked, has_token=bool(kept and kept.refresh_secret), problems=problems)
    checked |= _dkim(given, str(values.get("dkim_key") or ""), kept, problems)
    return checked, problems


def _most_per_hour(value: object, problems: dict[str, Problem]) -> int | None:
    """None: no limit of its own."""
    if not str("" if value is None else value).strip():
        return None
    return typed_server.whole(value, "max_per_hour", problems, 1, _MOST_PER_HOUR)


def _dkim(
    given: Mapping[str, object], pem: str, kept: SmtpAccount | None, problems: dict[str, Problem]
) -> dict[str, Any]:
    domain, selector = (typed_server.line(given[key], key, problems) for key in ("dkim_domain", "dkim_selector"))
    if not domain:
        return {"dkim_domain": "", "dkim_selector": "", "dkim_secret": ""}
    checked: dict[str, Any] = {}
    try:
        domain, selector = check_place(domain, selector)
    except Invalid as invalid:
        problems.update(invalid.problems)
    if pem:
        try:
            checked["dkim_algorithm"] = algorithm_of(read_key(pem))
        except Invalid as invalid:
            problems.update(invalid.problems)
    elif not (kept and kept.dkim_secret):
        problems.setdefault("dkim_key", Problem("smtp_account.no_key"))
    return checked | {"dkim_domain": domain, "dkim_selector": selector}
