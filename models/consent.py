"""What a person may decide about the mass email they hold: the facts of the opt-out page (D3, D11)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from models.address import EVERYTHING, Address, OptOut
from models.campaign import Campaign, CampaignType, ListRole
from models.column_types import table
from models.errors import NotFound
from models.mass_email import MassEmail, MassEmailList
from models.queue_item import QueueItem
from models.recipient import Recipient
from models.target_list import TargetList
from models.test_send import TestSend

_HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`lists`: names of the target lists it is about; `entirely`: it is about everything. `opted_out`: the present
    state. `language`: the recipient's, "" when not known."""

    address: str
    lists: tuple[str, ...]
    entirely: bool
    opted_out: bool
    language: str
    sender: str
    is_test: bool = False


def hide(address: str) -> str:
    """The address half hidden: e•••••d@example.com. Whoever was forwarded the mail does not learn it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_HIDDEN * max(len(local) - 2, 3)}{local[-1:]}@{domain}"


def get_consent(session: Session, item_id: int) -> ConsentView:
    """The opt-out page of a queue item. Raises NotFound: no such item, or an Informational Email (has no opt-out)."""
    item, mail, person, address = (table(QueueItem).c, table(MassEmail).c, table(Recipient).c, table(Address).c)
    row = session.execute(
        select(item.mass_email_id, item.address_id, address.normal, person.language, mail.from_name)
        .join_from(table(QueueItem), table(MassEmail), mail.id == item.mass_email_id)
        .join(table(Recipient), person.id == item.recipient_id)
        .join(table(Address), address.id == item.address_id)
        .where(item.id == item_id)
    ).first()
    if row is None:
        raise NotFound("public.not_found.title")
    return _view(session, row.mass_email_id, row.address_id, row.normal or "", row.language, row.from_name)


def get_test_consent(session: Session, test_id: int) -> ConsentView:
    """The same page of a test, which changes nothing."""
    test = session.get(TestSend, test_id)
    mail = session.get(MassEmail, test.mass_email_id) if test else None
    if test is None or mail is None:
        raise NotFound("public.not_found.title")
    person = session.get(Recipient, test.recipient_id) if test.recipient_id else None
    view = _view(session, test.mass_email_id, None, test.address, person.language if person else "", mail.from_name)
    return ConsentView(view.address, view.lists, view.entirely, False, view.language, view.sender, is_test=True)


def _view(
    session: Session, mass_email_id: int, address_id: int | None, address: str, language: str, sender: str
) -> ConsentView:
    mail = session.get_one(MassEmail, mass_email_id)
    if session.get_one(Campaign, mail.campaign_id).type is CampaignType.INFORMATIONAL:
        raise NotFound("public.not_found.title")
    lists = target_lists(session, mass_email_id)
    wanted = [EVERYTHING] if mail.opt_out_entirely else [list_id for list_id, _ in lists]
    declined = _declined(session, address_id) if address_id else set()
    opted_out = EVERYTHING in declined or (bool(wanted) and declined.issuperset(wanted))
    names = tuple(name for _, name in lists)
    return ConsentView(hide(address), names, mail.opt_out_entirely, opted_out, language, sender)


def target_lists(session: Session, mass_email_id: int) -> list[tuple[int, str]]:
    """(id, name) of the target lists of a mass email, in their order."""
    rows = session.execute(
        select(table(TargetList).c.id, table(TargetList).c.name)
        .join(table(MassEmailList), table(MassEmailList).c.list_id == table(TargetList).c.id)
        .where(table(MassEmailList).c.mass_email_id == mass_email_id)
        .where(table(MassEmailList).c.role == ListRole.TARGET)
        .order_by(table(MassEmailList).c.position)
    )
    return [(row.id, row.name) for row in rows]


def _declined(session: Session, address_id: int) -> set[int]:
    declined = table(OptOut).c
    return set(session.scalars(select(declined.list_id).where(declined.address_id == address_id)))
