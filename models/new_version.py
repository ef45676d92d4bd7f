"""A new version for a mass email under way: offered when its template has one, taken only when a person says so (D8).

From then on it is what a claim writes into its items: who was mailed keeps the version they got.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Field, Session, SQLModel

from models import audit
from models.column_types import Utc, table
from models.email_template import TemplateVersion
from models.errors import Invalid, NotFound, Refused
from models.mailing import hold
from models.mass_email import MassEmail, MassEmailStatus, get_row, newest_version, status_name, touched, version_problem
from models.queue_count import queue_counts
from models.queue_table import MADE, ItemState, QueueItem

_TAKERS = frozenset(
    {MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED, MassEmailStatus.COMPLETE}
)
_OPEN = (ItemState.WAITING, ItemState.HELD, ItemState.FAILED, ItemState.UNCERTAIN)


class MassEmailVersion(SQLModel, table=True):
    """A version that a queued mass email had at some time; nothing while it has kept its first. `since` None: from the
    start."""

    __tablename__ = "mass_email_version"
    mass_email_id: int = Field(foreign_key="mass_email.id", primary_key=True)
    version_id: int = Field(foreign_key="template_version.id", primary_key=True)
    since: datetime | None = Field(default=None, sa_type=Utc)
    by: str = ""


_MAIL, _ITEM = table(MassEmail), table(QueueItem)
_USED, _VERSION = table(MassEmailVersion), table(TemplateVersion)


@dataclass(frozen=True, slots=True)
class Offer:
    """A newer version of the template than the frozen one. `people`: who waits for it, besides those to whom somebody
    may send again; None before the queue is built: then everybody."""

    version_id: int
    no: int
    saved_at: datetime
    saved_by: str
    frozen_id: int
    frozen_no: int
    people: int | None


@dataclass(frozen=True, slots=True)
class VersionUse:
    """A version of a mass email that has had several. `people`: whose message was sent with it. `since` None: from the
    start."""

    version_id: int
    no: int
    since: datetime | None
    by: str
    people: int
    current: bool


def find_offer(session: Session, mass_email_id: int) -> Offer | None:
    """The newer version that may be taken now; None: there is none, or nobody who would get it. Raises NotFound."""
    row = get_row(session, mass_email_id)
    newest = newest_version(session, row.template_id)
    if row.status not in _TAKERS or row.version_id is None or newest is None or newest.id in (None, row.version_id):
        return None
    frozen = session.get_one(TemplateVersion, row.version_id)
    counts = queue_counts(session, mass_email_id) if row.queue_done_at else None
    if newest.no <= frozen.no or (counts and not counts.waiting + counts.failed + counts.uncertain):
        return None
    people = counts.waiting if counts else None
    return Offer(newest.id, newest.no, newest.created_at, newest.created_by, row.version_id, frozen.no, people)


def find_unmailed(session: Session, mass_email_id: int) -> int | None:
    """The recipient id of somebody in the queue who was not sent it yet; None: there is nobody."""
    open_ = (_ITEM.c.mass_email_id == mass_email_id, _ITEM.c.state.in_(_OPEN))
    return session.scalar(select(_ITEM.c.recipient_id).where(*open_).limit(1))


def take_version(session: Session, mass_email_id: int, version_id: int, now: datetime, by: str) -> None:
    """Give a mass email the offered version, for the people not yet mailed. `version_id`: the one that was looked at.

    Raises NotFound; Refused when it is not offered, or a newer one is by now; Invalid when it may not go out with it.
    """
    hold(session, mass_email_id)
    offer, row = find_offer(session, mass_email_id), get_row(session, mass_email_id)
    if offer is None:
        raise Refused("new_version.none", status=status_name(row.status))
    if offer.version_id != version_id:
        raise Refused("new_version.newer_still", no=offer.no)
    if problem := version_problem(session, row.campaign_id, session.get_one(TemplateVersion, version_id)):
        raise Invalid({"template": problem})
    if row.queue_done_at is None:  # a queue being built has the old one: its builder begins anew
        changes = {"version_id": version_id, "queue_fence": _MAIL.c.queue_fence + 1}
    else:
        _keep(session, mass_email_id, offer, now, by)
        changes = {"version_id": version_id}
    session.execute(update(_MAIL).where(_MAIL.c.id == mass_email_id).values(**changes, **touched(now)))
    session.expire_all()
    numbers = {"before": offer.frozen_no, "after": offer.no, "people": offer.people}
    audit.note(session, now, by, "mass_email.new_version", "mass_email", mass_email_id, **numbers)


def _keep(session: Session, mass_email_id: int, offer: Offer, now: datetime, by: str) -> None:
    if session.get(MassEmailVersion, (mass_email_id, offer.frozen_id)) is None:
        session.add(MassEmailVersion(mass_email_id=mass_email_id, version_id=offer.frozen_id))
    session.add(MassEmailVersion(mass_email_id=mass_email_id, version_id=offer.version_id, since=now, by=by))
    session.flush()


def forget_versions(session: Session, mass_email_id: int) -> None:
    """The queue is undone: nobody got any version."""
    session.execute(delete(_USED).where(_USED.c.mass_email_id == mass_email_id))


def versions_of_mass_email(session: Session, mass_email_id: int) -> tuple[VersionUse, ...]:
    """The versions it has had, the newest first, with how many people got which; () while it has had only one. Counts
    the sent items of such a mass email: nothing to ask each second."""
    used = select(_VERSION.c.id, _VERSION.c.no, _USED.c.since, _USED.c.by).join_from(
        _USED, _VERSION, _VERSION.c.id == _USED.c.version_id
    )
    rows = session.execute(used.where(_USED.c.mass_email_id == mass_email_id).order_by(_VERSION.c.no.desc())).all()
    if not rows:
        return ()
    sent = (_ITEM.c.mass_email_id == mass_email_id, _ITEM.c.state == ItemState.SENT)
    counted = select(_ITEM.c.version_id, func.count().label("n")).where(*sent).group_by(_ITEM.c.version_id)
    people = {row.version_id: row.n for row in session.execute(counted)}
    now_in = session.scalar(select(_MAIL.c.version_id).where(_MAIL.c.id == mass_email_id))
    return tuple(
        VersionUse(row.id, row.no, row.since, row.by, people.get(row.id, 0), current=row.id == now_in) for row in rows
    )


def version_got(session: Session, mass_email_id: int, recipient_id: int) -> TemplateVersion:
    """The version that a person's message was made with, or would be now of who has none yet. Raises NotFound."""
    row = get_row(session, mass_email_id)
    mine = (_ITEM.c.mass_email_id == mass_email_id, _ITEM.c.recipient_id == recipient_id)
    got = session.execute(select(_ITEM.c.version_id, _ITEM.c.state).where(*mine)).first()
    version_id = got.version_id if got and got.state in MADE else row.version_id
    found = session.get(TemplateVersion, version_id) if version_id else newest_version(session, row.template_id)
    if found is None:
        raise NotFound("mass_email.no_version")
    return found
