"""What the server keeps of an open page belongs to the session that began it, and waits for the page to come back.

A page names its state by a token of its own, with every connection. The framework asks nothing more of it, and takes a
connection that comes while the former still looks alive for a second tab: for some minutes it hears nothing of a line
that broke, and the page would come back to an empty state, its dialogs shut.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import reflex as rx

from dashboard.auth.cookie import secret_in
from models.sign_in import digest

_log = logging.getLogger(__name__)
_FIRST: Final = "hashes"
"""Of the event that a page connects with: what its build knows of the state. Only the first one says so."""


class TabOwner(rx.State):
    """`_session`: the digest of the session's secret whose page this is."""

    _session: str = ""


def guard_tabs(app: rx.App) -> None:
    """Let every connection of the app's pages pass here first."""
    pages = app.event_namespace
    if pages is None:
        raise RuntimeError("the app has no state, so no page of it connects")
    connect = pages.on_connect

    async def on_connect(sid: str, environ: Mapping[str, Any], auth: Any = None) -> Any:
        session = digest(secret_in(environ.get("HTTP_COOKIE", "")))
        asked = parse_qs(environ.get("QUERY_STRING", "")).get("token", [""])[0]
        if asked and await _is_of(app, asked, session) and _comes_back(auth):
            await _leave_former(pages, asked)
        answer = await connect(sid, dict(environ), auth)
        given = pages.sid_to_token.get(sid, asked)
        if given != asked:  # a second tab
            await _is_of(app, given, session)
        return answer

    pages.on_connect = on_connect


async def _is_of(app: rx.App, token: str, session: str) -> bool:
    """Whether the state is the session's. Nobody's becomes so; one of another session is emptied first, unless its page
    is still there: then the framework gives a state of its own to who comes second."""
    async with app.state_manager.modify_state(rx.BaseStateToken(ident=token, cls=rx.State)) as root:
        owner = await root.get_state(TabOwner)
        if owner._session == session:
            return True
        if owner._session and token in app.event_namespace.token_to_sid:
            return False
        if owner._session:
            _log.info("A page came back with another session: its state is emptied")
            root.reset()
        owner._session = session
        return True


def _comes_back(auth: Any) -> bool:
    event = auth.get("event") if isinstance(auth, dict) else None
    if not isinstance(event, dict):
        return False
    payload = event.get("payload") or {}  # the empty one is not sent
    return isinstance(payload, dict) and not payload.get(_FIRST)


async def _leave_former(pages: Any, token: str) -> None:
    """The connection that the token had is no longer its page's; what it still sends has no state."""
    if former := pages.token_to_sid.get(token):
        await pages._token_manager.disconnect_token(token, former)
