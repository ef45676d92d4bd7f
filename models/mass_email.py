"""The mass email: one mailing of a campaign, from Draft to Complete (D5, D6, D8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Index,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import Field, Session, SQLModel

from models import audit, mass_email_form, outbound_emails, queue_count, smtp_account, tracking_url
from models.audit import Audit
from models.campaign import Campaign, CampaignList, CampaignStatus, CampaignType, ListRole
from models.catalogue import Problem
from models.column_types import Utc, code_field, count_changed, table
from models.email_template import EmailTemplate, TemplateVersion
from models.errors import Conflict, Invalid, NotFound, Refused
from models.mass_email_form import Checked
from models.queue_table import Claim, QueueItem
from models.target_list import TargetList
from models.tracking import Tracking
from models.tracking_url import Link


class MassEmailStatus(StrEnum):
    """Stored by place: append only."""

    DRAFT = "draft"
    PENDING = "pending"
    IN_PROCESS = "in_process"
    PAUSED = "paused"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    FAILED = "failed"


class LeftOutReason(StrEnum):
    """Why a person does not get a mass email; the first that applies, in this order (D1, D6). Stored by place."""

    ARCHIVED = "archived"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    EXCLUDED = "excluded"
    OPTED_OUT_ENTIRELY = "opted_out_entirely"
    OPTED_OUT = "opted_out"
    DUPLICATE = "duplicate"


class MassEmail(SQLModel, table=True):
    """`version_id` is frozen at Draft → Pending. `smtp_account_id` None: the default one. `reply_to` and from: "" as
    set in Outbound Emails. `change_seq` and `changed_at` move with every change of its figures: what the live page
    follows. `zone`: IANA name in which Date Start was given and `sending_window` (sending_window.parse) is read.
    `queue_fence` is taken by whoever builds the queue: an older builder stops at its next chunk. `audience`: the counts
    of the finished queue, as audience.Audience writes them. `log_kept_from`: retention may have taken log records from
    before it; None: none."""

    __tablename__ = "mass_email"
    __table_args__ = (Index("ix_mass_email_status_start", "status", "start_at"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str = Field(index=True)
    status: MassEmailStatus = code_field(MassEmailStatus)
    start_at: datetime = Field(sa_type=Utc)
    zone: str = "UTC"
    sending_window: str = Field(default="", sa_column_kwargs={"server_default": ""})
    template_id: int = Field(foreign_key="email_template.id", index=True)
    version_id: int | None = Field(default=None, foreign_key="template_version.id")
    smtp_account_id: int | None = Field(default=None, foreign_key="smtp_account.id")
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    opt_out_entirely: bool = False
    store_sent_emails: bool = False
    track_opens: bool = True
    track_links: bool = True
    tracking: Tracking = code_field(Tracking, default=Tracking.INDIVIDUAL, server_default="1")
    log_kept_from: datetime | None = Field(default=None, sa_type=Utc)
    queue_fence: int = 0
    audience: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    queue_done_at: datetime | None = Field(default=None, sa_type=Utc)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    portions_done: int = 0
    trouble: str = ""
    change_seq: int = 0
    changed_at: datetime = Field(sa_type=Utc, index=True)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class MassEmailList(SQLModel, table=True):
    """A list of a mass email: its own since creation, whatever becomes of the campaign's."""

    __tablename__ = "mass_email_list"
    __table_args__ = (UniqueConstraint("mass_email_id", "role", "position"),)
    mass_email_id: int = Field(foreign_key="mass_email.id", primary_key=True)
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    role: ListRole = code_field(ListRole, primary_key=True)
    position: int


class LeftOut(SQLModel, table=True):
    """A person who does not get a mass email, with the one reason. `because_id`: the excluding list, the named twin's
    recipient, or the SuppressionReason's code. No foreign keys: written in bulk from rows that are never deleted."""

    __tablename__ = "left_out"
    __table_args__ = (Index("ix_left_out_reason", "mass_email_id", "reason", "recipient_id"),)
    mass_email_id: int = Field(primary_key=True)
    recipient_id: int = Field(primary_key=True, index=True)
    reason: LeftOutReason = code_field(LeftOutReason)
    because_id: int | None = None


class Mover(StrEnum):
    """Who moves a mass email from one status to the next."""

    PERSON = "person"
    WORKER = "worker"


WORKER: Final = "worker"
"""`by` of what the worker does by itself."""

EMAIL_TYPES: Final = frozenset({CampaignType.EMAIL, CampaignType.NEWSLETTER, CampaignType.INFORMATIONAL})
"""The types of campaign that can have mass emails (D4)."""

_DRAFT, _PENDING, _IN_PROCESS, _PAUSED = (
    MassEmailStatus.DRAFT,
    MassEmailStatus.PENDING,
    MassEmailStatus.IN_PROCESS,
    MassEmailStatus.PAUSED,
)
_COMPLETE, _CANCELLED, _FAILED = MassEmailStatus.COMPLETE, MassEmailStatus.CANCELLED, MassEmailStatus.FAILED
_PERSON, _ANYONE, _WORKER = frozenset({Mover.PERSON}), frozenset(Mover), frozenset({Mover.WORKER})

MOVES: Final[Mapping[tuple[MassEmailStatus, MassEmailStatus], frozenset[Mover]]] = {
    (_DRAFT, _PENDING): _PERSON,
    (_PENDING, _DRAFT): _PERSON,
    (_PENDING, _IN_PROCESS): _WORKER,  # the queue is built
    (_PENDING, _COMPLETE): _WORKER,  # nobody is left to get it
    (_PENDING, _CANCELLED): _PERSON,
    (_PENDING, _FAILED): _WORKER,
    (_IN_PROCESS, _PAUSED): _ANYONE,  # the worker pauses when the message itself is refused (D10)
    (_IN_PROCESS, _COMPLETE): _WORKER,
    (_IN_PROCESS, _CANCELLED): _PERSON,
    (_IN_PROCESS, _FAILED): _WORKER,
    (_IN_PROCESS, _DRAFT): _PERSON,  # undo, while no message has begun
    (_PAUSED, _DRAFT): _PERSON,
    (_PAUSED, _IN_PROCESS): _PERSON,
    (_PAUSED, _CANCELLED): _PERSON,
    (_COMPLETE, _IN_PROCESS): _PERSON,  # retry failed, resend uncertain
    (_FAILED, _DRAFT): _PERSON,
}
"""Every allowed move with who may make it; Cancelled is final (D5). Nothing else changes a status."""

CONFIRM_SITE_URL: Final = "mass_email.confirm_site_url"
"""The Refused problem that a person answers by confirming (D24)."""

FINISHED: Final = frozenset({_COMPLETE, _CANCELLED, _FAILED})

_EVERYTHING = frozenset(mass_email_form.FIELDS)
_WHILE_SENDING = frozenset({"name", "sending_window", "smtp_account", "from_name", "from_address", "reply_to"})
EDITABLE: Final[Mapping[MassEmailStatus, frozenset[str]]] = {
    _DRAFT: _EVERYTHING,
    _PENDING: _EVERYTHING,
    _IN_PROCESS: _WHILE_SENDING,
    _PAUSED: _WHILE_SENDING,
    _COMPLETE: frozenset({"name"}),
    _CANCELLED: frozenset({"name"}),
    _FAILED: frozenset({"name"}),
}
"""What may be edited in each status. Lists and Date Start are settled once the queue is built, in any status."""

_QUEUED = frozenset({"target_lists", "excluded_lists", "start_at", "zone"})


def touched(now: datetime) -> dict[str, Any]:
    """The values that every change of a mass email writes: the live page follows them."""
    return {"change_seq": table(MassEmail).c.change_seq + 1, "changed_at": now}


def followed(column: str) -> ColumnElement[bool]:
    """Whether a mass email follows its "track_opens" or "track_links" person by person: anonymous tracking tells nobody
    apart, and an informational email, by its campaign, is followed by nobody (D6)."""
    mails, campaigns = table(MassEmail).c, table(Campaign).alias().c
    informational = select(campaigns.id).where(campaigns.type == CampaignType.INFORMATIONAL)
    return and_(mails[column], mails.tracking == Tracking.INDIVIDUAL, mails.campaign_id.not_in(informational))


# The status machine


def may_move(status: MassEmailStatus, to: MassEmailStatus, mover: Mover = Mover.PERSON) -> bool:
    """Whether the table of moves has this one for this mover: which buttons a page shows."""
    return mover in MOVES.get((status, to), frozenset())


def move(
    session: Session, mass_email_id: int, to: MassEmailStatus, now: datetime, by: str, *, confirm: bool = False
) -> None:
    """Bring a mass email into another status. `by`: a user's address, or WORKER.

    To Pending it is checked and its template version frozen (D8): `confirm` goes on though every public link would be
    dead (D24). Waiting items of a cancelled one are decision.cancel_rest's, the queue of one that is undone is
    undo.clear_queue's. Raises NotFound; Refused for a move that is not in MOVES, that somebody else forestalled, that
    needs `confirm`, or to Draft when a message has begun; Invalid with a Problem per field.
    """
    row = get_row(session, mass_email_id)
    if not may_move(row.status, to, Mover.WORKER if by == WORKER else Mover.PERSON):
        raise Refused("mass_email.no_such_move", status=status_name(row.status), to=status_name(to))
    changes: dict[str, Any] = {"status": to, **touched(now)}
    if to is _PENDING:
        changes["version_id"] = _ready_version(
            session, row, newest_version(session, row.template_id), now, confirm=confirm
        )
    elif to is _DRAFT:
        changes |= {"version_id": None, "finished_at": None, "trouble": ""}
        if row.status in {_IN_PROCESS, _PAUSED}:
            changes |= _without_queue(session, mass_email_id)
    elif to is _IN_PROCESS:
        changes |= {"finished_at": None, "trouble": ""}
    elif to in FINISHED:
        changes["finished_at"] = now
    guarded = (MassEmail.id == mass_email_id, MassEmail.status == row.status, MassEmail.revision == row.revision)
    if not _update(session, guarded, changes):
        raise Refused("mass_email.moved_meanwhile")
    if by != WORKER:
        audit.note(session, now, by, f"mass_email.{to}", "mass_email", mass_email_id, before=row.status.value)


def _without_queue(session: Session, mass_email_id: int) -> dict[str, Any]:
    """What changes when the queue goes: nobody may have been in a worker's hands. Raises Refused."""
    session.execute(select(table(MassEmail).c.id).where(MassEmail.id == mass_email_id).with_for_update())  # type: ignore[arg-type]
    if session.scalar(select(exists().where(table(Claim).c.mass_email_id == mass_email_id))):
        raise Refused("mass_email.has_begun")
    from models.new_version import forget_versions  # it knows mass emails; this is the way back

    forget_versions(session, mass_email_id)
    queue_count.forget(session, mass_email_id)
    return {"queue_done_at": None, "audience": None, "queue_fence": table(MassEmail).c.queue_fence + 1}


def start(session: Session, mass_email_id: int, now: datetime, by: str, *, confirm: bool = False) -> None:
    """Draft → Pending: it is queued at its Date Start. Raises as move() does."""
    move(session, mass_email_id, _PENDING, now, by, confirm=confirm)


def queue_due(session: Session, now: datetime) -> list[int]:
    """The Pending mass emails whose Date Start has come and whose campaign is not Inactive, the earliest first."""
    m, c = table(MassEmail).c, table(Campaign).c
    return list(
        session.execute(
            select(m.id)
            .join(table(Campaign), c.id == m.campaign_id)
            .where(m.status == _PENDING, m.start_at <= now, m.deleted_at.is_(None))
            .where(c.status != CampaignStatus.INACTIVE, c.deleted_at.is_(None))
            .order_by(m.start_at, m.id)
        ).scalars()
    )


def status_name(status: MassEmailStatus) -> Problem:
    """The status in the reader's words."""
    return Problem(f"mass_email.status.{status}")


def get_row(session: Session, mass_email_id: int) -> MassEmail:
    """The mass email as the database has it now. Raises NotFound, also for a deleted one."""
    found = session.get(MassEmail, mass_email_id, populate_existing=True)
    if not found or found.deleted_at:
        raise NotFound("mass_email.not_found")
    return found


def lists_of(session: Session, mass_email_id: int, role: ListRole) -> list[int]:
    """The list ids in their order."""
    lists = table(MassEmailList).c
    return list(
        session.execute(
            select(lists.list_id)
            .where(lists.mass_email_id == mass_email_id, lists.role == role)
            .order_by(lists.position)
        ).scalars()
    )


def newest_version(session: Session, template_id: int) -> TemplateVersion | None:
    """The version that is frozen next; None: the template is gone or has none."""
    versions, templates = table(TemplateVersion).c, table(EmailTemplate).c
    return session.scalars(
        select(TemplateVersion)
        .join(EmailTemplate, templates.id == versions.template_id)
        .where(templates.id == template_id, templates.deleted_at.is_(None))
        .order_by(versions.no.desc())
        .limit(1)
    ).first()


def current_version(session: Session, mass_email_id: int) -> TemplateVersion:
    """The frozen version, or in Draft the newest: what a preview or a Send Test shows. Raises NotFound."""
    row = get_row(session, mass_email_id)
    found = session.get(TemplateVersion, row.version_id) if row.version_id else newest_version(session, row.template_id)
    if found is None:
        raise NotFound("mass_email.no_version")
    return found


def _ready_version(
    session: Session, row: MassEmail, version: TemplateVersion | None, now: datetime, *, confirm: bool
) -> int:
    """The id of the version, when the mass email may go out with it. Raises Invalid, Refused."""
    assert row.id is not None  # noqa: S101 - for the type checker: it comes from the database
    _email_campaign(session, row.campaign_id)
    problems: dict[str, Problem] = {}
    if row.queue_done_at is None and row.start_at < now - mass_email_form.GRACE:
        problems["start_at"] = Problem("mass_email.start_passed")
    if not mass_email_form.live_lists(session, lists_of(session, row.id, ListRole.TARGET)):
        problems["target_lists"] = Problem("mass_email.list_required")
    if version is None:
        problems["template"] = Problem("mass_email.template_required")
    elif problem := version_problem(session, row.campaign_id, version):
        problems["template"] = problem
    real = not _uses_catcher(session, row)
    if real and not _sender(session, row):
        problems["from_address"] = Problem("mass_email.from_required")
    if problems:
        raise Invalid(problems)
    if real and not confirm and (why := outbound_emails.site_url_warning(outbound_emails.read(session).site_url)):
        raise Refused(CONFIRM_SITE_URL, why=why)
    assert version is not None and version.id is not None  # noqa: S101, PT018 - else a problem above
    return version.id


def version_problem(session: Session, campaign_id: int, version: TemplateVersion) -> Problem | None:
    """Why a mass email of a campaign may not go out with a version: it names tracking URLs of another one (D14)."""
    foreign = tracking_url.foreign_codes(session, campaign_id, version.subject, version.html, version.text)
    return Problem("mass_email.foreign_code", codes=", ".join(foreign), count=len(foreign)) if foreign else None


def _uses_catcher(session: Session, row: MassEmail) -> bool:
    if row.smtp_account_id is None:
        return smtp_account.mail_goes_to_catcher(session)
    return smtp_account.get_account(session, row.smtp_account_id).is_catcher


def _sender(session: Session, row: MassEmail) -> str:
    if row.from_address:
        return row.from_address
    own = row.smtp_account_id
    account = smtp_account.get_account(session, own) if own else smtp_account.default_account(session)
    return account.from_address or outbound_emails.read(session).from_address


def _email_campaign(session: Session, campaign_id: int) -> Campaign:
    campaign = session.get(Campaign, campaign_id)
    if not campaign or campaign.deleted_at:
        raise NotFound("mass_email.no_campaign")
    if campaign.type not in EMAIL_TYPES:
        raise Refused("mass_email.campaign_type", name=campaign.name)
    return campaign


def _update(session: Session, guarded: Sequence[Any], changes: Mapping[str, Any]) -> bool:
    """Whether a row still answered the guard. Instances of the session follow."""
    session.flush()
    done = count_changed(session, update(MassEmail).where(*guarded).values(**changes))
    session.expire_all()
    return done == 1


# Create, edit, delete


def new_values(session: Session, campaign_id: int, now: datetime, zone: str = "") -> dict[str, Any]:
    """What the form starts with: the name from campaign and date, the campaign's lists, Pending, Date Start now (D5).
    `zone`: the reader's; where there is none, the one of Outbound Emails.

    Raises NotFound; Refused for a campaign of another type than the three of email.
    """
    campaign = _email_campaign(session, campaign_id)
    settings = outbound_emails.read(session)
    zone = zone if zone in available_timezones() else settings.time_zone
    return {
        **mass_email_form.BLANK,
        "name": f"{campaign.name} – {now.astimezone(ZoneInfo(zone)):%Y-%m-%d}",
        "status": _PENDING,
        "start_at": now,
        "zone": zone,
        "target_lists": _campaign_lists(session, campaign_id, ListRole.TARGET),
        "excluded_lists": _campaign_lists(session, campaign_id, ListRole.EXCLUDED),
        "sending_window": settings.sending_window,
        "opt_out_entirely": settings.opt_out_entirely_by_default,
    }


def create_mass_email(
    session: Session, campaign_id: int, values: Mapping[str, Any], now: datetime, by: str, *, confirm: bool = False
) -> int:
    """A new mass email of a campaign; gives its id. `values`: any of mass_email_form.FIELDS over new_values(), and
    "status" draft or pending.

    Raises Invalid with a Problem per field, NotFound, Refused (campaign type; D24 without `confirm`).
    """
    values = {**new_values(session, campaign_id, now, str(values.get("zone") or "")), **values}
    status = _first_status(values.pop("status"))
    checked = mass_email_form.check(session, values, not_before=now)
    row = MassEmail(campaign_id=campaign_id, status=_DRAFT, created_at=now, changed_at=now, **checked.columns)
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101 - for the type checker: it was flushed
    _put_lists(session, row.id, checked)
    audit.note(session, now, by, "mass_email.created", "mass_email", row.id, name=row.name)
    mass_email_id = row.id
    if status is _PENDING:
        start(session, mass_email_id, now, by, confirm=confirm)
    return mass_email_id


def edit_mass_email(
    session: Session,
    mass_email_id: int,
    revision: int,
    values: Mapping[str, Any],
    now: datetime,
    by: str,
    *,
    confirm: bool = False,
) -> None:
    """Change what its status allows (EDITABLE); "status" may be draft or pending where that is a move.

    Pending it is checked again, another template frozen, and a queue being built stops. Raises Invalid with a Problem
    per field, NotFound, Conflict when somebody changed it since `revision`, Refused as move() does.
    """
    row = get_row(session, mass_email_id)
    if row.revision != revision:
        raise Conflict("errors.conflict", who=_last_editor(session, mass_email_id))
    values = dict(values)
    status = _first_status(values.pop("status", row.status), row.status)
    before = values_of(session, row)
    checked = mass_email_form.check(
        session, {**before, **values}, not_before=None if _same_start(before, values) else now
    )
    changed = _changed(session, row, before, checked)
    guarded = (MassEmail.id == mass_email_id, MassEmail.revision == revision, MassEmail.status == row.status)
    fence = {"queue_fence": table(MassEmail).c.queue_fence + 1, "revision": revision + 1}
    if not _update(session, guarded, {**checked.columns, **fence, **touched(now)}):
        raise Conflict("errors.conflict", who=_last_editor(session, mass_email_id))
    _put_lists(session, mass_email_id, checked)
    audit.note(session, now, by, "mass_email.edited", "mass_email", mass_email_id, changed=changed)
    row = get_row(session, mass_email_id)
    if status is not row.status:
        move(session, mass_email_id, status, now, by, confirm=confirm)
    elif status is _PENDING:
        _freeze_again(session, row, changed, confirm=confirm)


@dataclass(frozen=True, slots=True)
class Going:
    """What goes with a deleted mass email. `kept`: it only leaves the screens; the links in its mail go on working."""

    people: int
    left_out: int
    kept: bool


def what_goes(session: Session, mass_email_id: int) -> Going:
    """What the confirmation names. Raises NotFound."""
    row = get_row(session, mass_email_id)
    audience = row.audience or {}
    final, chosen = audience.get("final", 0), audience.get("chosen", 0)
    return Going(final, chosen - final, _has_left(session, mass_email_id))


def delete_mass_email(session: Session, mass_email_id: int, now: datetime, by: str) -> None:
    """Delete it: gone when nothing was queued, linked or tested, else hidden: its links live on.

    Raises NotFound; Refused while it is In Process or Paused.
    """
    row = get_row(session, mass_email_id)
    if row.status in {_IN_PROCESS, _PAUSED}:
        raise Refused("mass_email.cancel_first", status=status_name(row.status))
    name, status = row.name, row.status
    if _has_left(session, mass_email_id):
        guarded = (MassEmail.id == mass_email_id, MassEmail.status == status)
        if not _update(session, guarded, {"deleted_at": now, **touched(now)}):
            raise Refused("mass_email.moved_meanwhile")
    else:
        session.execute(delete(MassEmailList).where(MassEmailList.mass_email_id == mass_email_id))  # type: ignore[arg-type]
        session.execute(delete(MassEmail).where(MassEmail.id == mass_email_id))  # type: ignore[arg-type]
        session.expire_all()
    audit.note(session, now, by, "mass_email.deleted", "mass_email", mass_email_id, name=name)


def values_of(session: Session, row: MassEmail) -> dict[str, Any]:
    """What an edit form starts with, by the names of mass_email_form.FIELDS."""
    assert row.id is not None  # noqa: S101 - for the type checker: it comes from the database
    return {
        **{name: getattr(row, column) for name, column in mass_email_form.COLUMNS.items()},
        "target_lists": lists_of(session, row.id, ListRole.TARGET),
        "excluded_lists": lists_of(session, row.id, ListRole.EXCLUDED),
    }


def settled_by_queue(row: MassEmail) -> frozenset[str]:
    """The fields that the queue has settled: who was chosen stays chosen."""
    return _QUEUED if row.queue_done_at else frozenset()


def _first_status(typed: object, now_in: MassEmailStatus = _DRAFT) -> MassEmailStatus:
    """The form offers Draft and Pending; what it is in already is no move."""
    if typed == now_in:
        return now_in
    if typed not in {_DRAFT.value, _PENDING.value}:
        raise Invalid({"status": Problem("errors.unknown_choice", value=typed)})
    return MassEmailStatus(str(typed))


def _freeze_again(session: Session, row: MassEmail, changed: Sequence[str], *, confirm: bool) -> None:
    """Check an edited Pending mass email. Only another template brings another version: a newer one is offered (D8)."""
    version = (
        newest_version(session, row.template_id) if "template" in changed else current_version(session, row.id or 0)
    )
    known_account = "smtp_account" not in changed  # D24 was asked when it became Pending
    frozen = _ready_version(session, row, version, row.start_at, confirm=confirm or known_account)
    _update(session, (MassEmail.id == row.id,), {"version_id": frozen})


def _same_start(before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    same: bool = values.get("start_at", before["start_at"]) == before["start_at"]
    return same


def _changed(session: Session, row: MassEmail, before: Mapping[str, Any], checked: Checked) -> list[str]:
    after = {**{n: checked.columns[c] for n, c in mass_email_form.COLUMNS.items()}, **checked.lists}
    changed = [name for name in mass_email_form.FIELDS if after[name] != before[name]]
    allowed = EDITABLE[row.status] - settled_by_queue(row)
    if fixed := [name for name in changed if name not in allowed]:
        raise Invalid({name: Problem("mass_email.fixed_now", status=status_name(row.status)) for name in fixed})
    return changed


def _put_lists(session: Session, mass_email_id: int, checked: Checked) -> None:
    rows = table(MassEmailList)
    session.execute(delete(rows).where(rows.c.mass_email_id == mass_email_id))
    for role, name in ((ListRole.TARGET, "target_lists"), (ListRole.EXCLUDED, "excluded_lists")):
        for position, list_id in enumerate(checked.lists[name]):
            session.execute(
                insert(rows).values(mass_email_id=mass_email_id, list_id=list_id, role=role, position=position)
            )


def _campaign_lists(session: Session, campaign_id: int, role: ListRole) -> list[int]:
    lists, live = table(CampaignList).c, table(TargetList).c
    return list(
        session.execute(
            select(lists.list_id)
            .join(table(TargetList), live.id == lists.list_id)
            .where(lists.campaign_id == campaign_id, lists.role == role, live.deleted_at.is_(None))
            .order_by(lists.position, lists.list_id)
        ).scalars()
    )


def _has_left(session: Session, mass_email_id: int) -> bool:
    """Whether anything refers to it that must outlive it: items, links in mail, tests."""
    from models.test_send import TestSend  # tests know mass emails; this is the way back

    rows = (table(QueueItem), table(Link), table(TestSend))
    kept = session.scalar(select(or_(*(exists().where(row.c.mass_email_id == mass_email_id) for row in rows))))
    return bool(kept)


def _last_editor(session: Session, mass_email_id: int) -> str | Problem:
    trail = table(Audit).c
    newest = (
        select(func.max(trail.id)).where(trail.noun == "mass_email", trail.noun_id == mass_email_id).scalar_subquery()
    )
    by: str | None = session.scalar(select(trail.by).where(trail.id == newest))
    return by or Problem("mass_email.somebody")
