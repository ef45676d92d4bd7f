"""envoi smtp-account set|test|list|dkim"""

import asyncio
import sys
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TextIO

import click
from click import exceptions

from dashboard.commands import json_option, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, outbound_emails
from models import smtp_account as accounts
from models.catalogue import Problem
from models.dkim_key import check_place, generate_key
from models.errors import Invalid, NotFound


@click.group("smtp-account")
def smtp_account() -> None:
    """The servers that mail is handed to."""


@smtp_account.command("set")
@click.argument("name")
@click.option("--host")
@click.option("--port", type=int)
@click.option("--tls", type=click.Choice([str(way) for way in accounts.Tls]))
@click.option("--check-certificate/--any-certificate", default=None, help="Any: whoever is in between can read all.")
@click.option("--auth", "sign_in", type=click.Choice([str(way) for way in accounts.SignIn]))
@click.option("--username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--token-url", help="XOAUTH2: where the provider hands out access tokens.")
@click.option("--client-id", help="XOAUTH2: the application, as registered at the provider.")
@click.option("--client-secret-stdin", is_flag=True, help="Read the application's secret from standard input.")
@click.option("--refresh-token-stdin", is_flag=True, help="Read the refresh token from standard input.")
@click.option("--from", "sender", help='"Name <address>", or an address.')
@click.option("--max-per-hour", type=int, help="A lower limit than the one of Outbound Emails.")
@click.option("--weight", type=int, help="Its part of what leaves by the default account; 0: only what names it.")
@click.option("--stand-by/--no-stand-by", default=None, help="Sends only while every other account is in trouble.")
@click.option("--connections", type=int, help="How many at a time.")
@click.option("--messages-per-connection", type=int, help="Many servers bear 50 to 200.")
@click.option("--connect-seconds", type=int, help="How long to wait for a connection,")
@click.option("--reply-seconds", type=int, help="for a reply,")
@click.option("--answer-seconds", type=int, help="and for the answer to a whole message: long, or people get it twice.")
@click.option("--default", "as_default", is_flag=True, help="Mail goes here from now on: for real.")
@json_option
def change(
    name: str,
    password_stdin: bool,
    client_secret_stdin: bool,
    refresh_token_stdin: bool,
    sender: str | None,
    as_default: bool,
    as_json: bool,
    **values,
) -> None:
    """Make the account NAME, or change it. What is not named stays as it is. Several secrets on standard input: one a
    line, in the order password, client secret, refresh token."""
    prepare()
    given = {key: value for key, value in values.items() if value is not None}
    if sender is not None:
        given["from_name"], given["from_address"] = _sender(sender)
    read = {"password": password_stdin, "client_secret": client_secret_stdin, "refresh_token": refresh_token_stdin}
    given |= {secret: sys.stdin.readline().rstrip("\n") for secret, wanted in read.items() if wanted}
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


@smtp_account.command()
@click.argument("name")
@click.option("--domain", help="The domain that signs: the sender's, or one above it.")
@click.option("--selector", help="A name for the key, e.g. envoi1.")
@click.option("--generate", is_flag=True, help="Make a new key.")
@click.option(
    "--algorithm",
    type=click.Choice([str(way) for way in accounts.DkimAlgorithm]),
    default=str(accounts.DkimAlgorithm.RSA),
    show_default=True,
    help="RSA is understood everywhere, Ed25519 is not.",
)
@click.option("--key-file", type=click.File(), help="A private key of yours, as PEM.")
@click.option("--off", is_flag=True, help="Sign no more; the key is forgotten.")
@json_option
def dkim(
    name: str,
    domain: str | None,
    selector: str | None,
    generate: bool,
    algorithm: str,
    key_file: TextIO | None,
    off: bool,
    as_json: bool,
) -> None:
    """Sign what the account NAME sends (DKIM), and print the DNS record to publish. Without options: the record."""
    prepare()
    given: dict[str, object] = {"dkim_domain": domain, "dkim_selector": selector}
    given = {"dkim_domain": ""} if off else {key: value for key, value in given.items() if value is not None}
    if generate:
        if domain and selector:
            check_place(domain, selector)  # before a key is made
        given["dkim_key"] = generate_key(accounts.DkimAlgorithm(algorithm))
    elif key_file:
        given["dkim_key"] = key_file.read()
    with db.unit_of_work(durable=True) as session:
        found = _found(session, name)
        if given:
            accounts.edit_account(session, found.id, found.revision, given, datetime.now(UTC), by=audit.COMMAND)
        record = accounts.dkim_record(session, found.id)
    if as_json:
        print_json({"record": record})
    elif record:
        say("cli.smtp_account.dkim", name=record.name, value=record.value)
    else:
        say("cli.smtp_account.no_dkim", name=name)


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
    """Connect, sign in, name the sender, and say which step failed with which reply. Nothing is sent."""
    from jobs.smtp import Server, test_connection

    prepare()
    with db.reading() as session:
        server = Server.of(_found(session, name), outbound_emails.read(session).from_address)
    outcome = asyncio.run(test_connection(server))
    works = outcome.step is None
    if as_json:
        print_json({"works": works, "step": outcome.step, "words": outcome.words})
    else:
        key = "cli.smtp_account.works" if works else "cli.smtp_account.fails"
        say(key, name=name, step=outcome.step, words=outcome.words)
    if not works:
        raise exceptions.Exit(1)


def _found(session, name: str) -> accounts.SmtpAccount:
    found = accounts.find_account(session, name)
    if found is None:
        raise NotFound("smtp_account.none_called", name=name)
    return found


def _say(row: accounts.AccountRow) -> None:
    key = "cli.smtp_account.default" if row.is_default else "cli.smtp_account.line"
    say(key, name=row.name, host=row.host, port=row.port, tls=row.tls)


def _sender(typed: str) -> tuple[str, str]:
    name, address = parseaddr(typed)
    if "@" not in address:
        raise Invalid({"--from": Problem("cli.smtp_account.sender", typed=typed)})
    return name, address
