"""The plan of a mass email: what compose needs, read from the database, its links numbered, compiled once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from jobs.compose import Content, Mailing, Plan, Rendered, compile_plan, destinations, preview
from models import group_email_account, outbound_emails, token_key, webhook
from models.campaign import Campaign
from models.email_template import TemplateVersion, get_version
from models.errors import NotFound
from models.mass_email import get_row
from models.new_version import version_got
from models.person import load_persons
from models.return_path import find_return_path
from models.smtp_account import SmtpAccount, account_for
from models.tracking import Tracking
from models.tracking_url import ensure_links


def load_plan(session: Session, mass_email_id: int, version_id: int) -> Plan:
    """The plan of a version for a mass email; its links get their numbers. In a unit of work.

    Raises NotFound; Invalid for a content that cannot be a mail; Refused for a tracking URL of another campaign.
    """
    version = session.get(TemplateVersion, version_id)
    if version is None:
        raise NotFound("mass_email.no_version")
    content = Content(version.subject, version.html, version.text)
    mailing = mailing_of(session, mass_email_id)
    links = ensure_links(session, mass_email_id, destinations(content, mailing))
    return compile_plan(content, mailing, links, token_key.ring(session))


NO_SENDER: Final = "sender@envoi.invalid"
"""Who mail comes from that never leaves this machine, when nobody said (RFC 2606: no such domain)."""


@dataclass(frozen=True, slots=True)
class AsRead:
    """A mass email as one person reads it. `sender`: what stands after From; `version_no`: of its template."""

    person: str
    address: str
    sender: str
    mail: Rendered
    version_no: int


def load_preview(
    session: Session, mass_email_id: int, recipient_id: int, now: datetime, version_id: int | None = None
) -> AsRead:
    """The mass email as a recipient would read it, nothing written. `version_id` None: the version that they got, or
    would get. Raises NotFound; Invalid for a content that cannot be a mail, or values that no mail can carry."""
    version = get_version(session, version_id) if version_id else version_got(session, mass_email_id, recipient_id)
    mailing = mailing_of(session, mass_email_id)
    person = load_persons(session, [recipient_id]).get(recipient_id)
    if person is None:
        raise NotFound("errors.not_found", what=f"#{recipient_id}")
    mail = preview(Content(version.subject, version.html, version.text), mailing, person, now)
    sender = f"{mailing.from_name} <{mailing.from_address}>" if mailing.from_name else mailing.from_address
    return AsRead(person.name, person.address, sender, mail, version.no)


def mailing_of(session: Session, mass_email_id: int) -> Mailing:
    """What the frame of a mass email needs to know, as it is now. Raises NotFound."""
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
        track_opens=row.track_opens and row.tracking is not Tracking.NONE,
        track_links=row.track_links and row.tracking is not Tracking.NONE,
        individual=row.tracking is Tracking.INDIVIDUAL,
        mandatory_opt_out_link=setting.mandatory_opt_out_link,
        zone=row.zone,
        language=setting.language,
        opt_out_address=group_email_account.opt_out_address(session),
        item_headers=webhook.item_headers(session),
        return_path=find_return_path(session),
    )


def _sender(account: SmtpAccount, setting: outbound_emails.OutboundEmails) -> tuple[str, str]:
    """Name and address that mails of an account come from, unless the mass email says otherwise. What the catcher gets
    needs no address that anybody set: the first campaign can be tried before anything is configured."""
    address = account.from_address or setting.from_address
    return account.from_name or setting.from_name, address or (NO_SENDER if account.is_catcher else "")
