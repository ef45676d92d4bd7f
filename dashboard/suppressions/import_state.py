"""The state of an import of suppressions: the upload, what it would do, and the work itself (D23)."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LongWork, Stopped
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say
from dashboard.suppressions.import_files import LARGEST, UPLOADS
from models.catalogue import Problem
from models.errors import EnvoiError, Invalid
from models.suppression import SuppressionReason
from models.suppression_form import MOST_NOTE
from models.suppression_import import SuppressionCounts, SuppressionPlan, check_file, import_file, plan_file
from models.suppression_row import Defaults

IMPORTABLE: Final = tuple(reason for reason in SuppressionReason if reason is not SuppressionReason.ERASED)
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A row that is left out, in words."""

    where: str
    address: str
    problem: str


class SuppressionImport(ui.FormState, LongWork, rx.State):
    """`checked`: what the file would do is known; `done`: it was done, `stopped` before its end."""

    file_name: str = ""
    file_facts: str = ""
    columns_read: str = ""
    reading: bool = False
    checked: bool = False
    done: bool = False
    stopped: bool = False
    new: int = 0
    rows_said: str = ""
    new_said: str = ""
    already_said: str = ""
    problems_said: str = ""
    problems: list[ProblemLine] = []
    problems_href: str = ""
    _reason: str = SuppressionReason.MANUAL.value
    _upload: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        if not self._upload or self.done or not UPLOADS.path_of(self._upload).is_file():
            self._begin_anew()

    @allowed(Right.EDIT)
    async def take_file(self, user: Viewer, files: list[rx.UploadFile]):
        """Keep what was uploaded and look at it; a file that is none leaves the one before in place."""
        self.reading, self.errors = True, {}
        yield
        try:
            if len(files) != 1:
                raise Invalid({"file": Problem("import.one_file")})
            upload = await asyncio.to_thread(UPLOADS.keep, files[0].file)
            try:
                await self._look_at(user, upload)
            except BaseException:
                UPLOADS.forget(upload)
                raise
            if self._upload:
                UPLOADS.forget(self._upload)
            self._upload, self.file_name, self.checked = upload, (files[0].name or "")[-120:], False
            yield SuppressionImport.check
        except Invalid as error:
            self._fail(user, error)
        finally:
            self.reading = False

    @allowed(Right.EDIT)
    async def reject_file(self, user: Viewer, files: list[dict[str, Any]]):
        """The browser did not even send it: too large, or several at once."""
        large = Problem("import.too_large", limit=LARGEST // 1024**2)
        self._fail(user, Invalid({"file": large if len(files) == 1 else Problem("import.one_file")}))

    @allowed(Right.EDIT)
    async def choose_reason(self, user: Viewer, reason: str):
        """Of the rows that say none; what is suppressed already depends on it."""
        if reason in IMPORTABLE and not self.working:
            self._reason = SuppressionReason(reason).value
            return SuppressionImport.check if self._upload else None
        return None

    @allowed(Right.EDIT, background=True)
    async def check(self, user: Viewer):
        """Say what the file would do; nothing is written."""
        if not self._upload or not await self._may_begin():
            return
        async with self:
            self.checked, upload = False, self._upload
            defaults = Defaults(SuppressionReason(self._reason))
        await self._carry_out(user, check_file, upload, defaults, [data.now()])

    @allowed(Right.EDIT, background=True)
    async def start(self, user: Viewer, given: dict[str, Any]):
        """Do it."""
        if not self.checked or self.done or not await self._may_begin():
            return
        async with self:
            upload = self._upload
            try:
                defaults = self._read(user, given)
            except Invalid as error:
                self.working = False
                self._fail(user, error)
                return
        if await self._carry_out(user, import_file, upload, defaults, [data.now(), user.email]):
            UPLOADS.path_of(upload).unlink(missing_ok=True)

    @allowed(Right.EDIT)
    async def discard(self, user: Viewer):
        """Begin anew; the upload goes."""
        if self._upload and not self.working:
            UPLOADS.forget(self._upload)
            self._begin_anew()

    async def _carry_out(self, user: Viewer, act: Any, upload: str, defaults: Defaults, told: list[object]) -> bool:
        """Whether it came to its end; what it counted is shown. A stop keeps what was written."""
        writes = act is import_file
        try:
            plan = await asyncio.to_thread(_plan, upload, defaults, user.language)
            counts = await self._work(act, plan, *told, errors=UPLOADS.problems_of(upload))
        except Stopped:
            async with self:
                self.done = self.stopped = writes
                self.working = False
            return False
        except Invalid as error:
            async with self:
                self.working = False
                self._fail(user, error)
            return False
        except (EnvoiError, OSError):
            await self._end_work()
            raise
        async with self:
            self._show(user, upload, counts)
            self.done, self.stopped = writes, False
        return True

    async def _look_at(self, user: Viewer, upload: str) -> None:
        plan = await asyncio.to_thread(_plan, upload, Defaults(), user.language)
        language, size = user.language, format.size(user.language, plan.path.stat().st_size)
        self.file_facts = say(language, "import.file_facts", count=plan.total, size=size)
        said = (say(language, f"suppressions.column.{column}") for column in plan.places)
        self.columns_read = say(language, "suppressions.columns_read", columns=", ".join(said))

    def _show(self, user: Viewer, upload: str, counts: SuppressionCounts) -> None:
        language = user.language
        self.new, self.checked = counts.new, True
        self.rows_said, self.new_said, self.already_said, self.problems_said = (
            format.count(language, number) for number in (counts.rows, counts.new, counts.already, counts.problems)
        )
        self.problems = [
            ProblemLine(say(language, "suppressions.row", row=row.number), row.address[:80], row.problem.text(language))
            for row in counts.shown[:SHOWN]
        ]
        self.problems_href = routes.to(routes.SUPPRESSIONS_PROBLEMS, upload=upload) if counts.problems else ""

    def _read(self, user: Viewer, given: dict[str, Any]) -> Defaults:
        typed = ui.Typed(given)
        until, note = typed.moment("until", user.time_zone), typed.text("note")
        if until is not None and until <= data.now():
            typed.problems["until"] = Problem("suppressions.until_past")
        if len(note) > MOST_NOTE:
            typed.problems["note"] = Problem("errors.too_long", limit=MOST_NOTE)
        typed.check()
        return Defaults(SuppressionReason(self._reason), until, note)

    def _begin_anew(self) -> None:
        self.reset()
        self._open({"reason": SuppressionReason.MANUAL.value, "until": "", "note": ""})

    def _clear(self) -> None:
        self.reset()


def _plan(upload: str, defaults: Defaults, language: str) -> SuppressionPlan:
    path: Path = UPLOADS.path_of(upload)
    return plan_file(path, defaults, language=language)
