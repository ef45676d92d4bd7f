"""What recipients reach, as a process of its own: Starlette alone, started in a moment, alive while the dashboard is
not."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dashboard import routes
from dashboard.healthz import healthz
from dashboard.public.answers import not_found, unless_away
from dashboard.public.routes import HITS, ROUTES


class PublicSite:
    """Hits go straight to their application; whatever else there is goes through the routes."""

    def __init__(self) -> None:
        self.routed = Starlette(routes=[*ROUTES, Route(routes.HEALTH, healthz)])
        self.routed.router.redirect_slashes = False
        self.routed.router.default = _nothing_here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        hit = (
            scope["type"] == "http" and scope["path"].startswith(("/o/", "/c/")) and scope["method"] in {"GET", "HEAD"}
        )
        await (HITS if hit else self.routed)(scope, receive, send)


def make() -> PublicSite:
    """The public site of this process. For uvicorn's factory."""
    return PublicSite()


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        return
    answer = await unless_away(not_found)(Request(scope))
    await answer(scope, receive, send)
