"""The log as CSV: an answer of its own beside the pages, read and sent a thousand rows at a time."""

from collections.abc import AsyncIterator, Callable, Sequence
from io import StringIO
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard import data, routes
from dashboard.acts.event_words import about, provider_said, reason_said
from dashboard.auth import Right, Viewer, secret_in
from dashboard.i18n import say
from dashboard.log.spec import PEOPLE
from models.catalogue import text
from models.log_filter import LogFilter
from models.log_table import MachineReason
from models.log_view import EventRow, PersonRow, events_after, people_after
from models.sign_in import find_session
from models.spreadsheet import write_rows

EVENT_COLUMNS: Final = (
    *("at", "name", "address", "kind", "action", "about", "mass_email", "campaign", "provider"),
    *("bounce", "reason", "source", "machine", "evidence"),
)
PERSON_COLUMNS: Final = ("name", "address", "kind", "why")
BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel reads UTF-8 as something else


async def export_log(request: Request) -> Response:
    """The events of the filter in the address, oldest first; its people with show=people."""
    secret = secret_in(request.headers.get("cookie", ""))
    session = await data.read(find_session, secret, data.now()) if secret else None
    if session is None:
        return Response(status_code=303, headers={"Location": routes.sign_in(routes.LOG), "Cache-Control": "no-store"})
    user = session.viewer
    if Right.LOOK not in user.rights:
        right = text(user.language, f"auth.right.{Right.LOOK}")
        return PlainTextResponse(text(user.language, "errors.not_allowed", right=right), 403)
    chosen, people = LogFilter.from_query(request.query_params), request.query_params.get("show") == PEOPLE
    rows = _people(user, chosen) if people else _events(user, chosen)
    name = f"log-{'people' if people else 'events'}-{data.now().astimezone(ZoneInfo(user.time_zone)):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: Final = [Route(routes.LOG_EXPORT, export_log)]


async def _events(user: Viewer, chosen: LogFilter) -> AsyncIterator[str]:
    async for part in _in_parts(user, EVENT_COLUMNS, chosen, events_after, _event, lambda row: row.id):
        yield part


async def _people(user: Viewer, chosen: LogFilter) -> AsyncIterator[str]:
    async for part in _in_parts(user, PERSON_COLUMNS, chosen, people_after, _person, lambda row: row.recipient_id):
        yield part


async def _in_parts(
    user: Viewer,
    columns: Sequence[str],
    chosen: LogFilter,
    rows_after: Callable[..., list[Any]],
    cells: Callable[[Viewer, Any], Sequence[object]],
    key: Callable[[Any], int],
) -> AsyncIterator[str]:
    """Head and rows as text. Each part is a question of its own, on from the last key: no transaction stays open while
    a slow line takes its time, and what comes meanwhile is in it."""
    yield BYTE_ORDER_MARK + _written([[say(user.language, f"log.csv.{column}") for column in columns]])
    after = 0
    while rows := await data.read(rows_after, chosen, after):
        yield _written([cells(user, row) for row in rows])
        after = key(rows[-1])


def _written(rows: Sequence[Sequence[object]]) -> str:
    file = StringIO(newline="")
    write_rows(file, rows)
    return file.getvalue()


def _event(user: Viewer, row: EventRow) -> Sequence[object]:
    at = row.at.astimezone(ZoneInfo(user.time_zone)).isoformat(" ", "seconds")
    kind, action = (say(user.language, f"status.{word}") for word in (row.kind, row.action))
    provider = provider_said(user.language, row.provider)
    where = (row.mass_email, row.campaign, provider)
    return at, row.name, row.address, kind, action, about(user.language, row), *where, *_told(user.language, row)


def _told(language: str, row: EventRow) -> Sequence[object]:
    """Hard or soft, why, by which way, why a machine's, and the words that prove it."""
    bounce = say(language, f"status.{row.bounce_kind}") if row.bounce_kind else ""
    source = say(language, f"log.source.{row.source}")
    machine = "" if row.machine is MachineReason.HUMAN else say(language, f"log.why_machine.{row.machine}")
    return bounce, reason_said(language, row.detail), source, machine, row.evidence


def _person(user: Viewer, row: PersonRow) -> Sequence[object]:
    why = say(user.language, f"status.{row.left_out}") if row.left_out else ""
    return row.name, row.address, say(user.language, f"status.{row.kind}"), why
