"""What the fields of a mass email hold: as models give it, as it is typed, and in words."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard import ui
from dashboard.auth import Right, Viewer
from dashboard.i18n import say
from models.catalogue import Problem
from models.errors import Invalid
from models.mass_email import MassEmailStatus
from models.mass_email_page import MassEmailDetail

LABELS: Final = {
    "name": "mass_emails.name",
    "status": "mass_emails.status",
    "start_at": "mass_emails.start_at",
    "zone": "mass_emails.zone",
    "sending_window": "mass_emails.sending_window",
    "template": "mass_emails.template",
    "target_lists": "mass_emails.target_lists",
    "excluded_lists": "mass_emails.excluded_lists",
    "smtp_account": "mass_emails.smtp_account",
    "from_name": "mass_emails.from_name",
    "from_address": "mass_emails.from_address",
    "reply_to": "mass_emails.reply_to",
    "opt_out_entirely": "mass_emails.opt_out_entirely",
    "store_sent_emails": "mass_emails.store_sent_emails",
    "track_opens": "mass_emails.track_opens",
    "track_links": "mass_emails.track_links",
    "tracking": "mass_emails.tracking",
}
"""The fields, and what they are called."""
LISTS: Final = ("target_lists", "excluded_lists")
SWITCHES: Final = ("opt_out_entirely", "store_sent_emails", "track_opens", "track_links")
FIRST: Final = (MassEmailStatus.PENDING, MassEmailStatus.DRAFT)
MOMENT: Final = "%Y-%m-%dT%H:%M"


def typed_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of models as the fields open with them."""
    start = values["start_at"].astimezone(ZoneInfo(values["zone"]))
    lists = {name: ",".join(str(list_id) for list_id in values[name]) for name in LISTS}
    switches = {name: ui.true(values[name]) for name in SWITCHES}
    window = ui.window_values("sending_window", values["sending_window"])
    return {**values, **lists, **switches, **window, "start_at": start.strftime(MOMENT)}


def held_in_words(language: str, typed: Mapping[str, Any], named: Mapping[str, list[ui.Option]]) -> dict[str, str]:
    """What the fields hold, in words."""
    said = {name: "" if value is None else str(value) for name, value in typed.items()}
    for name, options in named.items():
        known = {option.value: option.label for option in options}
        parts = said[name].split(",") if said[name] or name not in LISTS else []
        said[name] = ", ".join(known.get(part, part) for part in parts)
    said["tracking"] = say(language, f"mass_emails.tracking.{typed['tracking']}")
    for name in SWITCHES:
        said[name] = say(language, "mass_emails.on" if said[name] else "mass_emails.off")
    said["sending_window"] = ui.said_window(language, typed["sending_window"])
    return {**said, "status": say(language, f"status.{said['status']}"), "start_at": said["start_at"].replace("T", " ")}


def stored_values(found: MassEmailDetail) -> dict[str, Any]:
    """What is stored, as the fields open with it."""
    return typed_values({**found.values, "status": found.row.status.value})


def demand_send(user: Viewer, values: Mapping[str, Any]) -> None:
    """Pending goes out by itself: who makes a mass email so, or changes one that is, sends. Raises Invalid."""
    if values.get("status") == MassEmailStatus.PENDING and Right.SEND not in user.rights:
        raise Invalid({"status": Problem("errors.not_allowed", right=Problem(f"auth.right.{Right.SEND}"))})


def read_values(given: Mapping[str, Any], opened: Mapping[str, str], fixed: list[str]) -> dict[str, Any]:
    """What was typed, without fields that may not change. A Date Start left as it was is not given: for a new mass
    email that is now, however long the form was open."""
    typed = ui.Typed(given)
    values: dict[str, Any] = {name: typed.text(name) for name in LABELS if name not in (*LISTS, *SWITCHES)}
    values |= {name: typed.ids(name) for name in LISTS} | {name: typed.on(name) for name in SWITCHES}
    values["sending_window"] = ui.typed_window(typed, "sending_window")
    if values["sending_window"] is None:  # not in this form: as it was
        del values["sending_window"]
    if (values["start_at"], values["zone"]) == (opened.get("start_at"), opened.get("zone")):
        del values["start_at"]
    return {name: value for name, value in values.items() if name not in fixed}
