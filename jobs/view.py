"""View in browser: a message as its person got it, to be read on a page (D8, D17).

    find_letter(session, item_id)  → what is needed, read at once
    render(letter)                 → View, outside of any transaction

The stored values give the very message; where none are stored, or the frame has changed since, it is made anew from the
frozen version and what is known today, and says so. The pixel is left out: looking here is no open.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from jobs.compose import Content, Mailing, Plan, Rendered, as_read, compile_plan, destinations
from jobs.plans import mailing_of
from models import token_key
from models.email_template import TemplateVersion
from models.errors import NotFound, Refused
from models.person import Person, load_persons
from models.queue_table import QueueItem
from models.recipient import Kind
from models.test_send import TestSend
from models.tracking import Keys
from models.tracking_url import link_numbers

_PIXEL = re.compile(r"<img\b[^>]*\bsrc=\"[^\"]*/o/[\w-]{22}\.gif\"[^>]*>")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to show. `number`: of the queue item, or of the test. `personal`: the stored values, if there are any;
    `at`: when it was sent, else when it is looked at. `person` None: there is nobody any more."""

    content: Content
    mailing: Mailing
    links: Mapping[str, int]
    keys: Keys
    number: int
    person: Person | None
    personal: Mapping[str, Any] | None
    at: datetime
    test: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What the reader sees. `anew`: not what was sent byte for byte."""

    mail: Rendered
    language: str
    sender: str
    anew: bool


def find_letter(session: Session, item_id: int, now: datetime) -> Letter:
    """The message of a queue item. Raises NotFound."""
    item = session.get(QueueItem, item_id)
    if item is None:
        raise NotFound("public.not_found.title")
    person = load_persons(session, [item.recipient_id]).get(item.recipient_id)
    letter = _letter(session, item.mass_email_id, item.version_id, item_id, person, item.sent_at or now)
    return replace(letter, personal=item.personal)


def find_test_letter(session: Session, test_id: int, now: datetime) -> Letter:
    """The message of a test: always made anew. Raises NotFound."""
    test = session.get(TestSend, test_id)
    if test is None:
        raise NotFound("public.not_found.title")
    known = load_persons(session, [test.recipient_id]) if test.recipient_id else {}
    person = known.get(test.recipient_id or 0) or Person(0, Kind.CONTACT, test.address)
    return replace(_letter(session, test.mass_email_id, test.version_id, test_id, person, test.at), test=True)


def _letter(
    session: Session, mass_email_id: int, version_id: int, number: int, person: Person | None, at: datetime
) -> Letter:
    version = session.get(TemplateVersion, version_id)
    if version is None:
        raise NotFound("mass_email.no_version")
    content = Content(version.subject, version.html, version.text)
    links, keys = link_numbers(session, mass_email_id), token_key.ring(session)
    return Letter(content, mailing_of(session, mass_email_id), links, keys, number, person, None, at)


def render(letter: Letter) -> View:
    """The message as a page shows it. Raises NotFound when neither its values nor its person are there any more;
    Invalid for a content that cannot be a mail."""
    plan = _plan(letter.content, letter.mailing, tuple(letter.links.items()), letter.keys.current)
    message, anew = _stored(plan, letter), False
    if message is None:
        if letter.person is None or not letter.person.address:
            raise NotFound("public.view.gone")
        message, anew = plan.message(letter.person, letter.number, letter.at, test=letter.test), not letter.test
    mail = as_read(message)
    language = (letter.person.language if letter.person else "") or letter.mailing.language
    return View(replace(mail, html=_PIXEL.sub("", mail.html)), language, letter.mailing.from_name, anew)


def _stored(plan: Plan, letter: Letter) -> bytes | None:
    """The message of the stored values; None: there are none, or the rest of the message is not what it was."""
    if letter.personal is None:
        return None
    try:
        return plan.join(letter.personal)
    except Refused:
        return None


@lru_cache(maxsize=16)
def _plan(content: Content, mailing: Mailing, links: tuple[tuple[str, int], ...], _key_version: int) -> Plan:
    """Compiling takes as long as a hundred messages: readers of one mass email share it."""
    numbers = dict(links)
    wanted = destinations(content, mailing)
    return compile_plan(content, mailing, {one: numbers[one] for one in wanted if one in numbers})
