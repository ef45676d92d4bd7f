"""The grammar of placeholders (D14): where they stand in a source, and which of them are known. Pure.

    {word}  {word.field}  {word:17 hex digits}      no spaces; not in <style> and <script>

Everything of that shape must be known, or the template is refused: a typing error never reaches a reader. So `{color}`
is refused, `{color:red}` and `{ color }` are text, and `&#123;color}` is how to write braces. `{{ … }}` and `{% … %}`
are Liquid's.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from models.recipient import Kind

ROOTS: Final[dict[str, frozenset[Kind]]] = {
    "Person": frozenset(Kind),
    "Contact": frozenset({Kind.CONTACT}),
    "Account": frozenset(Kind),
    "Lead": frozenset({Kind.LEAD}),
    "User": frozenset({Kind.USER}),
}
"""The words that take a field, and the kinds of recipients they apply to. Person is whoever gets the mail; Account is
that account, or the account (or company) a person belongs to."""

FIELDS: Final = (
    "firstName",
    "lastName",
    "name",
    "emailAddress",
    "company",
    "accountName",
    "language",
    "timeZone",
)
"""The fields that every root has; custom fields come after."""

MOMENTS: Final = ("today", "now", "currentYear")
ADDRESSES: Final = ("optOutUrl", "viewUrl")
ALONE: Final = frozenset((*MOMENTS, *ADDRESSES))
"""The words without a field that Liquid may name too."""

PLAIN: Final = (*MOMENTS, *ADDRESSES, "optOutLink")
"""The words without a field."""

TRACKING_URL: Final = "trackingUrl"

MOST_SOURCE: Final = 1_000_000
"""Characters that a part of a template may have: ten times what Gmail shows before it clips."""

SCRIPT: Final = re.compile(r"<script\b(?![^>]*\btype\s*=\s*[\"']?application/ld\+json)", re.IGNORECASE)
"""A script that runs. Structured data (JSON-LD) does not, and mail clients read it."""

_CONTROL: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff"
FORBIDDEN: Final = {
    "subject": re.compile(rf"[{_CONTROL}\t\n\r\x85\u2028\u2029]"),
    "html": re.compile(rf"[{_CONTROL}]"),
    "text": re.compile(rf"[{_CONTROL}]"),
}
"""What no part may hold: control characters and halves of surrogate pairs, in a header also every line break."""

_OPENER: Final = re.compile(
    r"<!--|-->|<(?P<raw>style|script)\b|\{\{|\{%|\{(?P<word>[A-Za-z]\w*)(?:\.(?P<field>\w+)|:(?P<code>[^{}\s]*))?\}",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"[0-9a-f]{17}")
_VISIBLE: Final = re.compile(r"[^\n]")
_RAW_TAG: Final = re.compile(r"\{%-?\s*(raw|comment|doc)\s*-?%\}")


class TemplateError(Exception):
    """A source that cannot be taken: the catalogue's key, the offset of the fault, the values of the sentence."""

    def __init__(self, key: str, at: int, **values: object) -> None:
        self.key, self.at, self.values = key, at, values
        super().__init__(f"{key} at {at}")


class SpanKind(StrEnum):
    """What stands there. RAW is a whole <style> or <script>: nothing in it is looked at."""

    RAW = "raw"
    OUTPUT = "output"
    TAG = "tag"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source that is not plain text."""

    kind: SpanKind
    start: int
    end: int
    word: str = ""
    field: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """As written between the braces."""
        return self.word + (f".{self.field}" if self.field else f":{self.code}" if self.code else "")


def scan(source: str, *, html: bool) -> Iterator[Span]:
    """The spans of a source in order; linear in its length. `html` False: <style>, <script> and comments mean nothing.
    Raises TemplateError for Liquid that is not closed."""
    at, comment_end = 0, 0
    while found := _OPENER.search(source, at):
        start, opener = found.start(), found.group()
        at = found.end()
        if opener in {"{{", "{%"}:
            span = _liquid(source, start)
            at = span.end
            yield span
        elif found["word"]:
            if not _is_text(found):
                yield Span(SpanKind.PLACEHOLDER, start, at, found["word"], found["field"] or "", found["code"] or "")
        elif html and opener == "<!--" and start >= comment_end:
            comment_end = _find(source, "-->", at, len(source))
        elif html and found["raw"]:
            limit = comment_end if start < comment_end else len(source)
            at = _close_of(source, found["raw"], at, limit)
            yield Span(SpanKind.RAW, start, at, found["raw"].lower())


def position(source: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    return source.count("\n", 0, at) + 1, at - (source.rfind("\n", 0, at) + 1) + 1


def check(span: Span, fields: Collection[str] | None) -> None:
    """Raises TemplateError when a placeholder is not known. `fields`: the custom ones; None: any is taken."""
    if span.word == TRACKING_URL:
        known = is_code(span.code)
    elif span.word in ROOTS:
        known = bool(span.field) and is_field(span.field, fields)
    else:
        known = span.word in PLAIN and not span.field and not span.code
    if not known:
        raise unknown(span.name, span.start, fields)


def is_code(text: str) -> bool:
    """Whether that is the code of a tracking URL: 17 hex digits."""
    return bool(_CODE.fullmatch(text))


def is_field(name: str, fields: Collection[str] | None) -> bool:
    """Whether a root has that field."""
    return name in FIELDS or fields is None or name in fields


def unknown(name: str, at: int, fields: Collection[str] | None) -> TemplateError:
    """The error of a name nobody knows, with the nearest known one."""
    if name.partition(":")[0] == TRACKING_URL:
        return TemplateError("template.tracking_code", at, name=name)
    every = [*PLAIN, *(f"{root}.{field}" for root in ROOTS for field in (*FIELDS, *(fields or ())))]
    lower = {candidate.lower(): candidate for candidate in every}
    near = get_close_matches(name.lower(), lower, n=1, cutoff=0.75)
    if near:
        return TemplateError("template.unknown_placeholder_near", at, name=name, near=lower[near[0]])
    return TemplateError("template.unknown_placeholder", at, name=name)


def blank(text: str) -> str:
    """Spaces in place of a text, its line breaks kept."""
    return _VISIBLE.sub(" ", text)


def _liquid(source: str, start: int) -> Span:
    """The whole of a Liquid output or tag; of raw, comment and doc the block, since Liquid does not look into it."""
    if source.startswith("{{", start):
        end = source.find("}}", start)
        kind = SpanKind.OUTPUT
    else:
        end = source.find("%}", start)
        kind = SpanKind.TAG
        if block := _RAW_TAG.match(source, start):
            closing = re.compile(r"\{%-?\s*end" + block[1] + r"\s*-?%\}").search(source, start)
            end = closing.end() - 2 if closing else -1
    if end < 0:
        raise TemplateError("template.unclosed", start, opener=source[start : start + 2])
    return Span(kind, start, end + 2)


def _is_text(found: re.Match[str]) -> bool:
    """`{color:red}` and its like: what follows the colon is no code of ours."""
    return found["code"] is not None and found["word"] != TRACKING_URL and not _CODE.fullmatch(found["code"])


def _close_of(source: str, tag: str, at: int, limit: int) -> int:
    """The end of </tag>, or the limit where it is not closed."""
    closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(source, at, limit)
    return closing.end() if closing else limit


def _find(source: str, text: str, at: int, default: int) -> int:
    found = source.find(text, at)
    return default if found < 0 else found
