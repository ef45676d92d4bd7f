"""/o pixel and /c click: answered once they are in the books.

HEAD never counts as a person. Link 0 is the one that no person sees.
"""

import base64
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard import data
from dashboard.public import page
from dashboard.public.answers import NO_STORE, away, brand_of, knock_of, language_of, not_found, token_in
from dashboard.public.hit_writer import HitWriter
from models import db, test_send
from models.errors import EnvoiError
from models.hit import HIDDEN_LINK, Answer, Hit
from models.tracking import Purpose
from models.tracking_url import Destination, TrackingAction

PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_TRACKS: Final = (Purpose.TRACK, Purpose.MAILING_TRACK, Purpose.TEST_TRACK)


async def pixel(request: Request) -> Response:
    """An open. The answer is the same whether it counts or not."""
    found = await token_in(request, *_TRACKS)
    if found is None:
        return await not_found(request)
    if found[0] is not Purpose.TEST_TRACK:
        try:
            answer = await _record(request, *found, None)
        except Exception as error:
            return _unwritten(request, error)
        if isinstance(answer, EnvoiError):
            return await not_found(request)
    return Response(PIXEL, media_type="image/gif", headers=NO_STORE)


async def click(request: Request) -> Response:
    """A click: to the stored destination and nowhere else, or to the tracking URL's message."""
    found, no = await token_in(request, *_TRACKS), _link_number(request.path_params["no"])
    if found is None or no is None:
        return await not_found(request)
    answer: Answer
    if found[0] is Purpose.TEST_TRACK:
        answer = await data.read(test_send.find_test_destination, found[1], no)
    else:
        try:
            answer = await _record(request, *found, no)
        except Exception as error:
            return _unwritten(request, error)
    if isinstance(answer, Destination):
        return await _lead_to(request, answer)
    return (
        Response(status_code=204, headers=NO_STORE)
        if answer is None and no == HIDDEN_LINK
        else await not_found(request)
    )


async def _record(request: Request, purpose: Purpose, number: int, no: int | None) -> Answer:
    whose = (number, None) if purpose is Purpose.TRACK else (None, number)
    hit = Hit(whose[0], data.now(), no, mass_email_id=whose[1], knock=knock_of(request))
    return await _writer(request).record(hit)


def _writer(request: Request) -> HitWriter:
    """The one of this process's app."""
    state = request.app.state
    if not hasattr(state, "hits"):
        state.hits = HitWriter()
    writer: HitWriter = state.hits
    return writer


def _unwritten(request: Request, error: Exception) -> Response:
    """The answer to a hit that is not in the books. Raises what is a fault of ours."""
    if not db.is_away(error):
        raise error
    return away(request)


def _link_number(typed: str) -> int | None:
    """The number of a link; None for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


async def _lead_to(request: Request, destination: Destination) -> Response:
    if destination.action is TrackingAction.REDIRECT:
        return RedirectResponse(destination.url, status_code=302, headers=NO_STORE)
    brand = await brand_of()
    return page.document(brand, language_of(request), brand.name, page.message(destination.message))
