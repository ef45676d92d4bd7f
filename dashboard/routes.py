"""Every URL of the dashboard, once. `[name]` is a part that Reflex fills in; `to()` puts values in."""

from typing import Final
from urllib.parse import quote, urlencode

OVERVIEW: Final = "/"
CAMPAIGNS: Final = "/campaigns"
CAMPAIGN: Final = "/campaigns/[campaign_id]"
MASS_EMAILS: Final = "/mass-emails"
MASS_EMAIL: Final = "/mass-emails/[mass_email_id]"
MASS_EMAIL_NEW: Final = "/mass-emails/new"
MASS_EMAIL_EDIT: Final = "/mass-emails/[mass_email_id]/edit"
LOG: Final = "/log"
ANSWERS: Final = "/answers"
LOG_EXPORT: Final = "/log/export.csv"
TARGET_LISTS: Final = "/target-lists"
TARGET_LIST: Final = "/target-lists/[list_id]"
TARGET_LIST_SELECT: Final = "/target-lists/[list_id]/select"
TARGET_LIST_OPTED_OUT: Final = "/target-lists/[list_id]/opted-out"
RECIPIENTS: Final = "/recipients"
RECIPIENT: Final = "/recipients/[recipient_id]"
IMPORT: Final = "/import"
IMPORT_SAMPLE: Final = "/import/sample.csv"
IMPORT_PROBLEMS: Final = "/import/problem-rows/[upload]"
REPORTS: Final = "/reports"
EMAIL_TEMPLATES: Final = "/email-templates"
EMAIL_TEMPLATE: Final = "/email-templates/[template_id]"
EMAIL_TEMPLATE_NEW: Final = "/email-templates/new"
TRACKING_URLS: Final = "/tracking-urls"
CONSENT: Final = "/recipients/[recipient_id]/consent.[ending]"
CONSENT_OF_ALL: Final = "/recipients/consent.[ending]"
SUPPRESSIONS: Final = "/suppressions"
SUPPRESSIONS_EXPORT: Final = "/suppressions/export.csv"
SUPPRESSIONS_IMPORT: Final = "/suppressions/import"
SUPPRESSIONS_PROBLEMS: Final = "/suppressions/problem-rows/[upload]"
MAIL_CATCHER: Final = "/mail-catcher"
OUTBOUND_EMAILS: Final = "/admin/outbound-emails"
SMTP_ACCOUNTS: Final = "/admin/smtp-accounts"
GROUP_EMAIL_ACCOUNTS: Final = "/admin/group-email-accounts"
WEBHOOKS: Final = "/admin/webhooks"
SCHEDULED_JOBS: Final = "/admin/scheduled-jobs"
USERS: Final = "/admin/users"
MACHINE_RULES: Final = "/admin/machine-rules"
SYSTEM_HEALTH: Final = "/admin/system-health"

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
WELCOME: Final = "/welcome"
RESET: Final = "/reset"
HEALTH: Final = "/healthz"


def to(route: str, **values: object) -> str:
    """The URL of a route: `[name]` parts are filled from the values, the rest is the query, without empty ones."""
    query = {}
    for name, value in values.items():
        if f"[{name}]" in route:
            route = route.replace(f"[{name}]", quote(str(value), safe=""))
        elif value not in (None, ""):
            query[name] = str(value)
    return f"{route}?{urlencode(query)}" if query else route


def id_in(path: str) -> int:
    """The first number among the parts of a path, which is a record's id; 0, which no record has, without one."""
    return next((int(part) for part in path.split("/") if part.isascii() and part.isdigit() and len(part) < 18), 0)


def sign_in(after: str = "") -> str:
    """The sign-in page, which leads on to `after`, a path of this site."""
    return to(SIGN_IN, next=after if after not in {"", OVERVIEW} else "")
