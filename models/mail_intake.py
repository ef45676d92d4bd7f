"""Taking in one mail: kept, matched, and everything that follows from it, in one unit of work.

Done again with the same mail it changes nothing: so a run that was cut off between fetching and committing, a server
that numbers its mails anew, and a mail in two folders do no harm.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models import answer, mail_in, return_path
from models.address import insert_new
from models.answer import Recorded
from models.bounce import Kind, MailVerdict
from models.bounce_matching import LATELY, Match, find_match, opt_out_item, tags
from models.column_types import table
from models.log_table import BounceKind, EventSource
from models.mail_in import MailIn, MailKind, MatchedBy, Standing

_MAIL = table(MailIn)
_mail = _MAIL.c
_SYSTEM: Final = re.compile(r"(?:mailer-?daemon|post-?master|mail-?daemon|mailer|bounces?)$")
_OPT_OUTS: Final = ("opt-out", "opt-out-list")
_TOO_LONG: Final = 500
_AHEAD: Final = timedelta(minutes=10)


class Meaning(StrEnum):
    """What follows from a mail for the person it belongs to."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    REPLY = "reply"
    OPT_OUT = "opt_out"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies: its UID within (account, folder, UIDVALIDITY)."""

    account_id: int
    folder: str
    uidvalidity: int
    uid: str


@dataclass(frozen=True, slots=True)
class Came:
    """A mail as it was fetched: `raw` its octets, or the first of them where `size` is more."""

    place: Place
    raw: bytes
    size: int


def take_mail(
    session: Session, came: Came, verdict: MailVerdict, now: datetime, *, keeps: bool = False
) -> Standing | None:
    """What became of the mail; None: it is here already. In a durable unit of work. `keeps`: it need not be put away in
    the mailbox."""
    mail_id = _insert(session, came, verdict, now, keeps)
    if mail_id is None:
        return None
    match, standing = _judge(session, came, verdict, mail_id, now)
    found: dict[str, Any] = {"standing": standing}
    if match:
        found |= {name: getattr(match, name) for name in ("item_id", "recipient_id", "address_id")}
        found["matched_by"] = match.by
    session.execute(sa.update(_MAIL).where(_mail.id == mail_id).values(found))
    mail_in.keep_text(session, mail_id, came.raw)
    return standing


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail tells of the event: why, with which status (RFC 3463), in which words, when."""

    reason: str
    status: str
    evidence: str
    at: datetime


def follow(
    session: Session,
    meaning: Meaning,
    match: Match,
    told: Told,
    now: datetime,
    *,
    source: EventSource = EventSource.MAILBOX,
) -> Standing:
    """Let what a mail means happen to whom it belongs to; what became of it. Where there is no message it belongs to,
    bounces and complaints are about the address alone. `source`: MAILBOX or WEBHOOK, which brought it."""
    event: dict[str, Any] = {"item_id": match.item_id, "at": told.at, "now": now, "source": source}
    if match.item_id is None:
        event["address_id"] = match.address_id
    if meaning in {Meaning.HARD, Meaning.SOFT}:
        event |= {"reason": told.reason, "status": told.status, "evidence": told.evidence}
        done = answer.record_bounced(session, BounceKind(meaning.value), **event)
        return _standing(done, Standing.BOUNCED)
    if meaning is Meaning.COMPLAINT:
        return _standing(answer.record_complained(session, evidence=told.evidence, **event), Standing.COMPLAINED)
    if match.item_id is None or meaning is Meaning.NOTHING:
        return Standing.NOTED
    if meaning is Meaning.OPT_OUT:
        if source is EventSource.MAILBOX:
            event["source"] = EventSource.MAILTO if match.by is MatchedBy.OPT_OUT_TOKEN else EventSource.REPLY
        return _standing(answer.record_opted_out_by_mail(session, **event), Standing.OPTED_OUT)
    return _standing(answer.record_reply(session, **event), Standing.REPLIED)


def meaning_of(verdict: MailVerdict) -> Meaning:
    """What follows from a mail. A complaint may be about our authentication, or say that somebody opted out."""
    match verdict.kind:
        case Kind.HARD | Kind.SOFT:
            return Meaning(verdict.kind.value)
        case Kind.COMPLAINT if verdict.suppresses:
            return Meaning.COMPLAINT
        case Kind.COMPLAINT if verdict.feedback_type in _OPT_OUTS:
            return Meaning.OPT_OUT
        case Kind.NOT_A_BOUNCE if verdict.asks_to_stop or verdict.unsubscribe_token is not None:
            return Meaning.OPT_OUT
        case Kind.NOT_A_BOUNCE if verdict.is_reply:
            return Meaning.REPLY
        case _:
            return Meaning.NOTHING


def _standing(done: Recorded, counted: Standing) -> Standing:
    return counted if done in {Recorded.COUNTED, Recorded.HARDENED} else Standing.KNOWN


def _insert(session: Session, came: Came, verdict: MailVerdict, now: datetime, keeps: bool) -> int | None:
    """The id of the new row; None where the mail is here already: then it lies at this place from now on."""
    place, digest = came.place, digest_of(came)
    where = {"account_id": place.account_id, "folder": place.folder, "uidvalidity": place.uidvalidity, "uid": place.uid}
    values = {
        **where,
        "digest": digest,
        "message_id": one_line(verdict.report_message_id),
        "at": believable(verdict.date, now),
        "taken_at": now,
        "kind": MailKind(verdict.kind.value),
        "standing": Standing.OTHER,
        "reason": one_line(verdict.reason, 60),
        "status": one_line(verdict.status, 20),
        "evidence": one_line(verdict.evidence),
        "address": one_line(verdict.recipient).lower(),
        "from_address": one_line(verdict.from_address).lower(),
        "subject": one_line(verdict.subject),
        "size": came.size,
        "put_away": keeps,
    }
    mail_id: int | None = session.scalar(insert_new(session, _MAIL).values(values).returning(_mail.id))
    if mail_id is None:
        taken = sa.select(_mail.id).where(*(_mail[name] == value for name, value in where.items())).exists()
        session.execute(sa.update(_MAIL).where(_mail.digest == digest, ~taken).values(**where, put_away=keeps))
    return mail_id


def _judge(
    session: Session, came: Came, verdict: MailVerdict, mail_id: int, now: datetime
) -> tuple[Match | None, Standing]:
    if any(return_path.arrived(session, came.place.account_id, tag, now) for tag in tags(verdict)):
        return None, Standing.NOTED
    meaning = meaning_of(verdict)
    match = None
    if verdict.kind in {Kind.NOT_A_BOUNCE, Kind.AUTO_REPLY} and (match := opt_out_item(session, verdict)):
        meaning = (
            Meaning.OPT_OUT
        )  # a program may have sent it, as the reader's own program does when a button is pressed
    match = match or find_match(session, verdict, now)
    if match is None:
        return None, _unmatched(verdict, meaning)
    if match.test:
        return match, Standing.NOTED
    if meaning is Meaning.REPLY and _is_again(session, verdict, match, mail_id):
        return match, Standing.KNOWN
    told = Told(verdict.reason, verdict.status, verdict.evidence, believable(verdict.date, now))
    return match, follow(session, meaning, match, told, now)


def _unmatched(verdict: MailVerdict, meaning: Meaning) -> Standing:
    if meaning in {Meaning.HARD, Meaning.SOFT, Meaning.COMPLAINT, Meaning.OPT_OUT}:
        return Standing.UNMATCHED
    if verdict.kind is not Kind.NOT_A_BOUNCE or verdict.reason:
        return Standing.NOTED
    local = verdict.from_address.lower().partition("@")[0]
    return Standing.NOT_UNDERSTOOD if not local or _SYSTEM.search(local) else Standing.OTHER


def _is_again(session: Session, verdict: MailVerdict, match: Match, mail_id: int) -> bool:
    """Whether the same answer came before by another way, with other trace headers."""
    same = (_mail.message_id == one_line(verdict.report_message_id), _mail.message_id != "", _mail.id != mail_id)
    return session.scalar(sa.select(_mail.id).where(*same, _mail.item_id == match.item_id).limit(1)) is not None


def digest_of(came: Came) -> str:
    """What tells one mail from every other: its octets, and how many there are beyond those fetched."""
    return blake2b(came.raw, digest_size=16, salt=came.size.to_bytes(8, "big")).hexdigest()


def believable(date: datetime | None, now: datetime) -> datetime:
    """When it was written, as far as its date can be believed: anybody writes it."""
    lately = date is not None and date.tzinfo is not None and now - LATELY <= date <= now + _AHEAD
    return min(date, now) if lately and date else now


def one_line(text: str | None, limit: int = _TOO_LONG) -> str:
    """Fit for a column: one line, no NUL (PostgreSQL refuses it), no half of a surrogate pair."""
    clean = " ".join((text or "").replace("\0", " ").split())[:limit]
    return clean.encode(errors="replace").decode()
