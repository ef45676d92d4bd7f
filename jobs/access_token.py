"""Access tokens for XOAUTH2: bought with an account's refresh token, used until they end (RFC 6749 6).

tokens = Tokens(grant)
await tokens.current()      # asks the provider once, however many connections open at the same time
"""

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakValueDictionary

from jobs import database
from models.refresh_token import keep_refresh_token

PATIENCE: Final = 20.0
"""Seconds for the provider's whole answer."""
_MARGIN: Final = 60
"""Seconds before its end a token is not used any more: a login takes time."""
_LIFETIME: Final = 300
"""Seconds of a token whose end the provider does not name (RFC 6749 5.1 only recommends that)."""
_MOST_OCTETS: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Grant:
    """What buys access tokens. Accounts that share it share the tokens too."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


class NoToken(Exception):
    """The provider gives no access token; str() is why, in its own words where it has any. No secret is in it."""


@dataclass(frozen=True, slots=True)
class _Bought:
    token: str
    ends: float
    refresh_token: str


_BOUGHT: Final[dict[Grant, _Bought]] = {}
"""Of this process. `ends` is of the monotonic clock."""
_BUYING: Final[WeakValueDictionary[Grant, asyncio.Lock]] = WeakValueDictionary()
"""One at a time buys with a grant, in whatever portion: a refresh token that is exchanged must not be used twice."""


class Tokens:
    """The access tokens of one account, for the connections of one portion."""

    def __init__(self, grant: Grant) -> None:
        self._grant = grant
        self._buying = _BUYING.setdefault(grant, asyncio.Lock())

    async def current(self) -> str:
        """A token that is good for a login now. Raises NoToken."""
        async with self._buying:
            bought = _BOUGHT.get(self._grant)
            if not bought or bought.ends <= time.monotonic():
                bought = _BOUGHT[self._grant] = await self._buy(bought)
            return bought.token

    def refused(self) -> None:
        """The mail server does not take the token: the next one is bought anew."""
        if bought := _BOUGHT.get(self._grant):
            _BOUGHT[self._grant] = _Bought("", 0, bought.refresh_token)

    async def _buy(self, before: _Bought | None) -> _Bought:
        refresh_token = before.refresh_token if before else self._grant.refresh_token
        answer = await _ask(self._grant, refresh_token)
        token, lasts = answer.get("access_token"), answer.get("expires_in", _LIFETIME)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise NoToken("The token server answered without an access token.")
        seconds = float(lasts) if isinstance(lasts, int | float) or str(lasts).isdigit() else _LIFETIME
        newer = answer.get("refresh_token")
        if isinstance(newer, str) and newer and newer != refresh_token:
            await database.write(keep_refresh_token, refresh_token, newer)
            refresh_token = newer
        return _Bought(token, time.monotonic() + seconds - _MARGIN, refresh_token)


async def _ask(grant: Grant, refresh_token: str) -> dict[str, Any]:
    import httpx  # only who signs in with tokens loads it

    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": grant.client_id}
    if grant.client_secret:
        form["client_secret"] = grant.client_secret
    try:
        async with asyncio.timeout(PATIENCE):
            status, body = await _post(grant.token_url, form)
    except TimeoutError as error:
        raise NoToken(f"The token server did not answer within {PATIENCE:g} seconds.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NoToken(f"The token server cannot be reached: {error or type(error).__name__}") from error
    answer = _read(body)
    if status != HTTPStatus.OK:
        raise NoToken(f"The token server refuses: {_why(status, answer)}")
    return answer


async def _post(url: str, form: dict[str, str]) -> tuple[int, bytes]:
    """The status and at most _MOST_OCTETS of the body. A redirect is not followed: it would carry the secrets away."""
    import httpx

    async with (
        httpx.AsyncClient(verify=ssl.create_default_context(), timeout=PATIENCE, follow_redirects=False) as client,
        client.stream("POST", url, data=form, headers={"Accept": "application/json"}) as response,
    ):
        body = b""
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _MOST_OCTETS:
                raise NoToken("The token server answered with more than a token.")
        return response.status_code, body


def _read(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _why(status: int, answer: dict[str, Any]) -> str:
    """RFC 6749 5.2: an error's name and, where there is one, its description."""
    words = [str(answer[key]) for key in ("error", "error_description") if answer.get(key)]
    return " ".join(f"{status} {': '.join(words)}".split())[:300].strip()
