"""What is being sent now, and why nothing is, if nothing is."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.mass_email import MassEmailActs
from dashboard.auth import Viewer
from dashboard.i18n import format, say, tr, tr_with
from models.campaign_news import UnderWay
from models.forecast import Forecast
from models.log_filter import LogFilter, not_yet_sent
from models.mass_email import MassEmailStatus
from models.waiting import in_zone


@dataclass(frozen=True, slots=True)
class Running:
    """A mass email that is not over. Shares are percent of its queue. `until`: the next portion, or its Date Start, as
    the browser counts; 0: none is to come. `because`: why nothing is being sent, "" while it is."""

    id: int
    name: str
    href: str
    status: str
    done: str
    sent: float
    failed: float
    uncertain: float
    left_out: float
    percent: float
    because: str
    until: int
    until_full: str
    until_clock: str
    to_start: bool
    sending: bool
    portion: str
    finish: str
    finish_full: str
    limited: str
    waiting: str
    waiting_to: str
    decide: str


def running_of(one: UnderWay, user: Viewer, now: datetime) -> Running:
    """A mass email under way, in the viewer's words and zone."""
    language, zone, row, counts = user.language, user.time_zone, one.row, one.counts
    left = counts.waiting + counts.held
    done, whole = counts.queued - left, counts.queued
    to_start = row.status is MassEmailStatus.PENDING and row.start_at > now
    until = row.start_at if to_start else one.forecast.next_at if one.forecast else None
    log = LogFilter(mass_email_id=row.id)
    return Running(
        id=row.id,
        name=row.name,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.id),
        status=row.status,
        done=_done_of(language, done, whole) if whole else "",
        sent=_share(counts.sent, whole),
        failed=_share(counts.failed, whole),
        uncertain=_share(counts.uncertain, whole),
        left_out=_share(counts.skipped + counts.cancelled, whole),
        percent=round(_share(done, whole), 1),
        because=in_zone(one.because, ZoneInfo(zone)).text(language) if one.because else "",
        until=ui.milliseconds(until),
        until_full=format.full_moment(language, zone, until),
        until_clock=_clock(language, zone, until, now),
        to_start=to_start,
        sending=counts.held > 0,
        **_foreseen(one.forecast, language, zone, now),
        waiting=say(language, "campaign_page.not_yet", count=left) if left else "",
        waiting_to=routes.to(routes.LOG, **not_yet_sent(log).to_query()),
        decide=say(language, "campaign_page.decide", count=counts.uncertain) if counts.uncertain else "",
    )


def progress_panels(running: rx.Var[list[Running]]) -> rx.Component:
    """One panel for each; nothing when nothing is under way."""
    return rx.foreach(running, _panel)


def _panel(one: rx.Var[Running]) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            ui.state_icon(one.status, MassEmailStatus),
            ui.link(one.name, to=one.href, class_name="name strong"),
            rx.el.span(one.done, class_name="mute num"),
            rx.el.span(class_name="grow"),
            _acts(one),
            class_name="row wrap",
        ),
        rx.cond(one.done != "", _bar(one)),
        rx.el.div(_ahead(one), _left(one), class_name="row between wrap small"),
        class_name="panel under-way",
        custom_attrs={"data-mass-email": one.id},
        aria_label=tr_with("campaign_page.progress_of", name=one.name),
    )


def _bar(one: rx.Var[Running]) -> rx.Component:
    return ui.progress(
        ui.Part(one.sent),
        ui.Part(one.failed, "bad"),
        ui.Part(one.uncertain, "warn"),
        ui.Part(one.left_out, "skip"),
        label=tr_with("campaign_page.progress_of", name=one.name),
        value=one.percent,
        paused=one.status == MassEmailStatus.PAUSED.value,
    )


def _ahead(one: rx.Var[Running]) -> rx.Component:
    """Why it waits; or what comes: portion, countdown, finish."""
    words = rx.cond(one.to_start, tr("campaign_page.start_in"), tr("campaign_page.next_in"))
    counting = rx.el.span(words, " ", ui.countdown(one.until, one.until_full), ", ", one.until_clock, class_name="num")
    because = rx.el.span(one.because, role="status", custom_attrs={"data-because": ""})
    return rx.el.div(
        rx.cond(one.because != "", because),
        rx.cond(one.portion != "", rx.el.span(one.portion, class_name="num")),
        rx.cond(one.sending, rx.el.span(tr("campaign_page.sending")), rx.cond(one.until > 0, counting)),
        rx.cond(one.finish != "", rx.el.b(one.finish, class_name="num strong", title=one.finish_full)),
        rx.cond(one.limited != "", rx.el.span(one.limited)),
        class_name="dots mute",
    )


def _left(one: rx.Var[Running]) -> rx.Component:
    """Whom it is still about."""
    return rx.el.div(
        rx.cond(one.decide != "", ui.link(one.decide, to=one.href, class_name="link ink-warn")),
        rx.cond(one.waiting != "", ui.door(one.waiting, one.waiting_to)),
        class_name="dots mute",
    )


def _acts(one: rx.Var[Running]) -> rx.Component:
    pause = ui.button(tr("mass_emails.pause"), icon_name="pause", small=True, on_click=MassEmailActs.pause(one.id))
    resume = ui.button(tr("mass_emails.resume"), icon_name="play", small=True, on_click=MassEmailActs.resume(one.id))
    return ui.for_senders(
        rx.match(
            one.status, (MassEmailStatus.IN_PROCESS.value, pause), (MassEmailStatus.PAUSED.value, resume), rx.fragment()
        )
    )


def _done_of(language: str, done: int, whole: int) -> str:
    percent = format.percent(language, done, whole)
    return say(language, "campaign_page.done_of", part=done, whole=whole, percent=percent)


def _foreseen(forecast: Forecast | None, language: str, zone: str, now: datetime) -> dict[str, str]:
    if forecast is None:
        return dict.fromkeys(("portion", "finish", "finish_full", "limited"), "")
    ends = forecast.finishes_at
    return {
        "portion": say(language, "campaign_page.portion", done=forecast.portions_done, count=forecast.portions_planned),
        "finish": say(language, "campaign_page.finishes", time=_moment(language, zone, ends, now)) if ends else "",
        "finish_full": format.full_moment(language, zone, ends),
        "limited": say(language, f"delivery.limited_by.{forecast.limited_by}") if forecast.limited_by else "",
    }


def _clock(language: str, zone: str, at: datetime | None, now: datetime) -> str:
    return say(language, "campaign_page.at", time=_moment(language, zone, at, now)) if at else ""


def _moment(language: str, zone: str, at: datetime, now: datetime) -> str:
    """13:50 today, else with the day."""
    there = ZoneInfo(zone)
    if at.astimezone(there).date() == now.astimezone(there).date():
        return format.clock(language, zone, at)
    return format.moment(language, zone, at, now)


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
