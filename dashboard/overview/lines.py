"""What the overview shows, in the viewer's words and zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboard import routes
from dashboard.auth import Right, Viewer
from dashboard.i18n import format, say
from models.campaign_news import UnderWay
from models.catalogue import WORDS
from models.health import Check, Verdict
from models.log_filter import LogFilter, not_yet_sent
from models.log_table import Action
from models.mass_email import MassEmailStatus
from models.mass_email_page import MassEmailRow
from models.overview import FirstStep, Month, Overview, ToDecide, Warned
from models.reputation import BOUNCES, COMPLAINTS, TOO_MANY_COMPLAINTS
from models.waiting import in_zone

WARNINGS: Final = 3
SIGN: Final = {Verdict.GOOD: "ok", Verdict.WARNING: "warn", Verdict.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class Running:
    """A mass email under way. `ahead` before `at`: "finishes about" 16:31; `next`: the portion, or why nothing goes."""

    id: int
    name: str
    href: str
    status: str
    share: float
    done: str
    of: str
    ahead: str
    at: str
    at_full: str
    waiting: str
    waiting_to: str
    next: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something that asks for a person. `act`: the word of its link."""

    sign: str
    title: str
    detail: str
    href: str
    act: str


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A figure of the last 30 days."""

    value: str = ""
    fact: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """How many were sent on a day; `share`: percent of the largest day."""

    day: str
    sent: str
    share: float


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A mass email that is Complete."""

    name: str
    href: str
    finished: str
    finished_full: str
    sent: str
    sent_to: str
    opened: str
    clicked: str
    opted_out: str
    bounced: str
    bounced_to: str
    complained: str
    complained_to: str


@dataclass(frozen=True, slots=True)
class HealthLine:
    """A check: ok, warn or bad, what it is about, the sentence."""

    sign: str
    about: str
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps."""

    key: str
    done: bool


def running_of(one: UnderWay, user: Viewer, now: datetime) -> Running:
    """A mass email under way."""
    language, zone, row, counts = user.language, user.time_zone, one.row, one.counts
    left = counts.waiting + counts.held
    done = counts.queued - left
    to_come = row.status is MassEmailStatus.PENDING and row.start_at > now
    ends = row.start_at if to_come else one.forecast.finishes_at if one.forecast else None
    paused = row.status is MassEmailStatus.PAUSED
    return Running(
        id=row.id,
        name=row.name,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.id),
        status=row.status,
        share=round(100 * done / counts.queued, 1) if counts.queued else 0.0,
        done=format.count(language, done) if counts.queued else "",
        of=_of(language, done, counts.queued) if counts.queued else say(language, "overview.not_queued"),
        ahead=say(language, "overview.starts" if to_come else "overview.finishes") if ends and not paused else "",
        at=_soon(language, zone, ends, now) if ends and not paused else "",
        at_full=format.full_moment(language, zone, ends),
        waiting=say(language, "overview.not_yet", count=left) if left and paused else "",
        waiting_to=routes.to(routes.LOG, **not_yet_sent(LogFilter(mass_email_id=row.id)).to_query()),
        next=_next(one, user, now),
    )


def _of(language: str, done: int, queued: int) -> str:
    return say(language, "overview.part_of", whole=queued, percent=format.percent(language, done, queued))


def _next(one: UnderWay, user: Viewer, now: datetime) -> str:
    """Why nothing is being sent; while something is, which portion, and when the next one goes."""
    language, zone, foreseen = user.language, user.time_zone, one.forecast
    if one.because:
        return in_zone(one.because, ZoneInfo(zone)).text(language)
    if foreseen is None:
        return ""
    done, planned = foreseen.portions_done, foreseen.portions_planned
    if foreseen.next_at is None:
        return say(language, "overview.portion", done=done, planned=planned)
    at = _soon(language, zone, foreseen.next_at, now)
    return say(language, "overview.portion_next", done=done, planned=planned, at=at)


def _soon(language: str, zone: str, at: datetime, now: datetime) -> str:
    """13:50 today, else with the day."""
    there = ZoneInfo(zone)
    today = at.astimezone(there).date() == now.astimezone(there).date()
    return format.clock(language, zone, at) if today else format.moment(language, zone, at, now)


def needs_of(found: Overview, user: Viewer) -> list[Need]:
    """Trouble of the house first, then what costs the sender's reputation, messages, and what stands. That mail is
    caught, the shell says already."""
    troubles = sorted(found.troubles, key=lambda check: check.verdict is not Verdict.BAD)
    return [
        *(_trouble(check, user) for check in troubles if check.says.key != "health.mail_caught"),
        *(_warning(one, user.language) for one in found.warned[:WARNINGS]),
        *(_decision(one, user.language) for one in found.to_decide),
        *_standing(found, user),
    ]


def _trouble(check: Check, user: Viewer) -> Need:
    """The pages behind them are for administrators."""
    href = _place(check) if Right.ADMINISTER in user.rights else ""
    return Need(
        SIGN[check.verdict], _about(check, user.language), _said(check, user), href, say(user.language, "ui.open")
    )


def _place(check: Check) -> str:
    first = check.name.split()[0]
    places = {"site": routes.OUTBOUND_EMAILS, "smtp": routes.SMTP_ACCOUNTS, "job": routes.SCHEDULED_JOBS}
    return places.get(first, routes.SYSTEM_HEALTH)


def _warning(one: Warned, language: str) -> Need:
    alarm = one.alarm
    limit = {Action.COMPLAINED: TOO_MANY_COMPLAINTS if alarm.bad else COMPLAINTS, Action.BOUNCED: BOUNCES}[alarm.action]
    said = say(
        language,
        f"overview.too_many.{alarm.action}",
        percent=_percent(language, alarm.rate),
        limit=_percent(language, limit),
    )
    act = say(language, "overview.see_people", count=alarm.people)
    sign = "bad" if alarm.bad else "warn"
    return Need(sign, said, one.name, _people(alarm.mass_email_id, alarm.action), act)


def _percent(language: str, rate: float) -> str:
    return format.percent(language, round(rate * 1_000_000), 1_000_000)


def _decision(one: ToDecide, language: str) -> Need:
    if one.uncertain and one.failed:
        said = say(language, "overview.uncertain_and_failed", uncertain=one.uncertain, failed=one.failed)
    else:
        key = "overview.uncertain" if one.uncertain else "overview.failed"
        said = say(language, key, count=one.uncertain or one.failed)
    page = routes.to(routes.MASS_EMAIL, mass_email_id=one.mass_email_id)
    return Need("uncertain", said, one.name, page, say(language, "overview.decide"))


def _standing(found: Overview, user: Viewer) -> Iterator[Need]:
    keys = {MassEmailStatus.PAUSED: "overview.paused", MassEmailStatus.FAILED: "overview.stopped"}
    for one in found.under_way:
        if key := keys.get(one.row.status):
            left = one.counts.waiting + one.counts.held
            what = one.row.trouble or say(user.language, "overview.people_wait", count=left)
            detail = say(user.language, "overview.name_and", name=one.row.name, what=what)
            page = routes.to(routes.MASS_EMAIL, mass_email_id=one.row.id)
            yield Need(one.row.status, say(user.language, key), detail, page, say(user.language, "ui.open"))


def cells_of(month: Month, language: str) -> dict[str, MonthCell]:
    """The figures of the last 30 days; each opens to its people."""
    tracked = {"opened": month.opened, "clicked": month.clicked}
    facts = {
        "sent": say(language, "overview.mass_emails", count=month.mass_emails),
        **{
            name: say(language, "overview.of_tracked", percent=format.percent(language, n, month.tracked))
            for name, n in tracked.items()
        },
        **{
            name: say(language, "overview.of_sent", percent=format.percent(language, n, month.sent))
            for name, n in (("opted_out", month.opted_out), ("complained", month.complained))
        },
        "bounced": _bounced(month, language),
    }
    return {name: _cell(month, name, fact, language) for name, fact in facts.items()}


def _bounced(month: Month, language: str) -> str:
    percent = format.percent(language, month.bounced, month.sent + month.rejected)
    return say(language, "overview.of_handed_over" if month.rejected else "overview.of_sent", percent=percent)


def _cell(month: Month, name: str, fact: str, language: str) -> MonthCell:
    number: int = getattr(month, name)
    if not month.sent or (name in {"opened", "clicked"} and not month.tracked):
        return MonthCell(format.UNKNOWN)
    chosen = LogFilter(included=(Action(name),), since=month.since)
    return MonthCell(format.count(language, number), fact, routes.to(routes.LOG, **chosen.to_query()) if number else "")


def days_of(month: Month, language: str) -> list[Day]:
    """A bar for each day."""
    most = max((sent for _, sent in month.days), default=0)
    return [
        Day(format.day(language, on), format.count(language, sent), round(100 * sent / most, 1) if most else 0.0)
        for on, sent in month.days
    ]


def result_of(row: MassEmailRow, user: Viewer, now: datetime) -> ResultLine:
    """A mass email that is Complete; what was not tracked is no zero."""
    language, figures, ended = user.language, row.figures, row.finished_at
    unknown = say(language, "overview.not_tracked")
    return ResultLine(
        name=row.name,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.id),
        finished=format.day(language, ended.astimezone(ZoneInfo(user.time_zone)).date()) if ended else format.UNKNOWN,
        finished_full=format.full_moment(language, user.time_zone, ended),
        sent=format.count(language, figures.sent),
        sent_to=_people(row.id, Action.SENT) if figures.sent else "",
        opened=format.percent(language, figures.opened, figures.sent) if row.track_opens else unknown,
        clicked=format.percent(language, figures.clicked, figures.sent) if row.track_links else unknown,
        opted_out=format.percent(language, figures.opted_out, figures.sent),
        bounced=format.percent(language, figures.bounced, figures.sent + figures.rejected),
        bounced_to=_people(row.id, Action.BOUNCED) if figures.bounced else "",
        complained=format.percent(language, figures.complained, figures.sent),
        complained_to=_people(row.id, Action.COMPLAINED) if figures.complained else "",
    )


def _people(mass_email_id: int, action: Action) -> str:
    chosen = LogFilter(mass_email_id=mass_email_id, included=(action,))
    return routes.to(routes.LOG, **chosen.to_query())


def health_of(check: Check, user: Viewer) -> HealthLine:
    """A check as a line."""
    return HealthLine(SIGN[check.verdict], _about(check, user.language), _said(check, user))


def _said(check: Check, user: Viewer) -> str:
    return in_zone(check.says, ZoneInfo(user.time_zone)).text(user.language)


def _about(check: Check, language: str) -> str:
    """What was looked at: the job's or the account's own name where there is one."""
    if check.name.startswith("job "):
        key = f"scheduled_job.{check.name.removeprefix('job ')}"
        return say(language, key) if key in WORDS else check.name.removeprefix("job ")
    for account in ("smtp account ", "group account ", "webhook "):
        if check.name.startswith(account):
            return check.name.removeprefix(account)
    return say(language, f"overview.check.{check.name.replace(' ', '_')}")


def steps_of(done: frozenset[FirstStep]) -> list[Step]:
    """The first steps in their order."""
    return [Step(step, step in done) for step in FirstStep]
