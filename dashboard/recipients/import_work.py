"""Imports under way in this process: begun here, gone on with at the next start when the process ended before them."""

import asyncio
import logging
import threading
from pathlib import Path
from typing import Final

import reflex as rx

from dashboard import data
from dashboard.acts.long_work import Stopped
from dashboard.recipients import import_files
from models import background_task
from models.catalogue import Problem
from models.errors import EnvoiError
from models.recipient_import import TASK, resume_import

_log = logging.getLogger(__name__)

_under_way: Final[dict[int, asyncio.Task[None]]] = {}
_stopping: Final = threading.Event()
_serving: Final[list[rx.App]] = []


def go_on(done: int = 0, total: int = 0) -> None:
    """Raises Stopped once the process is ending; called after each chunk."""
    if _stopping.is_set():
        raise Stopped(done, total)


def begin(task_id: int, path: Path) -> None:
    """Carry the import out, while its pages come and go."""
    if task_id not in _under_way:
        work = _under_way[task_id] = asyncio.create_task(_carry_out(task_id, path))
        work.add_done_callback(lambda _: _under_way.pop(task_id, None))


async def keep_going(app: rx.App) -> None:
    """The lifespan task: takes up what a former process left, and stops the work before this one ends."""
    _stopping.clear()
    _serving[:] = [app]
    try:
        await take_up()
        await asyncio.Event().wait()
    finally:
        _stopping.set()


def is_open(token: str) -> bool:
    """Whether the page of a client's token is connected to this process."""
    return any(app.event_namespace is not None and token in app.event_namespace.token_to_sid for app in _serving)


async def take_up() -> None:
    """Go on with the imports of uploads that have not ended. One of the command is not among them: its file is the
    person's own, and the command may be running."""
    for task in await data.read(background_task.running_tasks, TASK):
        path = Path(task.detail["plan"]["path"])
        if path.parent == import_files.directory():
            _log.info("The import %s goes on", task.id)
            begin(task.id or 0, path)


async def _carry_out(task_id: int, path: Path) -> None:
    """A file that another process holds is that one's to import. An error stays with the task, which its page shows."""
    try:
        with import_files.held(path) as ours:
            if not ours:
                return
            result = await data.work(resume_import, task_id, data.now(), on_chunk=go_on)
        if not result.cancelled:
            import_files.remove(path)
    except Stopped:
        return
    except FileNotFoundError:
        await data.run(background_task.fail, task_id, data.now(), str(Problem("import.file_gone")))
    except EnvoiError as error:
        _log.warning("The import %s ended: %s", task_id, error)
    except Exception:
        _log.exception("The import %s ended by an error", task_id)
