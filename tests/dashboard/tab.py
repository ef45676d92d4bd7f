"""A tab of somebody who is signed in: handlers are called as its page would call them, without a browser."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import reflex as rx

from dashboard.auth import COOKIE
from dashboard.ui.toast import Toasts
from models import db
from models.sign_in import SESSION, open_session
from models.user import Role
from tests import factories


class Tab:
    """A tab of an editor, which stands at an address."""

    def __init__(self, secret: str) -> None:
        self.secret, self.root = secret, rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]

    def go(self, path: str, *, connection: str = "", **query: object) -> None:
        """Stand at an address; another `connection` at the same one: the former was lost."""
        address = f"{path}?{urlencode(query)}" if query else path
        self.root.router_data = {
            "headers": {"cookie": f"{COOKIE}={self.secret}", "origin": "http://envoi.example"},
            "asPath": address,
            "pathname": path,
            "query": dict(query),
            "sid": connection,
        }
        self.root._update_router_vars(self.root.router_data, {})

    async def state(self, of: type[rx.State]) -> rx.State:
        return await self.root.get_state(of)

    async def do(self, handler: rx.event.EventHandler, of: type[rx.State], *args: object) -> object:
        """What the handler gives; a stream is followed to its end."""
        made = handler.fn(await self.state(of), *args)
        if not hasattr(made, "__aiter__"):
            return await made
        return [step async for step in made]

    async def told(self) -> list[str]:
        return [toast.title for toast in (await self.state(Toasts)).shown]


def tab_of(role: Role = Role.EDITOR) -> Tab:
    """A tab of a new user of that role."""
    with db.unit_of_work() as session:
        return Tab(open_session(session, factories.user(session, role=role).id, SESSION, datetime.now(UTC)))
