"""The app, assembled: every page with its route, title and what loads it."""

import logging
from typing import Any, NamedTuple

import reflex as rx

from dashboard import routes
from dashboard.auth.leave_page import leave_page
from models.catalogue import pair
from models.errors import EnvoiError

_log = logging.getLogger(__name__)


class Page(NamedTuple):
    """One page: its route, the function that draws it, its title (catalogue key), the handlers that fill it."""

    route: str
    draw: Any
    title: str
    on_load: list[Any] = []


def handle_error(exception: Exception) -> rx.event.EventSpec | None:
    """The last resort for what a handler let through: an error of the house is logged as a sentence, a bug in full."""
    if isinstance(exception, EnvoiError):
        _log.warning("%s", exception)
    else:
        _log.error("An event handler failed", exc_info=exception)
    return None


def overview() -> rx.Component:
    return rx.heading("Envoi")


PAGES = [
    Page(routes.OVERVIEW, overview, "auth.right.look"),
]

app = rx.App(backend_exception_handler=handle_error, html_lang="en")
for page in PAGES:
    app.add_page(page.draw, route=page.route, title=f"{pair(page.title)[0]} · Envoi", on_load=page.on_load or None)
app.add_page(leave_page, route=routes.SIGN_IN, title="Envoi")
