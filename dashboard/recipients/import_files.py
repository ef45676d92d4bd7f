"""The files of imports of people: uploads, the example, the rows with a problem."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import routes
from dashboard.acts.downloads import named, viewer_of
from dashboard.acts.uploads import Uploads, is_name
from dashboard.auth import Right, Viewer
from models.catalogue import text
from models.import_mapping import example_file

LARGEST: Final = 250 * 1024 * 1024

_uploads: Final = Uploads("imports", LARGEST)
directory, path_of, problems_of = _uploads.directory, _uploads.path_of, _uploads.problems_of
keep, forget = _uploads.keep, _uploads.forget


def remove(path: Path) -> None:
    """Remove a file of this directory, if it is there."""
    path.unlink(missing_ok=True)


def is_upload(path: Path) -> bool:
    """Whether this is an upload that is still there."""
    return path.parent == directory() and path.is_file()


def publish_problems(checked: Path, upload: str) -> None:
    """Make what a dry run wrote the upload's rows with a problem."""
    checked.replace(problems_of(upload))


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether the file is ours for the block: no other process is importing it. A crash lets go of it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


async def sample(request: Request) -> Response:
    """The example, made for the Excel of the reader's language."""
    user = await viewer_of(request, Right.LOOK)
    if not isinstance(user, Viewer):
        return user
    headers = named(text(user.language, "import.sample_name"))
    return Response(example_file(user.language), media_type="text/csv; charset=utf-8", headers=headers)


async def problem_rows(request: Request) -> Response:
    """The rows of an upload that are not imported, to be mended and imported again; for people who may import."""
    user = await viewer_of(request, Right.EDIT)
    if not isinstance(user, Viewer):
        return user
    upload = request.path_params["upload"]
    if not is_name(upload) or not problems_of(upload).is_file():
        return PlainTextResponse(text(user.language, "import.no_file"), 404)
    headers = named(text(user.language, "import.problems_name"))
    return FileResponse(problems_of(upload), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: Final = [
    Route(routes.IMPORT_SAMPLE, sample),
    Route(routes.IMPORT_PROBLEMS.replace("[upload]", "{upload}"), problem_rows),
]
