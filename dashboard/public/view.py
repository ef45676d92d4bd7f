"""/v view in browser: the message on a page of its own, in which nothing runs."""

import re
from typing import Final

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard import data
from dashboard.public import page
from dashboard.public.answers import brand_of, language_of, not_found, token_in
from models.catalogue import text
from models.errors import EnvoiError, NotFound
from models.tracking import Purpose

HEADERS: Final = {
    **page.HEADERS,
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "img-src http: https: data:",
            "style-src 'unsafe-inline' https:",
            "font-src https: data:",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "sandbox allow-popups allow-popups-to-escape-sandbox",
        )
    ),
}
"""The mail is somebody's HTML: no script, no form, no frame; a page without an origin (sandbox), whatever it holds."""

_BODY: Final = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_NOTE: Final = (
    "margin:0;padding:10px 16px;background:#fff8e1;color:#1c2024;border-bottom:1px solid #b8860b;"
    "font:14px/21px system-ui,sans-serif;text-align:center"
)


async def view_in_browser(request: Request) -> Response:
    """What the token's person got. Neither an open nor a click; its links are followed as in the mail."""
    from jobs import view  # brings the CSS inliner with it: who asks for a pixel does not wait for that

    found = await token_in(request, Purpose.CONSENT, Purpose.TEST_CONSENT)
    if found is None:
        return await not_found(request)
    find = view.find_letter if found[0] is Purpose.CONSENT else view.find_test_letter
    try:
        letter = await data.read(find, found[1], data.now())
    except NotFound:
        return await not_found(request)
    try:
        seen = await run_in_threadpool(view.render, letter)
    except EnvoiError:
        return await _gone(request)
    language = language_of(request, seen.language)
    note = text(language, "public.view.anew") if seen.anew else ""
    return HTMLResponse(_whole(seen.mail.subject, seen.mail.html, seen.mail.text, language, note), headers=HEADERS)


async def _gone(request: Request) -> Response:
    language = language_of(request)
    title, why = text(language, "public.view.gone"), text(language, "public.view.gone_text")
    parts = (page.heading(title), page.paragraph(why))
    return page.document(await brand_of(), language, title, *parts, status=410)


def _whole(subject: str, html: str, plain: str, language: str, note: str) -> str:
    """The mail's own HTML, or its text as a page; the note, if there is one, comes first in its body."""
    remark = Markup('<p role="note" style="{}">{}</p>').format(_NOTE, note) if note else Markup("")
    if html:
        body = _BODY.search(html)
        start = body.end() if body else 0
        return html[:start] + str(remark) + html[start:]
    return Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>{}</title></head><body>{}'
        '<pre style="max-width:72ch;margin:24px auto;padding:0 16px;white-space:pre-wrap;overflow-wrap:anywhere;'
        'font:16px/25px system-ui,sans-serif">{}</pre></body></html>'
    ).format(language, subject, remark, plain)
