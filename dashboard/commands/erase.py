"""envoi erase ADDRESS | --recipient ID"""

import sys
from datetime import UTC, datetime

import click

from dashboard.commands import json_option, language, narrate, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, erasure
from models.catalogue import Problem, text
from models.erasure_plan import ErasurePlan, plan_address, plan_person
from models.errors import Invalid


@click.command()
@click.argument("address", required=False)
@click.option("--recipient", "recipient_id", type=int, help="Everybody with the address of this record.")
@click.option("--only", is_flag=True, help="With --recipient: this record alone, others keep the address.")
@click.option("--dry-run", is_flag=True, help="Say what would go and what would stay; erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, where somebody could answer.")
@json_option
def erase(address: str | None, recipient_id: int | None, only: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Erase a person on request: name, fields, address and what mail told of them. Figures stay; a hash of the address
    keeps imports from mailing them again. There is no way back."""
    prepare()
    plan = _plan(address, recipient_id, only)
    if not as_json:
        _tell(plan)
    if dry_run:
        print_json(_shown(plan, done=False)) if as_json else say("cli.erase.nothing")
        return
    if not yes and sys.stdin.isatty():
        click.confirm(text(language(), "erasure.question", count=len(plan.ids)), abort=True, err=True)
    with db.pinned() as doors:
        erasure.erase(doors, plan, datetime.now(UTC), audit.COMMAND)
    print_json(_shown(plan, done=True)) if as_json else say("erasure.done", count=len(plan.ids))


def _plan(address: str | None, recipient_id: int | None, only: bool) -> ErasurePlan:
    if (address is None) == (recipient_id is None) or (only and recipient_id is None):
        raise Invalid({"": Problem("cli.erase.which")})
    with db.reading() as session:
        if address is not None:
            return plan_address(session, address)
        return plan_person(session, recipient_id or 0, only=only)


def _tell(plan: ErasurePlan) -> None:
    for record in plan.records:
        click.echo(f"{record.id}  {record.kind}  {record.name}  {record.address}".rstrip(), err=True)
    for family, numbers in (("erasure.goes", plan.goes), ("erasure.stays", plan.stays)):
        narrate(family)
        for word, number in numbers.items():
            if number:
                click.echo(f"  {text(language(), f'{family}.{word}')}: {number}", err=True)
    if plan.kept_by:
        narrate("erasure.kept_by", count=plan.kept_by)


def _shown(plan: ErasurePlan, *, done: bool) -> dict[str, object]:
    """Without names and addresses: what a program keeps of an erasure must not undo it."""
    return {
        "erased": done,
        "records": plan.ids,
        "addresses": len(plan.addresses),
        "kept_by": plan.kept_by,
        "goes": plan.goes,
        "stays": plan.stays,
    }
