"""Uploaded spreadsheets: each under a name of chance in the data directory, beside it its rows with a problem.

They hold people's data: one goes when its import is done, and the rest after KEPT, looked for every hour.
"""

import asyncio
import secrets
import shutil
import time
from pathlib import Path
from typing import BinaryIO, Final

from models.catalogue import Problem
from models.errors import Invalid
from models.settings import settings

KEPT: Final = 7 * 24 * 3600
"""Seconds that an upload is kept for: an import that failed can be taken up again."""
_NAME: Final = 32
_HOUR: Final = 3600
_MEGABYTE: Final = 1024**2


class Uploads:
    """The uploads of one feature. `largest`: octets of a file."""

    every: Final[list["Uploads"]] = []

    def __init__(self, folder: str, largest: int) -> None:
        self.folder, self.largest = folder, largest
        self.every.append(self)

    def directory(self) -> Path:
        """Where they are, for the owner of the process only."""
        place = settings().data_dir.resolve() / self.folder
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    def path_of(self, upload: str) -> Path:
        """The file of an upload's name."""
        return self.directory() / f"{upload}.csv"

    def problems_of(self, upload: str) -> Path:
        """The file of its rows with a problem; there once it was checked."""
        return self.directory() / f"{upload}.problems.csv"

    def keep(self, file: BinaryIO) -> str:
        """The name that an upload is kept under. What the browser calls it is never part of a path. Raises Invalid
        (field "file") for one that is too large."""
        self.sweep()
        upload = secrets.token_hex(_NAME // 2)
        path = self.path_of(upload)
        file.seek(0, 2)
        if file.tell() > self.largest:
            raise Invalid({"file": Problem("import.too_large", limit=self.largest // _MEGABYTE)})
        file.seek(0)
        path.touch(mode=0o600)
        with path.open("wb") as kept:
            shutil.copyfileobj(file, kept, _MEGABYTE)
        return upload

    def forget(self, upload: str) -> None:
        """Remove an upload and its rows with a problem."""
        self.path_of(upload).unlink(missing_ok=True)
        self.problems_of(upload).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what has been kept long enough."""
        for file in self.directory().iterdir():
            if time.time() - file.stat().st_mtime > KEPT:
                file.unlink(missing_ok=True)


def is_name(upload: object) -> bool:
    """Whether it can be the name of an upload: hexadecimal digits, so never a path."""
    return isinstance(upload, str) and len(upload) == _NAME and set(upload) <= set("0123456789abcdef")


async def sweep_hourly() -> None:
    """The lifespan task: nothing stays longer because nobody uploads anything."""
    while True:
        for uploads in Uploads.every:
            await asyncio.to_thread(uploads.sweep)
        await asyncio.sleep(_HOUR)
