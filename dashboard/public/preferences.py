"""/p preferences: every list of an address, taken or left one by one, and "everything". GET shows, POST acts."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dashboard import data
from dashboard.public import page
from dashboard.public.answers import brand_of, form_of, language_of, not_found, token_in, too_long, visit_of
from models import consent, log_record
from models.address import EVERYTHING
from models.catalogue import text
from models.consent import Preferences
from models.errors import NotFound
from models.tracking import Purpose

_VIEWS: Final = {Purpose.CONSENT: consent.get_preferences, Purpose.TEST_CONSENT: consent.get_test_preferences}
STOP: Final = "stop"
"""The field of the button that declines everything."""
START: Final = "start"
"""The field of the button that lifts that."""


async def preferences_page(request: Request) -> Response:
    """What the address has chosen; nothing changes by looking."""
    found = await _find(request)
    return await _page(request, found[1]) if found else await not_found(request)


async def save_preferences(request: Request) -> Response:
    """Take and leave what was chosen, durably, and show what is now."""
    found, form = await _find(request), await form_of(request)
    if found is None:
        return await not_found(request)
    if form is None:
        return too_long(request)
    number, before = found
    if before.is_test:
        return await _page(request, before, saved=True)
    if choices := _choices(before, form):
        told = {"visit": visit_of(request), "durable": True}
        await data.run(log_record.record_preferences, number, choices, data.now(), **told)
    return await _page(request, await data.read(consent.get_preferences, number), saved=True)


async def _find(request: Request) -> tuple[int, Preferences] | None:
    token = await token_in(request, Purpose.CONSENT, Purpose.TEST_CONSENT)
    if token is None:
        return None
    try:
        return token[1], await data.read(_VIEWS[token[0]], token[1])
    except NotFound:
        return None


def _choices(now: Preferences, form: list[tuple[str, str]]) -> Mapping[int, bool]:
    """What the form decides, by list: what it offered and is this address's to choose. Whoever gets nothing and takes
    nothing leaves things as they are."""
    fields = {name for name, _ in form}
    if STOP in fields or START in fields:
        return {EVERYTHING: STOP not in fields}
    offered, wanted = _numbers(form, "offered"), _numbers(form, "list")
    chosen = {list_id: list_id in wanted for list_id in sorted(offered & now.ids)}
    return {} if now.nothing and not any(chosen.values()) else chosen


def _numbers(form: list[tuple[str, str]], field: str) -> set[int]:
    typed = (value for name, value in form if name == field)
    return {int(value) for value in typed if value.isascii() and value.isdigit() and len(value) < 18}


async def _page(request: Request, view: Preferences, *, saved: bool = False) -> Response:
    language, token = language_of(request, view.language), request.path_params["token"]
    title = text(language, "public.preferences.saved" if saved else "public.preferences.title")
    whose = text(language, "public.preferences.whose", address=view.address)
    parts = [page.heading(title, done=saved), page.paragraph(whose, bold=(view.address,))]
    if view.nothing:
        parts.append(page.note(text(language, "public.preferences.nothing")))
    offered = [page.Choice(str(one.id), one.name, one.wanted and not view.nothing) for one in view.lists]
    if offered:
        parts.append(page.choices(f"/p/{token}", "list", offered, text(language, "public.preferences.save")))
    else:
        parts.append(Markup('<p class="mute">{}</p>').format(text(language, "public.preferences.no_lists")))
    name, key = (START, "public.preferences.start") if view.nothing else (STOP, "public.preferences.stop")
    parts.append(page.quiet_button(f"/p/{token}", name, text(language, key)))
    if view.is_test:
        parts.append(page.note(text(language, "public.test")))
    return page.document(await brand_of(view.sender), language, title, *parts)
