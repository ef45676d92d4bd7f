"""What recipients reach, as a process of its own: Starlette alone, started in a moment, alive while the dashboard is
not."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dashboard import routes
from dashboard.healthz import healthz
from dashboard.public.answers import not_found
from dashboard.public.routes import ROUTES


def make() -> Starlette:
    """The public site of this process. For uvicorn's factory."""
    site = Starlette(routes=[*ROUTES, Route(routes.HEALTH, healthz)])
    site.router.redirect_slashes = False
    site.router.default = _nothing_here
    return site


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        return
    answer = await not_found(Request(scope))
    await answer(scope, receive, send)
