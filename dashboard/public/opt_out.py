"""/u opt-out: GET asks, POST acts (scanners follow links). RFC 8058's POST answers 200 without a cookie, a redirect or
a question."""

from collections.abc import Callable
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dashboard import data
from dashboard.public import page
from dashboard.public.answers import ONE_CLICK, brand_of, form_of, language_of, not_found, token_in, too_long, visit_of
from models import consent, log_record
from models.catalogue import text
from models.consent import ConsentView
from models.errors import NotFound
from models.log_record import EventSource
from models.tracking import Purpose

Draw = Callable[[str, str, ConsentView], tuple[str, ...]]
"""(token, language, view) → the title and the parts of a page."""
Act = Callable[..., int]
_VIEWS: Final = {Purpose.CONSENT: consent.get_consent, Purpose.TEST_CONSENT: consent.get_test_consent}


async def opt_out_page(request: Request) -> Response:
    """The question, and nothing changed."""
    return await _consent(request, _question)


async def opt_out(request: Request) -> Response:
    """The act, by the page's button or by RFC 8058's one click; doing it twice changes nothing more."""
    form = await form_of(request)
    if form is None:
        return too_long(request)
    one_click = ONE_CLICK in form
    source = EventSource.ONE_CLICK if one_click else EventSource.PUBLIC_PAGE
    return await _consent(request, _done, log_record.record_opted_out, source)


async def opt_in(request: Request) -> Response:
    """Subscribe again: added to the history, nothing erased from it."""
    return await _consent(request, _back, log_record.record_opted_in, EventSource.PUBLIC_PAGE)


async def _consent(
    request: Request, draw: Draw, act: Act | None = None, source: EventSource = EventSource.PUBLIC_PAGE
) -> Response:
    found = await token_in(request, Purpose.CONSENT, Purpose.TEST_CONSENT)
    if found is None:
        return await not_found(request)
    purpose, number = found
    try:
        view = await data.read(_VIEWS[purpose], number)
    except NotFound:
        return await not_found(request)
    if act is not None and not view.is_test:
        await data.run(act, number, data.now(), source=source, visit=visit_of(request), durable=True)
    language = language_of(request, view.language)
    title, *parts = draw(request.path_params["token"], language, view)
    if view.is_test:
        parts.append(page.note(text(language, "public.test")))
    return page.document(await brand_of(view.sender), language, title, *parts)


def _question(token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    title = text(language, "public.opt_out.title")
    key = "public.opt_out.everything" if view.entirely else "public.opt_out.lists"
    lists = page.enumerate_names(language, view.lists)
    return (
        title,
        page.heading(title),
        page.paragraph(text(language, key, lists=lists, address=view.address), bold=(*view.lists, view.address)),
        page.button(f"/u/{token}", text(language, "public.opt_out.act")),
        page.link(f"/p/{token}", text(language, "public.preferences.choose")),
    )


def _done(token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    return (
        *_changed(language, view, "public.opt_out.done"),
        Markup('<p class="mute">{}</p>').format(text(language, "public.opt_in.mistake")),
        page.button(f"/u/{token}/again", text(language, "public.opt_in.act"), second=True),
        page.link(f"/p/{token}", text(language, "public.preferences.choose")),
    )


def _back(token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    return (
        *_changed(language, view, "public.opt_in.title", "public.opt_in.done"),
        page.link(f"/p/{token}", text(language, "public.preferences.choose")),
    )


def _changed(language: str, view: ConsentView, title_key: str, stem: str = "") -> tuple[str, ...]:
    title = text(language, title_key)
    stem = stem or title_key
    lists = page.enumerate_names(language, view.lists)
    sentence = text(language, f"{stem}_everything" if view.entirely else f"{stem}_lists", lists=lists)
    return title, page.heading(title, done=True), page.paragraph(sentence, bold=view.lists)
