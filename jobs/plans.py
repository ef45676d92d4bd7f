"""The plan of a mass email: what compose needs, read from the database, its links numbered, compiled once."""

from sqlmodel import Session

from jobs.compose import Content, Mailing, Plan, compile_plan, destinations
from models import outbound_emails
from models.campaign import Campaign
from models.email_template import TemplateVersion
from models.errors import NotFound
from models.mass_email import get_row
from models.smtp_account import SmtpAccount, account_for
from models.tracking_url import ensure_links


def load_plan(session: Session, mass_email_id: int, version_id: int) -> Plan:
    """The plan of a version for a mass email; its links get their numbers. In a unit of work.

    Raises NotFound; Invalid for a content that cannot be a mail; Refused for a tracking URL of another campaign.
    """
    version = session.get(TemplateVersion, version_id)
    if version is None:
        raise NotFound("mass_email.no_version")
    content = Content(version.subject, version.html, version.text)
    mailing = _mailing(session, mass_email_id)
    return compile_plan(content, mailing, ensure_links(session, mass_email_id, destinations(content, mailing)))


def _mailing(session: Session, mass_email_id: int) -> Mailing:
    row = get_row(session, mass_email_id)
    campaign = session.get_one(Campaign, row.campaign_id)
    setting = outbound_emails.read(session)
    name, address = _sender(account_for(session, row.smtp_account_id), setting)
    return Mailing(
        mass_email_id=mass_email_id,
        campaign_id=row.campaign_id,
        type=campaign.type,
        list_name=campaign.name,
        from_name=row.from_name or name,
        from_address=row.from_address or address,
        site_url=outbound_emails.public_url(setting),
        reply_to=row.reply_to,
        track_opens=row.track_opens,
        track_links=row.track_links,
        mandatory_opt_out_link=setting.mandatory_opt_out_link,
        zone=row.zone,
        language=setting.language,
    )


def _sender(account: SmtpAccount, setting: outbound_emails.OutboundEmails) -> tuple[str, str]:
    """Name and address that mails of an account come from, unless the mass email says otherwise."""
    return account.from_name or setting.from_name, account.from_address or setting.from_address
