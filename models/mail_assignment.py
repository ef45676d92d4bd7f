"""A person's word about a mail that no rule could place: whose it is and what it means, or that nothing follows."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session

from models import audit
from models.bounce_matching import Match, match_item, newest_item
from models.catalogue import Problem
from models.column_types import table
from models.errors import Invalid, NotFound, Refused
from models.mail_in import TO_DECIDE, MailIn, MatchedBy, Standing
from models.mail_intake import Meaning, Told, follow
from models.recipient import Recipient

_MAIL = table(MailIn)
_mail = _MAIL.c
ASSIGNABLE = (Meaning.HARD, Meaning.SOFT, Meaning.COMPLAINT, Meaning.OPT_OUT, Meaning.REPLY)
_OPEN = (*TO_DECIDE, Standing.OTHER, Standing.IGNORED)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def assign(session: Session, mail_id: int, recipient_id: int, meaning: Meaning, now: datetime, *, by: str) -> Standing:
    """The mail is of this person, and means this: it counts for the last message that they were sent. Durable.

    Raises NotFound; Refused for a mail that counts already; Invalid beside "recipient" for somebody who was never sent
    anything, where the meaning needs a message."""
    mail = _open_mail(session, mail_id)
    match = match_of(session, recipient_id, meaning)
    told = Told(mail.reason, mail.status, mail.evidence, mail.at)
    standing = follow(session, meaning, match, told, now)
    found = {"item_id": match.item_id, "recipient_id": recipient_id, "address_id": match.address_id}
    values = {**found, "standing": standing, "matched_by": MatchedBy.PERSON}
    session.execute(sa.update(_MAIL).where(_mail.id == mail_id).values(values))
    audit.note(session, now, by, "mail_in.assigned", "mail_in", mail_id, recipient=recipient_id, meaning=meaning)
    return standing


def ignore(session: Session, mail_id: int, now: datetime, *, by: str) -> None:
    """Nothing follows from the mail. Raises NotFound; Refused for a mail that counts already."""
    _open_mail(session, mail_id)
    session.execute(sa.update(_MAIL).where(_mail.id == mail_id).values(standing=Standing.IGNORED))
    audit.note(session, now, by, "mail_in.ignored", "mail_in", mail_id)


def ignore_all(session: Session, mail_ids: list[int], now: datetime, *, by: str) -> int:
    """Nothing follows from these mails, as far as they wait for a decision; how many did."""
    waiting = (_mail.id.in_(mail_ids), _mail.standing.in_(TO_DECIDE))
    ids = list(session.scalars(sa.select(_mail.id).where(*waiting).with_for_update()))
    session.execute(sa.update(_MAIL).where(_mail.id.in_(ids)).values(standing=Standing.IGNORED))
    if ids:
        audit.note(session, now, by, "mail_in.ignored", "mail_in", None, ids=ids)
    return len(ids)


def _open_mail(session: Session, mail_id: int) -> sa.Row[tuple[object, ...]]:
    row = session.execute(sa.select(_MAIL).where(_mail.id == mail_id).with_for_update()).first()
    if row is None:
        raise NotFound("mail_in.not_found")
    if row.standing not in _OPEN:
        raise Refused("mail_in.counts_already")
    return row


def match_of(session: Session, recipient_id: int, meaning: Meaning) -> Match:
    """A person, with the last message that they were sent. Raises Invalid beside "recipient": somebody without an
    address, or who was never sent anything where the meaning needs a message."""
    person = session.get(Recipient, recipient_id)
    if person is None or person.address_id is None:
        raise Invalid({"recipient": Problem("mail_in.no_such_person")})
    item_id = newest_item(session, person.address_id, _EVER)
    found = match_item(session, item_id, MatchedBy.PERSON) if item_id else None
    if found is None and meaning in {Meaning.OPT_OUT, Meaning.REPLY}:
        raise Invalid({"recipient": Problem("mail_in.never_mailed")})
    return found or Match(MatchedBy.PERSON, recipient_id=recipient_id, address_id=person.address_id)
