"""The remark that returned mails are not recorded, wherever bounces are shown."""

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import tr


def not_watched_note() -> rx.Component:
    """No group email account is active, and the way to where one is set up."""
    way = ui.for_administrators(ui.text_link(tr("group_account.set_up"), routes.GROUP_EMAIL_ACCOUNTS))
    return ui.note(
        tr("group_account.not_watched_text"),
        title=tr("group_account.not_watched"),
        tone="",
        icon_name="undo-2",
        end=way,
    )
