"""The state of a list: reads the address, shows a page of rows, keeps the selection. Handlers change the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import reflex as rx

from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say
from dashboard.ui.list_spec import SIZES, Asked, ListSpec, Option

MOST_SELECTED = 100


@dataclass(frozen=True, slots=True)
class Sorted:
    """Which column the list is sorted by."""

    column: str = ""
    down: bool = False


class ListState(rx.State, mixin=True):
    """A State with a list declares `_spec`, `rows` and `load`:

    asked = self._asked()
    rows, total = await data.read(…, asked.sort, asked.page, asked.size)
    self.rows = […]
    self._show(user, total)

    A `total` that was counted to an end only (recipient_page.Count) is followed by `_count_up` with all `results`.
    """

    _spec: ClassVar[ListSpec]

    text: str = ""
    text_key: int = 0
    sorted: Sorted = Sorted()
    page: int = 1
    size: int = SIZES[0]
    total: int = 0
    results: int = 0
    range_text: str = ""
    filters: dict[str, str] = {}
    chips: dict[str, str] = {}
    options: dict[str, list[Option]] = {}
    view: str = ""
    view_links: dict[str, str] = {}
    view_counts: dict[str, str] = {}
    shown: bool = False
    filtered: bool = False
    selected: list[int] = []
    all_results: bool = False
    picking: bool = False
    hidden: str = rx.LocalStorage("")
    _typed: str = ""

    @rx.var
    def hidden_columns(self) -> list[str]:
        """The columns put away; kept in the browser."""
        return self.hidden.split(",") if self.hidden else []

    @rx.var
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @allowed(Right.LOOK)
    async def search(self, user: Viewer, text: str):
        self._typed = str(text)
        return self._go(replace(self._asked(), text=self._typed, page=1), replace_entry=True)

    @allowed(Right.LOOK)
    async def set_filter(self, user: Viewer, key: str, value: str):
        return self._filter(key, str(value))

    @allowed(Right.LOOK)
    async def toggle_filter(self, user: Viewer, key: str, value: str):
        """Put one value of several in, or out."""
        held = [one for one in self._asked().filters.get(key, "").split(",") if one]
        kept = [one for one in held if one != value]
        return self._filter(key, ",".join(kept if value in held else [*held, str(value)]))

    @allowed(Right.LOOK)
    async def set_dates(self, user: Viewer, key: str, given: dict[str, Any]):
        return self._filter(key, f"{given.get('from', '')}..{given.get('to', '')}")

    @allowed(Right.LOOK)
    async def drop_filter(self, user: Viewer, key: str):
        return self._filter(key, "")

    @allowed(Right.LOOK)
    async def clear_filters(self, user: Viewer):
        return self._go(replace(self._asked(), text="", filters={}, page=1))

    @allowed(Right.LOOK)
    async def sort_by(self, user: Viewer, column: str, down_first: bool = False):
        """Numbers go downwards first, words upwards; the second press turns it round."""
        asked = self._asked()
        up, down = str(column), f"-{column}"
        first, second = (down, up) if down_first is True else (up, down)
        return self._go(replace(asked, sort=second if asked.sort == first else first, page=1))

    @allowed(Right.LOOK)
    async def go_to(self, user: Viewer, page: int):
        return self._go(replace(self._asked(), page=max(1, int(page))))

    @allowed(Right.LOOK)
    async def set_size(self, user: Viewer, size: str):
        return self._go(replace(self._asked(), size=int(size), page=1))

    @allowed(Right.LOOK)
    async def toggle_column(self, user: Viewer, column: str):
        away = [name for name in self.hidden_columns if name != column]
        self.hidden = ",".join(away if column in self.hidden_columns else [*away, str(column)[:40]])

    @allowed(Right.LOOK)
    async def toggle(self, user: Viewer, record_id: int):
        self.all_results = False
        kept = [chosen for chosen in self.selected if chosen != record_id]
        self.selected = kept if record_id in self.selected else [*kept, int(record_id)][:MOST_SELECTED]

    @allowed(Right.LOOK)
    async def toggle_page(self, user: Viewer):
        """The whole page, or nothing; coming from all results, only this page."""
        every = [row.id for row in self.rows]
        leaves = len(self.selected) == len(every) and not self.all_results
        self.all_results, self.selected = False, [] if leaves else every

    @allowed(Right.LOOK)
    async def select_all(self, user: Viewer):
        self.selected, self.all_results = [row.id for row in self.rows], True

    @allowed(Right.LOOK)
    async def unselect(self, user: Viewer):
        self._unselect()

    @allowed(Right.LOOK)
    async def pick_rows(self, user: Viewer):
        """On a phone: show the checkboxes, or put them away."""
        self.picking = not self.picking
        self._unselect()

    def _asked(self) -> Asked:
        return self._spec.read(self.router.url.query_parameters)

    def _address(self, asked: Asked) -> str:
        """Where the list stands; a list inside a detail page stands at that page's path."""
        return self._spec.address(asked, self.router.url.path)

    def _go(self, asked: Asked, *, replace_entry: bool = False) -> Any:
        return rx.redirect(self._address(asked), replace=replace_entry)

    def _filter(self, key: str, value: str) -> Any:
        asked = self._asked()
        kept = {name: held for name, held in asked.filters.items() if name != key}
        return self._go(replace(asked, filters={**kept, key: value} if value else kept, page=1))

    def _show(
        self,
        user: Viewer,
        total: int,
        *,
        options: Mapping[str, list[Option]] | None = None,
        view_counts: Mapping[str, int] | None = None,
    ) -> None:
        """Put what the address asks for beside the rows, which the page has just set. Clears the selection."""
        asked, language = self._asked(), user.language
        self.options = dict(options) if options is not None else self.options
        self.filters = {f.key: asked.filters.get(f.key, "") for f in self._spec.filters}
        self.chips = {
            f.key: f.said(held, language, self.options.get(f.key, [])) if (held := self.filters[f.key]) else ""
            for f in self._spec.filters
        }
        if asked.text != self._typed:
            self._typed, self.text_key = asked.text, self.text_key + 1
        self.text, self.page, self.size = asked.text, asked.page, asked.size
        self.total = self.results = int(total)
        self.sorted = Sorted(asked.sort.removeprefix("-"), asked.sort.startswith("-"))
        self.filtered = bool(asked.text or asked.filters)
        self.view = self._spec.view_of(asked)
        self.view_links = {view.key: self._address(self._spec.viewed(asked, view)) for view in self._spec.views}
        if view_counts is not None:
            self.view_counts = {key: _counted(language, held) for key, held in view_counts.items()}
        self.range_text = _range(language, asked, total, len(self.rows))
        self._unselect()
        self.shown = True

    def _count_up(self, user: Viewer, results: int) -> None:
        """Say how many results there are, once that is known to the last one."""
        self.results = results
        self.range_text = _range(user.language, self._asked(), results, len(self.rows))

    def _unselect(self) -> None:
        self.selected, self.all_results = [], False

    def _chosen(self) -> list[int] | None:
        """The ids of a bulk act; None: all results of `_asked()`, as they are at the moment of the act."""
        return None if self.all_results else [int(chosen) for chosen in self.selected][:MOST_SELECTED]

    def _clear(self) -> None:
        self.rows, self.total, self.results, self.shown, self.selected, self.options = [], 0, 0, False, [], {}


def _range(language: str, asked: Asked, total: int, rows: int) -> str:
    if not total:
        return say(language, "list.none")
    first = (asked.page - 1) * asked.size + 1
    key = "list.range" if getattr(total, "exact", True) else "list.range_more"
    return say(language, key, first=first, last=first + rows - 1, total=total)


def _counted(language: str, number: int) -> str:
    """The number; with a plus when it was counted to there only."""
    return say(language, "ui.number", number=int(number)) + ("" if getattr(number, "exact", True) else "+")
