"""envoi webhook set|list|events|assign|delete"""

import sys
from datetime import UTC, datetime

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, outbound_emails, webhook_event
from models import webhook as webhooks
from models.catalogue import text
from models.errors import NotFound
from models.mail_in import TO_DECIDE
from models.mail_intake import Meaning
from models.webhook import Provider, WebhookRow


@click.group()
def webhook() -> None:
    """Where providers report bounces, complaints and opt-outs."""


@webhook.command("set")
@click.argument("name")
@click.option("--provider", type=click.Choice([str(one) for one in Provider]), help="Of a new one; it stays.")
@click.option("--topic-arn", help="Amazon SNS: the one topic that is listened to.")
@click.option("--public-key", help="SendGrid: its verification key.")
@click.option("--username", help="Postmark, Brevo: of basic authentication.")
@click.option("--secret-stdin", is_flag=True, help="Read the key, password or token from standard input.")
@click.option("--active/--inactive", default=None, help="Inactive: its address is not there.")
@json_option
def change(name: str, secret_stdin: bool, as_json: bool, **values) -> None:
    """Make the webhook NAME, or change it, and print the address for the provider. What is not named stays as it is."""
    prepare()
    given = {key: value for key, value in values.items() if value is not None}
    if secret_stdin:
        given["secret"] = sys.stdin.readline().rstrip("\n")
    now = datetime.now(UTC)
    with db.unit_of_work(durable=True) as session:
        found = webhooks.find_webhook(session, name)
        if found is None:
            webhook_id = webhooks.create_webhook(session, {"name": name, **given}, now, by=audit.COMMAND)
        else:
            webhook_id = found.id
            webhooks.edit_webhook(session, webhook_id, found.revision, given, now, by=audit.COMMAND)
        row = webhooks.get_webhook_row(session, webhook_id)
        setting = outbound_emails.read(session)
        key = webhooks.get_key(session, webhook_id)
    address = webhooks.address_of(outbound_emails.public_url(setting), key)
    if as_json:
        print_json({**_plain(row), "address": address})
        return
    say("cli.webhook.address", name=row.name, address=address)
    if outbound_emails.site_url_warning(setting.site_url):
        say("cli.webhook.set_site_url")


@webhook.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Every webhook, and how it stands."""
    prepare()
    with db.reading() as session:
        rows = webhooks.webhook_rows(session)
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    for row in rows:
        say("cli.webhook.line", name=row.name, provider=row.provider, state=_state(row))


@webhook.command()
@click.option("--to-decide", is_flag=True, help="Only those that wait for a person.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def events(to_decide: bool, limit: int, as_json: bool) -> None:
    """What was reported last, the newest first."""
    prepare()
    with db.reading() as session:
        rows, _ = webhook_event.event_page(session, standings=TO_DECIDE if to_decide else (), size=limit)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        told = {"webhook": row.webhook, "word": row.word, "address": row.address, "standing": row.standing}
        say("cli.webhook.event", at=f"{row.at:%Y-%m-%d %H:%M:%S}Z", **told)


@webhook.command()
@click.argument("event_id", type=int)
@click.option("--recipient", type=int, required=True, help="Whose it is: the person's id.")
@click.option("--means", type=click.Choice([str(one) for one in webhook_event.ASSIGNABLE_MEANINGS]), required=True)
@json_option
def assign(event_id: int, recipient: int, means: str, as_json: bool) -> None:
    """Say whose the event EVENT_ID is and what it means, where no rule could."""
    prepare()
    now, meaning = datetime.now(UTC), Meaning(means)
    with db.unit_of_work(durable=True) as session:
        standing = webhook_event.assign(session, event_id, recipient, meaning, now, by=audit.COMMAND)
    if as_json:
        print_json({"id": event_id, "standing": standing})
    else:
        click.echo(text(language(), f"status.{standing}"))


@webhook.command()
@click.argument("name")
def delete(name: str) -> None:
    """Take no more reports at the address of NAME; what was reported stays."""
    prepare()
    with db.unit_of_work(durable=True) as session:
        found = webhooks.find_webhook(session, name)
        if found is None or found.id is None:
            raise NotFound("webhook.none_called", name=name)
        name = found.name
        webhooks.delete_webhook(session, found.id, datetime.now(UTC), by=audit.COMMAND)
    say("cli.webhook.deleted", name=name)


def _plain(row: WebhookRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in WebhookRow.__dataclass_fields__}


def _state(row: WebhookRow) -> str:
    if not row.active:
        return text(language(), "webhook.off")
    if row.trouble:
        return text(language(), f"webhook.trouble.{row.trouble}")
    at = f"{row.last_event_at:%Y-%m-%d %H:%M:%S}Z" if row.last_event_at else ""
    return text(language(), "webhook.last", time=at) if at else text(language(), "webhook.nothing_yet")
