"""One ASGI app: own routes first, then the session gate, then the built page and Reflex; every answer with its headers.

/healthz  /sign-in  /sign-out  /welcome/…  /reset/…  /o/… /c/… /u/… …   answered here, without a session
/log/export.csv /import/… /suppressions/export.csv …                    answered here; ask for the session themselves
/assets/… /fonts/… /favicon.ico                                         the same for everybody: no session needed
everything else                                                         a session, or 303, 401 (/_…), socket closed
"""

import os
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import build, data, routes
from dashboard.auth import cookie, pages, plain
from dashboard.auth.sockets import POLICY_VIOLATION, Socket, counted
from dashboard.built_page import BuiltPage
from dashboard.healthz import healthz
from dashboard.log import export as log_export
from dashboard.public.routes import ROUTES as PUBLIC
from dashboard.recipients import consent_export, import_files
from dashboard.suppressions import export as suppressions
from models.catalogue import text
from models.settings import settings
from models.sign_in import OpenSession, digest, find_session, renew_session
from models.webhook import PLACE as WEBHOOKS

_REFLEX: Final = ("/_", "/ping")
_OPEN: Final = ("/assets/", "/fonts/", "/favicon.ico")
_UPLOAD: Final = "/_upload"
_LARGEST: Final = 1
_LARGEST_UPLOAD: Final = 256
_MEGABYTE: Final = 1024 * 1024

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


OWN: Final = [
    Route(routes.HEALTH, healthz),
    *pages.ROUTES,
    *log_export.ROUTES,
    *import_files.ROUTES,
    *consent_export.ROUTES,
    *suppressions.ROUTES,
]


class Site:
    """The whole of what a browser reaches. `page`: the built files; `reflex`: events, uploads and the app's life."""

    def __init__(self, page: BuiltPage, reflex: ASGIApp) -> None:
        self.page = page
        self.reflex = reflex
        self.policy = content_policy(page.script_hashes)
        self.routed = Starlette(routes=[*PUBLIC, *OWN])
        self.routed.router.redirect_slashes = False
        self.routed.router.default = self._behind_the_gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.reflex(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            answer = _too_long(Request(scope)) or _foreign(Request(scope)) or self.routed
            await answer(scope, receive, with_headers(send, HEADERS | {"Content-Security-Policy": self.policy}))

    async def _behind_the_gate(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        path = request.url.path
        if path.startswith(_OPEN):
            await self.page(scope, receive, send)
        elif (session := await session_of(request.headers)) is None:
            await _turn_away(request)(scope, receive, send)
        elif path.startswith(_REFLEX):
            await self.reflex(scope, receive, send)
        else:
            moved = {"Set-Cookie": await _renewed(request, session)} if session.renewable else {}
            await self.page(scope, receive, with_headers(send, moved))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Only for a session, and only from our own pages (cross-site websocket hijacking)."""
        headers = Headers(scope=scope)
        if not _from_here(headers) or await session_of(headers) is None:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        socket = Socket(send)
        with counted(digest(cookie.secret_in(headers.get("cookie", ""))), socket):
            await self.reflex(scope, receive, socket.send)


def make() -> Site:
    """The site of this process, from the page that was built. For uvicorn's factory."""
    os.environ.update(build.ENVIRONMENT | build.SERVE_ONLY)
    from dashboard.dashboard import app

    reflex = app()
    return Site(BuiltPage(build.PAGE, build.FORMER, app.router), reflex)


async def session_of(headers: Headers) -> OpenSession | None:
    """The session of the request's cookie."""
    secret = cookie.secret_in(headers.get("cookie", ""))
    return await data.read(find_session, secret, data.now()) if secret else None


def content_policy(script_hashes: Iterable[str]) -> str:
    """The policy of the dashboard's pages: scripts by their hash, no eval. Previews of mails show images from the web;
    style attributes are how the components are drawn."""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob: https:",
            "font-src 'self' data:",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


def with_headers(send: Send, given: Mapping[str, str]) -> Send:
    """Add headers to an answer; one that the answer has already is left as it is."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in given.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers


def _too_long(request: Request) -> Response | None:
    """Reflex accepts uploads of any size, and forms are read whole: the limit is here."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.url.path.startswith(f"{WEBHOOKS}/"):
        return None  # webhooks count what they read themselves: a provider may send it in chunks, without a length
    limit = _LARGEST_UPLOAD if request.url.path.startswith(_UPLOAD) else _LARGEST
    length, language = request.headers.get("content-length", ""), plain.language_of(request)
    if not length.isdecimal():
        return PlainTextResponse(text(language, "auth.length_required"), 411)
    if int(length) > limit * _MEGABYTE:
        return PlainTextResponse(text(language, "auth.too_large", limit=limit), 413)
    return None


def _foreign(request: Request) -> Response | None:
    """A form of another site must not act with this site's cookie (beside SameSite=Lax). Mail programs post to the
    public addresses, which know no cookie (RFC 8058)."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or _is_public(request.scope):
        return None
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site in {"same-origin", "none"} and _from_here(request.headers):
        return None
    return PlainTextResponse(text(plain.language_of(request), "auth.foreign"), 403)


def _from_here(headers: Headers) -> bool:
    """Whether Origin, where there is one, is this site: a page of elsewhere cannot set these headers itself."""
    origin = headers.get("origin")
    if origin is None:
        return True
    hosts = {headers.get("host"), headers.get("x-forwarded-host"), urlsplit(settings().site_url).netloc}
    try:
        return urlsplit(origin).netloc in hosts - {None, ""}
    except ValueError:  # no address at all
        return False


def _turn_away(request: Request) -> Response:
    path = request.url.path
    if path.startswith(_REFLEX) or request.method not in {"GET", "HEAD"}:
        return PlainTextResponse(status_code=401)
    after = path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(routes.sign_in(after), status_code=303, headers={"Cache-Control": "no-store"})


async def _renewed(request: Request, session: OpenSession) -> str:
    """Move the session's end on; the header that says so to the browser."""
    secret = cookie.secret_in(request.headers.get("cookie", ""))
    await data.run(renew_session, secret, data.now())
    carrier = Response()
    cookie.give(carrier, secret, session.length, secure=cookie.is_https(request))
    return carrier.headers["set-cookie"]


def _is_public(scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in PUBLIC)
