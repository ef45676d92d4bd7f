"""Reflex's configuration. What depends on the machine is an ENVOI_ variable (models/settings.py), not here."""

import reflex as rx

config = rx.Config(
    app_name="dashboard",
    # The same origin only: dashboard/asgi.py also refuses a socket from anywhere else.
    cors_allowed_origins=(),
    state_manager_mode="memory",  # what must survive a restart is in the database or in the URL
    redis_token_expiration=12 * 60 * 60,  # a page may stay open for a working day
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
    plugins=[rx.plugins.RadixThemesPlugin(theme=rx.theme(accent_color="indigo", gray_color="slate", radius="medium"))],
)
