"""What was typed for a group email account, checked: a value per column, or a problem per field."""

from collections.abc import Mapping
from typing import Any, Final

from models import typed_server
from models.catalogue import Problem
from models.group_email_account_table import Afterwards, GroupEmailAccount, Protocol
from models.smtp_account_table import SignIn, Tls

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
    checked |= typed_server.secrets(values, typed_server.SECRETS)
    checked |= typed_server.sign_in(given, checked, has_token=bool(kept and kept.refresh_secret), problems=problems)
    if checked["sign_in"] is SignIn.PASSWORD and "secret" not in checked and not (kept and kept.secret):
        problems.setdefault("password", Problem("errors.required"))
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
