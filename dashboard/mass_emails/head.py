"""What stands above the panels of a mass email: what it is, and why nothing is being sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard import routes, ui
from dashboard.acts.mass_email import who_has_it
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from models.catalogue import Problem
from models.mass_email import MassEmailStatus
from models.mass_email_news import Progress
from models.waiting import in_zone

TONES: Final = {"failed": "bad", "complete": "ok", "draft": "", "cancelled": "", "date_start": "", "queueing": ""}
"""How loud it is said why it waits; what is not here is a warning."""


WAYS_ON: Final = {
    "job_inactive": (routes.SCHEDULED_JOBS, "nav.scheduled_jobs"),
    "no_scheduler": (routes.SYSTEM_HEALTH, "nav.system_health"),
    "hour_limit": (routes.OUTBOUND_EMAILS, "nav.outbound_emails"),
    "no_account": (routes.SMTP_ACCOUNTS, "nav.smtp_accounts"),
    "account_trouble": (routes.SMTP_ACCOUNTS, "nav.smtp_accounts"),
}
"""Where an administrator can help."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is said, in words. `because`: why nothing is being sent, "" while something is.
    `undo_until`: when the undo minutes end, in milliseconds, 0: they do not run; `may_undo`: no message has begun.
    `had_it`: who has a cancelled mass email, `had_it_query` as a filter."""

    id: int = 0
    name: str = ""
    status: str = ""
    campaign: str = ""
    campaign_to: str = ""
    start: str = ""
    start_full: str = ""
    template: str = ""
    template_to: str = ""
    version: str = ""
    newer: str = ""
    account: str = ""
    failed: int = 0
    because: str = ""
    tone: str = ""
    way_on: str = ""
    way_on_to: str = ""
    may_undo: bool = False
    undo_until: int = 0
    undo_full: str = ""
    had_it: str = ""
    had_it_query: str = ""
    watched: bool = True


def head_of(user: Viewer, news: Progress, now: datetime) -> Head:
    """In the viewer's language and zone."""
    row, language = news.row, user.language
    return Head(
        id=row.id,
        name=row.name,
        status=row.status,
        campaign=row.campaign,
        campaign_to=routes.to(routes.CAMPAIGN, campaign_id=row.campaign_id),
        start=format.moment(language, user.time_zone, row.start_at, now),
        start_full=format.full_moment(language, row.zone, row.start_at),
        template=row.template,
        template_to=routes.to(routes.EMAIL_TEMPLATE, template_id=row.template_id),
        version=say(language, "mass_emails.frozen", no=row.version_no) if row.version_no else "",
        newer=_newer(language, news),
        account=news.account or format.UNKNOWN,
        failed=news.counts.failed,
        may_undo=news.may_undo,
        watched=news.watched,
        **_had_it(language, news),
        **_because(user, news.because),
    )


def _newer(language: str, news: Progress) -> str:
    offer = news.offer
    return say(language, "mass_emails.newer", newest=offer.no, frozen=offer.frozen_no) if offer else ""


def _had_it(language: str, news: Progress) -> dict[str, str]:
    sent, uncertain = news.counts.sent, news.counts.uncertain
    if news.row.status is not MassEmailStatus.CANCELLED or not sent + uncertain:
        return {}
    said = [say(language, "mass_emails.had_it", count=sent)]
    if uncertain:
        said.append(say(language, "mass_emails.may_have_it", count=uncertain))
    return {"had_it": " ".join(said), "had_it_query": who_has_it(news.row.id)}


def _because(user: Viewer, problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {}
    kind = problem.key.rpartition(".")[2]
    to, words = WAYS_ON.get(kind, ("", ""))
    until = problem.values["at"] if kind == "undo" else None
    return {
        "undo_until": ui.milliseconds(until),
        "undo_full": format.full_moment(user.language, user.time_zone, until),
        "because": in_zone(problem, ZoneInfo(user.time_zone)).text(user.language),
        "tone": TONES.get(kind, "warn"),
        "way_on": say(user.language, words) if words else "",
        "way_on_to": to,
    }
