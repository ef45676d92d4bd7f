"""What is checked when a template is saved: every name known, Liquid sound, nothing that mail cannot carry (D14)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from models import liquid, placeholder
from models.catalogue import Problem
from models.errors import Invalid
from models.person import Person
from models.placeholder import ROOTS, Span, SpanKind, TemplateError


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a checked template names. `names`: root.field and plain words, in order, each once."""

    names: tuple[str, ...]
    tracking_codes: tuple[str, ...]
    uses_liquid: bool

    @property
    def has_opt_out(self) -> bool:
        """Whether the author placed the opt-out link."""
        return "optOutUrl" in self.names or "optOutLink" in self.names


def parse_template(subject: str, html: str, text: str = "", *, fields: Collection[str] | None = ()) -> Parsed:
    """What the template names. `fields`: the custom fields there are; None: any is taken.

    Raises Invalid with the first fault of each part: a placeholder or Liquid name nobody knows, Liquid that is broken,
    a <script>, a line break in the subject, more than MOST_HTML characters. Each with line and column, from 1.
    """
    problems: dict[str, Problem] = {}
    names: list[str] = []
    liquid_used = False
    for part, source in (("subject", subject), ("html", html), ("text", text)):
        try:
            found, used = _checked(part, source, fields)
        except TemplateError as fault:
            line, column = placeholder.position(source, fault.at)
            problems[part] = Problem(fault.key, line=line, column=column, **fault.values)
        else:
            names += found
            liquid_used = liquid_used or used
    if problems:
        raise Invalid(problems)
    codes = [name.partition(":")[2] for name in names if ":" in name]
    return Parsed(tuple(dict.fromkeys(n for n in names if ":" not in n)), tuple(dict.fromkeys(codes)), liquid_used)


def empty_names(parsed: Parsed, person: Person) -> list[str]:
    """The person's fields that the template names and that are empty for this person: what to count (D14)."""
    roots = person.roots()
    named = [name.split(".", 1) for name in parsed.names if "." in name]
    return [f"{root}.{name}" for root, name in named if roots[root].get(name) in (None, "", [])]


def _checked(part: str, source: str, fields: Collection[str] | None) -> tuple[list[str], bool]:
    _check_form(part, source)
    spans = list(placeholder.scan(source, html=part == "html"))
    placeholders = [span for span in spans if span.kind is SpanKind.PLACEHOLDER]
    for span in placeholders:
        placeholder.check(span, fields)
    names = [span.name for span in placeholders]
    uses_liquid = any(span.kind in (SpanKind.OUTPUT, SpanKind.TAG) for span in spans)
    if uses_liquid:
        names += _check_liquid(source, spans, fields, html=part == "html")
    return names, uses_liquid


def _check_form(part: str, source: str) -> None:
    if len(source) > placeholder.MOST_SOURCE:
        raise TemplateError("template.too_long", placeholder.MOST_SOURCE, limit=placeholder.MOST_SOURCE)
    if fault := placeholder.FORBIDDEN[part].search(source):
        raise TemplateError("errors.control_character", fault.start())
    if part == "html" and (script := placeholder.SCRIPT.search(source)):
        raise TemplateError("template.script", script.start())


def _check_liquid(source: str, spans: Sequence[Span], fields: Collection[str] | None, *, html: bool) -> Iterator[str]:
    """The names that Liquid uses. Everything but Liquid is blanked out, so that its offsets are the source's."""
    bound = liquid.parse(_blanked(source, spans), html=html)
    analysis = bound.analyze(include_partials=False)
    for name, places in analysis.filters.items():
        if name not in bound.env.filters or name == "percent":
            raise TemplateError("template.unknown_filter", places[0].index, name=name)
    for variables in analysis.globals.values():
        for variable in variables:
            yield _known_name(variable.segments, variable.span.index, fields)


def _known_name(segments: Sequence[object], at: int, fields: Collection[str] | None) -> str:
    root, *rest = segments
    if root in ROOTS and rest and isinstance(rest[0], str) and placeholder.is_field(rest[0], fields):
        return f"{root}.{rest[0]}"
    if root in placeholder.ALONE and not rest:
        return str(root)
    raise placeholder.unknown(".".join(str(segment) for segment in segments), at, fields)


def _blanked(source: str, spans: Sequence[Span]) -> str:
    """The source with spaces for what is not Liquid's (line breaks stay)."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        if span.kind in (SpanKind.PLACEHOLDER, SpanKind.RAW):
            pieces += (source[at : span.start], placeholder.blank(source[span.start : span.end]))
            at = span.end
    return "".join((*pieces, source[at:]))
