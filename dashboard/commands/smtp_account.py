"""envoi smtp-account set|test|list"""

import asyncio
import sys
from datetime import UTC, datetime
from email.utils import parseaddr

import click
from click import exceptions

from dashboard.commands import json_option, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models import smtp_account as accounts
from models.catalogue import Problem
from models.errors import Invalid, NotFound


@click.group("smtp-account")
def smtp_account() -> None:
    """The servers that mail is handed to."""


@smtp_account.command("set")
@click.argument("name")
@click.option("--host")
@click.option("--port", type=int)
@click.option("--tls", type=click.Choice([str(way) for way in accounts.Tls]))
@click.option("--username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--from", "sender", help='"Name <address>", or an address.')
@click.option("--max-per-hour", type=int, help="A lower limit than the one of Outbound Emails.")
@click.option("--default", "as_default", is_flag=True, help="Mail goes here from now on: for real.")
@json_option
def change(name: str, password_stdin: bool, sender: str | None, as_default: bool, as_json: bool, **values) -> None:
    """Make the account NAME, or change it. What is not named stays as it is."""
    prepare()
    given = {key: value for key, value in values.items() if value is not None}
    if sender is not None:
        given["from_name"], given["from_address"] = _sender(sender)
    if password_stdin:
        given["password"] = sys.stdin.readline().rstrip("\n")
    now = datetime.now(UTC)
    with db.unit_of_work(durable=True) as session:
        found = accounts.find_account(session, name)
        if found is None:
            account_id = accounts.create_account(session, {"name": name, **given}, now, by=audit.COMMAND)
        else:
            account_id = found.id
            accounts.edit_account(session, account_id, found.revision, given, now, by=audit.COMMAND)
        if as_default:  # the word --default is the confirmation that a page would ask for
            accounts.set_default(session, account_id, now, by=audit.COMMAND, confirmed=True)
        row = accounts.get_account_row(session, account_id)
    print_json(row) if as_json else _say(row)


@smtp_account.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Every account."""
    prepare()
    with db.reading() as session:
        rows = accounts.account_rows(session)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        _say(row)


@smtp_account.command()
@click.argument("name")
@json_option
def test(name: str, as_json: bool) -> None:
    """Connect and sign in, and say which step failed with which reply. Nothing is sent."""
    from jobs.smtp import Server, test_connection

    prepare()
    with db.reading() as session:
        found = accounts.find_account(session, name)
        if found is None:
            raise NotFound("errors.not_found", what=name)
        server = Server.of(found)
    outcome = asyncio.run(test_connection(server))
    works = outcome.step is None
    if as_json:
        print_json({"works": works, "step": outcome.step, "words": outcome.words})
    else:
        key = "cli.smtp_account.works" if works else "cli.smtp_account.fails"
        say(key, name=name, step=outcome.step, words=outcome.words)
    if not works:
        raise exceptions.Exit(1)


def _say(row: accounts.AccountRow) -> None:
    key = "cli.smtp_account.default" if row.is_default else "cli.smtp_account.line"
    say(key, name=row.name, host=row.host, port=row.port, tls=row.tls)


def _sender(typed: str) -> tuple[str, str]:
    name, address = parseaddr(typed)
    if "@" not in address:
        raise Invalid({"--from": Problem("cli.smtp_account.sender", typed=typed)})
    return name, address
