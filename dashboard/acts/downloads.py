"""Files that a page offers: answers of their own beside the pages, each for somebody who is signed in."""

from collections.abc import AsyncIterator, Callable, Sequence
from io import StringIO
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from dashboard import data, routes
from dashboard.auth import Right, Viewer, secret_in
from models.catalogue import Problem
from models.sign_in import find_session
from models.spreadsheet import write_rows

BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""


async def viewer_of(request: Request, right: Right) -> Viewer | Response:
    """Who asks for a file; else the answer that sends them to sign in, or says which right they lack."""
    secret = secret_in(request.headers.get("cookie", ""))
    found = await data.read(find_session, secret, data.now()) if secret else None
    if found is None:
        after = routes.sign_in(request.url.path)
        return RedirectResponse(after, status_code=303, headers={"Cache-Control": "no-store"})
    if right not in found.viewer.rights:
        lacking = Problem("errors.not_allowed", right=Problem(f"auth.right.{right}"))
        return PlainTextResponse(lacking.text(found.viewer.language), 403)
    return found.viewer


def named(name: str) -> dict[str, str]:
    """The headers of a file to download; nobody on the way keeps it."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}


def dated(user: Viewer, name: str, ending: str) -> str:
    """The name with the day of the viewer: suppressions-2026-09-08.csv."""
    return f"{name}-{data.now().astimezone(ZoneInfo(user.time_zone)):%Y-%m-%d}.{ending}"


def streamed(rows: AsyncIterator[str], name: str) -> Response:
    """A file that is sent while it is read."""
    kind = "application/json" if name.endswith(".json") else "text/csv; charset=utf-8"
    return StreamingResponse(rows, media_type=kind, headers=named(name))


async def portions(read: Callable[..., list[Any]], key: Callable[[Any], int], *args: Any) -> AsyncIterator[list[Any]]:
    """Portions of rows, as `read(session, *args, after)` gives them. Each is a question of its own, on from the last
    key: no transaction stays open while a slow line takes its time."""
    after = 0
    while rows := await data.read(read, *args, after):
        yield rows
        after = key(rows[-1])


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV, formulas neutralised."""
    file = StringIO(newline="")
    write_rows(file, rows)
    return file.getvalue()
