"""The public addresses: /o pixel, /c click, /u opt-out, /p preferences, /v view in browser, /hooks webhooks.

A token that is forged, cut or foreign gets a plain 404 page and logs nothing (D17). GET never changes consent. Another
method than those named here is 405. While the database is away, all answer 503.
"""

from typing import Final

from starlette.routing import Route

from dashboard.public.answers import not_found, unless_away
from dashboard.public.hits import Hits
from dashboard.public.opt_out import opt_in, opt_out, opt_out_page
from dashboard.public.preferences import preferences_page, save_preferences
from dashboard.public.view import view_in_browser
from dashboard.public.webhooks import take_delivery

HITS: Final = Hits()

ROUTES: Final = [
    Route("/o/{token}", HITS, methods=["GET"]),
    Route("/c/{token}/{no}", HITS, methods=["GET"]),
    Route("/u/{token}", unless_away(opt_out_page), methods=["GET"]),
    Route("/u/{token}", unless_away(opt_out), methods=["POST"]),
    Route("/u/{token}/again", unless_away(opt_in), methods=["POST"]),
    Route("/p/{token}", unless_away(preferences_page), methods=["GET"]),
    Route("/p/{token}", unless_away(save_preferences), methods=["POST"]),
    Route("/v/{token}", unless_away(view_in_browser), methods=["GET"]),
    Route("/hooks/{key}", unless_away(take_delivery), methods=["POST"]),
    Route("/hooks/{rest:path}", unless_away(not_found)),
    *(Route(f"/{letter}/{{rest:path}}", unless_away(not_found)) for letter in "ocupv"),
]
