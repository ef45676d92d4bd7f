"""The right check of event handlers. A browser can call any handler of any State with any arguments: so each one asks.

    @allowed(Right.EDIT)
    async def rename(self, user: Viewer, name: str): ...        # the event is rename(name)

On every event the cookie's session is looked up in its table, so that a closed session ends at once. A missing session
clears what the page holds (`_clear()`, where the State has one) and leads to the sign-in page.
"""

import functools
import inspect
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import reflex as rx

from dashboard import data, routes
from dashboard.auth.cookie import secret_in
from models.catalogue import Problem
from models.errors import EnvoiError, NotAllowed
from models.sign_in import find_session, renew_session
from models.user import Right, Viewer

Handler = Callable[..., Any]
Teller = Callable[[rx.State, str], Awaitable[Any]]
RIGHT: Final = "__envoi_right__"

_tellers: list[Teller] = []
_log = logging.getLogger(__name__)


def problems_shown_by(teller: Teller) -> Teller:
    """Register how a page shows the sentence of an error that a handler let through (state, sentence → events)."""
    _tellers[:] = [teller]
    return teller


def allowed(right: Right, *, background: bool = False, **actions: Any) -> Callable[[Handler], Any]:
    """Make `handler(self, user, …)` the event `handler(self, …)`, for people who have the right.

    The handler is a coroutine or an async generator; `background` and the event actions (debounce, …) are rx.event's.
    An EnvoiError that it raises is shown to the person in their language. Any other exception is a bug: logged
    in full, shown with a reference; and a page that was to be filled is emptied, not left with another one’s rows.
    """

    def decorate(handler: Handler) -> Any:
        guarded = _guarded_stream if inspect.isasyncgenfunction(handler) else _guarded_call
        event = guarded(handler, right)
        _sign_as(event, handler)
        setattr(event, RIGHT, right)
        return rx.event(event, background=background, **actions) if background or actions else rx.event(event)

    return decorate


def right_of(function: Callable[..., Any]) -> Right | None:
    """The right that a handler asks for; None for a function that asks for none."""
    return getattr(function, RIGHT, None)


def _guarded_call(handler: Handler, right: Right) -> Handler:
    async def event(self: rx.State, *args: Any, **named: Any) -> Any:
        user = await _viewer(self)
        if user is None:
            return await _turn_away(self)
        try:
            _demand(user, right)
            return await handler(self, user, *args, **named)
        except EnvoiError as error:
            return await _tell(self, user, error)
        except Exception as bug:
            return await _tell(self, user, await _unexpected(self, right, bug))

    return event


def _guarded_stream(handler: Handler, right: Right) -> Handler:
    async def event(self: rx.State, *args: Any, **named: Any) -> AsyncIterator[Any]:
        user = await _viewer(self)
        if user is None:
            yield await _turn_away(self)
            return
        try:
            _demand(user, right)
            async for step in handler(self, user, *args, **named):
                yield step
        except EnvoiError as error:
            yield await _tell(self, user, error)
        except Exception as bug:
            yield await _tell(self, user, await _unexpected(self, right, bug))

    return event


async def _viewer(state: rx.State) -> Viewer | None:
    secret = secret_in(state.router.headers.cookie)
    found = await data.read(find_session, secret, data.now()) if secret else None
    if found and found.renewable:
        await data.run(renew_session, secret, data.now())
    return found.viewer if found else None


def _demand(user: Viewer, right: Right) -> None:
    if right not in user.rights:
        raise NotAllowed("errors.not_allowed", right=Problem(f"auth.right.{right}"))


async def _unexpected(state: rx.State, right: Right, bug: Exception) -> EnvoiError:
    """What to say of a bug; the log has it in full under the same reference."""
    reference = secrets.token_hex(4)
    _log.error("A handler of %s failed, reference %s", type(state).__name__, reference, exc_info=bug)
    if right is Right.LOOK:
        await _empty(state)
    return EnvoiError("errors.unexpected", reference=reference)


async def _empty(state: rx.State) -> None:
    async with state:  # only a background handler's state has a lock of its own
        if clear := getattr(state, "_clear", None):
            clear()


async def _turn_away(state: rx.State) -> Any:
    await _empty(state)
    return rx.redirect(routes.sign_in(state.router.url.path), replace=True)


async def _tell(state: rx.State, user: Viewer, error: EnvoiError) -> Any:
    if not _tellers:
        raise error
    async with state:
        return await _tellers[0](state, error.text(user.language))


def _sign_as(event: Handler, handler: Handler) -> None:
    """Give the event the name, the text and the parameters of its handler, without `user`: Reflex reads them."""
    functools.update_wrapper(event, handler)
    del event.__wrapped__  # type: ignore[attr-defined]
    signature = inspect.signature(handler)
    this, user, *rest = signature.parameters.values()
    event.__signature__ = signature.replace(parameters=[this, *rest])  # type: ignore[attr-defined]
    event.__annotations__ = {name: kind for name, kind in handler.__annotations__.items() if name != user.name}
