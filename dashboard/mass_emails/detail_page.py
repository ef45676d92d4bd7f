"""One mass email: how far it is, why it waits, its results, whom to decide about, who gets it, its plan, its tests."""

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.acts import bounce_reasons, results
from dashboard.acts.create_list import CreateList, create_list_dialog
from dashboard.acts.mass_email import MassEmailActs, mass_email_dialogs
from dashboard.acts.not_watched import not_watched_note
from dashboard.acts.send_test import SendTest
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, tr
from dashboard.mass_emails.address import id_in
from dashboard.mass_emails.decide_panel import DecidePanel, decide_panel
from dashboard.mass_emails.head import Head, head_of
from dashboard.mass_emails.people_dialog import LeftOutPeople, people_dialog
from dashboard.mass_emails.plan_panel import PlanPanel, plan_panel
from dashboard.mass_emails.preview_panel import PreviewPanel, preview_panel
from dashboard.mass_emails.progress_panel import Far, far_of, progress_panel
from dashboard.mass_emails.tests_panel import TestsPanel, tests_panel
from dashboard.mass_emails.version_panel import VersionPanel, versions_panel
from dashboard.mass_emails.who_panel import WhoGetsIt, who_panel
from models.errors import NotFound
from models.mass_email import MassEmailStatus
from models.mass_email_news import Progress, read_progress

DRAFT, PENDING, PAUSED = MassEmailStatus.DRAFT.value, MassEmailStatus.PENDING.value, MassEmailStatus.PAUSED.value
IN_PROCESS, COMPLETE = MassEmailStatus.IN_PROCESS.value, MassEmailStatus.COMPLETE.value
FAILED = MassEmailStatus.FAILED.value

CELLS = ("opened", "clicked", "replied", "opted_out", "bounced", "complained")
NO_CELLS = {name: results.Cell() for name in CELLS}


class MassEmailPage(live.LiveState, rx.State):
    """The head and the progress. `missing`: there is no such mass email."""

    head: Head = Head()
    far: Far = Far()
    cells: dict[str, results.Cell] = NO_CELLS
    result_lines: list[results.Line] = []
    reasons: bounce_reasons.Reasons = bounce_reasons.Reasons()
    missing: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = id_in(self.router.url.path)
        if wanted != self.head.id:
            self._clear()
            for panel in PANELS:  # each asks for itself; until then it shows nobody of the one before
                (await self.get_state(panel))._clear()
        try:
            self._take(user, await live.follow(self, user, read_progress, mass_email_id=wanted))
        except NotFound:
            self._clear()
            self.missing = True

    def _take(self, user: Viewer, news: Progress) -> None:
        self.head, self.far, self.missing = head_of(user, news, data.now()), far_of(user.language, news), False
        found, language = news.results, user.language
        self.cells = {name: results.cell_of(found, name, language) for name in CELLS}
        self.result_lines = results.lines_of(found, language)
        self.reasons = bounce_reasons.reasons_of(found, language)

    def _clear(self) -> None:
        self.head, self.far, self.live, self.missing = Head(), Far(), False, False
        self.cells, self.result_lines, self.reasons = NO_CELLS, [], bounce_reasons.Reasons()


PANELS = (PlanPanel, DecidePanel, VersionPanel, TestsPanel, WhoGetsIt, PreviewPanel)

LOADS = [
    MassEmailPage.load,
    PlanPanel.load,
    DecidePanel.load,
    VersionPanel.load,
    TestsPanel.load,
    LeftOutPeople.load,
    WhoGetsIt.load,
    PreviewPanel.load,
]
"""What fills the page, the quick ones first: the last two may have to choose the people anew."""


def mass_email_page() -> rx.Component:
    """The page, part by part."""
    page = MassEmailPage
    panels = rx.fragment(
        _waits(),
        progress_panel(page.far, page.head.status),
        rx.cond(page.result_lines.length() > 0, results.figures_card(page.cells, CELLS)),
        rx.cond(~page.head.watched, not_watched_note()),
        ui.columns(
            [decide_panel(), versions_panel(), bounce_reasons.reasons_panel(page.reasons), plan_panel(), tests_panel()],
            [who_panel(), results.results_panel(page.result_lines), preview_panel(page.head.name)],
        ),
    )
    return ui.page(
        rx.cond(page.missing, _no_such(), rx.cond(page.head.id > 0, rx.fragment(_header(), panels), _skeleton())),
        mass_email_dialogs(),
        create_list_dialog(),
        people_dialog(),
        here="mass_emails",
        crumbs=[
            (tr("mass_emails.title"), routes.MASS_EMAILS),
            (rx.cond(page.head.name != "", page.head.name, tr("mass_emails.one")), routes.MASS_EMAILS),
        ],
        live=rx.cond(page.head.id > 0, live.sign(page)),
    )


def _header() -> rx.Component:
    head = MassEmailPage.head
    template = rx.fragment(tr("mass_emails.template"), " ", ui.text_link(head.template, head.template_to), head.version)
    return ui.page_header(
        head.name,
        badges=[ui.badge(head.status, MassEmailStatus)],
        acts=[ui.for_senders(rx.fragment(*_acts())), _menu()],
        facts=[
            rx.fragment(tr("mass_emails.campaign"), " ", ui.text_link(head.campaign, head.campaign_to)),
            rx.el.span(tr("mass_emails.start_at"), " ", head.start, title=head.start_full, class_name="num"),
            template,
            rx.fragment(tr("mass_emails.smtp_account"), " ", head.account),
        ],
    )


def _acts() -> list[rx.Component]:
    head, acts = MassEmailPage.head, MassEmailActs
    return [
        ui.button(
            tr("mass_emails.send_test"), icon_name="flask-conical", key="t", on_click=SendTest.ask(head.id), id="test"
        ),
        rx.cond(
            head.status == IN_PROCESS,
            ui.button(tr("mass_emails.pause"), icon_name="pause", key="p", on_click=acts.pause(head.id)),
        ),
        rx.cond(
            head.status == PAUSED,
            ui.button(tr("mass_emails.resume"), icon_name="play", look="pri", key="p", on_click=acts.resume(head.id)),
        ),
        rx.cond(
            head.status == DRAFT,
            ui.button(tr("mass_emails.start"), icon_name="send", look="pri", on_click=acts.start(head.id)),
        ),
        rx.cond(
            _is(PENDING, IN_PROCESS, PAUSED),
            ui.button(tr("mass_emails.cancel"), icon_name="circle-stop", look="bad", on_click=acts.ask_cancel(head.id)),
        ),
    ]


def _menu() -> rx.Component:
    head, acts = MassEmailPage.head, MassEmailActs
    edit = "/mass-emails/" + head.id.to_string() + "/edit"
    failed = _is(IN_PROCESS, PAUSED, COMPLETE) & (head.failed > 0) & Prefs.can_send
    return ui.menu(
        [
            ui.Item(tr("ui.edit"), "pencil", to=edit, when=Prefs.can_edit),
            ui.Item(tr("nav.log"), "scroll-text", to=routes.LOG + "?mass_email_id=" + head.id.to_string()),
            ui.Item(tr("mass_emails.retry_failed"), "rotate-cw", on_click=acts.ask_retry(head.id), when=failed),
            ui.Item(
                tr("mass_emails.to_draft"),
                "pencil-line",
                on_click=acts.back_to_draft(head.id),
                when=(_is(PENDING, FAILED) | head.may_undo) & Prefs.can_send,
            ),
            ui.Item(
                tr("ui.delete"),
                "trash-2",
                on_click=acts.ask_delete(head.id),
                bad=True,
                when=~_is(IN_PROCESS, PAUSED) & Prefs.can_edit,
            ),
        ]
    )


def _waits() -> rx.Component:
    """The one line why nothing is being sent, whenever nothing is; and that the template has a newer version."""
    head = MassEmailPage.head
    way_on = rx.cond(head.way_on != "", ui.for_administrators(ui.text_link(head.way_on, head.way_on_to)))
    because = rx.match(
        head.tone,
        ("ok", ui.note(head.because, tone="ok", end=way_on)),
        ("bad", ui.note(head.because, tone="bad", end=way_on)),
        ("warn", ui.note(head.because, tone="warn", end=way_on)),
        ui.note(head.because, tone="", icon_name="clock", end=way_on),
    )
    return rx.fragment(
        rx.cond(head.because != "", rx.el.div(rx.cond(head.undo_until > 0, _may_be_undone(), because), id="because")),
        rx.cond(head.had_it != "", _who_has_it()),
        rx.cond(
            head.newer != "",
            ui.note(
                head.newer,
                icon_name="file-text",
                end=ui.button(tr("mass_emails.look_at_version"), small=True, on_click=VersionPanel.look(), id="look"),
            ),
        ),
    )


def _may_be_undone() -> rx.Component:
    """The undo minutes run: how long still, and the way back."""
    head = MassEmailPage.head
    back = ui.button(
        tr("mass_emails.to_draft"),
        icon_name="undo-2",
        small=True,
        on_click=MassEmailActs.back_to_draft(head.id),
        id="undo",
    )
    return ui.note(
        head.because,
        " ",
        rx.el.b(ui.countdown(head.undo_until, head.undo_full)),
        tone="warn",
        icon_name="clock",
        end=ui.for_senders(rx.cond(head.may_undo, back)),
    )


def _who_has_it() -> rx.Component:
    head = MassEmailPage.head
    makes_list = ui.button(
        tr("create_list.create"),
        icon_name="list-plus",
        small=True,
        on_click=CreateList.ask(head.had_it_query),
        id="list-who-has-it-now",
    )
    return ui.note(head.had_it, icon_name="users", end=ui.for_editors(makes_list))


def _no_such() -> rx.Component:
    return ui.missing(
        tr("mass_email.not_found"),
        tr("mass_emails.not_found_text"),
        icon_name="mails",
        act=ui.button(tr("mass_emails.title"), to=routes.MASS_EMAILS),
    )


def _skeleton() -> rx.Component:
    return rx.fragment(ui.skeleton_figures(), ui.panel(ui.skeleton_rows(), padded=False))


def _is(*statuses: str) -> rx.Var[bool]:
    found = MassEmailPage.head.status == statuses[0]
    for status in statuses[1:]:
        found |= MassEmailPage.head.status == status
    return found
