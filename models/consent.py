"""What a person may decide about the mail they get: the facts of the opt-out and preferences pages (D3, D11)."""

from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select, union
from sqlmodel import Session

from models.address import EVERYTHING, Address, OptOut
from models.campaign import Campaign, CampaignType, ListRole
from models.column_types import table
from models.errors import NotFound
from models.mass_email import MassEmail, MassEmailList
from models.queue_item import QueueItem
from models.recipient import Recipient
from models.target_list import Membership, TargetList
from models.test_send import TestSend

_HIDDEN = "•"
_LIST = table(TargetList)
_PUBLIC = func.coalesce(func.nullif(_LIST.c.public_name, ""), _LIST.c.name)


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
    """(id, name as recipients read it) of the target lists of a mass email, in their order."""
    rows = session.execute(
        select(_LIST.c.id, _PUBLIC.label("name"))
        .join(table(MassEmailList), table(MassEmailList).c.list_id == _LIST.c.id)
        .where(table(MassEmailList).c.mass_email_id == mass_email_id)
        .where(table(MassEmailList).c.role == ListRole.TARGET)
        .order_by(table(MassEmailList).c.position)
    )
    return [(row.id, row.name) for row in rows]


def _declined(session: Session, address_id: int) -> set[int]:
    declined = table(OptOut).c
    return set(session.scalars(select(declined.list_id).where(declined.address_id == address_id)))


# --- preferences: all lists of an address ---


@dataclass(frozen=True, slots=True)
class ListChoice:
    """A list as its reader knows it. `wanted`: not declined by itself, whatever "everything" says."""

    id: int
    name: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything an address may decide. `nothing`: it declined all mail. `language` "" when not known."""

    address: str
    lists: tuple[ListChoice, ...]
    nothing: bool
    language: str
    sender: str
    is_test: bool = False

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(choice.id for choice in self.lists)


def get_preferences(session: Session, item_id: int) -> Preferences:
    """The preferences of a queue item's address: the lists it is a member of or has declined, by whichever record.

    A list without a public name shows itself only to whom mail to it was addressed: lists for the house's own use
    (whom to leave out, who pays late) stay its own. Raises NotFound as get_consent() does.
    """
    view = get_consent(session, item_id)
    item = table(QueueItem).c
    address_id: int = session.execute(select(item.address_id).where(item.id == item_id)).scalar_one()
    return _preferences(session, address_id, view)


def get_test_preferences(session: Session, test_id: int) -> Preferences:
    """The same page of a test, which changes nothing. A typed address that nobody has sees the mass email's lists."""
    view = get_test_consent(session, test_id)
    test = session.get_one(TestSend, test_id)
    person = session.get(Recipient, test.recipient_id) if test.recipient_id else None
    if person and person.address_id:
        return _preferences(session, person.address_id, view)
    lists = tuple(ListChoice(list_id, name, True) for list_id, name in target_lists(session, test.mass_email_id))
    return Preferences(view.address, lists, False, view.language, view.sender, view.is_test)


def _preferences(session: Session, address_id: int, view: ConsentView) -> Preferences:
    declined = _declined(session, address_id)
    rows = session.execute(_lists_of(address_id).order_by(func.lower(_PUBLIC), _LIST.c.id))
    lists = tuple(ListChoice(row.id, row.name, row.id not in declined) for row in rows)
    return Preferences(view.address, lists, EVERYTHING in declined, view.language, view.sender, view.is_test)


def _lists_of(address_id: int) -> Select[tuple[int, str]]:
    person, member, declined = table(Recipient).c, table(Membership).c, table(OptOut).c
    item, its, mine = table(QueueItem).c, table(MassEmailList).c, table(Recipient).c.address_id == address_id
    belongs = union(
        select(member.list_id).join_from(table(Membership), table(Recipient), person.id == member.recipient_id)
        .where(mine, person.archived_at.is_(None)),
        select(declined.list_id).where(declined.address_id == address_id),
    )  # fmt: skip
    mailed = (
        select(its.list_id)
        .join_from(table(Recipient), table(QueueItem), item.recipient_id == person.id)
        .join(table(MassEmailList), its.mass_email_id == item.mass_email_id)
        .where(mine, item.address_id == address_id, its.role == ListRole.TARGET)
    )
    return select(_LIST.c.id, _PUBLIC.label("name")).where(
        _LIST.c.deleted_at.is_(None),
        _LIST.c.id.in_(belongs),
        or_(_LIST.c.public_name != "", _LIST.c.id.in_(mailed)),
    )
