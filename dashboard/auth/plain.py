"""The plain pages before the dashboard: sign in, first start, reset. HTML alone, so no byte of the dashboard leaves."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from models.catalogue import Language, Problem, text

_STYLE: Final = Path(__file__).with_name("plain.css").read_text()
_SCRIPT: Final = Path(__file__).with_name("plain.js").read_text()
_SCRIPT_HASH: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
LANGUAGE_COOKIE: Final = "lang"
NAMES: Final = {Language.EN: "English", Language.FR: "Français"}

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; img-src 'self'; "
        f"script-src 'sha256-{_SCRIPT_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}

_PATHS: Final = {
    "mark": "M14.536 21.686a.5.5 0 0 0 .937-.024l6.5-19a.496.496 0 0 0-.635-.635l-19 6.5a.5.5 0 0 0-.024.937l7.93 3.18"
    "a2 2 0 0 1 1.112 1.11z M21.854 2.147l-10.94 10.939",
    "eye": "M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0"
    " M9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    "bad": "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0 M12 8v4 M12 16h.01",
    "fine": "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0 M16 9l-5.5 5.5L8 12",
    "catcher": "M22 13V6a2 2 0 0 0-2-2H4a2 2 0 0 0-2 2v12c0 1.1.9 2 2 2h8"
    " M22 7l-8.97 5.7a1.94 1.94 0 0 1-2.06 0L2 7 M16 19l2 2 4-4",
}


def language_of(request: Request) -> str:
    """The language asked for in the address, else the cookie's, else the browser's first."""
    accepted = request.headers.get("accept-language", "")[:2].lower()
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), accepted):
        if wanted in list(Language):
            return str(wanted)
    return Language.EN


def document(request: Request, title: str, *parts: Markup, wide: bool = False, status: int = 200) -> HTMLResponse:
    """A whole page with the language switch at its foot; a language chosen in the address is remembered."""
    language = language_of(request)
    page = Markup(
        '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        '<link rel="icon" href="/favicon.ico"><title>{title} · Envoi</title><style>{style}</style></head>'
        '<body><main{wide}><div class="brand"><span class="mark">{mark}</span>Envoi</div><h1>{title}</h1>'
        "{parts}{foot}</main><script>{script}</script></body></html>"
    ).format(
        language=language,
        title=title,
        style=Markup(_STYLE),  # noqa: S704 - our own file
        wide=Markup(' class="wide"') if wide else "",
        mark=icon("mark"),
        parts=Markup("").join(parts),
        foot=_foot(request, language),
        script=Markup(_SCRIPT),  # noqa: S704 - our own file
    )
    response = HTMLResponse(page, status, HEADERS)
    if request.query_params.get("lang") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 24 * 3600, samesite="lax")
    return response


def icon(name: str, size: int = 16) -> Markup:
    """A drawing beside words; readers of the screen skip it."""
    return Markup(
        '<svg width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{1}"/></svg>'
    ).format(size, _PATHS[name])


def note(kind: str, drawing: str, sentence: str | Markup) -> Markup:
    """A framed remark: `kind` bad is read out at once."""
    role = "alert" if kind == "bad" else "note"
    return Markup('<div class="note {}" role="{}">{}<span>{}</span></div>').format(kind, role, icon(drawing), sentence)


def field(
    name: str,
    label: str,
    value: str = "",
    *,
    kind: str = "text",
    complete: str = "off",
    problem: str = "",
    focus: bool = False,
    **more: str,
) -> Markup:
    """A labelled input with its error beneath; a password gets an eye that shows it."""
    given = more | ({"aria-invalid": "true"} if problem else {}) | ({"autofocus": ""} if focus else {})
    attributes = Markup("").join(
        Markup(' {}="{}"').format(key.replace("_", "-"), value) for key, value in given.items()
    )
    control = Markup(
        '<input id="{0}" name="{0}" type="{1}" value="{2}" autocomplete="{3}" aria-describedby="{0}-error"{4}>'
    ).format(name, kind, value, complete, attributes)
    if kind == "password":
        control = Markup(
            '<div class="secret">{}<button type="button" hidden aria-label="{}" aria-pressed="false">{}</button></div>'
        ).format(control, more.get("data_eye", label), icon("eye"))
    return Markup(
        '<div class="field"><label for="{0}">{1}</label>{2}<span class="error" id="{0}-error">{3}</span></div>'
    ).format(name, label, control, problem)


def choice(name: str, label: str, options: Mapping[str, str], chosen: str, *, guess: bool = False) -> Markup:
    """A labelled select; `guess`: the browser may put its own value in."""
    drawn = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == chosen else "", said)
        for value, said in options.items()
    )
    return Markup(
        '<div class="field"><label for="{0}">{1}</label><select id="{0}" name="{0}"{2}>{3}</select></div>'
    ).format(name, label, Markup(" data-guess") if guess else "", drawn)


def tick(name: str, label: str | Markup, *, on: bool) -> Markup:
    """A labelled checkbox."""
    return Markup('<label class="tick"><input type="checkbox" name="{}"{}><span>{}</span></label>').format(
        name, Markup(" checked") if on else "", label
    )


def form(*parts: Markup) -> Markup:
    """A form that posts to the address of its own page."""
    return Markup('<form method="post" novalidate>{}</form>').format(Markup("").join(parts))


def button(label: str) -> Markup:
    """The one thing to do."""
    return Markup('<button class="primary">{}</button>').format(label)


def problem_text(language: str, problems: Mapping[str, Problem], name: str) -> str:
    """The sentence beside a field; "" when it is well."""
    return problems[name].text(language) if name in problems else ""


def zones() -> dict[str, str]:
    """Every time zone with its name, in the order of the alphabet."""
    return {name: name.replace("_", " ") for name in sorted(available_timezones()) if name != "localtime"}


def _foot(request: Request, language: str) -> Markup:
    links = Markup("").join(
        Markup('<a href="{}" hreflang="{}" lang="{}"{}>{}</a>').format(
            request.url.include_query_params(lang=code).replace(scheme="", netloc=""),
            code,
            code,
            Markup(' aria-current="true"') if code == language else "",
            name,
        )
        for code, name in NAMES.items()
    )
    return Markup('<div class="foot"><span>{}</span><nav class="languages" aria-label="{}">{}</nav></div>').format(
        request.url.hostname or "", text(language, "auth.language"), links
    )
