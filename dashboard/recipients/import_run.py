"""The last step of the wizard: an import under way or ended, as its task says. It goes on when nobody looks."""

import asyncio
from pathlib import Path

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.recipients import import_files, import_lines, import_work
from dashboard.recipients.import_drawing import download, result_bar, result_lines
from dashboard.recipients.import_lines import Counted
from models import background_task
from models.background_task import BackgroundTask, TaskState, estimate, get_task
from models.errors import NotFound
from models.import_result import ImportResult
from models.import_row import Group
from models.recipient_import import TASK
from models.target_list_page import get_list

_LOOK = 0.5  # seconds between two looks at the task


class ImportWork(rx.State):
    """`state`: of the task. `open` while one is looked at."""

    open: bool = False
    task_id: int = 0
    state: str = ""
    kind: str = ""
    share: float = 0
    done: str = ""
    left: str = ""
    error: str = ""
    stopping: bool = False
    result: Counted = Counted()
    list_name: str = ""
    list_href: str = ""
    people_href: str = ""
    problems_href: str = ""
    can_resume: bool = False
    _following: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """The import that the address names; none: the wizard's other steps stand there."""
        asked = self.router.url.query_parameters.get("task", "")
        self.open, self.task_id = False, 0
        if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
            return None
        task = await data.read(get_task, int(asked))
        if task.kind != TASK:
            raise NotFound("errors.not_found", what=f"task {asked}")
        self.task_id, self.stopping = int(asked), False
        await self._name_list(task)
        self._take(user, task)
        self.open = True
        return ImportWork.follow if task.state is TaskState.RUNNING else None

    @allowed(Right.LOOK, background=True)
    async def follow(self, user: Viewer):
        """What the task says, twice a second, until it ends or the page is closed. One loop per tab."""
        async with self:
            if self._following:
                return
            self._following = True
        going = True
        while going:
            await asyncio.sleep(_LOOK)
            async with self:
                task = await data.read(get_task, self.task_id) if self.task_id else None
                going = task is not None and task.state is TaskState.RUNNING
                if task is not None:
                    self._take(user, task)
                going = going and import_work.is_open(self.router.session.client_token)
                self._following = going

    @allowed(Right.EDIT)
    async def cancel(self, user: Viewer):
        """Stops behind the rows of now; what was written stays."""
        await data.run(background_task.request_cancel, self.task_id)
        self.stopping = True

    @allowed(Right.EDIT)
    async def take_up(self, user: Viewer):
        """Go on with one that failed or was cancelled, behind its last row."""
        task = await data.read(get_task, self.task_id)
        path = Path(task.detail["plan"]["path"])
        if task.kind != TASK or not import_files.is_upload(path):
            raise NotFound("import.file_gone")
        task = await data.run(background_task.resume, self.task_id, data.now())
        import_work.begin(self.task_id, path)
        self.stopping = False
        self._take(user, task)
        return ImportWork.follow

    def _take(self, user: Viewer, task: BackgroundTask) -> None:
        language = user.language
        self.state, self.error, self.kind = str(task.state), task.error, task.detail["plan"]["kind"]
        self.share = round(100 * task.done / task.total, 1) if task.total else 0
        share = format.percent(language, task.done, task.total)
        self.done = say(language, "import.progress", done=task.done, total=task.total, share=share)
        rest = estimate(task, data.now())
        self.left = say(language, "import.left", time=format.duration(language, rest)) if rest is not None else ""
        self.result = import_lines.counted(_result_of(task), language)
        self.people_href = routes.to(routes.RECIPIENTS, kind=self.kind)
        path = Path(task.detail["plan"]["path"])
        ours = path.parent == import_files.directory()
        wrong = ours and self.result.problems and import_files.problems_of(path.stem).is_file()
        self.problems_href = routes.to(routes.IMPORT_PROBLEMS, upload=path.stem) if wrong else ""
        self.can_resume = import_files.is_upload(path) and task.state in {TaskState.FAILED, TaskState.CANCELLED}

    async def _name_list(self, task: BackgroundTask) -> None:
        """A list that was deleted since has no name and opens nothing."""
        self.list_name = self.list_href = ""
        if (list_id := task.detail["plan"]["list_id"]) is not None:
            try:
                self.list_name = (await data.read(get_list, list_id)).name
            except NotFound:
                return
            self.list_href = routes.to(routes.TARGET_LIST, list_id=list_id)

    def _clear(self) -> None:
        self.reset()


def _result_of(task: BackgroundTask) -> ImportResult:
    """The counts that the task keeps; its problem rows are known once it has ended."""
    names = ("new", "updated", "unchanged", "added", "accounts", "opted_out", "suppressed", "erased")
    counts = {name: int(task.detail["counts"].get(name, 0)) for name in names}
    problems = {Group(group): count for group, count in task.detail.get("problems", {}).items()}
    return ImportResult(rows=task.done, problems=problems, **counts)


def run_step() -> rx.Component:
    """The import under way, or what became of it."""
    work = ImportWork
    return rx.fragment(
        rx.cond(
            work.state == TaskState.RUNNING,
            ui.long_work(
                _title(work),
                work.share,
                work.done,
                rx.cond(work.stopping, tr("import.stopping"), work.left),
                work.cancel(),
            ),
            _ended(work),
        ),
        rx.cond(
            work.state == TaskState.RUNNING,
            ui.note(tr("import.goes_on"), tone="info"),
        ),
    )


def _title(work: type[ImportWork]) -> rx.Var[str]:
    return rx.cond(work.list_name != "", tr_with("import.into_running", name=work.list_name), tr("import.running"))


def _ended(work: type[ImportWork]) -> rx.Component:
    return rx.fragment(
        rx.match(
            work.state,
            ("failed", _note(work, "bad", "import.failed", work.error)),
            ("cancelled", _note(work, "warn", "import.cancelled", tr("import.cancelled_text"))),
            ui.note(
                tr_with("import.done_text", count=work.result.importable),
                tone="ok",
                title=tr("import.done"),
                alert=True,
            ),
        ),
        ui.panel(
            result_bar(work.result),
            result_lines(work.kind, work.result),
            rx.el.div(_list_line(work), _accounts_line(work), _erased_line(work), class_name="col"),
            title=tr("import.result"),
        ),
        rx.el.div(
            ui.button(tr("import.another"), icon_name="upload", to=routes.IMPORT),
            rx.cond(
                work.problems_href != "",
                download(tr("import.download_problems"), work.problems_href),
            ),
            rx.el.div(
                rx.cond(
                    work.list_href != "",
                    ui.button(tr("import.open_list"), look="pri", icon_name="list-checks", to=work.list_href),
                    ui.button(tr("import.open_people"), look="pri", icon_name="users", to=work.people_href),
                ),
                class_name="end",
            ),
            class_name="panel save",
        ),
    )


def _list_line(work: type[ImportWork]) -> rx.Component:
    words = tr_with("import.added", count=work.result.added)
    return rx.cond(
        work.list_href != "", rx.el.p(words, " ", ui.text_link(work.list_name, work.list_href), class_name="more")
    )


def _accounts_line(work: type[ImportWork]) -> rx.Component:
    words = tr_with("import.accounts", count=work.result.accounts)
    return rx.cond(work.result.accounts > 0, rx.el.p(words, class_name="mute more"))


def _erased_line(work: type[ImportWork]) -> rx.Component:
    words = tr_with("import.erased", count=work.result.erased)
    return rx.cond(work.result.erased > 0, rx.el.p(words, class_name="mute more"))


def _note(work: type[ImportWork], tone: str, title: str, text: rx.Var[str]) -> rx.Component:
    again = rx.cond(work.can_resume, ui.button(tr("import.take_up"), small=True, on_click=work.take_up()))
    return ui.note(text, tone=tone, title=tr(title), end=ui.for_editors(again), alert=True)
