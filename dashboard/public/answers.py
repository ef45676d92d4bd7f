"""What every public address needs: its token read, its visitor, and the answers that lead nowhere."""

import time
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from dashboard import data
from dashboard.public import page
from models import db, outbound_emails, token_key
from models.catalogue import text
from models.machine import AGENT_LENGTH
from models.tracking import Purpose, own_keys, read_token, version_of

Endpoint = Callable[[Request], Awaitable[Response]]

NO_STORE: Final = {"Cache-Control": "no-store, private", "Referrer-Policy": "no-referrer"}

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""The field of RFC 8058's POST."""

_LONGEST_FORM: Final = 64 * 1024
_MOST_FIELDS: Final = 2000
_LOOK_AGAIN: Final = 1.0  # seconds between two looks for a key version that this process has not seen
_last_look = 0.0


async def token_in(request: Request, *allowed: Purpose) -> tuple[Purpose, int] | None:
    """(purpose, id) of the address's token; None for one that is none."""
    return await read(request.path_params["token"], *allowed)


async def read(token: str, *allowed: Purpose) -> tuple[Purpose, int] | None:
    """(purpose, id) of a token. One of a newer key version than this process knows makes it look for that version."""
    found = read_token(token, *allowed)
    if found is None and _may_be_newer(token):
        await data.read(token_key.ring)
        found = read_token(token, *allowed)
    return found


def _may_be_newer(token: str) -> bool:
    """Whether it is worth a look: anybody can write any version into a token."""
    global _last_look  # noqa: PLW0603 - one look a second, of the whole process
    version = version_of(token)
    if version is None or version <= own_keys().current or time.monotonic() - _last_look < _LOOK_AGAIN:
        return False
    _last_look = time.monotonic()
    return True


def visit_of(request: Request) -> tuple[str, str]:
    """(user agent, IP address) as this server sees them."""
    agent = request.headers.get("user-agent", "")[:AGENT_LENGTH].replace("\0", "")
    return agent, request.client.host if request.client else ""


async def form_of(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form that was sent, in their order; None when it is longer than any form of ours. Of multipart,
    which mail programs may send for one-click opt-out (RFC 8058 3.1), that one field."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return None
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return [ONE_CLICK] if all(word.encode() in body for word in ONE_CLICK) else []
    try:
        return parse_qsl(body.decode(errors="replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:  # more fields than any form of ours has
        return None


async def brand_of(sender: str = "") -> page.Brand:
    """The sender as recipients know them; `sender`: of the mass email, where it has its own."""
    setting = await data.read(outbound_emails.read)
    return page.Brand(sender or setting.company or setting.from_name, setting.brand_color, setting.postal_address)


def language_of(request: Request, preferred: str = "") -> str:
    """The recipient's language, else the browser's."""
    return page.language_of(preferred, request.headers.get("accept-language", ""))


async def not_found(request: Request) -> HTMLResponse:
    """A plain 404: forged, cut or foreign."""
    language = language_of(request)
    title = text(language, "public.not_found.title")
    sentence = page.paragraph(text(language, "public.not_found.text"))
    return page.document(await brand_of(), language, title, page.heading(title), sentence, status=404)


def too_long(request: Request) -> Response:
    """413: no form of ours is so long."""
    return PlainTextResponse(text(language_of(request), "public.too_long"), 413, NO_STORE)


def away(request: Request) -> Response:
    """503: what was asked cannot be written down now, so it is not answered either."""
    return PlainTextResponse(text(language_of(request), "public.away"), 503, NO_STORE | {"Retry-After": "5"})


def unless_away(endpoint: Endpoint) -> Endpoint:
    """The same address, which says so while the database is away."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:
            if not db.is_away(error):
                raise
            return away(request)

    return answer
