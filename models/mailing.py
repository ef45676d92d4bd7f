"""The mailing: a mass email as its queue sees it, and the two moves that the queue itself makes.

Whoever writes items, log or counters of a mass email holds its row first: on PostgreSQL no two writers of one mass
email then wait for each other crosswise. Several in one unit of work: in the order of their ids.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, select
from sqlmodel import Session

from models.campaign import Campaign, CampaignStatus, CampaignType
from models.column_types import table
from models.counter import touch
from models.errors import NotFound
from models.mass_email import WORKER, MassEmail, MassEmailStatus, move
from models.queue_table import ItemState, QueueItem


@dataclass(frozen=True, slots=True)
class Mailing:
    """What the queue needs to know of a mass email and its campaign."""

    id: int
    campaign_id: int
    in_process: bool
    cancelled: bool
    campaign_inactive: bool
    informational: bool
    version_id: int | None

    @property
    def sends(self) -> bool:
        return self.in_process and not self.campaign_inactive

    @property
    def again(self) -> ItemState:
        """Where an item goes that has to be tried again."""
        return ItemState.CANCELLED if self.cancelled else ItemState.WAITING


_mail, _campaign = table(MassEmail).c, table(Campaign).c
_HELD: Final = select(_mail.id).where(_mail.id == bindparam("mail")).with_for_update()
_MAILING: Final = (
    select(_mail.campaign_id, _mail.status, _mail.version_id, _campaign.status.label("campaign"), _campaign.type)
    .join_from(table(MassEmail), table(Campaign), _campaign.id == _mail.campaign_id)
    .where(_mail.id == bindparam("mail"))
)
_HELD_MAILING: Final = _MAILING.with_for_update(of=table(MassEmail))
_item = table(QueueItem).c
_FINISHED: Final = select(_mail.id).where(
    _mail.id == bindparam("mail"),
    _mail.status == MassEmailStatus.IN_PROCESS,
    _mail.queue_done_at.is_not(None),
    ~exists().where(_item.mass_email_id == _mail.id, _item.state.in_([ItemState.WAITING, ItemState.HELD])),
)


def hold(session: Session, mass_email_id: int) -> None:
    """Keep other writers of a mass email waiting until the unit of work ends; SQLite has only one anyway."""
    session.execute(_HELD, {"mail": mass_email_id})


def hold_mailing(session: Session, mass_email_id: int) -> Mailing:
    """hold() and get_mailing() in one. Raises NotFound."""
    return _mailing_of(mass_email_id, session.execute(_HELD_MAILING, {"mail": mass_email_id}).first())


def get_mailing(session: Session, mass_email_id: int) -> Mailing:
    """The mailing of a mass email. Raises NotFound."""
    return _mailing_of(mass_email_id, session.execute(_MAILING, {"mail": mass_email_id}).first())


def _mailing_of(mass_email_id: int, row: Row[Any] | None) -> Mailing:
    if row is None:
        raise NotFound("delivery.no_mass_email")
    return Mailing(
        mass_email_id,
        row.campaign_id,
        row.status is MassEmailStatus.IN_PROCESS,
        row.status is MassEmailStatus.CANCELLED,
        row.campaign is CampaignStatus.INACTIVE,
        row.type is CampaignType.INFORMATIONAL,
        row.version_id,
    )


def finish_if_done(session: Session, mass_email_id: int, now: datetime) -> bool:
    """Whether the mass email became Complete: In Process, its queue built, and nobody waits or is held. Uncertain items
    do not keep it open (D13)."""
    if session.scalar(_FINISHED, {"mail": mass_email_id}) is None:
        return False
    move(session, mass_email_id, MassEmailStatus.COMPLETE, now, WORKER)
    return True


def go_on(session: Session, mass_email_id: int, now: datetime, by: str) -> None:
    """Items wait again: a Complete mass email is In Process again, a paused one stays paused. Raises Refused in every
    other status."""
    mail = table(MassEmail).c
    status = session.scalar(select(mail.status).where(mail.id == mass_email_id))
    if status not in {MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED}:
        move(session, mass_email_id, MassEmailStatus.IN_PROCESS, now, by)
    touch(session, mass_email_id, now)
