"""An address that leads nowhere: said in the shell, with a way on."""

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import tr


def not_found_page() -> rx.Component:
    """The page of every address that no other page has."""
    return ui.page(
        ui.missing(
            tr("ui.no_page"),
            tr("ui.no_page_text"),
            icon_name="compass",
            act=ui.button(tr("nav.overview"), look="pri", to=routes.OVERVIEW),
        ),
        here="",
        crumbs=[(tr("ui.no_page"), "")],
    )
