"""The app, assembled: every page with its route, title and what loads it."""

import logging
from typing import Any, NamedTuple

import reflex as rx

from dashboard import live, routes, ui
from dashboard.acts import uploads
from dashboard.admin.group_email_accounts_page import GroupEmailAccounts, group_email_accounts_page
from dashboard.admin.health_page import Health, health_page
from dashboard.admin.machine_rules_page import MachineRules, machine_rules_page
from dashboard.admin.mail_catcher_page import MailCatcher, mail_catcher_page
from dashboard.admin.outbound_emails_page import OutboundPage, outbound_emails_page
from dashboard.admin.scheduled_jobs_page import ScheduledJobs, scheduled_jobs_page
from dashboard.admin.smtp_accounts_page import SmtpAccounts, smtp_accounts_page
from dashboard.admin.users_page import Users, users_page
from dashboard.admin.webhook_events import WebhookEvents
from dashboard.admin.webhooks_page import Webhooks, webhooks_page
from dashboard.answers.list_page import Answers, answers_page
from dashboard.auth.leave_page import leave_page
from dashboard.auth.tabs import guard_tabs
from dashboard.campaigns.detail_page import CampaignPage, campaign_page
from dashboard.campaigns.list_page import Campaigns, campaigns_page
from dashboard.email_templates.editor import TemplateEditor
from dashboard.email_templates.editor_page import email_template_page
from dashboard.email_templates.list_page import EmailTemplates, email_templates_page
from dashboard.log.list_page import Log, log_page
from dashboard.mass_emails.detail_page import LOADS, mass_email_page
from dashboard.mass_emails.form_page import MassEmailForm, edit_page, new_page
from dashboard.mass_emails.list_page import MassEmails, mass_emails_page
from dashboard.not_found_page import not_found_page
from dashboard.overview.overview_page import Home, overview_page
from dashboard.recipients import import_page, import_work
from dashboard.recipients.list_page import Recipients, recipients_page
from dashboard.recipients.person_page import PersonPage, person_page
from dashboard.reports.list_page import Reports, reports_page
from dashboard.suppressions.import_page import import_page as suppressions_import_page
from dashboard.suppressions.import_state import SuppressionImport
from dashboard.suppressions.list_page import Suppressions, suppressions_page
from dashboard.target_lists.entries_page import Entries, entries_page
from dashboard.target_lists.head import TargetListHead
from dashboard.target_lists.list_page import TargetLists, target_lists_page
from dashboard.target_lists.opted_out_page import OptedOut, list_opted_out_page
from dashboard.target_lists.select_page import Select, select_page
from dashboard.tracking_urls.list_page import TrackingUrls, tracking_urls_page
from models.catalogue import pair
from models.errors import EnvoiError

_log = logging.getLogger(__name__)


class Page(NamedTuple):
    """One page: its route, the function that draws it, its title (catalogue key), the handlers that fill it."""

    route: str
    draw: Any
    title: str
    on_load: list[Any] = []


def handle_error(exception: Exception) -> rx.event.EventSpec | None:
    """The last resort for what a handler let through: an error of the house is logged as a sentence, a bug in full."""
    if isinstance(exception, EnvoiError):
        _log.warning("%s", exception)
    else:
        _log.error("An event handler failed", exc_info=exception)
    return None


PAGES = [
    Page(routes.OVERVIEW, overview_page, "overview.title", [Home.load]),
    Page(routes.CAMPAIGNS, campaigns_page, "campaigns.title", [Campaigns.load]),
    Page(routes.CAMPAIGN, campaign_page, "campaigns.campaign", [CampaignPage.load]),
    Page(routes.MASS_EMAILS, mass_emails_page, "mass_emails.title", [MassEmails.load]),
    Page(routes.LOG, log_page, "log.title", [Log.load]),
    Page(routes.ANSWERS, answers_page, "nav.answers", [Answers.load]),
    Page(routes.MASS_EMAIL_NEW, new_page, "mass_emails.create", [MassEmailForm.load_new]),
    Page(routes.MASS_EMAIL, mass_email_page, "mass_emails.one", LOADS),
    Page(routes.MASS_EMAIL_EDIT, edit_page, "mass_emails.edit", [MassEmailForm.load_edit]),
    Page(routes.IMPORT, import_page.import_page, "import.page", import_page.ON_LOAD),
    Page(routes.TARGET_LISTS, target_lists_page, "target_lists.title", [TargetLists.load]),
    Page(routes.TARGET_LIST, entries_page, "target_lists.one", [TargetListHead.load, Entries.load]),
    Page(
        routes.TARGET_LIST_SELECT,
        select_page,
        "target_lists.one",
        [TargetListHead.load, Entries.load_behind, Select.load],
    ),
    Page(
        routes.TARGET_LIST_OPTED_OUT,
        list_opted_out_page,
        "target_lists.opted_out",
        [TargetListHead.load, OptedOut.load],
    ),
    Page(routes.RECIPIENTS, recipients_page, "recipients.title", [Recipients.load]),
    Page(routes.RECIPIENT, person_page, "recipients.one", [PersonPage.load]),
    Page(routes.REPORTS, reports_page, "reports.title", [Reports.load]),
    Page(routes.SUPPRESSIONS, suppressions_page, "nav.suppressions", [Suppressions.load]),
    Page(routes.SUPPRESSIONS_IMPORT, suppressions_import_page, "suppressions.import_title", [SuppressionImport.load]),
    Page(routes.EMAIL_TEMPLATES, email_templates_page, "nav.email_templates", [EmailTemplates.load]),
    Page(routes.EMAIL_TEMPLATE, email_template_page, "template.noun", [TemplateEditor.load]),
    Page(routes.TRACKING_URLS, tracking_urls_page, "nav.tracking_urls", [TrackingUrls.load]),
    Page(routes.OUTBOUND_EMAILS, outbound_emails_page, "outbound.title", [OutboundPage.load]),
    Page(routes.SMTP_ACCOUNTS, smtp_accounts_page, "smtp.title", [SmtpAccounts.load]),
    Page(routes.GROUP_EMAIL_ACCOUNTS, group_email_accounts_page, "group_account.title", [GroupEmailAccounts.load]),
    Page(routes.WEBHOOKS, webhooks_page, "webhook.title", [Webhooks.load, WebhookEvents.load]),
    Page(routes.SCHEDULED_JOBS, scheduled_jobs_page, "jobs.title", [ScheduledJobs.load]),
    Page(routes.MACHINE_RULES, machine_rules_page, "machine_rules.title", [MachineRules.load]),
    Page(routes.USERS, users_page, "users.title", [Users.load]),
    Page(routes.SYSTEM_HEALTH, health_page, "health_page.title", [Health.load]),
    Page(routes.MAIL_CATCHER, mail_catcher_page, "catcher.title", [MailCatcher.load]),
]

app = rx.App(backend_exception_handler=handle_error, html_lang="en", **ui.APP)
guard_tabs(app)
app.register_lifespan_task(live.watch)
app.register_lifespan_task(import_work.keep_going)
app.register_lifespan_task(uploads.sweep_hourly)
for page in PAGES:
    title = f"{pair(page.title)[0]} · Envoi"
    app.add_page(page.draw, route=page.route, title=title, on_load=[*ui.ON_LOAD, *page.on_load])
app.add_page(not_found_page, route="404", title=f"{pair('ui.no_page')[0]} · Envoi", on_load=[*ui.ON_LOAD])
app.add_page(leave_page, route=routes.SIGN_IN, title="Envoi")
