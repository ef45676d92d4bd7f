"""Liquid, fenced in: no files, no clock, no unescaped output, bounded loops and lengths."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, Final
from urllib.parse import quote

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.filters.array import concat, join
from liquid.builtin.filters.misc import date
from liquid.builtin.filters.string import replace
from liquid.exceptions import LiquidError
from liquid.filter import with_context, with_environment
from liquid.stringify import to_liquid_string

from models.placeholder import TemplateError

MOST_OUTPUT: Final = 500_000
"""Characters that one person's Liquid may write, and that one filter may give."""
MOST_ROUNDS: Final = 1_000
"""Turns of all loops, and numbers of a range that a filter takes."""


class Moment(str):
    """A moment in words that the filter `date` can still say in others: {{ today | date: "%A" }}."""

    __slots__ = ("moment",)
    moment: datetime

    @classmethod
    def of(cls, words: str, moment: datetime) -> "Moment":
        made = cls(words)
        made.moment = moment
        return made


class _Fenced(Environment):
    loop_iteration_limit: ClassVar[int | None] = MOST_ROUNDS
    local_namespace_limit: ClassVar[int | None] = MOST_OUTPUT
    output_stream_limit: ClassVar[int | None] = MOST_OUTPUT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for tag in ("include", "render"):
            del self.tags[tag]
        for unsafe in ("safe", "escapejs"):
            del self.filters[unsafe]
        self.filters |= {"concat": _concat, "date": _date, "join": _join, "percent": percent, "replace": _replace}
        self.filters = {name: _bounded(one) for name, one in self.filters.items()}


@with_context
def _date(value: object, pattern: object, *, context: RenderContext) -> object:
    """As Liquid's, but "now" and "today" are the moment of the mail, not of the clock."""
    if value in ("now", "today") and not isinstance(value, Moment):
        value = context.resolve("now")
    return date(value.moment if isinstance(value, Moment) else value, pattern, environment=context.env)


def _replace(value: Any, find: Any, by: Any = "") -> object:
    """As Liquid's, refused before it would grow without bound."""
    text = str(value)
    if len(text) + text.count(str(find)) * len(str(by)) > MOST_OUTPUT:
        raise LiquidError("replace: the result is too long", token=None)
    return replace(value, find, by)


@with_environment
def _join(value: Any, by: Any = " ", *, environment: Environment) -> object:
    """As Liquid's, refused before it would grow without bound."""
    pieces = value if isinstance(value, (list, tuple)) else [value]
    if _length(pieces) + len(pieces) * len(str(by)) > MOST_OUTPUT:
        raise LiquidError("join: the result is too long", token=None)
    return join(value, by, environment=environment)


def _concat(value: Any, more: Any) -> object:
    """As Liquid's, refused before it would grow without bound."""
    if isinstance(value, list) and isinstance(more, list) and _length(value) + _length(more) > MOST_OUTPUT:
        raise LiquidError("concat: the result is too long", token=None)
    return concat(value, more)


def _length(pieces: Any) -> int:
    return sum(len(str(piece)) + 1 for piece in pieces)


def _bounded(a_filter: Callable[..., object]) -> Callable[..., object]:
    """The filter, which no longer makes a list of a range without end."""

    @wraps(a_filter)  # with Liquid's marks on it
    def bounded(value: object, *args: object, **named: object) -> object:
        if isinstance(value, range) and value[MOST_ROUNDS:]:
            raise LiquidError("a range is too long", token=None)
        return a_filter(value, *args, **named)

    return bounded


def percent(value: object) -> str:
    """A value as one piece of an address (RFC 3986): everything but letters, digits and -._~ encoded."""
    return quote(to_liquid_string(value, autoescape=False), safe="")


HTML: Final = _Fenced(autoescape=True)
TEXT: Final = _Fenced(autoescape=False)


def parse(source: str, *, html: bool) -> BoundTemplate:
    """The source compiled; `html`: values are escaped. Raises TemplateError where Liquid does not take it."""
    environment = HTML if html else TEXT
    try:
        return environment.from_string(source)
    except LiquidError as error:
        at = error.token.start_index if error.token else 0
        raise TemplateError("template.liquid", at if at >= 0 else len(source), reason=error.message) from error
