"""The recipient filter as plain JSON: what a report keeps and an address of a page carries; checked on the way in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from models.catalogue import Problem
from models.errors import Invalid
from models.recipient import MailState, is_field_name
from models.recipient_filter import CUSTOM, FIELDS, RecipientFilter

MAX_DEPTH: Final = 5
MAX_CONDITIONS: Final = 100
_adapter = TypeAdapter(RecipientFilter)
_GROUPS: Final = ("all_of", "any_of", "none_of")


def filter_to_json(chosen: RecipientFilter) -> dict[str, Any]:
    """Plain JSON with what differs from an empty filter; moments as ISO 8601."""
    plain: dict[str, Any] = _adapter.dump_python(chosen, mode="json", exclude_defaults=True)
    return plain


def filter_from_json(plain: object) -> RecipientFilter:
    """The filter of plain JSON. Raises Invalid, each problem under the path of its place (`any_of.0.kind`, "" for the
    whole): unknown keys and fields, values of another type, naive moments, too deep or too many conditions."""
    if not isinstance(plain, Mapping):
        raise Invalid({"": Problem("filter.not_an_object")})
    _check_size(plain)
    try:
        chosen = _adapter.validate_python(dict(plain))
    except ValidationError as error:
        raise Invalid({_path(detail["loc"]): _problem(detail) for detail in error.errors()}) from error
    if problems := dict(_senseless(chosen, "")):
        raise Invalid(problems)
    return chosen


def _check_size(plain: Mapping[str, Any]) -> None:
    conditions, level = 0, [plain]
    for _ in range(MAX_DEPTH):
        conditions += sum(_weight(group) for group in level)
        level = [inner for group in level for inner in _inner(group)]
    if level:
        raise Invalid({"": Problem("filter.too_deep")})
    if conditions > MAX_CONDITIONS:
        raise Invalid({"": Problem("filter.too_many", limit=MAX_CONDITIONS)})


def _weight(group: Mapping[str, Any]) -> int:
    return sum(len(value) if isinstance(value, list | tuple) else 1 for value in group.values())


def _inner(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lists = [group.get(name) for name in _GROUPS]
    return [inner for many in lists if isinstance(many, list | tuple) for inner in many if isinstance(inner, Mapping)]


def _path(place: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in place)


def _problem(detail: ErrorDetails) -> Problem:
    if detail["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return Problem("filter.unknown_key", name=str(detail["loc"][-1])[:60])
    if detail["type"] == "missing":
        return Problem("errors.required")
    value = str(detail["input"])[:60]
    return Problem(
        "filter.moment" if "datetime" in detail["type"] or "timezone" in detail["type"] else "filter.value", value=value
    )


def _senseless(chosen: RecipientFilter, path: str) -> Iterator[tuple[str, Problem]]:
    """What has the right type and still says nothing."""
    if chosen.in_list is None and (chosen.state is MailState.OPTED_OUT or chosen.added_by):
        yield f"{path}in_list", Problem("filter.needs_list")
    if chosen.created_from and chosen.created_to and chosen.created_to <= chosen.created_from:
        yield f"{path}created_to", Problem("filter.range")
    for number, rule in enumerate(chosen.fields):
        if rule.field not in FIELDS and not (
            rule.field.startswith(CUSTOM) and is_field_name(rule.field[len(CUSTOM) :])
        ):
            yield f"{path}fields.{number}.field", Problem("filter.unknown_field", name=rule.field[:60])
    for number, deed in enumerate(chosen.engagement):
        if deed.since and deed.until and deed.until <= deed.since:
            yield f"{path}engagement.{number}.until", Problem("filter.range")
    for name in _GROUPS:
        for number, group in enumerate(getattr(chosen, name)):
            yield from _senseless(group, f"{path}{name}.{number}.")
