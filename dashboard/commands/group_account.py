"""envoi group-account set|list|test|check|verify"""

import asyncio
import sys
from datetime import UTC, datetime

import click
from click import exceptions

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models import group_email_account as accounts
from models.catalogue import text
from models.errors import NotFound


@click.group("group-account")
def group_account() -> None:
    """Group Email Accounts: the mailboxes that are watched for what comes back."""


@group_account.command("set")
@click.argument("name")
@click.option("--address", help="Where returned mails go.")
@click.option("--protocol", type=click.Choice([str(one) for one in accounts.Protocol]))
@click.option("--host")
@click.option("--port", type=int)
@click.option("--tls", type=click.Choice([str(way) for way in accounts.Tls]))
@click.option("--check-certificate/--no-check-certificate", default=None)
@click.option("--username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--sign-in", type=click.Choice([str(way) for way in accounts.SignIn]))
@click.option("--token-url", help="With --sign-in xoauth2: where access tokens are bought.")
@click.option("--client-id")
@click.option("--client-secret-stdin", is_flag=True, help="Read the client secret from standard input.")
@click.option("--refresh-token-stdin", is_flag=True, help="Read the refresh token from standard input.")
@click.option(
    "--folder", "folders", multiple=True, help="A folder to watch; several times for several. INBOX at first."
)
@click.option("--afterwards", type=click.Choice([str(way) for way in accounts.Afterwards]), help="Once a mail is read.")
@click.option("--move-to", help="The folder for read mails, with --afterwards move.")
@click.option("--return-domain", help="A domain whose every address is delivered into this mailbox.")
@click.option("--active/--inactive", default=None)
@json_option
def change(name: str, as_json: bool, folders: tuple[str, ...], **values) -> None:
    """Make the account NAME, or change it. What is not named stays as it is. Secrets come in the order of their
    options, one a line."""
    prepare()
    secrets = ("password", "client_secret", "refresh_token")
    wanted = [secret for secret in secrets if values.pop(f"{secret}_stdin")]
    given = {key: value for key, value in values.items() if value is not None}
    given |= {secret: sys.stdin.readline().rstrip("\n") for secret in wanted}
    if folders:
        given["folders"] = list(folders)
    now = datetime.now(UTC)
    with db.unit_of_work(durable=True) as session:
        found = accounts.find_account(session, name)
        if found is None:
            account_id = accounts.create_account(session, {"name": name, **given}, now, by=audit.COMMAND)
        else:
            account_id = found.id
            accounts.edit_account(session, account_id, found.revision, given, now, by=audit.COMMAND)
        row = accounts.get_account_row(session, account_id)
    print_json(row) if as_json else _say(row)


@group_account.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Every account, and how the last look went."""
    prepare()
    with db.reading() as session:
        rows = accounts.account_rows(session)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        _say(row)


@group_account.command()
@click.argument("name")
@json_option
def test(name: str, as_json: bool) -> None:
    """Sign in and open the folders, and say which step failed with which words. No mail is read."""
    from jobs.bounces import try_mailbox

    prepare()
    outcome = asyncio.run(try_mailbox(_account(name)))
    works = outcome.step is None
    if as_json:
        print_json({"works": works, "step": outcome.step, "words": outcome.words, "folders": outcome.folders})
    else:
        key = "cli.group_account.works" if works else "cli.group_account.fails"
        say(key, name=name, step=outcome.step, words=outcome.words, folders=", ".join(outcome.folders))
    if not works:
        raise exceptions.Exit(1)


@group_account.command()
@click.argument("name")
@json_option
def check(name: str, as_json: bool) -> None:
    """Take in what is new in the mailbox now, as the scheduled job does."""
    from jobs.bounces import check_account

    prepare()
    found = asyncio.run(check_account(_account(name).id or 0))
    if as_json:
        print_json({"counts": found.counts, "error": found.error})
    elif not found.error:
        counted = [f"{text(language(), f'status.{one}')} {n}" for one, n in found.counts.items()]
        say(
            "cli.group_account.checked",
            name=name,
            counts=", ".join(counted) or text(language(), "cli.group_account.nothing"),
        )
    if found.error:
        click.echo(f"envoi: {found.error}", err=True)
        raise exceptions.Exit(1)


@group_account.command()
@click.argument("name")
def verify(name: str) -> None:
    """Send the mail that verifies the return path; it is verified when a check finds it in the mailbox."""
    from jobs.return_path_mail import verify_return_path

    prepare()
    to = asyncio.run(verify_return_path(_account(name).id or 0, audit.COMMAND))
    say("cli.group_account.verifying", address=to)


def _account(name: str) -> accounts.GroupEmailAccount:
    with db.reading() as session:
        found = accounts.find_account(session, name)
        if found is None:
            raise NotFound("group_account.none_called", name=name)
        return accounts.detached(session, found.id or 0)


def _say(row: accounts.AccountRow) -> None:
    state = "inactive" if not row.active else "trouble" if row.trouble else "fine" if row.checked_at else "never"
    said = text(language(), f"cli.group_account.state.{state}", words=row.last_words)
    where = {"protocol": row.protocol, "host": row.host, "port": row.port, "state": said}
    say("cli.group_account.line", name=row.name, address=row.address, **where)
