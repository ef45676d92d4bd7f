"""Whose a mail is that came back (D19): by the return path, our own header, the Message-ID, the address, in that order.

The first three hold a token that only this installation can have made. The last one is a guess that anybody could
bring about by writing a report himself: it counts only for somebody who was mailed lately.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from models.address import Address, normal_form
from models.bounce import Kind, MailVerdict
from models.column_types import table
from models.errors import Invalid
from models.mail_in import MatchedBy
from models.mass_email import MassEmail
from models.queue_table import ItemState, QueueItem
from models.return_path import TOKEN_LENGTH
from models.tracking import LENGTH, Purpose, from_base32, read_token

LATELY: Final = timedelta(days=30)
"""How long after a mailing a mail without a token may belong to it."""

_ITEM = table(QueueItem)
_item = _ITEM.c
_TAG: Final = re.compile(rf"(?:^|\+)([a-z2-7]{{{TOKEN_LENGTH}}})$")
_MESSAGE_ID: Final = re.compile(rf"<?\s*([A-Za-z0-9_-]{{{LENGTH}}})@")
_TOKEN: Final = re.compile(rf"\s*([A-Za-z0-9_-]{{{LENGTH}}})\s*")


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a mail is: an item, or nothing but the address it is about. `test`: of a test send, which has no item."""

    by: MatchedBy
    item_id: int | None = None
    recipient_id: int | None = None
    address_id: int | None = None
    test: bool = False


def find_match(session: Session, verdict: MailVerdict, now: datetime) -> Match | None:
    """Whose the mail is; None: nobody knows. For a person's own mail the last clue is who wrote it."""
    for by, token in _tokens(verdict):
        read = read_token(token, Purpose.RETURN_PATH, Purpose.TEST_TRACK)
        if read and read[0] is Purpose.TEST_TRACK:
            return Match(by, test=True)
        if read and (found := match_item(session, read[1], by)):
            return found
    for by, address in _addresses(verdict):
        if found := _mailed_lately(session, address, by, now):
            return found
    return None


def named_item(verdict: MailVerdict) -> int | None:
    """The id of the item that a token in the mail names; None without a good one. Nothing is looked up."""
    read = (read_token(token, Purpose.RETURN_PATH) for _, token in _tokens(verdict))
    return next((found[1] for found in read if found), None)


def opt_out_item(session: Session, verdict: MailVerdict) -> Match | None:
    """The item of the consent token in a mail to the address of List-Unsubscribe; None without a good one."""
    token = verdict.unsubscribe_token or ""
    token = (from_base32(token) or "") if len(token) == TOKEN_LENGTH else token
    read = read_token(token, Purpose.CONSENT, Purpose.TEST_CONSENT)
    if read and read[0] is Purpose.TEST_CONSENT:
        return Match(MatchedBy.OPT_OUT_TOKEN, test=True)
    return match_item(session, read[1], MatchedBy.OPT_OUT_TOKEN) if read else None


def tags(verdict: MailVerdict) -> list[str]:
    """What the addresses that the mail was delivered to hold after their plus, where it looks like a token."""
    locals_ = (address.rpartition("@")[0].lower() for address in verdict.to_addresses)
    return [found[1] for local in locals_ if (found := _TAG.search(local))]


def match_item(session: Session, item_id: int, by: MatchedBy) -> Match | None:
    """The match of an item; None where there is none of that id."""
    row = session.execute(select(_item.id, _item.recipient_id, _item.address_id).where(_item.id == item_id)).first()
    return Match(by, row.id, row.recipient_id, row.address_id) if row else None


def newest_item(session: Session, address_id: int, since: datetime) -> int | None:
    """The item of an address whose message left last, since a moment. The mass emails that changed since then are few,
    and each has the address under its key."""
    mail = table(MassEmail).c
    left = (ItemState.SENT, ItemState.UNCERTAIN, ItemState.FAILED)
    return session.scalar(
        select(_item.id)
        .where(_item.mass_email_id.in_(select(mail.id).where(mail.changed_at >= since)))
        .where(_item.address_id == address_id, _item.state.in_(left))
        .where(_item.first_tried_at >= since)
        .order_by(_item.first_tried_at.desc(), _item.id.desc())
        .limit(1)
    )


def _tokens(verdict: MailVerdict) -> Iterator[tuple[MatchedBy, str]]:
    for tag in tags(verdict):
        yield MatchedBy.RETURN_PATH, from_base32(tag) or ""
    if found := _TOKEN.fullmatch(verdict.headers.get("x-envoi-item", "")):
        yield MatchedBy.OWN_HEADER, found[1]
    for message_id in (verdict.message_id or "", verdict.headers.get("message-id", ""), *verdict.answers):
        if found := _MESSAGE_ID.match(message_id):
            yield MatchedBy.MESSAGE_ID, found[1]


def _addresses(verdict: MailVerdict) -> Iterable[tuple[MatchedBy, str]]:
    if verdict.kind in {Kind.NOT_A_BOUNCE, Kind.AUTO_REPLY}:
        if _is_an_answer(verdict):
            yield MatchedBy.SENDER, verdict.from_address
        return
    about = [one.original_recipient for one in verdict.recipients]
    about += [verdict.recipient or "", *(one.recipient or "" for one in verdict.recipients)]
    for address in dict.fromkeys(about):
        if address:
            yield MatchedBy.RECIPIENT, address


def _is_an_answer(verdict: MailVerdict) -> bool:
    """Whether a mail of a person, or of their program, is about what they were sent."""
    asks = verdict.asks_to_stop or verdict.unsubscribe_token is not None
    return verdict.kind is Kind.AUTO_REPLY or verdict.is_reply or asks


def _mailed_lately(session: Session, typed: str, by: MatchedBy, now: datetime) -> Match | None:
    try:
        normal = normal_form(typed)
    except Invalid:
        return None
    address_id = session.scalar(select(table(Address).c.id).where(table(Address).c.normal == normal))
    item_id = newest_item(session, address_id, now - LATELY) if address_id else None
    return match_item(session, item_id, by) if item_id else None
