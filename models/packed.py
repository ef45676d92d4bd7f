"""Many rows in one value, both ways: a set of rows goes into a statement, or comes out of it, as one JSON text.

A worker's database thread hands the interpreter over at every row that it fetches or binds; the thread that sends takes
its time to give it back. One value is one hand-over, and one round trip on PostgreSQL.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Subquery, Text, bindparam, cast, func, select, type_coerce
from sqlalchemy.types import TypeEngine

Types = Mapping[str, type[TypeEngine[Any]]]


def unpacked(name: str, columns: Types, *, sqlite: bool) -> Subquery:
    """The rows of a bound parameter `name`, packed by pack(), as a table: BigInteger, Text and JSON columns."""
    if sqlite:
        value = func.json_each(bindparam(name)).table_valued("value", name=f"{name}_each").c.value
        picked = [
            type_coerce(func.json_extract(value, f"$[{place}]"), kind).label(column)
            for place, (column, kind) in enumerate(columns.items())
        ]
    else:
        value = func.json_array_elements(cast(bindparam(name, type_=Text), JSON)).column_valued(f"{name}_each")
        picked = [
            _of_postgresql(value, place, kind).label(column) for place, (column, kind) in enumerate(columns.items())
        ]
    return select(*picked).subquery(name)


def _of_postgresql(value: Any, place: int, kind: type[TypeEngine[Any]]) -> ColumnElement[Any]:
    if kind is JSON:
        return type_coerce(func.json_extract_path(value, str(place)), JSON)
    return cast(func.json_extract_path_text(value, str(place)), kind)


def pack(rows: Iterable[Sequence[Any]]) -> str:
    """The value of a parameter of unpacked()."""
    return json.dumps(list(rows), separators=(",", ":"))


def packed(columns: Sequence[ColumnElement[Any]], *, sqlite: bool) -> ColumnElement[Any]:
    """All rows of a statement in one value: see unpack(). Columns of JSON come out as what they hold."""
    if sqlite:
        inside = [func.json(column) if isinstance(column.type, JSON) else column for column in columns]
        return type_coerce(func.json_group_array(func.json_array(*inside)), Text)
    return cast(func.json_agg(func.json_build_array(*columns)), Text)


def unpack(value: str | None) -> list[list[Any]]:
    """The rows of packed(): numbers, texts, None and whatever JSON holds; codes and moments as stored."""
    return json.loads(value) if value else []
