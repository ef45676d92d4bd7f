"""What the dashboard shows at /sign-in: nothing. The address is the server's, so the browser is made to ask there.

Inside the dashboard a redirect changes the address without loading a page; this one loads it.
"""

import reflex as rx


class _Load(rx.Fragment):
    def add_imports(self) -> dict[str, list[rx.ImportVar]]:
        return {"react": [rx.ImportVar(tag="useEffect")]}

    def add_hooks(self) -> list[rx.Var]:
        return [rx.Var("useEffect(() => { window.location.reload(); }, [])")]


def leave_page() -> rx.Component:
    """A page that asks the server for its own address."""
    return _Load.create()
