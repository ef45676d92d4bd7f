"""Suppressing an address by hand: also one that nobody has yet."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from models import audit
from models.address import CONTROL, intern_addresses, normal_form
from models.catalogue import Problem
from models.errors import Invalid
from models.suppression import SuppressionReason, suppress

MOST_NOTE: Final = 500


def add_suppression(
    session: Session,
    typed: str,
    now: datetime,
    by: str,
    *,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    until: datetime | None = None,
    note: str = "",
) -> bool:
    """Mail the address no more, audited; False: it was suppressed for this reason, and has the new end and note. The
    note is its evidence. Durable. Raises Invalid: address, until (past), note, reason (erasing is another act)."""
    normal = check_suppression(typed, now, reason=reason, until=until, note=note)
    address_id = intern_addresses(session, [normal], now)[normal]
    new = suppress(session, address_id, reason, now, until=until, evidence=note.strip())
    told = {"reason": str(reason), "until": until.isoformat() if until else None}
    audit.note(session, now, by, "suppression.added" if new else "suppression.changed", "address", address_id, **told)
    return new


def check_suppression(
    typed: str, now: datetime, *, reason: SuppressionReason, until: datetime | None, note: str
) -> str:
    """The normal form of the address. Raises as add_suppression()."""
    problems: dict[str, Problem] = {}
    normal = ""
    try:
        normal = normal_form(typed)
    except Invalid as error:
        problems |= error.problems
    if until is not None and until <= now:
        problems["until"] = Problem("suppressions.until_past")
    if CONTROL.search(note.strip()):
        problems["note"] = Problem("errors.control_character")
    elif len(note.strip()) > MOST_NOTE:
        problems["note"] = Problem("errors.too_long", limit=MOST_NOTE)
    if reason is SuppressionReason.ERASED:
        problems["reason"] = Problem("errors.unknown_choice", value=reason)
    if problems:
        raise Invalid(problems)
    return normal
