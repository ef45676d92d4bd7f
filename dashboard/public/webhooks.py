"""/hooks webhooks: what providers report. 2xx only once it is committed; 4xx for what is not trusted.

A delivery that is not trusted changes nothing but the trouble that the page shows, and that not more often than every
few seconds.
"""

import asyncio
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard import data
from dashboard.public.answers import NO_STORE, away
from jobs import sns
from models import webhook
from models.catalogue import text
from models.errors import Unavailable
from models.webhook import Endpoint
from models.webhook_delivery import MOST_OCTETS, Delivery, Posted, Untrusted
from models.webhook_intake import portions, take_events
from models.webhook_reading import certificate_url, read_delivery
from models.webhook_table import Trouble

_log = logging.getLogger("envoi.webhooks")

_STATUS: Final = {
    Trouble.UNREADABLE: 400,
    Trouble.TOO_LONG: 413,
    Trouble.UNSIGNED: 401,
    Trouble.CREDENTIALS: 401,
    Trouble.NO_KEY: 503,  # the provider tries again, and by then the key may be here
    Trouble.NOT_CONFIRMED: 503,
}
_REFUSED: Final = 403
_LONGEST_KEY: Final = 64


async def take_delivery(request: Request) -> Response:
    """Whatever a provider posts."""
    try:
        endpoint = await _endpoint(request)
        if endpoint is None:
            return PlainTextResponse(text("en", "public.not_found.title"), 404, NO_STORE)
        return await _take(request, endpoint)
    except Unavailable as error:
        _log.error("A webhook cannot be read: %s", error)
        return away(request)


async def _endpoint(request: Request) -> Endpoint | None:
    key: str = request.path_params["key"]
    return await data.read(webhook.find_endpoint, key) if len(key) <= _LONGEST_KEY else None


async def _take(request: Request, endpoint: Endpoint) -> Response:
    try:
        delivery = await _trusted(request, endpoint)
        await _follow(endpoint, delivery)
    except Untrusted as refused:
        return await _refuse(endpoint, refused.trouble)
    except sns.Away as error:
        _log.warning("Amazon SNS: %s", error)
        return await _refuse(endpoint, Trouble.NOT_CONFIRMED)
    return PlainTextResponse("", 200, NO_STORE)


async def _trusted(request: Request, endpoint: Endpoint) -> Delivery:
    """What the request holds. A megabyte of JSON takes a while: it is read in a thread. Raises Untrusted, sns.Away."""
    posted = Posted(await _body(request), {name.lower(): value for name, value in request.headers.items()})
    if url := await asyncio.to_thread(certificate_url, endpoint.trust, posted):
        posted = Posted(posted.body, posted.headers, await sns.certificate(url))
    return await asyncio.to_thread(read_delivery, endpoint.trust, posted, data.now())


async def _body(request: Request) -> bytes:
    """The body, as far as anybody's may go. Raises Untrusted beyond that."""
    length, body = request.headers.get("content-length", ""), bytearray()
    if length.isdecimal() and int(length[:20]) > MOST_OCTETS:
        raise Untrusted(Trouble.TOO_LONG)
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_OCTETS:
            raise Untrusted(Trouble.TOO_LONG)
    return bytes(body)


async def _follow(endpoint: Endpoint, delivery: Delivery) -> None:
    """Everything that follows, committed. Raises sns.Away."""
    if delivery.confirm:
        await sns.confirm(delivery.confirm)
        await data.run(webhook.note_confirmed, endpoint.id, data.now())
    elif delivery.ended:
        await data.run(webhook.note_ended, endpoint.id, data.now())
    else:
        for events in portions(delivery.events):
            await data.run(take_events, endpoint.id, events, data.now(), once=delivery.once, durable=True)


async def _refuse(endpoint: Endpoint, trouble: Trouble) -> Response:
    if webhook.is_news(endpoint, trouble, data.now()):
        await data.run(webhook.note_trouble, endpoint.id, trouble, data.now())
    status = _STATUS.get(trouble, _REFUSED)
    headers = {"WWW-Authenticate": 'Basic realm="webhook"'} if trouble is Trouble.CREDENTIALS else {}
    if status == 503:
        headers = {"Retry-After": "60"}
    return PlainTextResponse(text("en", f"webhook.trouble.{trouble}"), status, NO_STORE | headers)
