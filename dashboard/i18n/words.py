"""A key of the catalogue as a Var that follows the viewer's language, and as a sentence the server words."""

from typing import Any

import reflex as rx

from dashboard.i18n.format import Shown
from dashboard.i18n.prefs import Prefs
from models.catalogue import FORMS, pair, text


def tr(key: str) -> rx.Var[str]:
    """The sentence of a key in the viewer's language. KeyError at build time for an unknown key."""
    english, french = pair(key)
    return rx.Var.create(english) if english == french else rx.cond(Prefs.lang == "fr", french, english)


def tr_with(key: str, **values: Any) -> rx.Var[str]:
    """The sentence of a key with Vars put in by name. A number Var is grouped; `count` chooses the plural."""
    english, french = pair(key)
    return rx.cond(Prefs.lang == "fr", _filled(french, values, fr=True), _filled(english, values, fr=False))


def say(language: str, key: str, **values: Any) -> str:
    """The sentence of a key as the server words it: whole numbers among the values are grouped for the language."""
    shown = {
        name: Shown(value, language) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in values.items()
    }
    return text(language, key, **shown)


def number(value: rx.Var[int]) -> rx.Var[str]:
    """A number Var grouped in the browser, for figures that change in place: 31,904 or 31 904."""
    return (
        rx.Var(f"({value!s}).toLocaleString({Prefs.lang!s} === 'fr' ? 'fr-FR' : 'en-US')")
        .to(str)
        ._replace(
            merge_var_data=rx.vars.VarData.merge(
                rx.Var.create(value)._get_all_var_data(), Prefs.lang._get_all_var_data()
            )
        )
    )


def _filled(sentence: str, values: dict[str, Any], *, fr: bool) -> rx.Var[str] | str:
    if FORMS not in sentence:
        return _joined(sentence, values)
    one, other = (_joined(form, values) for form in sentence.split(FORMS))
    count = values["count"]
    return rx.cond(count <= 1 if fr else count == 1, one, other)


def _joined(sentence: str, values: dict[str, Any]) -> rx.Var[str] | str:
    made: Any = rx.Var.create("")
    while sentence:
        before, brace, rest = sentence.partition("{")
        if before:
            made += before
        if not brace:
            break
        name, _, sentence = rest.partition("}")
        made += _shown(values[name])
    return made


def _shown(value: Any) -> Any:
    if isinstance(value, rx.Var) and not isinstance(value, rx.vars.StringVar):
        return number(value) if isinstance(value, rx.vars.NumberVar) else value.to(str)
    return value if isinstance(value, rx.Var) else str(value)
