"""Suppressions as CSV, as the list's address asks for them: what an import reads again."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import routes
from dashboard.acts.downloads import BYTE_ORDER_MARK, csv_text, dated, named, portions, streamed, viewer_of
from dashboard.acts.uploads import is_name
from dashboard.auth import Right, Viewer
from dashboard.suppressions.import_files import UPLOADS
from dashboard.suppressions.spec import SPEC, suppression_filter
from models.catalogue import text
from models.suppression_page import SuppressionFilter, suppressions_after
from models.suppression_row import COLUMNS, cells_of


async def export(request: Request) -> Response:
    """What the filter in the address finds."""
    user = await viewer_of(request, Right.LOOK)
    if not isinstance(user, Viewer):
        return user
    chosen = suppression_filter(SPEC.read(request.query_params), user.time_zone)
    return streamed(_rows(chosen), dated(user, "suppressions", "csv"))


async def _rows(chosen: SuppressionFilter) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + csv_text([COLUMNS])
    async for rows in portions(suppressions_after, lambda row: row.key, chosen):
        yield csv_text([cells_of(row) for row in rows])


async def problem_rows(request: Request) -> Response:
    """The rows of an upload that are not imported, for people who may import."""
    user = await viewer_of(request, Right.EDIT)
    if not isinstance(user, Viewer):
        return user
    upload = request.path_params["upload"]
    if not is_name(upload) or not UPLOADS.problems_of(upload).is_file():
        return PlainTextResponse(text(user.language, "import.no_file"), 404)
    headers = named(text(user.language, "import.problems_name"))
    return FileResponse(UPLOADS.problems_of(upload), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: Final = [
    Route(routes.SUPPRESSIONS_EXPORT, export),
    Route(routes.SUPPRESSIONS_PROBLEMS.replace("[upload]", "{upload}"), problem_rows),
]
