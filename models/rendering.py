"""From a source with placeholders and Liquid to text. Pure: values in, text out (D14).

A source is compiled once into literals and slots; a person changes only the slots. Placeholders become Liquid outputs,
so that both languages mean the same everywhere; a bare name goes straight to its value, without Liquid's machinery.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from liquid import RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError, LiquidInterrupt
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from markupsafe import escape

from models import liquid, placeholder
from models.catalogue import Problem
from models.errors import Invalid
from models.liquid import Moment
from models.person import Person, load_persons
from models.placeholder import MOMENTS, ROOTS, SpanKind
from models.template_check import Parsed, empty_names, parse_template

__all__ = ["Parsed", "Person", "Template", "empty_names", "load_persons", "parse_template", "scope_of"]

Scope = Mapping[str, Any]
"""Everything a source may name, for one person."""

_LONG: Final = 80
"""Characters from which a literal in a block is set apart."""

INTERNAL: Final = "_"
"""Names that begin so are put in by compose (tokens); no template can name them."""


class Direct(NamedTuple):
    """A slot that is a bare name: looked up and finished (escaped, or percent-encoded), nothing else. `field` "": the
    root itself."""

    root: str
    field: str
    finish: Callable[[str], str]

    def of(self, scope: Scope) -> str:
        """Its text for one person."""
        value = scope.get(self.root, "")
        if self.field:
            value = value.get(self.field, "")
        return self.finish(value if type(value) is str else to_liquid_string(value, autoescape=False))


Slot = Direct | Node


class Template:
    """A source compiled.

    `pieces`: literals, and the numbers of slots; the same bare name is one slot. `passages`: long literals inside of
    Liquid blocks. A slot's value holds `reference`s to them in place of their text, so that a mail that is one big
    {% if %} costs its reader's values, not its length; whole() puts the text back.
    """

    def __init__(self, source: str, *, html: bool, expansions: Mapping[str, str] | None = None) -> None:
        """`expansions`: what a placeholder is replaced by, in Liquid, by its name; those of persons need none.
        Raises TemplateError for a source that Liquid does not take; unknown names are empty here (parse_template
        refuses them)."""
        self._bound = liquid.parse(_as_liquid(source, html=html, expansions=expansions or {}), html=html)
        self._slots: list[Slot] = []
        self.pieces: list[str | int] = []
        self.passages: list[str] = []
        self._nonce = hashlib.sha256(source.encode()).hexdigest()[:12]
        self.reference = re.compile(f"\ue000{self._nonce}:(\\d+)\ue001")
        analysis = self._bound.analyze(include_partials=False)
        numbers: dict[Direct, int] = {}
        for node in self._bound.nodes:
            if "capture" not in analysis.tags:  # what is captured may be measured and cut: it needs its text
                self._set_apart(node)
            self._add(node, numbers, set(analysis.locals), escape_html if html else _as_it_is)
        self._liquid = any(not isinstance(slot, Direct) for slot in self._slots)

    def _set_apart(self, node: Node) -> None:
        for child in node.children(RenderContext(self._bound), include_partials=False):
            if isinstance(child, ContentNode) and len(child.text) > _LONG:
                self.passages.append(child.text)
                child.text = f"\ue000{self._nonce}:{len(self.passages) - 1}\ue001"
            self._set_apart(child)

    def _add(self, node: Node, numbers: dict[Direct, int], local: set[str], finish: Callable[[str], str]) -> None:
        if isinstance(node, ContentNode):
            self._add_literal(node.text)
            return
        direct = _direct(node, finish)
        if direct is None or direct.root in local:
            self.pieces.append(len(self._slots))
            self._slots.append(node)
            return
        if direct not in numbers:
            numbers[direct] = len(self._slots)
            self._slots.append(direct)
        self.pieces.append(numbers[direct])

    def _add_literal(self, text: str) -> None:
        if self.pieces and isinstance(last := self.pieces[-1], str):
            self.pieces[-1] = last + text
        else:
            self.pieces.append(text)

    @property
    def slot_count(self) -> int:
        """How many values it takes."""
        return len(self._slots)

    def values(self, scope: Scope) -> list[str]:
        """The text of each slot, by its number. Raises Invalid where Liquid fails at this person."""
        if not self._liquid:
            return [slot.of(scope) for slot in self._slots]  # type: ignore[union-attr] # all are Direct
        context = RenderContext(self._bound, globals=scope)
        return [slot.of(scope) if isinstance(slot, Direct) else _write(slot, context) for slot in self._slots]

    def whole(self, value: str) -> str:
        """The value with its passages in full."""
        return self.reference.sub(lambda found: self.passages[int(found[1])], value) if self.passages else value

    def render(self, scope: Scope) -> str:
        """The whole text for one person."""
        values = [self.whole(value) for value in self.values(scope)]
        return "".join(values[piece] if isinstance(piece, int) else piece for piece in self.pieces)


_SPECIAL: Final = re.compile("[&<>\"']")


def escape_html(value: str) -> str:
    """The value as HTML shows it, in text and between quotes."""
    return str(escape(value)) if _SPECIAL.search(value) else value


def _as_it_is(value: str) -> str:
    return value


_FINISHES: Final[Mapping[str, Callable[[str], str]]] = {"percent": liquid.percent}


def _direct(node: Node, finish: Callable[[str], str]) -> Direct | None:
    """The slot of a node that is only a name, or a name made a piece of an address; None for any other."""
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    left, filters = node.expression.left, node.expression.filters or []
    if not isinstance(left, Path) or len(left.path) > 2 or not all(isinstance(part, str) for part in left.path):
        return None
    if len(filters) > 1 or any(used.name not in _FINISHES for used in filters):
        return None
    root = str(left.path[0])
    if (len(left.path) == 2) != (root in ROOTS) or not (
        root in ROOTS or root in placeholder.ALONE or root[0] == INTERNAL
    ):
        return None
    field = str(left.path[1]) if len(left.path) == 2 else ""
    return Direct(root, field, _FINISHES[filters[0].name] if filters else finish)


def _write(node: Node, context: RenderContext) -> str:
    buffer = LimitedStringIO(liquid.MOST_OUTPUT)
    try:
        node.render(context, buffer)
    except LiquidInterrupt as interrupt:
        raise Invalid({"": Problem("template.liquid_failed", reason=f"{interrupt} outside a loop")}) from interrupt
    except LiquidError as error:
        raise Invalid({"": Problem("template.liquid_failed", reason=error.message)}) from error
    except (ValueError, ArithmeticError, LookupError) as error:  # of numbers that are none: "nan" | round
        raise Invalid({"": Problem("template.liquid_failed", reason=str(error))}) from error
    return buffer.getvalue()


def _as_liquid(source: str, *, html: bool, expansions: Mapping[str, str]) -> str:
    """The source with placeholders as Liquid outputs, and with <style> and <script> out of Liquid's reach."""
    pieces: list[str] = []
    at = 0
    for span in placeholder.scan(source, html=html):
        if span.kind is SpanKind.PLACEHOLDER:
            new = expansions.get(span.name, f"{{{{ {span.name} }}}}")
        elif span.kind is SpanKind.RAW:
            new = _fence(source[span.start : span.end])
        else:
            continue
        pieces += (source[at : span.start], new)
        at = span.end
    return "".join((*pieces, source[at:]))


def _fence(raw: str) -> str:
    return f"{{% raw %}}{raw}{{% endraw %}}" if "{{" in raw or "{%" in raw else raw


def scope_of(person: Person, now: datetime, *, zone: str = "UTC", language: str = "en", **more: Any) -> dict[str, Any]:
    """What a source may name: the roots of the person, the moments in their zone and language (else the given ones),
    and `more`."""
    moments = _moments(now.replace(second=0, microsecond=0), person.time_zone or zone, person.language or language)
    return {**person.roots(), **moments, **more}


@lru_cache(maxsize=1024)
def _moments(now: datetime, zone: str, language: str) -> dict[str, str]:
    local = now.astimezone(ZoneInfo(zone))
    locale = _locale(language)
    day = format_date(local.date(), "long", locale=locale)
    hour = format_time(local.timetz(), "short", locale=locale)
    words = (day, f"{day} {hour}", str(local.year))
    return {name: Moment.of(text, local) for name, text in zip(MOMENTS, words, strict=True)}


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
