"""The source of a mail: CodeMirror in a form, a file into it, the question before unsaved text is left."""

from typing import Any, Final

import reflex as rx

from dashboard.i18n import tr
from dashboard.ui.form_state import field_id
from models.placeholder import MOST_SOURCE

# Pinned, as reflex.lock holds them; those of CodeMirror itself must be one copy each.
PACKAGES: Final = [
    "@uiw/react-codemirror@4.25.12",
    "@codemirror/autocomplete@6.20.4",
    "@codemirror/lang-html@6.4.12",
    "@codemirror/language@6.13.1",
    "@codemirror/lint@6.9.8",
    "@lezer/highlight@1.2.5",
]
LIBRARY: Final = "$/public/kit/source_editor.js"
MOST_SENT: Final = MOST_SOURCE + 1
"""Characters of a part that are sent: enough for the server to see that there are too many."""


class SourceEditor(rx.NoSSRComponent):
    """assets/kit/source_editor.js. Its hidden input, named as the part, carries the text in the form."""

    library = LIBRARY
    tag = "SourceEditor"
    lib_dependencies: list[str] = PACKAGES

    part: rx.Var[str]
    label: rx.Var[str]
    start: rx.Var[str]
    hint: rx.Var[str]
    height: rx.Var[str]
    read_only: rx.Var[bool]
    invalid: rx.Var[bool]
    choices: rx.Var[list[Any]]
    faults: rx.Var[list[Any]]
    most: rx.Var[int]
    loads: rx.Var[int]
    replaced: rx.Var[int]
    on_write: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class SourceFile(rx.NoSSRComponent):
    """A button that reads a file of the reader's disk into a source, in the browser."""

    library = LIBRARY
    tag = "SourceFile"
    lib_dependencies: list[str] = PACKAGES

    part: rx.Var[str]
    most: rx.Var[int]
    on_refused: rx.EventHandler[rx.event.passthrough_event_spec(str, int)]


class UnsavedGuard(rx.NoSSRComponent):
    """Keeps what is not saved, asks before it is left; its hidden input is the revision that was edited."""

    library = LIBRARY
    tag = "UnsavedGuard"
    lib_dependencies: list[str] = PACKAGES

    form: rx.Var[str]
    opened: rx.Var[int]
    saves: rx.Var[int]
    loads: rx.Var[int]
    based: rx.Var[int]
    replaced: rx.Var[int]
    revision: rx.Var[int]
    question: rx.Var[str]


def source_editor(form: Any, part: str, label: Any, **more: Any) -> rx.Component:
    """The field of a part ("html", "text") of the state's values; see TemplateEditor for what it counts."""
    return rx.el.div(
        SourceEditor.create(
            part=part,
            label=label,
            start=form.values[part],
            invalid=form.errors.contains(part),
            most=MOST_SENT,
            loads=form.loads,
            replaced=form.replaced,
            key=form.serial,
            **more,
        ),
        id=field_id(form, part),
    )


def source_file(part: str, *children: Any, on_refused: Any) -> rx.Component:
    """`on_refused(name, octets)`: the file is too large."""
    return SourceFile.create(*children, part=part, most=MOST_SOURCE, on_refused=on_refused)


def unsaved_guard(form_id: str, form: Any) -> rx.Component:
    """Put once into the form of that id; `form`: its state, which counts (see TemplateEditor)."""
    return UnsavedGuard.create(
        form=form_id,
        opened=form.serial,
        saves=form.saves,
        loads=form.loads,
        based=form.based,
        replaced=form.replaced,
        revision=form.revision,
        question=tr("templates.leave_question"),
    )
