"""Rows to test with, each with sensible values; name only what the test is about."""

import hashlib
import itertools
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, select

from models.address import Address, Domain
from models.campaign import Campaign, CampaignList, CampaignStatus, CampaignType, ListRole
from models.column_types import table
from models.email_template import EmailTemplate, TemplateVersion
from models.mass_email import MassEmail, MassEmailList, MassEmailStatus
from models.queue_item import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.smtp_account import SmtpAccount, Tls
from models.target_list import Membership, Source, TargetList
from models.user import Role, User

NOW = datetime(2026, 9, 8, 11, 46, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def _put(session: Session, row):
    session.add(row)
    session.flush()
    return row


def address(session: Session, normal: str) -> Address:
    """The row of an address, made when it is not there."""
    if found := session.exec(select(Address).where(Address.normal == normal)).first():
        return found
    name = normal.rpartition("@")[2]
    domain = session.exec(select(Domain).where(Domain.name == name)).first() or _put(session, Domain(name=name))
    return _put(session, Address(normal=normal, domain_id=domain.id, created_at=NOW))


def recipient(session: Session, typed: str | None = "", *, kind: Kind = Kind.CONTACT, **values) -> Recipient:
    """`typed`: the address; "" makes one up, None is no address."""
    if typed == "":
        typed = f"person{next(_numbers)}@example.com"
    values = {"first_name": "Ada", "last_name": "Byron", "created_at": NOW, **values}
    values.setdefault("name", f"{values['first_name']} {values['last_name']}".strip() or values.get("company", ""))
    row = address(session, typed.strip().lower()) if typed else None
    return _put(session, Recipient(kind=kind, address_typed=typed or "", address_id=row.id if row else None, **values))


def many_recipients(session: Session, number: int) -> list[int]:
    """The ids of contacts without an address, "Person 000000" …, each made a second after the one before."""
    blank = {"kind": Kind.CONTACT, "first_name": "", "last_name": "", "company": "", "address_typed": "", "fields": {}}
    blank |= {"language": "", "time_zone": "", "revision": 1}
    rows = [blank | {"name": f"Person {n:06}", "created_at": NOW + timedelta(seconds=n)} for n in range(number)]
    people = table(Recipient)
    return list(session.scalars(insert(people).returning(people.c.id, sort_by_parameter_order=True), rows))


def target_list(session: Session, name: str = "Customers", members: list[Recipient] | None = None) -> TargetList:
    row = _put(session, TargetList(name=name, created_at=NOW, entry_count=len(members or [])))
    for member in members or []:
        session.add(Membership(list_id=row.id, recipient_id=member.id, added_at=NOW, source=Source.SELECT))
    session.flush()
    return row


def campaign(session: Session, *lists: TargetList, excluded: tuple[TargetList, ...] = (), **values) -> Campaign:
    values = {"name": "Rentrée 2026", "type": CampaignType.NEWSLETTER, "status": CampaignStatus.ACTIVE, **values}
    row = _put(session, Campaign(created_at=NOW, **values))
    for role, members in ((ListRole.TARGET, lists), (ListRole.EXCLUDED, excluded)):
        for position, member in enumerate(members):
            session.add(CampaignList(campaign_id=row.id, list_id=member.id, role=role, position=position))
    session.flush()
    return row


def template(session: Session, html: str = "<p>Hello {Person.firstName}</p>", subject: str = "News") -> TemplateVersion:
    """A template with one version; gives the version."""
    row = _put(session, EmailTemplate(name=f"Template {next(_numbers)}", created_at=NOW, changed_at=NOW))
    digest = hashlib.sha256(f"{subject}\0{html}\0".encode()).hexdigest()
    return _put(
        session,
        TemplateVersion(template_id=row.id, no=1, subject=subject, html=html, sha256=digest, created_at=NOW),
    )


def smtp_account(session: Session, **values) -> SmtpAccount:
    values = {
        "name": f"smtp {next(_numbers)}",
        "host": "127.0.0.1",
        "port": 2525,
        "tls": Tls.NONE,
        "from_name": "Atelier",
        "from_address": "news@sender.example",
        "is_default": True,
        **values,
    }
    return _put(session, SmtpAccount(created_at=NOW, **values))


def mass_email(
    session: Session,
    *lists: TargetList,
    excluded: tuple[TargetList, ...] = (),
    in_campaign: Campaign | None = None,
    version: TemplateVersion | None = None,
    **values,
) -> MassEmail:
    """Pending, its version frozen, due for a minute."""
    in_campaign = in_campaign or campaign(session, *lists, excluded=excluded)
    version = version or template(session)
    values = {
        "name": f"{in_campaign.name} – 2026-09-08",
        "status": MassEmailStatus.PENDING,
        "start_at": NOW - timedelta(minutes=1),
        "zone": "Europe/Paris",
        "template_id": version.template_id,
        "version_id": version.id,
        **values,
    }
    row = _put(session, MassEmail(campaign_id=in_campaign.id, created_at=NOW, changed_at=NOW, **values))
    for role, members in ((ListRole.TARGET, lists), (ListRole.EXCLUDED, excluded)):
        for position, member in enumerate(members):
            session.add(MassEmailList(mass_email_id=row.id, list_id=member.id, role=role, position=position))
    session.flush()
    return row


def queue_item(session: Session, mail: MassEmail, person: Recipient, state: ItemState = ItemState.WAITING, **values):
    return _put(
        session,
        QueueItem(
            mass_email_id=mail.id,
            address_id=person.address_id,
            recipient_id=person.id,
            list_id=values.pop("list_id", 0),
            version_id=mail.version_id,
            state=state,
            next_try_at=values.pop("next_try_at", NOW - timedelta(minutes=1)),
            **values,
        ),
    )


def user(session: Session, role: Role = Role.ADMINISTRATOR, **values) -> User:
    values = {"email": f"user{next(_numbers)}@example.com", "name": "Grace Hopper", **values}
    return _put(session, User(role=role, created_at=NOW, **values))
