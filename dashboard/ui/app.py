"""What the app as a whole takes from the kit: stylesheet, keys, and no toasts or banners of the framework's own."""

from typing import Any, Final

import reflex as rx
from reflex.app import default_error_boundary
from reflex.event import noop

from dashboard.ui.shell import ON_LOAD

APP: Final[dict[str, Any]] = {
    "stylesheets": ["/envoi.css"],
    "head_components": [rx.el.script(src=f"/kit/{name}.js", defer=True) for name in ("keys", "countdown", "unsaved")],
    "toaster": None,  # its toasts need eval, and the connection banner is drawn by the shell
    "app_wraps": {
        (55, "ErrorBoundary"): lambda stateful: default_error_boundary(**({} if stateful else {"on_error": noop()}))
    },
}

__all__ = ["APP", "ON_LOAD"]
