"""The public addresses: /o pixel, /c click, /u opt-out.

A token that is forged, cut or foreign gets a plain 404 page and logs nothing (D17). GET never changes consent; RFC
8058's POST answers 200 without a cookie, a redirect or a question.
"""

import base64
from collections.abc import Callable
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import data
from dashboard.public import page
from models import consent, log_record, outbound_emails, test_send
from models.catalogue import text
from models.consent import ConsentView
from models.errors import NotFound
from models.log_record import EventSource, MachineReason
from models.tracking import Purpose, read_token
from models.tracking_url import Destination, TrackingAction

PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NO_STORE: Final = {"Cache-Control": "no-store, private", "Referrer-Policy": "no-referrer"}
_AGENT_LENGTH: Final = 400

Draw = Callable[[str, str, ConsentView], tuple[str, ...]]
"""(token, language, view) → the title and the parts of a page."""
Act = Callable[..., int]
_VIEWS: Final = {Purpose.CONSENT: consent.get_consent, Purpose.TEST_CONSENT: consent.get_test_consent}


async def pixel(request: Request) -> Response:
    """An open. The answer is the same whether it counts or not."""
    found = read_token(request.path_params["token"], Purpose.TRACK, Purpose.TEST_TRACK)
    if found is None:
        return await _not_found(request)
    purpose, number = found
    if purpose is Purpose.TRACK:
        told = {"machine": _machine(request), "visit": _visit(request)}
        try:
            await data.run(log_record.record_opened, number, data.now(), **told)
        except NotFound:
            return await _not_found(request)
    return Response(PIXEL, media_type="image/gif", headers=_NO_STORE)


async def click(request: Request) -> Response:
    """A click: to the stored destination and nowhere else, or to the tracking URL's message."""
    found = read_token(request.path_params["token"], Purpose.TRACK, Purpose.TEST_TRACK)
    if found is None:
        return await _not_found(request)
    purpose, number = found
    no = _link_number(request.path_params["no"])
    try:
        if purpose is Purpose.TEST_TRACK:
            destination = await data.read(test_send.find_test_destination, number, no)
        else:
            destination = await data.run(
                log_record.record_clicked, number, no, data.now(), machine=_machine(request), visit=_visit(request)
            )
    except NotFound:
        return await _not_found(request)
    return await _lead_to(request, destination) if destination else await _not_found(request)


def _link_number(typed: str) -> int:
    """The number of a link; 0, which no link has, for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


async def _lead_to(request: Request, destination: Destination) -> Response:
    if destination.action is TrackingAction.REDIRECT:
        return RedirectResponse(destination.url, status_code=302, headers=_NO_STORE)
    brand, language = await _brand(), page.language_of("", request.headers.get("accept-language", ""))
    return page.document(brand, language, brand.name, page.message(destination.message))


async def opt_out_page(request: Request) -> Response:
    """The question, and nothing changed: scanners follow links."""
    return await _consent(request, _question)


async def opt_out(request: Request) -> Response:
    """The act, by the page's button or by RFC 8058's one click; doing it twice changes nothing more."""
    source = EventSource.ONE_CLICK if await _is_one_click(request) else EventSource.PUBLIC_PAGE
    return await _consent(request, _done, log_record.record_opted_out, source)


async def opt_in(request: Request) -> Response:
    """Subscribe again: added to the history, nothing erased from it."""
    return await _consent(request, _back, log_record.record_opted_in, EventSource.PUBLIC_PAGE)


async def _consent(
    request: Request, draw: Draw, act: Act | None = None, source: EventSource = EventSource.PUBLIC_PAGE
) -> Response:
    found = read_token(request.path_params["token"], Purpose.CONSENT, Purpose.TEST_CONSENT)
    if found is None:
        return await _not_found(request)
    purpose, number = found
    try:
        view = await data.read(_VIEWS[purpose], number)
    except NotFound:
        return await _not_found(request)
    if act is not None and not view.is_test:
        await data.run(act, number, data.now(), source=source, visit=_visit(request), durable=True)
    language = page.language_of(view.language, request.headers.get("accept-language", ""))
    brand = await _brand(view.sender)
    title, *parts = draw(request.path_params["token"], language, view)
    if view.is_test:
        parts.append(page.note(text(language, "public.test")))
    return page.document(brand, language, title, *parts)


def _question(token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    title = text(language, "public.opt_out.title")
    key = "public.opt_out.everything" if view.entirely else "public.opt_out.lists"
    lists = page.enumerate_names(language, view.lists)
    return (
        title,
        page.heading(title),
        page.paragraph(text(language, key, lists=lists, address=view.address), bold=(*view.lists, view.address)),
        page.button(f"/u/{token}", text(language, "public.opt_out.act")),
    )


def _done(token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    return (
        *_changed(language, view, "public.opt_out.done"),
        Markup('<p class="mute">{}</p>').format(text(language, "public.opt_in.mistake")),
        page.button(f"/u/{token}/again", text(language, "public.opt_in.act"), second=True),
    )


def _back(_token: str, language: str, view: ConsentView) -> tuple[str, ...]:
    return _changed(language, view, "public.opt_in.title", "public.opt_in.done")


def _changed(language: str, view: ConsentView, title_key: str, stem: str = "") -> tuple[str, ...]:
    title = text(language, title_key)
    stem = stem or title_key
    lists = page.enumerate_names(language, view.lists)
    sentence = text(language, f"{stem}_everything" if view.entirely else f"{stem}_lists", lists=lists)
    return title, page.heading(title, done=True), page.paragraph(sentence, bold=view.lists)


async def _is_one_click(request: Request) -> bool:
    """RFC 8058 3.1: the body is List-Unsubscribe=One-Click, form encoded or multipart."""
    return b"List-Unsubscribe=One-Click" in await request.body() or (
        "multipart/form-data" in request.headers.get("content-type", "") and b"One-Click" in await request.body()
    )


async def _brand(sender: str = "") -> page.Brand:
    setting = await data.read(outbound_emails.read)
    return page.Brand(sender or setting.company or setting.from_name, setting.brand_color, setting.postal_address)


async def _not_found(request: Request) -> HTMLResponse:
    language = page.language_of("", request.headers.get("accept-language", ""))
    title = text(language, "public.not_found.title")
    sentence = page.paragraph(text(language, "public.not_found.text"))
    return page.document(await _brand(), language, title, page.heading(title), sentence, status=404)


def _machine(request: Request) -> MachineReason:
    """HEAD, and what browsers say when they fetch ahead, is no person’s act."""
    if request.method == "HEAD":
        return MachineReason.HEAD_REQUEST
    purpose = (
        request.headers.get("sec-purpose", "") + request.headers.get("purpose", "") + request.headers.get("x-moz", "")
    )
    return MachineReason.PREFETCH if "prefetch" in purpose.lower() else MachineReason.HUMAN


def _visit(request: Request) -> tuple[str, str]:
    """(user agent, IP address) as this server saw them."""
    return request.headers.get("user-agent", "")[:_AGENT_LENGTH], request.client.host if request.client else ""


ROUTES: Final = [
    Route("/o/{token}.gif", pixel, methods=["GET"]),
    Route("/o/{token}", pixel, methods=["GET"]),
    Route("/c/{token}/{no}", click, methods=["GET"]),
    Route("/u/{token}", opt_out_page, methods=["GET"]),
    Route("/u/{token}", opt_out, methods=["POST"]),
    Route("/u/{token}/again", opt_in, methods=["POST"]),
    *(Route(f"/{letter}/{{rest:path}}", _not_found) for letter in "ocu"),
]
