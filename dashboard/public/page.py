"""The plain pages recipients see: the sender's name and colour, no script, readable on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import HTMLResponse

from models.catalogue import Language, text

_STYLE = (Path(__file__).parent / "page.css").read_text()

_DONE = Markup(
    '<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/>'
    '<path d="m16 9-5.5 5.5L8 12"/></svg>'
)

_MARKDOWN = MarkdownIt("commonmark", {"html": False})

HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """The sender as recipients know them. `colour`: #rrggbb, dark enough for white text. `postal`: one line, or ""."""

    name: str
    colour: str
    postal: str


def document(brand: Brand, language: str, title: str, *parts: Markup, status: int = 200) -> HTMLResponse:
    """A whole page. Every part is markup already; the title is the page's h1 unless a part draws one."""
    body = Markup("").join(parts)
    footer = Markup("<footer>{}</footer>").format(brand.postal) if brand.postal else Markup("")
    head = Markup(
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><title>{}</title><style>:root{{--brand:{}}}{}</style>'
    ).format(f"{title} · {brand.name}" if brand.name else title, brand.colour, Markup(_STYLE))  # noqa: S704 - our own file
    sender = _sender(brand.name.strip())
    return HTMLResponse(
        Markup('<!doctype html><html lang="{}"><head>{}</head><body><main>{}{}{}</main></body></html>').format(
            language, head, sender, body, footer
        ),
        status_code=status,
        headers=HEADERS,
    )


def _sender(name: str) -> Markup:
    """The sender's sign and name; nothing while no name is set."""
    if not name:
        return Markup("")
    return Markup('<div class="brand"><span aria-hidden="true">{}</span>{}</div>').format(name[0].upper(), name)


def heading(title: str, *, done: bool = False) -> Markup:
    """The h1, with a tick when something was done."""
    return (
        Markup('<div class="done">{}<h1>{}</h1></div>').format(_DONE, title)
        if done
        else Markup("<h1>{}</h1>").format(title)
    )


def paragraph(sentence: str, *, bold: Sequence[str] = ()) -> Markup:
    """A sentence; the named pieces of it are bold."""
    marked = escape(sentence)
    for piece in bold:
        marked = marked.replace(escape(piece), f"<b>{escape(piece)}</b>", 1)
    return Markup(f"<p>{marked}</p>")  # noqa: S704 - every piece was escaped above


def message(markdown: str) -> Markup:
    """A tracking URL's message. Raw HTML in it is shown as text, and links lead to the web only."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704 - html=False escapes what is not Markdown


def note(sentence: str) -> Markup:
    """A framed remark."""
    return Markup('<p class="note" role="note">{}</p>').format(sentence)


def button(action: str, label: str, *, second: bool = False) -> Markup:
    """A form of one button: consent changes by POST only (D17)."""
    look = Markup(' class="second"') if second else Markup("")
    return Markup('<form method="post" action="{}"><button{}>{}</button></form>').format(action, look, label)


def link(to: str, label: str) -> Markup:
    """A line of its own that leads on."""
    return Markup('<p class="way"><a href="{}">{}</a></p>').format(to, label)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to take or to leave in a form."""

    value: str
    label: str
    on: bool


_CHECKED = Markup(" checked")


def choices(action: str, field: str, offered: Sequence[Choice], save: str) -> Markup:
    """A form of switches and one button. What was offered is sent along: what comes later is not decided by it."""
    rows = Markup("").join(
        Markup(
            '<label class="choice"><input type="hidden" name="offered" value="{0}">'
            '<input type="checkbox" role="switch" name="{1}" value="{0}"{2}><span>{3}</span></label>'
        ).format(one.value, field, _CHECKED if one.on else "", one.label)
        for one in offered
    )
    return Markup('<form method="post" action="{}">{}<button>{}</button></form>').format(action, rows, save)


def quiet_button(action: str, name: str, label: str) -> Markup:
    """A form of one button that looks like a link."""
    return Markup(
        '<form method="post" action="{}"><button class="quiet" name="{}" value="1">{}</button></form>'
    ).format(action, name, label)


def enumerate_names(language: str, names: Sequence[str]) -> str:
    """A and B; A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return text(language, "public.and", first=", ".join(names[:-1]), last=names[-1])


def language_of(preferred: str, accept_language: str) -> str:
    """The recipient's language, else the browser's first, else English."""
    wanted = (preferred or accept_language).strip().lower()
    return Language.FR if wanted.startswith("fr") else Language.EN
