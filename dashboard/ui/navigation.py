"""The pages of the sidebar and the palette, in their four groups."""

from dataclasses import dataclass
from typing import Final

from dashboard import routes


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the sidebar. `name`: its catalogue key under nav. and its id; `go`: the letter after G."""

    name: str
    route: str
    icon_name: str
    go: str = ""


# Only what exists: an entry without its page is a dead end.
GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        "",
        (
            Entry("overview", routes.OVERVIEW, "layout-dashboard", "o"),
            Entry("campaigns", routes.CAMPAIGNS, "megaphone", "c"),
            Entry("mass_emails", routes.MASS_EMAILS, "mails", "m"),
            Entry("log", routes.LOG, "scroll-text", "l"),
            Entry("answers", routes.ANSWERS, "inbox"),
        ),
    ),
    (
        "audience",
        (
            Entry("target_lists", routes.TARGET_LISTS, "list-checks", "t"),
            Entry("recipients", routes.RECIPIENTS, "users", "r"),
            Entry("reports", routes.REPORTS, "funnel"),
            Entry("suppressions", routes.SUPPRESSIONS, "shield-ban", "s"),
        ),
    ),
    (
        "content",
        (
            Entry("email_templates", routes.EMAIL_TEMPLATES, "file-text", "e"),
            Entry("tracking_urls", routes.TRACKING_URLS, "link"),
        ),
    ),
    (
        "administration",
        (
            Entry("outbound_emails", routes.OUTBOUND_EMAILS, "sliders-horizontal"),
            Entry("smtp_accounts", routes.SMTP_ACCOUNTS, "server"),
            Entry("group_email_accounts", routes.GROUP_EMAIL_ACCOUNTS, "mailbox"),
            Entry("webhooks", routes.WEBHOOKS, "webhook"),
            Entry("scheduled_jobs", routes.SCHEDULED_JOBS, "calendar-clock"),
            Entry("machine_rules", routes.MACHINE_RULES, "bot"),
            Entry("users", routes.USERS, "user-cog"),
            Entry("system_health", routes.SYSTEM_HEALTH, "heart-pulse"),
            Entry("mail_catcher", routes.MAIL_CATCHER, "mail-check"),
        ),
    ),
)
