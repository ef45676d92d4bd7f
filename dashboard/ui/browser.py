"""What only the browser can do: the document's language, the stored appearance; the keys are in assets/kit/keys.js."""

import reflex as rx
from reflex_base.style import color_mode_imports


class DocumentSettings(rx.Fragment):
    """Draws nothing: keeps <html lang>, the title and the colour mode as the viewer's preferences say."""

    lang: rx.Var[str]
    appearance: rx.Var[str]
    name: rx.Var[str]

    def add_imports(self):
        return {"react": [rx.ImportVar(tag="useEffect")]}

    def add_hooks(self):
        mode = rx.Var(
            "setColorMode",
            _var_data=rx.vars.VarData(
                imports=color_mode_imports, hooks={"const { setColorMode } = useContext(ColorModeContext)": None}
            ),
        )
        return [
            _effect(f"document.documentElement.lang = {self.lang!s}", self.lang),
            _effect(f"document.title = {self.name!s} + ' · Envoi'", self.name),
            _effect(f"if ({self.appearance!s}) setColorMode({self.appearance!s})", self.appearance, mode),
        ]

    def _render(self, props=None):
        return super()._render(props).remove_props("lang", "appearance", "name")


def document_settings(lang: rx.Var[str], appearance: rx.Var[str], name: str | rx.Var[str]) -> rx.Component:
    """Put once into the shell; `name` is the page's."""
    return DocumentSettings.create(lang=lang, appearance=appearance, name=name)


def _effect(body: str, value: rx.Var, also: rx.Var | None = None) -> rx.Var:
    known = rx.vars.VarData.merge(value._get_all_var_data(), also._get_all_var_data() if also is not None else None)
    return rx.Var(f"useEffect(() => {{ {body} }}, [{value!s}])", _var_data=known)
