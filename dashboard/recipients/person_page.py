"""One person: who it is, whether and why they can be mailed, their lists, and all that happened, newest first."""

from dataclasses import dataclass

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.people import why
from dashboard.acts.person_words import STATES, event_of
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr, tr_with
from dashboard.recipients.archive import Archive, archive_dialog
from dashboard.recipients.consent import Consents, consent_dialog, consent_panel, suppression_panel
from dashboard.recipients.erase import Erase, erase_dialog
from dashboard.recipients.form import RecipientForm, recipient_form
from models.errors import NotFound
from models.recipient import Kind, MailState
from models.recipient_page import ListOfRecipient, RecipientDetail, get_recipient
from models.timeline import timeline

PORTION = 30


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it holds; `href` where it leads."""

    name: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ListLine:
    """A target list of the person. `note`: opted out, no entry any more."""

    id: int
    name: str
    href: str
    added: str
    note: str


class PersonPage(rx.State):
    """The recipient whose id is in the address."""

    id_: int = 0
    name: str = ""
    kind: str = ""
    state: str = ""
    why: str = ""
    erased: str = ""
    facts: list[Fact] = []
    lists: list[ListLine] = []
    twins: list[Fact] = []
    events: list[ui.Event] = []
    more: bool = False
    shown: bool = False
    missing: bool = False
    _after: tuple[int, int, int] | None = None

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = routes.id_in(self.router.url.path)
        if wanted != self.id_:
            self._clear()
        try:
            found = await data.read(get_recipient, wanted)
        except NotFound:
            self._clear()
            self.missing = True
            return
        row = found.row
        self.id_, self.name, self.kind, self.state = row.id, row.name, row.kind, row.state
        self.why, self.facts = why(user.language, row), _facts(found, user)
        self.lists = [_list(one, user) for one in found.lists]
        self.twins = [
            Fact(
                twin.name, say(user.language, f"status.{twin.kind}"), routes.to(routes.RECIPIENT, recipient_id=twin.id)
            )
            for twin in found.twins
        ]
        self.erased = format.full_moment(user.language, user.time_zone, found.erased_at) if found.erased_at else ""
        await (await self.get_state(Consents))._take(user, found)
        self.events, self._after, self.missing = [], None, False
        await self._add_events(user)
        self.shown = True

    @allowed(Right.LOOK)
    async def load_more(self, user: Viewer):
        if self.more and self.id_:
            await self._add_events(user)

    async def _add_events(self, user: Viewer) -> None:
        rows = await data.read(timeline, self.id_, self._after, PORTION + 1)
        shown = rows[:PORTION]
        self.events = [*self.events, *(event_of(row, user, self.id_) for row in shown)]
        self.more = len(rows) > PORTION
        self._after = shown[-1].key if shown else None

    def _clear(self) -> None:
        self.id_, self.name, self.kind, self.state, self.why = 0, "", "", "", ""
        self.erased = ""
        self.facts, self.lists, self.twins, self.events = [], [], [], []
        self.more, self.shown, self.missing, self._after = False, False, False, None


def person_page() -> rx.Component:
    """The page, part by part."""
    page = PersonPage
    gone = ui.missing(
        tr("recipient.not_found"),
        tr("recipients.gone"),
        icon_name="users",
        act=ui.button(tr("recipients.title"), to=routes.RECIPIENTS),
    )
    content = rx.fragment(
        _header(),
        rx.cond(
            page.erased != "",
            ui.note(tr("erasure.page_text"), tone="info", title=tr_with("erasure.page", at=page.erased)),
        ),
        ui.columns(
            [_timeline()], [_facts_panel(), consent_panel(), suppression_panel(), _lists_panel(), _twins_panel()]
        ),
    )
    return ui.page(
        rx.cond(page.missing, gone, rx.cond(page.shown, content, ui.skeleton_rows())),
        recipient_form(),
        archive_dialog(),
        consent_dialog(),
        erase_dialog(),
        here="recipients",
        crumbs=[
            (tr("recipients.title"), routes.RECIPIENTS),
            (rx.cond(page.missing, tr("recipients.one"), page.name), "/recipients/" + page.id_.to_string()),
        ],
    )


def _header() -> rx.Component:
    page = PersonPage
    archived = page.state == MailState.ARCHIVED.value
    return ui.page_header(
        page.name,
        badges=[ui.badge(page.kind, Kind), ui.badge(page.state, MailState, words="people.state")],
        facts=[rx.cond(page.why != "", page.why, "")],
        acts=[rx.cond(page.erased == "", ui.for_editors(act)) for act in (_edit(), _more(archived))],
    )


def _edit() -> rx.Component:
    page = PersonPage
    return ui.button(tr("ui.edit"), icon_name="pencil", key="e", on_click=RecipientForm.edit_one(page.id_))


def _more(archived: rx.Var[bool]) -> rx.Component:
    page = PersonPage
    may_erase = Prefs.can_administer & (page.kind != Kind.USER.value)
    restore, archive = Archive.restore(page.id_), Archive.ask_one(page.id_)
    return ui.menu(
        [
            ui.Item(tr("recipients.restore"), "archive-restore", on_click=restore, when=archived),
            ui.Item(tr("recipients.archive"), "archive", on_click=archive, bad=True, when=~archived),
            ui.Item(tr("erasure.erase"), "user-x", on_click=Erase.ask(page.id_), bad=True, when=may_erase),
        ]
    )


def _timeline() -> rx.Component:
    page = PersonPage
    return ui.panel(
        rx.el.div(ui.timeline(page.events, STATES), id="timeline"),
        rx.cond(
            page.more,
            rx.el.div(
                ui.button(tr("people.load_more"), icon_name="chevron-down", on_click=page.load_more()),
                class_name="panel-b",
            ),
        ),
        title=tr("people.what_happened"),
        padded=False,
    )


def _facts_panel() -> rx.Component:
    def line(fact: rx.Var[Fact]) -> rx.Component:
        value = rx.cond(fact.href != "", ui.text_link(fact.value, fact.href), rx.el.span(fact.value))
        return rx.fragment(rx.el.dt(fact.name), rx.el.dd(value))

    return ui.panel(rx.el.dl(rx.foreach(PersonPage.facts, line), class_name="facts"), title=tr("people.facts"))


def _lists_panel() -> rx.Component:
    def line(one: rx.Var[ListLine]) -> rx.Component:
        return rx.el.div(
            rx.el.div(
                ui.link(one.name, to=one.href, class_name="name"),
                rx.cond(one.added != "", rx.el.div(one.added, class_name="mute small")),
                class_name="grow",
            ),
            rx.cond(one.note != "", rx.el.span(one.note, class_name="mute small")),
            class_name="row between panel-line",
        )

    return ui.panel(
        rx.cond(
            PersonPage.lists.length() > 0,
            rx.el.div(rx.foreach(PersonPage.lists, line), class_name="col g3"),
            rx.el.span(tr("people.in_no_list"), class_name="mute"),
        ),
        title=tr("target_lists.title"),
    )


def _twins_panel() -> rx.Component:
    def line(twin: rx.Var[Fact]) -> rx.Component:
        return rx.el.div(
            ui.text_link(twin.name, twin.href), rx.el.span(twin.value, class_name="mute"), class_name="row between"
        )

    return rx.cond(
        PersonPage.twins.length() > 0,
        ui.panel(
            rx.el.p(tr_with("people.twins_text", count=PersonPage.twins.length()), class_name="mute small"),
            rx.foreach(PersonPage.twins, line),
            title=tr("people.twins"),
        ),
    )


def _facts(found: RecipientDetail, user: Viewer) -> list[Fact]:
    """What is known; what is empty is left out, but the address, whose lack matters."""
    row, language, zone = found.row, user.language, user.time_zone
    account = routes.to(routes.RECIPIENT, recipient_id=row.account_id) if row.account_id else ""
    contacts = routes.to(routes.RECIPIENTS, account=row.id) if row.kind is Kind.ACCOUNT else ""
    no_address = "suppressions.erased_address" if found.erased_at else "status.no_address"
    known = [
        Fact(say(language, "people.address"), row.address or say(language, no_address)),
        Fact(say(language, "people.account"), row.account, account),
        Fact(say(language, "recipients.company"), row.company if row.company != row.name else ""),
        Fact(
            say(language, "people.kinds.contact"), say(language, "people.show_contacts") if contacts else "", contacts
        ),
        Fact(say(language, "people.language"), format.language_name(language, row.language) if row.language else ""),
        Fact(say(language, "recipients.time_zone"), found.time_zone),
        *(Fact(name, str(value)) for name, value in found.fields.items()),
        Fact(say(language, "people.created"), format.moment(language, zone, row.created_at, data.now())),
    ]
    return [fact for fact in known if fact.value]


def _list(one: ListOfRecipient, user: Viewer) -> ListLine:
    language = user.language
    added = ""
    if one.source is not None:
        moment = format.moment(language, user.time_zone, one.added_at, data.now())
        added = say(language, "people.added", source=say(language, f"people.source.{one.source}"), at=moment)
    notes = [
        *([say(language, "people.state.opted_out")] if one.opted_out else []),
        *([] if one.member else [say(language, "people.no_member")]),
    ]
    return ListLine(one.id, one.name, routes.to(routes.TARGET_LIST, list_id=one.id), added, " · ".join(notes))
