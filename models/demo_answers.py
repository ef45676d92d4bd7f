"""What comes back in the demo: people open, click, opt out and write, machines are among them, and mails return."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from models import log_record
from models.address import Address
from models.bounce import judge_mail
from models.column_types import table
from models.db import Doors
from models.demo_mail import INBOX_ADDRESS, REFUSALS, Letter, away, complained, replied, returned
from models.group_email_account import create_account, set_active
from models.hit import Hit, record_hits
from models.log_record import EventSource
from models.machine import Knock
from models.mail_intake import Came, Place, take_mail
from models.queue_table import QueueItem
from models.recipient import Recipient

BY: Final = "demo"
_CHUNK: Final = 20
_RETURNS: Final = ("unknown",) * 3 + ("full",) * 3 + ("blocked", "spam", "disabled", "expired")
_WORDS: Final = (
    "Merci pour cette lettre, nous viendrons déguster samedi.\n",
    "Bonjour, livrez-vous aussi à Annecy ?\n",
    "Lovely photographs. Is the linden honey back in stock?\n",
    "Thank you, please send the parcel to our new office.\n",
)
_STOP: Final = "Bonjour, merci de me désinscrire de votre liste.\n"
_PRIVACY: Final = "Mozilla/5.0"
_GATEWAY: Final = "Barracuda Sentinel (EE)"
_HIDDEN: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left."""

    item_id: int
    at: datetime


Event = tuple[datetime, Callable[[Session, datetime], object]]
"""When, and what is written then."""


def answer(doors: Doors, sent: Sequence[Sent], links: Sequence[int], dice: random.Random, now: datetime) -> None:
    """All that comes back of these messages until now, in the order of time."""
    chosen = random.Random(2026)  # noqa: S311 - no secret: always the same people
    shuffled = chosen.sample(list(sent), len(sent))
    back, writers = shuffled[: len(_RETURNS) + 1], shuffled[len(_RETURNS) + 1 :]
    with doors.reading() as session:
        people = _people(session, [one.item_id for one in shuffled])
    mails = [*_returns(back, people), *_writes(writers, people)]
    quiet = {one.item_id for one in back}
    with doors.unit_of_work() as session:
        account_id = _account(session, min(one.at for one in sent))
    events = [
        *_answers([one for one in sent if one.item_id not in quiet], links, dice, now),
        *_machines(writers, links, chosen),
        *((at, _came(account_id, n, raw)) for n, (at, raw) in enumerate(mails, start=1)),
    ]
    _write(doors, sorted(((min(at, now), record) for at, record in events), key=lambda event: event[0]))


def _write(doors: Doors, events: Sequence[Event]) -> None:
    for start in range(0, len(events), _CHUNK):
        with doors.unit_of_work(durable=True) as session:
            for at, record in events[start : start + _CHUNK]:
                record(session, at)


# People


def _answers(sent: Sequence[Sent], links: Sequence[int], dice: random.Random, now: datetime) -> Iterator[Event]:
    """Opens, clicks and opt-outs, the earlier the more."""
    for one in sent:
        if dice.random() > 0.43:
            continue
        opened = min(one.at + timedelta(hours=dice.expovariate(1 / 9)), now)
        if dice.random() < 0.9:  # of the others images are not shown: a click tells that they opened
            yield opened, _opened(one.item_id)
        if dice.random() < 0.3:
            clicked = opened + timedelta(seconds=dice.randint(8, 240))
            yield clicked, _clicked(one.item_id, dice.choice([links[0], *links]))
        if dice.random() < 0.012:
            way = dice.choice([EventSource.PUBLIC_PAGE, EventSource.ONE_CLICK])
            yield opened + timedelta(minutes=5), _opted_out(one.item_id, way)


def _opened(item_id: int) -> Callable[[Session, datetime], object]:
    return lambda session, at: log_record.record_opened(session, item_id, at, source=EventSource.DEMO)


def _clicked(item_id: int, no: int) -> Callable[[Session, datetime], object]:
    return lambda session, at: log_record.record_clicked(session, item_id, no, at, source=EventSource.DEMO)


def _opted_out(item_id: int, source: EventSource) -> Callable[[Session, datetime], object]:
    return lambda session, at: log_record.record_opted_out(session, item_id, at, source=source)


# Machines


def _machines(sent: Sequence[Sent], links: Sequence[int], dice: random.Random) -> Iterator[Event]:
    """A program that loads all images, gateways that look at everything first, one that says nothing of itself."""
    for one in sent:
        kind, soon = dice.random(), one.at + timedelta(seconds=dice.randint(2, 40))
        if kind < 0.07:
            yield soon, _knocked(one.item_id, None, Knock(_PRIVACY, f"203.0.113.{dice.randint(1, 254)}"))
        elif kind < 0.09:
            gateway = Knock(_GATEWAY, f"198.51.100.{dice.randint(1, 20)}")
            yield soon, _knocked(one.item_id, None, gateway)
            for no in links:
                yield soon + timedelta(seconds=1), _knocked(one.item_id, no, gateway)
        elif kind < 0.1:
            for no in links:
                yield soon, _knocked(one.item_id, no, Knock(_HIDDEN, "192.0.2.40"))
        elif kind < 0.105:
            yield soon, _knocked(one.item_id, links[0], Knock("LinkCheck/1.2", "192.0.2.77", head=True))


def _knocked(item_id: int, no: int | None, knock: Knock) -> Callable[[Session, datetime], object]:
    return lambda session, at: record_hits(session, [Hit(item_id, at, no, knock=knock, source=EventSource.DEMO)])


# Mails


def _people(session: Session, item_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """(address, name) of items."""
    item, address, person = table(QueueItem), table(Address), table(Recipient)
    rows = session.execute(
        select(item.c.id, address.c.normal.label("address"), person.c.name)
        .join_from(item, address, address.c.id == item.c.address_id)
        .join(person, person.c.id == item.c.recipient_id)
        .where(item.c.id.in_(item_ids))
    )
    return {row.id: row for row in rows}


def _letter(one: Sent, people: dict[int, Row[Any]], after: timedelta) -> Letter:
    return Letter(one.item_id, people[one.item_id].address, one.at + after)


def _returns(back: Sequence[Sent], people: dict[int, Row[Any]]) -> Iterator[tuple[datetime, bytes]]:
    """Reports of mail systems; the last is about a message that nobody knows."""
    for n, (one, why) in enumerate(zip(back, _RETURNS, strict=False)):
        letter = _letter(one, people, timedelta(days=3) if why == "expired" else timedelta(minutes=3 + 7 * n))
        yield letter.at, returned(letter, REFUSALS[why])
    stranger = Letter(0, "old.friend@example.org", back[-1].at + timedelta(hours=4))
    yield stranger.at, returned(stranger, REFUSALS["unknown"])


def _writes(writers: Sequence[Sent], people: dict[int, Row[Any]]) -> Iterator[tuple[datetime, bytes]]:
    """A complaint, answers, one that says stop, and one of a program."""
    first, second, third, *others = writers
    complaint = _letter(first, people, timedelta(hours=5))
    yield complaint.at, complained(complaint)
    stop = _letter(second, people, timedelta(hours=9))
    yield stop.at, replied(stop, people[second.item_id].name, _STOP)
    absent = _letter(third, people, timedelta(minutes=1))
    yield absent.at, away(absent, people[third.item_id].name)
    for n, (one, words) in enumerate(zip(others, _WORDS, strict=False)):
        letter = _letter(one, people, timedelta(hours=2 + 11 * n))
        yield letter.at, replied(letter, people[one.item_id].name, words)


def _account(session: Session, now: datetime) -> int:
    """A mailbox that is not read: what was in it is here."""
    values = {
        "name": "Maison Tilleul",
        "address": INBOX_ADDRESS,
        "host": "imap.tilleul.example",
        "port": "993",
        "tls": "implicit",
        "username": INBOX_ADDRESS,
        "password": "demo",
    }
    account_id = create_account(session, values, now, by=BY)
    set_active(session, account_id, False, now, by=BY)
    return account_id


def _came(account_id: int, uid: int, raw: bytes) -> Callable[[Session, datetime], object]:
    came = Came(Place(account_id, "INBOX", 1, str(uid)), raw, len(raw))
    return lambda session, at: take_mail(session, came, judge_mail(raw), at, keeps=True)
