"""/o pixel and /c click: answered once they are in the books.

HEAD never counts as a person. Link 0 is the one that no person sees. Plain ASGI, for there are thousands a second: what
leads nowhere, or to a page, goes on to the answers that all public addresses share.
"""

import base64
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from dashboard import data
from dashboard.public import page
from dashboard.public.answers import NO_STORE, away, brand_of, language_of, not_found, read
from dashboard.public.hit_writer import HitWriter
from models import db, test_send
from models.errors import EnvoiError
from models.hit import HIDDEN_LINK, Answer, Hit
from models.machine import AGENT_LENGTH, Knock
from models.tracking import Purpose
from models.tracking_url import Destination, TrackingAction

PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_TRACKS: Final = (Purpose.TRACK, Purpose.MAILING_TRACK, Purpose.TEST_TRACK)
_KEPT_BY_NOBODY: Final = [(name.lower().encode(), value.encode()) for name, value in NO_STORE.items()]
_PIXEL_START: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"image/gif"),
        (b"content-length", str(len(PIXEL)).encode()),
        *_KEPT_BY_NOBODY,
    ],
}
_PIXEL_BODY: Final = {"type": "http.response.body", "body": PIXEL}


class Hits:
    """The application of /o/TOKEN.gif and /c/TOKEN/NO, for GET and HEAD."""

    def __init__(self) -> None:
        self._writer = HitWriter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, letter, token, *rest = scope["path"].split("/")
        try:
            other = await (self._pixel if letter == "o" else self._click)(scope, token, rest)
        except Exception as error:
            other = _unwritten(scope, error)
        if other is None:
            await send(_PIXEL_START)
            await send(_PIXEL_BODY)
        else:
            await other(scope, receive, send)

    async def _pixel(self, scope: Scope, token: str, rest: list[str]) -> Response | None:
        """An open. None: the pixel, the same whether it counts or not."""
        found = None if rest else await read(token.removesuffix(".gif"), *_TRACKS)
        if found is None:
            return await not_found(Request(scope))
        if found[0] is Purpose.TEST_TRACK:
            return None
        answer = await self._record(scope, *found, None)
        return await not_found(Request(scope)) if isinstance(answer, EnvoiError) else None

    async def _click(self, scope: Scope, token: str, rest: list[str]) -> Response:
        """A click: to the stored destination and nowhere else, or to the tracking URL's message."""
        found = await read(token, *_TRACKS)
        no = _link_number(rest[0]) if len(rest) == 1 else None
        if found is None or no is None:
            return await not_found(Request(scope))
        answer: Answer
        if found[0] is Purpose.TEST_TRACK:
            answer = await data.read(test_send.find_test_destination, found[1], no)
        else:
            answer = await self._record(scope, *found, no)
        if isinstance(answer, Destination):
            return await _lead_to(scope, answer)
        hidden = answer is None and no == HIDDEN_LINK
        return Response(status_code=204, headers=NO_STORE) if hidden else await not_found(Request(scope))

    async def _record(self, scope: Scope, purpose: Purpose, number: int, no: int | None) -> Answer:
        whose = (number, None) if purpose is Purpose.TRACK else (None, number)
        hit = Hit(whose[0], data.now(), no, mass_email_id=whose[1], knock=_knock(scope))
        return await self._writer.record(hit)


def _knock(scope: Scope) -> Knock:
    """Who asks, as this server sees it, and what they say of how they ask."""
    agent, ahead = "", ""
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent = value.decode("latin-1")[:AGENT_LENGTH].replace("\0", "")
        elif name in {b"sec-purpose", b"purpose", b"x-moz"}:
            ahead += value.decode("latin-1").lower()
    client = scope.get("client")
    return Knock(agent, client[0] if client else "", scope["method"] == "HEAD", "prefetch" in ahead)


def _unwritten(scope: Scope, error: Exception) -> Response:
    """The answer to what is not in the books, or cannot be looked up. Raises what is a fault of ours."""
    if not db.is_away(error):
        raise error
    return away(Request(scope))


def _link_number(typed: str) -> int | None:
    """The number of a link; None for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


async def _lead_to(scope: Scope, destination: Destination) -> Response:
    if destination.action is TrackingAction.REDIRECT:
        return RedirectResponse(destination.url, status_code=302, headers=NO_STORE)
    brand = await brand_of()
    return page.document(brand, language_of(Request(scope)), brand.name, page.message(destination.message))
