"""What there is to say about a draft: its checks, and how it looks for one person. Nothing is written."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff
from itertools import islice
from typing import Any, Final

from jobs.compose import Content, Mailing, Rendered, preview
from models import outbound_emails
from models.campaign import CampaignType
from models.catalogue import Problem
from models.errors import Invalid
from models.outbound_emails import OutboundEmails
from models.person import Person, load_persons
from models.placeholder import ROOTS
from models.placeholder_picker import Choice
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.recipient_page import page_of_ids
from models.template_advice import Check, Level, checks

NOBODY: Final = Person(0, Kind.CONTACT, "name@example.com")
"""Somebody of whom nothing is known but the address: every field is empty."""

OFTEN_EMPTY: Final = "templates.check_empty"
_NO_SENDER: Final = "sender@example.com"
_NO_SITE: Final = "https://example.com"
_MOST_DIFFERENT: Final = 200
_PLACE: Final = re.compile(r"@@ -(\d+)")
_ORDER: Final = (Level.ERROR, Level.WARNING, Level.FINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor. `older_text`: the hand-written text was not changed with the HTML."""

    subject: str = ""
    html: str = ""
    text: str = ""
    older_text: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The checks, errors first, and the mail as it is read; `mail` None: it cannot be made as it is now."""

    checks: list[Check]
    mail: Rendered | None


def look_at(
    session: Any, draft: Draft, person: Person, fields: list[str], choices: list[Choice], now: datetime
) -> Look:
    """What to say about a draft, and how the person would read it. `fields`: the custom fields there are."""
    setting = outbound_emails.read(session)
    parts = (draft.subject, draft.html, draft.text)
    found = checks(*parts, fields=fields, mandatory_opt_out_link=setting.mandatory_opt_out_link)
    sound = not any(check.level is Level.ERROR for check in found)
    mail = None
    if sound and (draft.html.strip() or draft.text.strip()):
        try:
            mail = preview(Content(*parts), _mailing(setting), _addressed(person), now)
        except Invalid as invalid:
            found += [Check(Level.ERROR, part or "html", problem) for part, problem in invalid.problems.items()]
    found += [*_often_empty(draft, choices), *_older_text(draft)]
    return Look(sorted(found, key=lambda check: _ORDER.index(check.level)), mail)


def _addressed(person: Person) -> Person:
    """A mail cannot be made without an address; that somebody has none says nothing about the template."""
    return person if person.address else replace(person, address=NOBODY.address)


def _mailing(setting: OutboundEmails) -> Mailing:
    """A newsletter of nobody's: what a template is shown as before it belongs to a mass email."""
    return Mailing(
        mass_email_id=0,
        campaign_id=0,
        type=CampaignType.NEWSLETTER,
        list_name="",
        from_name=setting.from_name,
        from_address=setting.from_address or _NO_SENDER,
        site_url=setting.site_url or _NO_SITE,
        mandatory_opt_out_link=setting.mandatory_opt_out_link,
        zone=setting.time_zone,
        language=setting.language,
    )


def _often_empty(draft: Draft, choices: list[Choice]) -> list[Check]:
    """Bare placeholders that say nothing to some people: they have no default."""
    whole = f"{draft.subject}\n{draft.html}\n{draft.text}"
    return [
        Check(Level.WARNING, "html", Problem(OFTEN_EMPTY, name=choice.code, share=1 - choice.filled))
        for choice in choices
        if choice.filled is not None and choice.filled < 1 and choice.code in whole
    ]


def _older_text(draft: Draft) -> list[Check]:
    return [Check(Level.WARNING, "text", Problem("templates.check_older_text"))] if draft.older_text else []


# People to show it for


@dataclass(frozen=True, slots=True)
class Shown:
    """A person and their place among those who were looked for. `total` 0: there is nobody."""

    person: Person
    place: int = 0
    total: int = 0
    more: bool = False


def person_at(session: Any, text: str, place: int) -> Shown:
    """The person at a place, from 1, among those whose name or address has the words; NOBODY when there is none."""
    ids, total = page_of_ids(session, RecipientFilter(text=text), "name", place, 1)
    persons = load_persons(session, ids)
    if not persons:
        return Shown(NOBODY)
    return Shown(persons[ids[0]], min(place, int(total)), int(total), more=not total.exact)


def value_for(person: Person, code: str) -> str:
    """What a placeholder of a field says to the person; "" for the other placeholders."""
    root, _, name = code.strip("{}").partition(".")
    value = person.roots()[root].get(name) if root in ROOTS else None
    return "" if value is None else str(value)


# Two texts side by side


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line that one of two texts has and the other has not; `sign` "+": mine, "-": theirs, "@": a place."""

    sign: str
    text: str


def differences(theirs: Draft, mine: Draft) -> list[DiffLine]:
    """How the drafts differ, part by part, with a line around each difference; at most 200 lines."""
    lines = (
        line
        for part in ("subject", "html", "text")
        for line in _different(part, getattr(theirs, part), getattr(mine, part))
    )
    return list(islice(lines, _MOST_DIFFERENT))


def _different(part: str, theirs: str, mine: str) -> list[DiffLine]:
    found = unified_diff(theirs.splitlines(), mine.splitlines(), n=1, lineterm="")
    return [
        DiffLine("@", f"{part}:{place[1]}") if (place := _PLACE.match(line)) else DiffLine(line[0], line[1:])
        for line in islice(found, 2, None)  # the first two name the files
    ]
