"""The wizard until its last step: the file, its mapping, and the dry run that says what it would do. Writes nothing."""

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import Stopped
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say
from dashboard.recipients import import_files, import_lines, import_work
from dashboard.recipients.import_lines import ColumnLine, Counted, GroupTab, PreviewLine, ProblemLine, Seen
from models.catalogue import Problem
from models.errors import Invalid
from models.import_mapping import CUSTOM, check_mapping, custom_field, propose_mapping
from models.import_result import ImportResult
from models.recipient import Kind
from models.recipient_import import ImportPlan, check, start_import
from models.recipient_page import custom_field_names
from models.spreadsheet_format import sniff
from models.target_list import check_texts
from models.target_list_page import list_choices

NEW_LIST = "new"
PROBLEMS_SHOWN = 7
_LOOK = 0.4  # seconds between two looks at a dry run


class Dropped(Exception):
    """The dry run is of no use any more: the mapping or the file is another one."""


class Import(rx.State):
    """`step`: file, columns or check; the import itself is ImportWork's. `_plan`: the ImportPlan as JSON, "" without a
    file. `_run` counts dry runs: whoever finds another number there has been overtaken."""

    shown: bool = False
    step: str = "file"
    kind: str = Kind.CONTACT
    target: str = ""
    new_list: str = ""
    lists: list[ui.Option] = []
    target_name: str = ""
    errors: dict[str, str] = {}
    reading: bool = False
    uploaded: int = 0
    file_name: str = ""
    file_facts: str = ""
    encoding: str = ""
    encoding_name: str = ""
    delimiter: str = ""
    delimiter_name: str = ""
    changing_format: bool = False
    columns: list[ColumnLine] = []
    fields: list[ui.Option] = []
    recognised: int = 0
    checking: bool = False
    checked: bool = False
    check_share: float = 0
    check_done: str = ""
    result: Counted = Counted()
    preview_heads: list[str] = []
    preview: list[PreviewLine] = []
    groups: list[GroupTab] = []
    group: str = ""
    problems: list[ProblemLine] = []
    problems_page: int = 1
    problems_pages: int = 1
    problems_range: str = ""
    problems_href: str = ""
    _upload: str = ""
    _plan: str = ""
    _seen: tuple[Seen, ...] = ()
    _known: tuple[str, ...] = ()
    _problems: tuple[ProblemLine, ...] = ()
    _counts: tuple[tuple[str, int], ...] = ()
    _run: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """A wizard that was begun in this tab is gone on with; the address says kind and list of a new one."""
        asked = self.router.url.query_parameters
        if not self._upload or not import_files.path_of(self._upload).is_file():
            self._begin_anew()
        if asked.get("kind") in import_lines.KINDS and not self._upload:
            self.kind = asked["kind"]
        found = await data.read(list_choices)
        self.lists = [
            ui.Option(str(list_id), name, format.count(user.language, people)) for list_id, name, people in found
        ]
        if any(option.value == asked.get("list") for option in self.lists):
            self.target = asked["list"]
        self._name_target()
        self.shown = True

    @allowed(Right.EDIT)
    async def take_file(self, user: Viewer, files: list[rx.UploadFile]):
        """Keep what was uploaded and look at it; a file that is none leaves the one before in place."""
        self.reading, self.errors, self.encoding, self.delimiter = True, {}, "", ""
        yield
        try:
            if len(files) != 1:
                raise Invalid({"file": Problem("import.one_file")})
            upload = await asyncio.to_thread(import_files.keep, files[0].file)
            try:
                await self._look_at(user, upload)
            except BaseException:
                import_files.forget(upload)
                raise
            if self._upload:
                import_files.forget(self._upload)
            self._upload, self.file_name = upload, (files[0].name or "")[-120:]
        except Invalid as error:
            self._fail(user, error)
        finally:
            self.reading, self.uploaded = False, 0

    @allowed(Right.EDIT)
    async def uploading(self, user: Viewer, progress: dict[str, Any]):
        """How much was sent, in percent; 0 again at the end, when `reading` says the rest."""
        share = progress.get("progress")
        self.uploaded = round(100 * share) if isinstance(share, (int, float)) and 0 < share < 1 else 0

    @allowed(Right.EDIT)
    async def reject_file(self, user: Viewer, files: list[dict[str, Any]]):
        """The browser did not even send it: too large, or several at once."""
        one = len(files) == 1
        problem = Problem("import.too_large", limit=import_files.LARGEST // 1024**2) if one else None
        self._fail(user, Invalid({"file": problem or Problem("import.one_file")}))

    @allowed(Right.EDIT)
    async def choose_kind(self, user: Viewer, kind: str):
        if kind in import_lines.KINDS and kind != self.kind:
            self.kind = str(kind)
            if self._plan:
                plan = replace(self._get_plan(), kind=Kind(kind))
                self._map(user, replace(plan, mapping=propose_mapping(plan.format.header, plan.kind, self._keys())))

    @allowed(Right.EDIT)
    async def choose_target(self, user: Viewer, target: str):
        self.target = target if target in {NEW_LIST, *(option.value for option in self.lists)} else ""
        self._name_target()

    @allowed(Right.EDIT)
    async def change_format(self, user: Viewer):
        self.changing_format = not self.changing_format

    @allowed(Right.EDIT)
    async def read_as(self, user: Viewer, what: str, choice: str):
        """Another encoding or separator than the recognised one; "" recognises it again."""
        if what not in {"encoding", "delimiter"} or not self._plan:
            return None
        before = (self.encoding, self.delimiter)
        setattr(self, what, str(choice))
        try:
            await self._look_at(user, self._upload)
        except Invalid as error:
            self.encoding, self.delimiter = before
            return self._fail(user, error)
        return Import.check_rows if self.step != "file" else None

    @allowed(Right.EDIT)
    async def to_columns(self, user: Viewer, given: dict[str, Any]):
        """From the first step to the second."""
        self.new_list = str(given.get("new_list", self.new_list))[:2_000]
        try:
            if not self._plan:
                raise Invalid({"file": Problem("import.no_file_yet")})
            if self.target == NEW_LIST:
                self._check_new_list()
        except Invalid as error:
            return self._fail(user, error)
        self._name_target()
        self.errors, self.step = {}, "columns"
        return Import.check_rows

    @allowed(Right.EDIT)
    async def map_column(self, user: Viewer, place: int, field: str):
        """What a column becomes; the dry run begins anew."""
        plan = self._get_plan() if self._plan else None
        if plan is None or not isinstance(place, int) or not 0 <= place < len(plan.mapping):
            return None
        mapping = list(plan.mapping)
        mapping[place] = str(field) or None
        self._map(user, replace(plan, mapping=tuple(mapping)))
        return Import.check_rows

    @allowed(Right.EDIT, background=True)
    async def check_rows(self, user: Viewer):
        """The dry run over the whole file, which says how far it is and stops when it is overtaken."""
        async with self:
            self._run += 1
            run, wrong, plan, upload = self._run, self._mapping_problems(user), self._get_plan(), self._upload
            self.checking, self.checked, self.check_share, self.check_done = not wrong, False, 0, ""
        if wrong:
            return
        stop, done = threading.Event(), [0]

        def on_chunk(rows: int, _total: int) -> None:
            done[0] = rows
            import_work.go_on()
            if stop.is_set():
                raise Dropped

        errors = import_files.problems_of(f"{upload}.{run}")
        work = asyncio.create_task(data.work(check, plan, errors=errors, on_chunk=on_chunk))
        while not (await asyncio.wait({work}, timeout=_LOOK))[0]:
            async with self:
                if self._run != run:
                    stop.set()
                else:
                    self.check_share = round(100 * done[0] / (plan.total or 1), 1)
                    self.check_done = _progress(user, done[0], plan.total)
        await self._take_check(user, run, upload, errors, work)

    @allowed(Right.EDIT)
    async def go(self, user: Viewer, step: str):
        """Between the steps: back at any time, on to the check once columns are understood."""
        if step in {"file", "columns", "check"} and self._plan:
            self.step = str(step) if step != "check" or not self._mapping_problems(user) else "columns"

    @allowed(Right.EDIT)
    async def discard(self, user: Viewer):
        """Begin anew; the upload goes."""
        if self._upload:
            import_files.forget(self._upload)
        self._begin_anew()

    @allowed(Right.LOOK)
    async def show_problems(self, user: Viewer, group: str, page: int):
        self.group, self.problems_page = str(group), max(1, int(page))
        self._show_problems(user)

    @allowed(Right.EDIT)
    async def start(self, user: Viewer):
        """The last step: the list, if it is new, and the task that writes. From here on it is ImportWork's."""
        if not self.checked or self.step != "check":
            return None
        plan, errors = self._get_plan(), import_files.problems_of(self._upload)
        plan = replace(plan, list_id=int(self.target) if self.target.isdigit() else None)
        name = self.new_list.strip() if self.target == NEW_LIST else ""
        task_id = await data.run(start_import, plan, data.now(), user.email, errors=errors, new_list=name)
        import_work.begin(task_id, plan.path)
        self._begin_anew()
        return rx.redirect(routes.to(routes.IMPORT, task=task_id))

    async def _look_at(self, user: Viewer, upload: str) -> None:
        """Encoding, separator, columns and a mapping; what was mapped by hand stays while the columns are the same."""
        path = import_files.path_of(upload)
        found = await asyncio.to_thread(sniff, path, encoding=self.encoding or None, delimiter=self.delimiter or None)
        names = await data.read(custom_field_names)
        self._known = tuple(CUSTOM + name for name in names if custom_field(name) == CUSTOM + name)
        kind, mapped = Kind(self.kind), self._get_plan() if self._plan else None
        mapping = propose_mapping(found.format.header, kind, self._keys())
        if mapped and mapped.format.header == found.format.header and upload == self._upload:
            mapping = mapped.mapping
        self._seen = import_lines.seen_columns(found)
        size = format.size(user.language, found.size)
        self.file_facts = say(user.language, "import.file_facts", count=found.row_count, size=size)
        self.encoding_name = import_lines.encoding_name(found.format.encoding)
        self.delimiter_name = import_lines.delimiter_name(found.format.delimiter, user.language)
        plan = ImportPlan(path, found.format, mapping, kind, None, user.language, found.row_count)
        self.errors = {}
        self._map(user, plan)

    def _map(self, user: Viewer, plan: ImportPlan) -> None:
        self._plan, self._run, self.checked = json.dumps(plan.as_json()), self._run + 1, False
        self.fields = import_lines.field_options(plan.kind, self._known, user.language)
        self.recognised = len([field for field in plan.mapping if field])
        problems = self._mapping_problems(user)
        self.errors = {"mapping": problems["mapping"]} if "mapping" in problems else {}
        self.columns = import_lines.column_lines(self._seen, plan.mapping, self._known, problems, user.language)

    def _mapping_problems(self, user: Viewer) -> dict[str, str]:
        plan = self._get_plan()
        try:
            check_mapping(plan.mapping, plan.kind, len(plan.format.header))
        except Invalid as error:
            return {place: problem.text(user.language) for place, problem in error.problems.items()}
        return {}

    async def _take_check(self, user: Viewer, run: int, upload: str, errors: Path, work: asyncio.Task) -> None:
        """The result of a dry run, unless another one has begun."""
        try:
            result = await work
        except (Dropped, Stopped):
            import_files.remove(errors)
            return
        async with self:
            if self._run == run and self._upload == upload:
                import_files.publish_problems(errors, upload)
                self._show_result(user, result)
            else:
                import_files.remove(errors)

    def _show_result(self, user: Viewer, result: ImportResult) -> None:
        plan, language = self._get_plan(), user.language
        fields = import_lines.preview_fields(plan.mapping)
        self.result = import_lines.counted(result, language)
        self.preview_heads = [import_lines.field_option(field, language).label for field in fields]
        self.preview = import_lines.preview_lines(result.preview, fields)
        self._problems = import_lines.problem_lines(result.shown, language)
        self.groups = import_lines.group_tabs(result, language)
        self._counts = tuple((str(group), count) for group, count in result.problems.items())
        self.group, self.problems_page = "", 1
        self.problems_href = routes.to(routes.IMPORT_PROBLEMS, upload=self._upload)
        self._show_problems(user)
        self.checking, self.checked = False, True

    def _show_problems(self, user: Viewer) -> None:
        rows = [row for row in self._problems if self.group in ("", row.group)]
        self.problems_pages = max(1, -(-len(rows) // PROBLEMS_SHOWN))
        self.problems_page = min(self.problems_page, self.problems_pages)
        first = (self.problems_page - 1) * PROBLEMS_SHOWN
        self.problems = rows[first : first + PROBLEMS_SHOWN]
        total = sum(count for group, count in self._counts if self.group in ("", group))
        values = {"first": first + 1, "last": first + len(self.problems), "total": total}
        self.problems_range = say(user.language, "import.range", **values) if rows else ""

    def _check_new_list(self) -> None:
        try:
            check_texts({"name": self.new_list}, {"name": 200}, required="name")
        except Invalid as error:
            raise Invalid({"new_list": error.problems["name"]}) from error

    def _name_target(self) -> None:
        chosen = next((option.label for option in self.lists if option.value == self.target), "")
        self.target_name = self.new_list.strip() if self.target == NEW_LIST else chosen

    def _fail(self, user: Viewer, error: Invalid) -> None:
        self.errors = {name: problem.text(user.language) for name, problem in error.problems.items()}

    def _get_plan(self) -> ImportPlan:
        return ImportPlan.from_json(json.loads(self._plan))

    def _keys(self) -> list[str]:
        return [name.removeprefix(CUSTOM) for name in self._known]

    def _begin_anew(self) -> None:
        run, shown, lists = self._run + 1, self.shown, self.lists
        self.reset()
        self._run, self.shown, self.lists = run, shown, lists

    def _clear(self) -> None:
        self.reset()


def _progress(user: Viewer, done: int, total: int) -> str:
    share = format.percent(user.language, done, total)
    return say(user.language, "import.progress", done=done, total=total, share=share)
