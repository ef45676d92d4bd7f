"""What a person may type into a mass email, checked field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select
from sqlmodel import Session

from models.address import normal_form
from models.catalogue import Problem
from models.column_types import table
from models.email_template import EmailTemplate
from models.errors import Invalid
from models.sending_window import read as read_window
from models.smtp_account import SmtpAccount
from models.target_list import TargetList
from models.tracking import Tracking

GRACE: Final = timedelta(minutes=5)
"""How long ago Date Start may be and still mean "now": a form was open meanwhile."""

COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "start_at": "start_at",
    "zone": "zone",
    "sending_window": "sending_window",
    "template": "template_id",
    "smtp_account": "smtp_account_id",
    "from_name": "from_name",
    "from_address": "from_address",
    "reply_to": "reply_to",
    "opt_out_entirely": "opt_out_entirely",
    "store_sent_emails": "store_sent_emails",
    "track_opens": "track_opens",
    "track_links": "track_links",
    "tracking": "tracking",
}
"""Field of the form → column."""

FIELDS: Final = (*COLUMNS, "target_lists", "excluded_lists")

BLANK: Final[Mapping[str, Any]] = {
    "sending_window": "",
    "template": None,
    "smtp_account": None,
    "from_name": "",
    "from_address": "",
    "reply_to": "",
    "opt_out_entirely": False,
    "store_sent_emails": False,
    "track_opens": True,
    "track_links": True,
    "tracking": Tracking.INDIVIDUAL,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """Values fit for the tables: `columns` of mass_email, `lists` (target_lists, excluded_lists) without repeats."""

    columns: Mapping[str, Any]
    lists: Mapping[str, list[int]]


def check(session: Session, values: Mapping[str, Any], *, not_before: datetime | None) -> Checked:
    """The values of all FIELDS, checked. `start_at`: aware, or naive or ISO 8601 text in `zone`; `not_before`: now,
    when Date Start may not have passed. `sending_window`: what sending_window.read() takes. `template`,
    `smtp_account`: ids, None or "" for none.

    Raises Invalid with a Problem per field; TypeError for a name that is not in FIELDS.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"not a field of a mass email: {', '.join(sorted(unknown))}")
    form = _Form(session, values)
    columns = {
        "name": form.line("name", 200, required=True),
        "zone": form.zone(),
        "start_at": form.start(not_before),
        "sending_window": form.window(),
        "template_id": form.template(),
        "smtp_account_id": form.smtp_account(),
        "from_name": form.line("from_name", 200),
        "from_address": form.address("from_address"),
        "reply_to": form.address("reply_to"),
        **{n: bool(values[n]) for n in ("opt_out_entirely", "store_sent_emails", "track_opens", "track_links")},
        "tracking": form.tracking(),
    }
    lists = {"target_lists": form.lists("target_lists"), "excluded_lists": form.lists("excluded_lists")}
    if not lists["target_lists"]:
        form.problems.setdefault("target_lists", Problem("mass_email.list_required"))
    if form.problems:
        raise Invalid(form.problems)
    return Checked(columns, lists)


def live_lists(session: Session, list_ids: Iterable[int]) -> list[int]:
    """Those of the ids that are lists not deleted, in the order given."""
    wanted, lists = list(list_ids), table(TargetList).c
    live = set(session.execute(select(lists.id).where(lists.id.in_(wanted), lists.deleted_at.is_(None))).scalars())
    return [list_id for list_id in wanted if list_id in live]


class _Form:
    """Reads one field after the other and gathers what is wrong."""

    def __init__(self, session: Session, values: Mapping[str, Any]) -> None:
        self.session, self.values = session, values
        self.problems: dict[str, Problem] = {}

    def line(self, name: str, limit: int, *, required: bool = False) -> str:
        """One line: a line break in a name would end a header (RFC 5322 2.2)."""
        typed = str(self.values[name] or "").strip()
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in typed):
            self.problems[name] = Problem("errors.control_character")
        elif len(typed) > limit:
            self.problems[name] = Problem("errors.too_long", limit=limit)
        elif required and not typed:
            self.problems[name] = Problem("errors.required")
        return typed

    def address(self, name: str) -> str:
        """As typed, when it has a normal form; "" is the one of Outbound Emails."""
        typed = self.line(name, 254)
        if typed and name not in self.problems:
            try:
                normal_form(typed)
            except Invalid as invalid:
                self.problems[name] = next(iter(invalid.problems.values()))
        return typed

    def zone(self) -> str:
        typed = self.line("zone", 64, required=True)
        if typed and typed not in available_timezones():
            self.problems["zone"] = Problem("errors.unknown_choice", value=typed)
        return typed

    def start(self, not_before: datetime | None) -> datetime | None:
        """Date Start, aware. A local time that the clocks skip is refused: it would be another one."""
        if "zone" in self.problems:
            return None
        moment = self._moment(self.values["start_at"])
        if moment and not_before and moment < not_before - GRACE:
            self.problems["start_at"] = Problem("mass_email.start_passed")
        return moment

    def _moment(self, typed: object) -> datetime | None:
        try:
            moment = typed if isinstance(typed, datetime) else datetime.fromisoformat(str(typed or "").strip())
            if moment.tzinfo is None:
                local = moment.replace(tzinfo=ZoneInfo(str(self.values["zone"])))
                if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != moment:
                    self.problems["start_at"] = Problem("mass_email.skipped_hour")
                return local.astimezone(UTC)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.problems["start_at"] = Problem("mass_email.not_a_moment")
            return None

    def window(self) -> str:
        """The text of the sending window; one that never opens is refused."""
        try:
            return str(read_window(self.values["sending_window"]))
        except Invalid as invalid:
            self.problems |= invalid.problems
            return ""

    def tracking(self) -> Tracking:
        """How opens and clicks are followed."""
        typed = self.values["tracking"]
        if typed not in set(Tracking):
            self.problems["tracking"] = Problem("errors.unknown_choice", value=typed)
            return Tracking.INDIVIDUAL
        return Tracking(str(typed))

    def template(self) -> int | None:
        template_id = self._id("template", EmailTemplate)
        if template_id is None:
            self.problems.setdefault("template", Problem("mass_email.template_required"))
        return template_id

    def smtp_account(self) -> int | None:
        return self._id("smtp_account", SmtpAccount)

    def lists(self, name: str) -> list[int]:
        try:
            typed = list(dict.fromkeys(int(list_id) for list_id in self.values[name] or ()))
        except (TypeError, ValueError):
            typed = [-1]
        if live_lists(self.session, typed) != typed:
            self.problems[name] = Problem("mass_email.list_gone")
        return typed

    def _id(self, name: str, model: type[EmailTemplate] | type[SmtpAccount]) -> int | None:
        typed = self.values[name]
        if typed is None or typed == "":
            return None
        rows = table(model)
        number = int(typed) if str(typed).isdecimal() else -1
        query = select(rows.c.id).where(rows.c.id == number, rows.c.deleted_at.is_(None))
        if self.session.scalar(query) is None:
            self.problems[name] = Problem(f"mass_email.{name}_gone")
        return number
