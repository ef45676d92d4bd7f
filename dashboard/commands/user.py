"""envoi user add|reset"""

from datetime import UTC, datetime

import click

from dashboard import routes
from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models.settings import settings
from models.sign_in import issue_link
from models.user import NewUser, Role, create_user, get_user


@click.group()
def user() -> None:
    """The people who sign in."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="The name to show; the address when left out.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default="editor", show_default=True)
@json_option
def add(email: str, name: str, role: str, as_json: bool) -> None:
    """Make an account and print the link that sets its password (once, within 24 hours)."""
    prepare()
    now = datetime.now(UTC)
    given = NewUser(name or email, email, language())
    with db.unit_of_work() as session:
        made = create_user(session, given, Role(role), now, audit.COMMAND)
        link = _link(issue_link(session, made.id, now))
    _print(as_json, made.email, link)


@user.command()
@click.argument("email")
@json_option
def reset(email: str, as_json: bool) -> None:
    """Print a link that sets a new password (once, within 24 hours)."""
    prepare()
    now = datetime.now(UTC)
    with db.unit_of_work() as session:
        found = get_user(session, email)
        link = _link(issue_link(session, found.id, now))
        audit.note(session, now, audit.COMMAND, "user.reset_link", "user", found.id)
    _print(as_json, found.email, link)


def _link(secret: str) -> str:
    return f"{site_url()}{routes.RESET}/{secret}"


def site_url() -> str:
    """Where the dashboard is reached from this machine, or as the environment says."""
    here = settings()
    host = "localhost" if here.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else here.host  # noqa: S104 - compared
    return here.site_url.rstrip("/") or f"http://{host}:{here.port}"


def _print(as_json: bool, email: str, link: str) -> None:
    if as_json:
        print_json({"email": email, "link": link})
    else:
        say("cli.user.link", email=email)
        click.echo(link)
