"""The session cookie: HttpOnly, SameSite=Lax, and Secure where the site is https."""

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from models.sign_in import LONG_SESSION

COOKIE: Final = "envoi_session"


def secret_in(header: str) -> str:
    """The session's secret in a Cookie header; "" when there is none."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def give(response: Response, secret: str, length: timedelta, *, secure: bool) -> None:
    """Put the cookie on a response; it outlives the browser only when the person wants to stay signed in."""
    age = int(length.total_seconds()) if length >= LONG_SESSION else None
    response.set_cookie(COOKIE, secret, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)


def take(response: Response, *, secure: bool) -> None:
    """Remove the cookie."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


def is_https(request: Request) -> bool:
    """Whether the browser speaks https, also where a proxy in front does and says so only in Origin."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
