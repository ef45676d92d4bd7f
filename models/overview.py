"""The overview as its page follows it: what is being sent, what asks for a person, the last 30 days, the health."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlmodel import Session

from models.campaign import Campaign
from models.campaign_news import UNDER_WAY, UnderWay, in_order, under_way
from models.column_types import from_milliseconds, table, to_milliseconds
from models.counter import HOUR, Counter, Dimension, in_milliseconds
from models.email_template import EmailTemplate
from models.health import Check, Verdict, checks
from models.log_table import Action
from models.mass_email import MassEmail, MassEmailStatus, followed
from models.mass_email_page import MassEmailFilter, MassEmailRow, mass_email_page
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.reputation import Alarm, alarms_of
from models.statistics import figures_of

DAYS: Final = 30
_SHOWN: Final = 8
_RESULTS: Final = 5
_LOOKED_AT: Final = 50
_CAMPAIGN, _MAIL, _COUNTER, _ITEM = table(Campaign), table(MassEmail), table(Counter), table(QueueItem)


class FirstStep(StrEnum):
    """What to do before the first mass email, in this order."""

    PEOPLE = "people"
    TEMPLATE = "template"
    CAMPAIGN = "campaign"
    MASS_EMAIL = "mass_email"


@dataclass(frozen=True, slots=True)
class Month:
    """The last DAYS days, today among them, as the viewer's zone has them. People are counted once per mass email;
    `opened` and `clicked` are of `tracked` of those sent; `rejected`: refused in the dialogue by the mass emails that
    were sent then. `days`: how many were sent on each day, oldest first."""

    since: datetime
    mass_emails: int
    sent: int
    tracked: int
    opened: int
    clicked: int
    opted_out: int
    bounced: int
    complained: int
    rejected: int
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A mass email some of whose messages ask for a person: what is uncertain (D12), and what failed without a refusal
    of the address: retries that came to their end, personal values that could not be put in."""

    mass_email_id: int
    name: str
    uncertain: int
    failed: int


@dataclass(frozen=True, slots=True)
class Warned:
    """A mass email of the last DAYS days whose complaints or bounces are above what mailbox providers bear."""

    name: str
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows. `under_way`: at most eight of `under_way_count`; `warned`: the worst first; `results`:
    the last mass emails that are Complete; `done`: which of the first steps are done; `empty`: not even people or a
    campaign are there."""

    under_way: tuple[UnderWay, ...]
    under_way_count: int
    to_decide: tuple[ToDecide, ...]
    warned: tuple[Warned, ...]
    month: Month
    results: tuple[MassEmailRow, ...]
    checks: tuple[Check, ...]
    done: frozenset[FirstStep]
    empty: bool

    @property
    def troubles(self) -> tuple[Check, ...]:
        """The checks that ask for a person; mass emails stand among what is under way."""
        told = [check for check in self.checks if not check.name.startswith("mass email")]
        return tuple(check for check in told if check.verdict is not Verdict.GOOD)


def read_overview(session: Session, zone: str, now: datetime) -> Overview:
    """The overview as it is now, its days those of a time zone (IANA name)."""
    rows, count = mass_email_page(session, MassEmailFilter(statuses=UNDER_WAY), "-start_at", 1, _SHOWN)
    done = _done(session)
    return Overview(
        under_way=tuple(under_way(session, row, now) for row in in_order(rows)),
        under_way_count=count,
        to_decide=_to_decide(session, now),
        warned=_warned(session, now),
        month=_month(session, ZoneInfo(zone), now),
        results=_results(session),
        checks=tuple(checks(session, now)),
        done=done,
        empty=not done & {FirstStep.PEOPLE, FirstStep.CAMPAIGN},
    )


def _results(session: Session) -> tuple[MassEmailRow, ...]:
    """By Date Start: the last that began is the last that people ask about."""
    complete = MassEmailFilter(statuses=(MassEmailStatus.COMPLETE,))
    return tuple(mass_email_page(session, complete, "-start_at", 1, _RESULTS)[0])


# --- the last days ---


def _month(session: Session, zone: ZoneInfo, now: datetime) -> Month:
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime.combine(first, time(), zone)
    sums, tracked = _sums(session, since)
    per_day = _sent_per_day(session, since, zone)
    total: dict[Action, int] = defaultdict(int)
    for by_action in sums.values():
        for action, number in by_action.items():
            total[action] += number
    sent = [mail for mail, by_action in sums.items() if by_action.get(Action.SENT)]
    return Month(
        since=since,
        mass_emails=len(sent),
        sent=total[Action.SENT],
        tracked=sum(by_action.get(Action.SENT, 0) for mail, by_action in sums.items() if mail in tracked),
        opened=total[Action.OPENED],
        clicked=total[Action.CLICKED],
        opted_out=total[Action.OPTED_OUT],
        bounced=total[Action.BOUNCED],
        complained=total[Action.COMPLAINED],
        rejected=sum(one.rejected for one in figures_of(session, sent).values()),
        days=tuple((day, per_day.get(day, 0)) for day in (first + timedelta(days=n) for n in range(DAYS))),
    )


def _hours(since: datetime, *columns: Any) -> Select[Any]:
    """Counters of people's hours since a moment. Their keys, hours since 1970, have as many digits until 2084; a mass
    email that did not change since then has none."""
    key = str(to_milliseconds(since) // in_milliseconds(HOUR))
    return (
        select(*columns, func.sum(_COUNTER.c.firsts).label("n"))
        .join_from(_MAIL, _COUNTER, _COUNTER.c.mass_email_id == _MAIL.c.id)
        .where(_MAIL.c.changed_at >= since, _MAIL.c.deleted_at.is_(None))
        .where(_COUNTER.c.dimension == Dimension.HOUR, _COUNTER.c.human, _COUNTER.c.key >= key)
        .group_by(*columns)
    )


def _sums(session: Session, since: datetime) -> tuple[Mapping[int, Mapping[Action, int]], set[int]]:
    """People by action of each mass email; and which of them are tracked: an informational email never is (D6)."""
    sums: dict[int, dict[Action, int]] = defaultdict(dict)
    for mail, action, number in session.execute(_hours(since, _COUNTER.c.mass_email_id, _COUNTER.c.action)):
        sums[mail][action] = number
    either = followed("track_opens") | followed("track_links")
    return sums, set(session.scalars(select(_MAIL.c.id).where(_MAIL.c.id.in_(list(sums)), either)))


def _sent_per_day(session: Session, since: datetime, zone: ZoneInfo) -> Mapping[date, int]:
    days: dict[date, int] = defaultdict(int)
    for key, number in session.execute(_hours(since, _COUNTER.c.key).where(_COUNTER.c.action == Action.SENT)):
        days[from_milliseconds(int(key) * in_milliseconds(HOUR)).astimezone(zone).date()] += number
    return days


# --- what asks for a person ---


def _warned(session: Session, now: datetime) -> tuple[Warned, ...]:
    """Of the mass emails that moved in the last DAYS days; from counters, a dozen each."""
    recent = (_MAIL.c.changed_at >= now - timedelta(days=DAYS), _MAIL.c.deleted_at.is_(None))
    mails = select(_MAIL.c.id, _MAIL.c.name).where(*recent).order_by(_MAIL.c.id.desc()).limit(_LOOKED_AT)
    names = {row.id: row.name for row in session.execute(mails)}
    alarms = alarms_of(figures_of(session, list(names)))
    return tuple(Warned(names[alarm.mass_email_id], alarm) for alarm in alarms)


def _to_decide(session: Session, now: datetime) -> tuple[ToDecide, ...]:
    """Of the mass emails that moved in the last DAYS days, the newest first."""
    recent = (_MAIL.c.changed_at >= now - timedelta(days=DAYS), _MAIL.c.deleted_at.is_(None))
    sent = (MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED, MassEmailStatus.COMPLETE)
    names = select(_MAIL.c.id, _MAIL.c.name).where(*recent, _MAIL.c.status.in_(sent)).order_by(_MAIL.c.id.desc())
    mails = session.execute(names.limit(100)).all()
    uncertain = _count_items(session, [row.id for row in mails], _ITEM.c.state == ItemState.UNCERTAIN)
    gave_up = (_ITEM.c.state == ItemState.FAILED, ~_ITEM.c.bounced)
    failed = _count_items(session, [row.id for row in mails], *gave_up)
    found = [ToDecide(id_, name, uncertain.get(id_, 0), failed.get(id_, 0)) for id_, name in mails]
    return tuple(one for one in found if one.uncertain or one.failed)


def _count_items(session: Session, mass_email_ids: Sequence[int], *conditions: Any) -> dict[int, int]:
    mail = _ITEM.c.mass_email_id
    counted = select(mail, func.count()).where(mail.in_(mass_email_ids), *conditions).group_by(mail)
    return {mass_email_id: number for mass_email_id, number in session.execute(counted)}


# --- the beginning ---


def _done(session: Session) -> frozenset[FirstStep]:
    people, template = table(Recipient), table(EmailTemplate)
    there: Mapping[FirstStep, Select[Any]] = {
        FirstStep.PEOPLE: select(people.c.id).where(people.c.kind != Kind.USER, people.c.archived_at.is_(None)),
        FirstStep.TEMPLATE: select(template.c.id).where(template.c.deleted_at.is_(None)),
        FirstStep.CAMPAIGN: select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.deleted_at.is_(None)),
        FirstStep.MASS_EMAIL: select(_MAIL.c.id).where(_MAIL.c.deleted_at.is_(None)),
    }
    return frozenset(step for step, query in there.items() if session.scalar(query.limit(1)) is not None)
