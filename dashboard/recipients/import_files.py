"""The files of imports: an upload under a name of chance in the data directory, beside it its rows with a problem."""

import fcntl
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import data, routes
from dashboard.auth.cookie import secret_in
from models.catalogue import Problem, text
from models.errors import Invalid
from models.import_mapping import example_file
from models.settings import settings
from models.sign_in import find_session
from models.user import Right, Viewer

LARGEST: Final = 250 * 1024 * 1024
KEPT: Final = 7 * 24 * 3600
"""Seconds that an upload is kept for: an import that failed can be taken up again."""

_NAME: Final = 32
_CSV: Final = {"media_type": "text/csv; charset=utf-8", "headers": {"Cache-Control": "no-store, private"}}


def directory() -> Path:
    """Where uploads are, for the owner of the process only."""
    place = settings().data_dir.resolve() / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def path_of(upload: str) -> Path:
    """The file of an upload's name."""
    return directory() / f"{upload}.csv"


def problems_of(upload: str) -> Path:
    """The file of its rows with a problem; there once it was checked."""
    return directory() / f"{upload}.problems.csv"


def keep(file: BinaryIO) -> str:
    """The name that an upload is kept under. What the browser calls it is never part of a path. Raises Invalid (field
    "file") for one that is too large."""
    _sweep()
    upload = secrets.token_hex(_NAME // 2)
    path = path_of(upload)
    file.seek(0, 2)
    if file.tell() > LARGEST:
        raise Invalid({"file": Problem("import.too_large", limit=LARGEST // 1024**2)})
    file.seek(0)
    path.touch(mode=0o600)
    with path.open("wb") as kept:
        shutil.copyfileobj(file, kept, 1024 * 1024)
    return upload


def forget(upload: str) -> None:
    """Remove an upload and its rows with a problem."""
    remove(path_of(upload))
    remove(problems_of(upload))


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


def _sweep() -> None:
    for file in directory().iterdir():
        if time.time() - file.stat().st_mtime > KEPT:
            file.unlink(missing_ok=True)


async def sample(request: Request) -> Response:
    """The example, made for the Excel of the reader's language."""
    user = await _viewer(request)
    if user is None:
        return _to_sign_in(request)
    return Response(example_file(user.language), **_csv_named(text(user.language, "import.sample_name")))


async def problem_rows(request: Request) -> Response:
    """The rows of an upload that are not imported, to be mended and imported again; for people who may import."""
    user = await _viewer(request)
    if user is None:
        return _to_sign_in(request)
    if Right.EDIT not in user.rights:
        said = Problem("errors.not_allowed", right=Problem(f"auth.right.{Right.EDIT}"))
        return PlainTextResponse(said.text(user.language), 403)
    upload = request.path_params["upload"]
    if not is_name(upload) or not problems_of(upload).is_file():
        return PlainTextResponse(text(user.language, "import.no_file"), 404)
    return FileResponse(problems_of(upload), **_csv_named(text(user.language, "import.problems_name")))


def is_name(upload: object) -> bool:
    """Whether it can be the name of an upload: hexadecimal digits, so never a path."""
    return isinstance(upload, str) and len(upload) == _NAME and set(upload) <= set("0123456789abcdef")


async def _viewer(request: Request) -> Viewer | None:
    secret = secret_in(request.headers.get("cookie", ""))
    found = await data.read(find_session, secret, data.now()) if secret else None
    return found.viewer if found else None


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse(routes.sign_in(request.url.path), status_code=303, headers={"Cache-Control": "no-store"})


def _csv_named(name: str) -> dict:
    shown = {"Content-Disposition": f'attachment; filename="{name}"'}
    return {**_CSV, "headers": {**_CSV["headers"], **shown}}


ROUTES: Final = [
    Route(routes.IMPORT_SAMPLE, sample),
    Route(routes.IMPORT_PROBLEMS.replace("[upload]", "{upload}"), problem_rows),
]
