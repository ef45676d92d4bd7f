"""What an author may put in at the caret: placeholders, and the tracking URLs of a campaign."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.preview import PickLine, TemplatePreview
from dashboard.i18n import say, tr, tr_with
from models.campaign_page import CampaignFilter, campaign_page
from models.tracking_url import tracking_url_page

LONGEST = 60
MOST = 60
OFFERED = 500


@dataclass(frozen=True, slots=True)
class UrlLine:
    """A tracking URL that may be put in."""

    code: str
    name: str
    campaign: str


class TemplatePickers(rx.State):
    """`text`: what is looked for among the placeholders; `campaign`: whose tracking URLs are shown, "" all."""

    text: str = ""
    campaign: str = ""
    campaigns: list[ui.Option] = []
    urls: list[UrlLine] = []

    @rx.var
    async def found(self) -> list[PickLine]:
        """The placeholders that have the words in them, or say them to the person shown."""
        choices = await self.get_var_value(TemplatePreview.choices)
        wanted = self.text.lower()
        return [one for one in choices if wanted in one.code.lower() or wanted in one.value.lower()][:MOST]

    @allowed(Right.EDIT)
    async def find(self, user: Viewer, text: str):
        self.text = str(text)[:LONGEST].strip()

    @allowed(Right.EDIT)
    async def open_placeholders(self, user: Viewer, is_open: bool):
        self.text = ""

    @allowed(Right.EDIT)
    async def open_urls(self, user: Viewer, is_open: bool):
        if is_open is not True:
            return
        found, _ = await data.read(campaign_page, CampaignFilter(), "-created", 1, OFFERED)
        every = ui.Option("", say(user.language, "templates.every_campaign"))
        self.campaigns = [every, *(ui.Option(str(row.id), row.name) for row in found)]
        await self._read_urls()

    @allowed(Right.EDIT)
    async def choose_campaign(self, user: Viewer, campaign: str):
        self.campaign = campaign if str(campaign).isascii() and str(campaign).isdigit() else ""
        await self._read_urls()

    async def _read_urls(self) -> None:
        of = int(self.campaign) if self.campaign else None
        rows, _ = await data.read(tracking_url_page, campaign_id=of, sort="-created_at", page=1, size=MOST)
        self.urls = [UrlLine(row.placeholder, row.name, row.campaign) for row in rows]

    def _clear(self) -> None:
        self.text, self.campaign, self.campaigns, self.urls = "", "", [], []


def placeholder_picker() -> rx.Component:
    """The button that opens the placeholders."""
    state = TemplatePickers
    return _picker(
        "braces",
        tr("templates.placeholder"),
        "placeholder-picker",
        rx.el.div(
            rx.el.span(tr_with("templates.for_person", name=TemplatePreview.name), class_name="trunc"),
            rx.el.span(tr("templates.filled")),
            class_name="mh row between",
        ),
        rx.el.label(
            ui.icon("search", 15),
            ui.spoken(tr("templates.find_placeholder")),
            rx.el.input(
                placeholder=tr("templates.find_placeholder"),
                on_change=state.find.debounce(120),
                default_value="",
                auto_complete="off",
            ),
            class_name="in pick-search",
        ),
        rx.el.div(rx.foreach(state.found, _placeholder), class_name="picks"),
        on_open=state.open_placeholders,
    )


def tracking_url_picker() -> rx.Component:
    """The button that opens the tracking URLs, by campaign."""
    state = TemplatePickers
    return _picker(
        "link",
        tr("templates.tracking_url"),
        "tracking-url-picker",
        rx.el.label(
            ui.spoken(tr("tracking_urls.campaign")),
            rx.el.select(
                rx.foreach(state.campaigns, lambda option: rx.el.option(option.label, value=option.value)),
                value=state.campaign,
                on_change=state.choose_campaign,
            ),
            ui.icon("chevron-down", 15),
            class_name="in select pick-search",
        ),
        rx.cond(
            state.urls.length() > 0,
            rx.el.div(rx.foreach(state.urls, _url), class_name="picks"),
            rx.el.div(tr("templates.no_tracking_url"), class_name="mh"),
        ),
        rx.el.div(
            rx.el.a(
                tr("templates.manage_tracking_urls"), href=routes.TRACKING_URLS, target="_blank", class_name="link"
            ),
            class_name="mh",
        ),
        on_open=state.open_urls,
    )


def _picker(icon_name: str, label: Any, element_id: str, *inside: Any, on_open: Any) -> rx.Component:
    trigger = rx.el.button(ui.icon(icon_name, 15), rx.el.span(label), type="button", class_name="btn sm", id=element_id)
    return rx.popover.root(
        rx.popover.trigger(trigger),
        rx.popover.content(
            *inside,
            class_name="menu pick-list",
            align="end",
            aria_label=label,
            on_close_auto_focus=rx.prevent_default,
        ),
        on_open_change=on_open,
    )


def _item(code: rx.Var[str], *shown: Any) -> rx.Component:
    """Pressed, the browser puts the code in by itself (source_editor.js)."""
    return rx.popover.close(
        rx.el.button(*shown, type="button", class_name="item", custom_attrs={"data-insert": code}, title=code)
    )


def _placeholder(choice: rx.Var[PickLine]) -> rx.Component:
    return _item(
        choice.code,
        rx.el.code(choice.code),
        rx.el.span(choice.value, class_name="mute small trunc"),
        rx.el.span(choice.filled, class_name="end num"),
    )


def _url(url: rx.Var[UrlLine]) -> rx.Component:
    return _item(
        url.code,
        rx.el.span(url.name, class_name="strong trunc"),
        rx.el.span(url.campaign, class_name="end trunc"),
    )
