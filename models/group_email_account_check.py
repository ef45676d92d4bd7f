"""What was typed for a group email account, checked: a value per column, or a problem per field."""

from collections.abc import Mapping
from typing import Any, Final

from models import typed_server
from models.catalogue import Problem
from models.group_email_account_table import Afterwards, GroupEmailAccount, Protocol
from models.secret import encrypt
from models.smtp_account_table import SignIn, Tls

SECRETS: Final = {"password": "secret", "client_secret": "client_secret", "refresh_token": "refresh_secret"}
"""Field → column. An empty one keeps what is there."""
CHECKED: Final = (
    "name", "address", "protocol", "host", "port", "tls", "check_certificate", "sign_in", "username", "token_url",
    "client_id", "folders", "afterwards", "move_to", "active", "return_domain",
)  # fmt: skip
"""The columns that a form shows."""
MOST_FOLDERS: Final = 20


def check(values: Mapping[str, object], kept: GroupEmailAccount | None) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The columns that `values` give, and the problems of its fields. `folders` is a list, or text with one a line.
    `kept`: the account that is being changed: its secrets stay where none is typed."""
    problems: dict[str, Problem] = {}
    given = {**_DEFAULTS, **values}
    checked: dict[str, Any] = {
        "name": typed_server.line(given["name"], "name", problems, required=True),
        "address": typed_server.address(given["address"], "address", problems),
        "protocol": typed_server.choice(Protocol, given["protocol"], "protocol", problems),
        "host": typed_server.host(given["host"], "host", problems),
        "port": typed_server.whole(given["port"], "port", problems, 1, 65535),
        "tls": typed_server.choice(Tls, given["tls"], "tls", problems),
        "check_certificate": typed_server.yes(given["check_certificate"]),
        "sign_in": typed_server.choice(SignIn, given["sign_in"], "sign_in", problems),
        "username": typed_server.line(given["username"], "username", problems, required=True),
        "active": typed_server.yes(given["active"]),
        "return_domain": typed_server.domain(given["return_domain"], "return_domain", problems),
    }
    secrets = {field: str(values.get(field) or "") for field in SECRETS}
    checked |= {SECRETS[field]: encrypt(typed) for field, typed in secrets.items() if typed}
    checked |= _sign_in(given, checked, kept, problems)
    checked |= _folders(given, checked["protocol"], problems)
    return checked, problems


_DEFAULTS: Final[Mapping[str, object]] = {
    **dict.fromkeys(CHECKED, ""),
    "protocol": Protocol.IMAP,
    "port": 993,
    "tls": Tls.IMPLICIT,
    "check_certificate": True,
    "sign_in": SignIn.PASSWORD,
    "folders": "INBOX",
    "afterwards": Afterwards.LEAVE,
    "active": True,
}


def ask_again(account: GroupEmailAccount, checked: Mapping[str, object]) -> dict[str, Problem]:
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


def _sign_in(
    given: Mapping[str, object],
    checked: Mapping[str, Any],
    kept: GroupEmailAccount | None,
    problems: dict[str, Problem],
) -> dict[str, Any]:
    """What belongs to the chosen way of signing in; what belongs to the other one is emptied."""
    if checked["sign_in"] is SignIn.PASSWORD:
        if "secret" not in checked and not (kept and kept.secret):
            problems.setdefault("password", Problem("errors.required"))
        return {"token_url": "", "client_id": "", "client_secret": "", "refresh_secret": ""}
    if "refresh_secret" not in checked and not (kept and kept.refresh_secret):
        problems.setdefault("refresh_token", Problem("errors.required"))
    return {
        "secret": "",
        "token_url": typed_server.secret_url(given["token_url"], "token_url", problems),
        "client_id": typed_server.line(given["client_id"], "client_id", problems, required=True),
    }


def _folders(given: Mapping[str, object], protocol: Protocol, problems: dict[str, Problem]) -> dict[str, Any]:
    """POP3 knows one folder, and nothing to do with a mail but to leave it."""
    if protocol is Protocol.POP3:
        return {"folders": ["INBOX"], "afterwards": Afterwards.LEAVE, "move_to": ""}
    typed = given["folders"]
    lines = str(typed).splitlines() if not isinstance(typed, list | tuple) else [str(one) for one in typed]
    folders = list(
        dict.fromkeys(one for one in (typed_server.line(line, "folders", problems) for line in lines) if one)
    )
    afterwards = typed_server.choice(Afterwards, given["afterwards"], "afterwards", problems)
    moves = afterwards is Afterwards.MOVE
    move_to = typed_server.line(given["move_to"], "move_to", problems, required=moves) if moves else ""
    if not folders:
        problems.setdefault("folders", Problem("errors.required"))
    if len(folders) > MOST_FOLDERS:
        problems.setdefault("folders", Problem("errors.at_most", most=MOST_FOLDERS))
    if move_to and move_to in folders:
        problems.setdefault("move_to", Problem("group_account.move_within"))
    return {"folders": folders, "afterwards": afterwards, "move_to": move_to}
