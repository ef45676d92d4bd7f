"""Visits to Amazon SNS: the certificate that a message is signed with, and the address that confirms a subscription.

Both addresses come out of messages, so models/webhook_sns.py says beforehand whether they are Amazon's. No redirect is
followed, little is read, and TLS shows that it is Amazon who answers.
"""

import asyncio
import ssl
import time
from typing import Final

import httpx

PATIENCE: Final = 5.0
"""Seconds for an answer: whoever posted is waiting."""
_LASTS: Final = 24 * 3600
"""Seconds for which a certificate is used without asking again."""
_REST: Final = 10.0
"""Seconds for which an address that did not answer is not asked again."""
_MOST_OCTETS: Final = 64 * 1024
_MOST_KEPT: Final = 64

_KEPT: Final[dict[str, tuple[float, bytes]]] = {}
"""Address → (until when by the monotonic clock, the certificate, b"" where none came)."""
_ONE_AT_A_TIME: Final = asyncio.Semaphore(2)


class Away(Exception):
    """Amazon SNS did not answer as it should; it may later. str() says how."""


async def certificate(url: str) -> bytes:
    """The certificate at an address that was checked, as PEM; fetched once a day. Raises Away."""
    until, kept = _KEPT.get(url, (0.0, b""))
    if until <= time.monotonic():
        try:
            kept, lasts = await _get(url), float(_LASTS)
        except Away:
            _keep(url, b"", _REST)
            raise
        _keep(url, kept, lasts)
    if not kept:
        raise Away(f"{url} did not answer a moment ago")
    return kept


async def confirm(url: str) -> None:
    """Confirm a subscription by visiting the address that was checked. Raises Away."""
    await _get(url)


def _keep(url: str, found: bytes, lasts: float) -> None:
    while len(_KEPT) >= _MOST_KEPT:
        del _KEPT[next(iter(_KEPT))]
    _KEPT[url] = (time.monotonic() + lasts, found)


async def _get(url: str) -> bytes:
    try:
        async with _ONE_AT_A_TIME, asyncio.timeout(PATIENCE):
            return await _read(url)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Away(f"{url}: {error or type(error).__name__}") from error


async def _read(url: str) -> bytes:
    async with (
        httpx.AsyncClient(verify=ssl.create_default_context(), follow_redirects=False, timeout=PATIENCE) as client,
        client.stream("GET", url) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise Away(f"{url}: {response.status_code}")
        body = b""
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _MOST_OCTETS:
                raise Away(f"{url}: more than {_MOST_OCTETS} octets")
        return body
