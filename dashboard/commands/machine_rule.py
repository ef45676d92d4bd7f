"""envoi machine-rule list|add|apply|remove"""

from datetime import UTC, datetime

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models.catalogue import text
from models.machine import Told
from models.machine_rule import apply_rule, create_rule, delete_rule, rule_rows

SIDES = {"person": True, "machine": False}


@click.group()
def machine_rule() -> None:
    """Who counts as a person, and who as a machine. The oldest rule that fits decides."""


@machine_rule.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """The rules in the order in which they decide."""
    prepare()
    with db.reading() as session:
        rows = rule_rows(session)
    if as_json:
        print_json({"rules": rows})
        return
    for row in rows:
        side = "person" if row.human else "machine"
        click.echo(f"{row.id}  {side:7}  {row.told_by:7}  {row.pattern}  {row.note}".rstrip())


@machine_rule.command()
@click.argument("side", type=click.Choice(list(SIDES)))
@click.option("--network", default="", help="A network like 203.0.113.0/24.")
@click.option("--agent", default="", help="A part of the user agent, in any case.")
@click.option("--note", default="", help="Why.")
@json_option
def add(side: str, network: str, agent: str, note: str, as_json: bool) -> None:
    """Let a network, or a part of a user agent, count as SIDE from now on; `apply` is for the past."""
    if bool(network) == bool(agent):
        raise click.UsageError(text(language(), "cli.machine_rule.one"))
    prepare()
    told_by = Told.NETWORK if network else Told.AGENT
    values = {"told_by": told_by, "pattern": network or agent, "human": SIDES[side], "note": note}
    with db.unit_of_work() as session:
        rule_id = create_rule(session, values, datetime.now(UTC), audit.COMMAND)
    print_json({"id": rule_id}) if as_json else say("machine_rules.created")


@machine_rule.command("apply")
@click.argument("rule_id", metavar="ID", type=int)
@json_option
def apply_one(rule_id: int, as_json: bool) -> None:
    """Turn the opens and clicks of the past that the rule decides about; figures follow."""
    prepare()
    with db.pinned() as doors:
        turned = apply_rule(doors, rule_id, datetime.now(UTC), audit.COMMAND)
    print_json({"turned": turned}) if as_json else say("machine_rules.applied", count=turned)


@machine_rule.command()
@click.argument("rule_id", metavar="ID", type=int)
@json_option
def remove(rule_id: int, as_json: bool) -> None:
    """Delete a rule; what it turned stays as it is."""
    prepare()
    with db.unit_of_work() as session:
        delete_rule(session, rule_id, datetime.now(UTC), audit.COMMAND)
    print_json({"id": rule_id}) if as_json else say("machine_rules.deleted")
