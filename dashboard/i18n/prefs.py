"""The viewer as the page knows them: language, zone, appearance, name, rights. Filled by a guarded handler only."""

import reflex as rx

from dashboard import data
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n.format import zone_name
from models.preferences import get_preferences, set_preferences


class Prefs(rx.State):
    """`ready` is false until the viewer is known: the shell stays hidden, so that no wrong language flashes."""

    ready: bool = False
    lang: str = "en"
    zone: str = "UTC"
    zone_label: str = "UTC"
    appearance: str = ""
    name: str = ""
    initials: str = ""
    can_edit: bool = False
    can_send: bool = False
    can_administer: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """Runs first on every page."""
        kept = await data.read(get_preferences, user.id)
        self.lang, self.zone, self.appearance = kept.language, kept.time_zone, kept.appearance
        self.zone_label = zone_name(kept.time_zone, data.now())
        self.name = user.name
        self.initials = "".join(part[0] for part in user.name.split()[:2]).upper()
        self.can_edit = Right.EDIT in user.rights
        self.can_send = Right.SEND in user.rights
        self.can_administer = Right.ADMINISTER in user.rights
        self.ready = True

    @allowed(Right.LOOK)
    async def set_language(self, user: Viewer, language: str):
        """Kept with the user; the page is loaded again, as its numbers and times are worded by the server."""
        await data.run(set_preferences, user.id, language=language)
        return rx.redirect(self._here(), replace=True)

    @allowed(Right.LOOK)
    async def set_appearance(self, user: Viewer, appearance: str):
        await data.run(set_preferences, user.id, appearance=appearance)
        self.appearance = appearance

    def _here(self) -> str:
        url = self.router.url
        return url.path + (f"?{url.query}" if url.query else "")

    def _clear(self) -> None:
        self.ready, self.name, self.initials = False, "", ""
        self.can_edit = self.can_send = self.can_administer = False
