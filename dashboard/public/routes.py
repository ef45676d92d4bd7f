"""The public addresses: /o pixel, /c click, /u opt-out, /p preferences, /v view in browser, /hooks webhooks.

A token that is forged, cut or foreign gets a plain 404 page and logs nothing (D17). GET never changes consent. Another
method than those named here is 405.
"""

from typing import Final

from starlette.routing import Route

from dashboard.public.answers import not_found
from dashboard.public.hits import Hits
from dashboard.public.opt_out import opt_in, opt_out, opt_out_page
from dashboard.public.preferences import preferences_page, save_preferences
from dashboard.public.view import view_in_browser
from dashboard.public.webhooks import take_delivery

HITS: Final = Hits()

ROUTES: Final = [
    Route("/o/{token}", HITS, methods=["GET"]),
    Route("/c/{token}/{no}", HITS, methods=["GET"]),
    Route("/u/{token}", opt_out_page, methods=["GET"]),
    Route("/u/{token}", opt_out, methods=["POST"]),
    Route("/u/{token}/again", opt_in, methods=["POST"]),
    Route("/p/{token}", preferences_page, methods=["GET"]),
    Route("/p/{token}", save_preferences, methods=["POST"]),
    Route("/v/{token}", view_in_browser, methods=["GET"]),
    Route("/hooks/{key}", take_delivery, methods=["POST"]),
    Route("/hooks/{rest:path}", not_found),
    *(Route(f"/{letter}/{{rest:path}}", not_found) for letter in "ocupv"),
]
