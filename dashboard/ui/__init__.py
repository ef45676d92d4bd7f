"""The kit that every page is made of; it knows no feature. docs/pages.md shows how to write a page with it."""

from dashboard.ui.app import APP, ON_LOAD
from dashboard.ui.button import Item, button, copy_button, icon_button, menu, row_menu
from dashboard.ui.column import (
    Column,
    count_column,
    link_column,
    number_column,
    status_column,
    text_column,
    time_column,
)
from dashboard.ui.countdown import countdown, milliseconds
from dashboard.ui.dialog import confirmation, dialog
from dashboard.ui.element import door, icon, link, server_link, spoken, text_link
from dashboard.ui.feedback import (
    empty,
    error,
    for_administrators,
    for_editors,
    for_senders,
    missing,
    no_rights,
    note,
    skeleton_figures,
    skeleton_rows,
)
from dashboard.ui.field import (
    date_field,
    lists_field,
    moment_field,
    number_field,
    password_field,
    select_field,
    switch_field,
    text_area,
    text_field,
    true,
)
from dashboard.ui.filter_bar import filter_bar
from dashboard.ui.form import fields, form, form_dialog, form_problems, more, topic
from dashboard.ui.form_state import FormState, Typed, revision_in
from dashboard.ui.list_panel import list_panel, paging, selected_count
from dashboard.ui.list_spec import SIZES, Asked, Filter, ListSpec, Option, View
from dashboard.ui.list_state import ListState
from dashboard.ui.page import live_sign, page, page_header, tabs
from dashboard.ui.panel import (
    Figure,
    Part,
    bar,
    columns,
    facts,
    figures,
    panel,
    panel_head,
    portion_cells,
    portions,
    progress,
)
from dashboard.ui.preview import has_dark_styles, mail_frame, sealed
from dashboard.ui.status import badge, plain_badge, state_icon, status
from dashboard.ui.switcher import segment_links, segments
from dashboard.ui.table import table
from dashboard.ui.timeline import Event, timeline
from dashboard.ui.toast import tell
from dashboard.ui.waterfall import Step, shares, waterfall
from dashboard.ui.window_field import said_window, typed_window, window_field, window_values
from dashboard.ui.work import long_work

__all__ = [
    "APP",
    "ON_LOAD",
    "SIZES",
    "Asked",
    "Column",
    "Event",
    "Figure",
    "Filter",
    "FormState",
    "Item",
    "ListSpec",
    "ListState",
    "Option",
    "Part",
    "Step",
    "Typed",
    "View",
    "badge",
    "bar",
    "button",
    "columns",
    "confirmation",
    "copy_button",
    "count_column",
    "countdown",
    "date_field",
    "dialog",
    "door",
    "empty",
    "error",
    "facts",
    "fields",
    "figures",
    "filter_bar",
    "for_administrators",
    "for_editors",
    "for_senders",
    "form",
    "form_dialog",
    "form_problems",
    "has_dark_styles",
    "icon",
    "icon_button",
    "link",
    "link_column",
    "list_panel",
    "lists_field",
    "live_sign",
    "long_work",
    "mail_frame",
    "menu",
    "milliseconds",
    "missing",
    "moment_field",
    "more",
    "no_rights",
    "note",
    "number_column",
    "number_field",
    "page",
    "page_header",
    "paging",
    "panel",
    "panel_head",
    "password_field",
    "plain_badge",
    "portion_cells",
    "portions",
    "progress",
    "revision_in",
    "row_menu",
    "said_window",
    "sealed",
    "segment_links",
    "segments",
    "select_field",
    "selected_count",
    "server_link",
    "shares",
    "skeleton_figures",
    "skeleton_rows",
    "spoken",
    "state_icon",
    "status",
    "status_column",
    "switch_field",
    "table",
    "tabs",
    "tell",
    "text_area",
    "text_column",
    "text_field",
    "text_link",
    "time_column",
    "timeline",
    "topic",
    "true",
    "typed_window",
    "waterfall",
    "window_field",
    "window_values",
]
