"""Create or edit a recipient, in a dialog."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.people import kind_choices
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.catalogue import Problem
from models.errors import Conflict, Invalid
from models.recipient import Kind, create_recipient, edit_recipient
from models.recipient_filter import RecipientFilter
from models.recipient_page import RecipientDetail, get_recipient, recipient_page

TEXTS: Final = ("first_name", "last_name", "company", "address", "language", "time_zone")
LABELS: Final = {
    **{name: f"recipients.{name}" for name in TEXTS},
    "account_id": "people.account",
    "fields": "recipients.fields",
}
OFFERED: Final = 20


class RecipientForm(ui.FormState, rx.State):
    """`editing`: the recipient's id, 0 for a new one. `kind` decides which fields there are."""

    editing: int = 0
    kind: str = Kind.CONTACT.value
    accounts: list[ui.Option] = []
    _fields: dict[str, Any] = {}

    @allowed(Right.EDIT)
    async def create_new(self, user: Viewer, kind: str = ""):
        self.editing, self._fields = 0, {}
        self.kind = kind if kind in list(Kind) else Kind.CONTACT.value
        self.accounts = await _accounts("")
        self._open({name: "" for name in LABELS} | {"kind": self.kind})

    @allowed(Right.EDIT)
    async def edit_one(self, user: Viewer, person_id: int):
        found = await data.read(get_recipient, int(person_id))
        self.editing, self.kind, self._fields = found.row.id, found.row.kind, found.fields
        self.accounts = await _accounts("", found)
        self._open(_stored(found), found.revision)

    @allowed(Right.EDIT)
    async def choose_kind(self, user: Viewer, kind: str):
        self.kind = kind if kind in list(Kind) else self.kind

    @allowed(Right.EDIT)
    async def find_accounts(self, user: Viewer, text: str):
        self.accounts = await _accounts(str(text)[:120])

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        if not self.form_open:  # pressed twice: the first one did it
            return None
        try:
            values = _read(ui.Typed(given), Kind(self.kind), self._fields)
            if self.editing:
                await data.run(edit_recipient, self.editing, self._revision, values, data.now())
            else:
                made = await data.run(create_recipient, {**values, "kind": self.kind}, data.now())
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            found = await data.read(get_recipient, self.editing)
            labels = {name: say(user.language, label) for name, label in LABELS.items()}
            return self._collide(user, error, _stored(found), found.revision, labels)
        self._close()
        if self.editing:
            await ui.tell(self, say(user.language, "recipients.saved"))
            return rx.redirect(self.router.url.path, replace=True)
        await ui.tell(self, say(user.language, "recipients.created"))
        return rx.redirect(routes.to(routes.RECIPIENT, recipient_id=made))


def recipient_form() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    form = RecipientForm
    zones = rx.el.datalist(*[rx.el.option(value=zone) for zone in sorted(available_timezones())], id="zones")
    return ui.form_dialog(
        form,
        rx.cond(
            form.editing == 0,
            ui.select_field(form, "kind", tr("people.kind"), kind_choices(), on_change=form.choose_kind, whole=True),
        ),
        rx.cond(
            form.kind != Kind.ACCOUNT.value,
            rx.fragment(
                ui.text_field(form, "first_name", tr("recipients.first_name"), max_length=100),
                ui.text_field(form, "last_name", tr("recipients.last_name"), max_length=100),
            ),
        ),
        ui.text_field(form, "address", tr("people.address"), kind="email", max_length=254),
        ui.text_field(
            form,
            "company",
            rx.cond(form.kind == Kind.ACCOUNT.value, tr("recipients.account_name"), tr("recipients.company")),
            max_length=200,
        ),
        rx.cond(
            form.kind == Kind.CONTACT.value,
            ui.lists_field(
                form,
                "account_id",
                tr("people.account"),
                form.accounts,
                on_search=form.find_accounts,
                optional=True,
            ),
        ),
        ui.text_field(
            form,
            "language",
            tr("people.language"),
            hint=tr("recipients.language_hint"),
            max_length=16,
            auto_complete="off",
            optional=True,
        ),
        rx.fragment(
            ui.text_field(
                form,
                "time_zone",
                tr("recipients.time_zone"),
                max_length=64,
                auto_complete="off",
                list="zones",
                optional=True,
            ),
            zones,
        ),
        ui.text_area(form, "fields", tr("recipients.fields"), hint=tr("recipients.fields_hint"), rows=4, optional=True),
        title=rx.cond(form.editing > 0, tr("recipients.edit"), tr("recipients.create")),
        on_submit=form.save,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("recipients.create")),
    )


async def _accounts(text: str, of: RecipientDetail | None = None) -> list[ui.Option]:
    """The accounts that a text finds; the one a contact has among them."""
    found, _ = await data.read(recipient_page, RecipientFilter(text=text, kind=Kind.ACCOUNT), "name", 1, OFFERED)
    options = {str(row.id): ui.Option(str(row.id), row.name, row.address) for row in found}
    if of is not None and of.row.account_id is not None:
        options.setdefault(str(of.row.account_id), ui.Option(str(of.row.account_id), of.row.account))
    return list(options.values())


def _stored(found: RecipientDetail) -> dict[str, str]:
    row = found.row
    return {
        "kind": row.kind,
        "first_name": found.first_name,
        "last_name": found.last_name,
        "company": row.company,
        "address": row.address,
        "language": row.language,
        "time_zone": found.time_zone,
        "account_id": str(row.account_id or ""),
        "fields": "\n".join(f"{name} = {value}" for name, value in found.fields.items()),
    }


def _read(typed: ui.Typed, kind: Kind, before: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the form. Raises Invalid for a line that is no field, and for several accounts."""
    values: dict[str, Any] = {name: typed.text(name) for name in TEXTS}
    values["fields"] = _fields(typed, before)
    if kind is Kind.ACCOUNT:
        values |= {"first_name": "", "last_name": ""}
    if kind is Kind.CONTACT:
        accounts = typed.ids("account_id")
        if len(accounts) > 1:
            typed.problems["account_id"] = Problem("recipients.one_account")
        values["account_id"] = accounts[0] if accounts else None
    typed.check()
    return values


def _fields(typed: ui.Typed, before: Mapping[str, Any]) -> dict[str, Any]:
    """Custom fields, one "name = value" a line; a number that was not touched stays a number."""
    fields: dict[str, Any] = {}
    for line in typed.text("fields").splitlines():
        name, sign, value = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not sign or not name:
            typed.problems["fields"] = Problem("recipients.not_a_field", line=line.strip()[:60])
        fields[name] = before[name] if str(before.get(name)) == value else value
    return fields
