"""What Came Back: the mails of the watched mailboxes with their verdicts; those that wait for a decision come first."""

from dataclasses import dataclass
from typing import ClassVar, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.answer import answer_menu, mass_email_cell, verdict_cell
from dashboard.answers.mail_dialog import MailDialog, mail_dialog
from dashboard.answers.words import evidence_said, verdict_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr
from models.answer import are_seen
from models.group_email_account import account_rows
from models.mail_assignment import ignore_all
from models.mail_in import SORTS, TO_DECIDE, MailKind, MailRow, Standing, count_by_standing, mail_page

_VIEWS: Final = {
    "decide": TO_DECIDE,
    "bounces": (Standing.BOUNCED,),
    "complaints": (Standing.COMPLAINED,),
    "opt_outs": (Standing.OPTED_OUT,),
    "replies": (Standing.REPLIED,),
    "other": (Standing.NOTED, Standing.KNOWN, Standing.OTHER, Standing.IGNORED),
}
SPEC: Final = ui.ListSpec(
    route=routes.ANSWERS,
    sorts=SORTS,
    sort="-at",
    filters=(
        ui.Filter("standing", "mail_in.standing", "several", tuple(Standing), "status"),
        ui.Filter("kind", "mail_in.kind", "choice", tuple(MailKind), "mail_in.kind"),
        ui.Filter("account", "mail_in.account", "pick"),
        ui.Filter("person", "mail_in.person", "pick"),
    ),
    views=(
        ui.View("", "mail_in.view.all"),
        *(ui.View(key, f"mail_in.view.{key}", {"standing": ",".join(which)}) for key, which in _VIEWS.items()),
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A mail as its row shows it. `whose` "": nobody is known; then `about` is the address that it names."""

    id: int
    at: str
    full: str
    standing: str
    verdict: str
    evidence: str
    subject: str
    sender: str
    whose: str
    whose_href: str
    about: str
    mass_email: str
    mass_email_href: str


class Answers(ui.ListState, rx.State):
    """The mails as the address asks for them. `watched`: an account or a webhook is active."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    watched: bool = True

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked, kind = self._asked(), self._asked().get("kind")
        standings = [Standing(one) for one in (asked.get("standing") or "").split(",") if one]
        found, total = await data.read(
            mail_page,
            standings=standings,
            kind=MailKind(kind) if kind else None,
            account_id=asked.number("account"),
            recipient_id=asked.number("person"),
            text=asked.text,
            sort=asked.sort,
            page=asked.page,
            size=asked.size,
        )
        counts = await data.read(count_by_standing)
        accounts = await data.read(account_rows)
        self.watched = await data.read(are_seen)
        self.rows = [_line(row, user) for row in found]
        people = {str(row.recipient_id): row.person for row in found if row.recipient_id}
        self._show(
            user,
            total,
            options={
                "account": [ui.Option(str(account.id), account.name) for account in accounts],
                "person": [ui.Option(value, name) for value, name in people.items()],
            },
            view_counts={"decide": sum(counts.get(one, 0) for one in TO_DECIDE)},
        )

    @allowed(Right.EDIT)
    async def ignore_chosen(self, user: Viewer):
        """Nothing follows from the chosen mails, as far as they wait for a decision."""
        done = await data.run(ignore_all, list(self.selected), data.now(), by=user.email)
        await ui.tell(self, say(user.language, "mail_in.ignored_many", count=done))
        return Answers.load


def answers_page() -> rx.Component:
    """The page, part by part."""
    accounts = ui.button(tr("nav.group_email_accounts"), icon_name="inbox", to=routes.GROUP_EMAIL_ACCOUNTS)
    return ui.page(
        ui.page_header(tr("nav.answers"), facts=[tr("mail_in.about_page")], acts=[accounts]),
        rx.cond(
            Answers.shown & ~Answers.watched,
            ui.note(
                tr("group_account.not_watched_text"),
                title=tr("group_account.not_watched"),
                tone="warn",
                end=ui.text_link(tr("group_account.set_up"), routes.GROUP_EMAIL_ACCOUNTS),
            ),
        ),
        ui.list_panel(
            Answers,
            _columns(),
            search=tr("mail_in.search"),
            bulk=[ui.for_editors(ui.button(tr("mail_in.ignore"), small=True, on_click=Answers.ignore_chosen()))],
            menu=answer_menu(MailDialog.open_one, "mail_in.read"),
            name=lambda row: row.subject,
            none_yet=ui.empty(tr("mail_in.none"), tr("mail_in.none_text"), icon_name="inbox"),
            two_lines=True,
            label=tr("nav.answers"),
        ),
        mail_dialog(),
        here="answers",
        crumbs=[(tr("nav.answers"), routes.ANSWERS)],
    )


def _columns() -> list[ui.Column]:
    return [
        ui.Column("subject", tr("mail_in.mail"), _mail, sort="subject", phone=1, fixed=True, named=True),
        ui.status_column("standing", tr("mail_in.standing"), lambda row: row.standing, Standing, phone=2),
        ui.Column("verdict", tr("mail_in.verdict"), verdict_cell, cut=True, wide=True),
        ui.Column("whose", tr("mail_in.person"), _whose, phone=3, cut=True),
        ui.Column("mass_email", tr("log.mass_email"), mass_email_cell, cut=True, low=True),
        ui.time_column("at", tr("mail_in.came"), lambda row: row.at, lambda row: row.full, sort="at", phone=4),
    ]


def _mail(row: rx.Var[Line]) -> rx.Component:
    opens = rx.el.button(
        row.subject, type="button", class_name="link", title=row.subject, on_click=MailDialog.open_one(row.id)
    )
    return rx.fragment(opens, rx.el.span(row.sender, class_name="sub"))


def _whose(row: rx.Var[Line]) -> rx.Component:
    person = ui.link(row.whose, to=row.whose_href)
    return rx.cond(row.whose_href != "", person, rx.el.span(row.about, class_name="mute", title=row.about))


def _line(row: MailRow, user: Viewer) -> Line:
    language, mass_email = user.language, row.mass_email_id
    return Line(
        id=row.id,
        at=format.moment(language, user.time_zone, row.at, data.now()),
        full=format.full_moment(language, user.time_zone, row.at),
        standing=row.standing,
        verdict=verdict_said(language, row),
        evidence=evidence_said(row),
        subject=row.subject or say(language, "mail_in.no_subject"),
        sender=row.from_address,
        whose=row.person,
        whose_href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id) if row.recipient_id else "",
        about=row.address,
        mass_email=row.mass_email,
        mass_email_href=routes.to(routes.MASS_EMAIL, mass_email_id=mass_email) if mass_email else "",
    )
