"""envoi send: campaign, template and mass email in one go"""

from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path

import click

from dashboard.commands import json_option, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models.campaign import CampaignStatus, CampaignType, create_campaign
from models.catalogue import Problem
from models.email_template import create_template
from models.errors import Invalid
from models.mass_email import create_mass_email, get_row
from models.target_list_page import ids_by_name
from models.tracking import Tracking

_EMAIL_TYPES = ("email", "newsletter", "informational")


@click.command()
@click.option("--campaign", required=True, help="The new campaign's name.")
@click.option("--list", "lists", multiple=True, required=True, help="A target list by name; repeat for more.")
@click.option("--exclude", multiple=True, help="A target list that is kept out, by name; repeat for more.")
@click.option(
    "--template", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An HTML file."
)
@click.option("--subject", required=True)
@click.option("--type", "campaign_type", type=click.Choice(_EMAIL_TYPES), default="newsletter", show_default=True)
@click.option("--from", "sender", default="", help='"Name <address>"; else the SMTP account\'s.')
@click.option("--at", default="", help="Date Start, ISO 8601 with a zone; else now.")
@click.option("--window", help='Sending window in the zone of --zone, like "mon-fri 09:00-18:00"; "" is none.')
@click.option("--zone", default="", help="Time zone like Europe/Paris; else the one of Outbound Emails.")
@click.option(
    "--tracking",
    type=click.Choice([str(one) for one in Tracking]),
    default=str(Tracking.INDIVIDUAL),
    show_default=True,
    help="How opens and clicks are followed.",
)
@click.option("--confirm", is_flag=True, help="Send although the site URL would make every link dead.")
@json_option
def send(
    campaign: str,
    lists: tuple[str, ...],
    exclude: tuple[str, ...],
    template: Path,
    subject: str,
    campaign_type: str,
    sender: str,
    at: str,
    window: str | None,
    zone: str,
    tracking: str,
    confirm: bool,
    as_json: bool,
) -> None:
    """Make a campaign, its template and a Pending mass email; prints the mass email's id. Nothing is made when one of
    them is refused."""
    prepare()
    now = datetime.now(UTC)
    start_at = _moment(at) if at else now
    from_name, from_address = parseaddr(sender)
    try:
        html = template.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid({"--template": Problem("cli.send.not_utf8", file=template.name)}) from error
    with db.unit_of_work() as session:
        values = {
            "name": campaign,
            "type": CampaignType(campaign_type),
            "status": CampaignStatus.ACTIVE,
            "lists": ids_by_name(session, lists),
            "excluded": ids_by_name(session, exclude),
        }
        campaign_id = create_campaign(session, values, now)
        made = create_template(session, campaign, subject, html, "", now, audit.COMMAND)
        mass_email_id = create_mass_email(
            session,
            campaign_id,
            {
                "template": made.id,
                "start_at": start_at,
                "from_name": from_name,
                "from_address": from_address,
                "tracking": tracking,
                **({"zone": zone} if zone else {}),
                **({"sending_window": window} if window is not None else {}),
            },
            now,
            audit.COMMAND,
            confirm=confirm,
        )
        name = get_row(session, mass_email_id).name
    if as_json:
        print_json({"campaign": campaign_id, "template": made.id, "mass_email": mass_email_id})
    else:
        say("cli.send.pending", name=name, id=mass_email_id)


def _moment(typed: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Invalid({"--at": Problem("cli.send.not_a_moment", typed=typed)}) from error
    if moment.tzinfo is None:
        raise Invalid({"--at": Problem("cli.send.no_zone", typed=typed)})
    return moment.astimezone(UTC)
