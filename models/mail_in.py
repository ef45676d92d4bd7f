"""The mail that came into a group email account: what it was taken for, whose it is, and its text for some time.

models/mail_intake.py writes it, one mail in one unit of work with all that follows from it; this module is the table
and what pages read of it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, SQLModel

from models.column_types import Utc, code_field, count_changed, table
from models.errors import NotFound
from models.group_email_account_table import GroupEmailAccount
from models.mass_email import MassEmail
from models.queue_table import QueueItem
from models.recipient import Recipient


class MailKind(StrEnum):
    """What a mail was taken for, the kinds of models/bounce.py. Stored by place: append only."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    NOT_A_BOUNCE = "not_a_bounce"


class MatchedBy(StrEnum):
    """How it was found whose a mail is, in the order of trust (D19). Stored by place: append only."""

    RETURN_PATH = "return_path"
    OWN_HEADER = "own_header"
    MESSAGE_ID = "message_id"
    RECIPIENT = "recipient"
    SENDER = "sender"
    OPT_OUT_TOKEN = "opt_out_token"  # noqa: S105 - a word of the list
    PERSON = "person"


class Standing(StrEnum):
    """What became of a mail. Stored by place: append only.

    BOUNCED, COMPLAINED, REPLIED, OPTED_OUT: counted as that; KNOWN: that had been counted before; NOTED: nothing
    follows from it (a delay, an automatic answer, a receipt, a test's, the mail that verifies a return path);
    UNMATCHED: nobody is known whose it is; NOT_UNDERSTOOD: a mail system's, but nothing that a rule knows; OTHER: any
    other mail; IGNORED: a person decided so.
    """

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REPLIED = "replied"
    OPTED_OUT = "opted_out"
    KNOWN = "known"
    NOTED = "noted"
    UNMATCHED = "unmatched"
    NOT_UNDERSTOOD = "not_understood"
    OTHER = "other"
    IGNORED = "ignored"


TO_DECIDE: Final = (Standing.UNMATCHED, Standing.NOT_UNDERSTOOD)
"""Mails that wait for a person."""


class MailIn(SQLModel, table=True):
    """One mail. `uid` within (account, folder, uidvalidity) is its place in the mailbox (RFC 3501 2.3.1.1); `digest`
    is of its bytes: the same mail elsewhere, or after the server numbered anew, is the same. `message_id` is its own.
    `put_away`: marked or moved in the mailbox, as the account asks. `size`: octets, of which a part may be kept."""

    __tablename__ = "mail_in"
    __table_args__ = (
        UniqueConstraint("account_id", "folder", "uidvalidity", "uid", name="uq_mail_in_place"),
        Index("ix_mail_in_standing", "standing", "id"),
        Index(
            "ix_mail_in_put_away",
            "account_id",
            sqlite_where=sa.text("put_away = 0"),
            postgresql_where=sa.text("NOT put_away"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    account_id: int
    folder: str
    uidvalidity: int
    uid: str
    digest: str = Field(unique=True)
    message_id: str = Field(default="", index=True)
    at: datetime = Field(sa_type=Utc)
    taken_at: datetime = Field(sa_type=Utc)
    kind: MailKind = code_field(MailKind)
    standing: Standing = code_field(Standing)
    matched_by: MatchedBy | None = code_field(MatchedBy, nullable=True)
    item_id: int | None = Field(default=None, index=True)
    recipient_id: int | None = Field(default=None, index=True)
    address_id: int | None = Field(default=None, index=True)
    reason: str = ""
    status: str = ""
    evidence: str = ""
    address: str = ""
    from_address: str = ""
    subject: str = ""
    size: int
    put_away: bool = False


class MailText(SQLModel, table=True):
    """The bytes of a mail, packed (zlib), as far as they are kept; gone after the days of the setting."""

    __tablename__ = "mail_text"
    mail_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    packed: bytes = Field(sa_type=LargeBinary)


class MailFolder(SQLModel, table=True):
    """How far a folder of an account has been read: every mail up to `last_uid` is in mail_in."""

    __tablename__ = "mail_folder"
    account_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(primary_key=True)
    uidvalidity: int
    last_uid: int = 0


MOST_KEPT: Final = 200_000
"""Octets of a mail that are kept to read."""

_MAIL, _TEXT, _FOLDER = table(MailIn), table(MailText), table(MailFolder)
_mail = _MAIL.c


# Where a folder stands


def folder_mark(session: Session, account_id: int, name: str, uidvalidity: int) -> int:
    """The UID up to which a folder has been read; 0, all of it anew, where the server numbered its mails anew."""
    mine = (_FOLDER.c.account_id == account_id) & (_FOLDER.c.name == name)
    found = session.execute(sa.select(_FOLDER.c.uidvalidity, _FOLDER.c.last_uid).where(mine)).first()
    if found is None:
        values = {"account_id": account_id, "name": name, "uidvalidity": uidvalidity, "last_uid": 0}
        session.execute(sa.insert(_FOLDER).values(values))
    elif found.uidvalidity != uidvalidity:
        session.execute(sa.update(_FOLDER).where(mine).values(uidvalidity=uidvalidity, last_uid=0))
    elif isinstance(found.last_uid, int):
        return found.last_uid
    return 0


def advance(session: Session, account_id: int, name: str, uidvalidity: int, uid: int) -> None:
    """Everything up to this UID has been read; never backwards."""
    mine = (_FOLDER.c.account_id == account_id) & (_FOLDER.c.name == name) & (_FOLDER.c.uidvalidity == uidvalidity)
    session.execute(sa.update(_FOLDER).where(mine, _FOLDER.c.last_uid < uid).values(last_uid=uid))


def known_uids(session: Session, account_id: int, name: str) -> set[str]:
    """The UIDs of a folder that are here: for mailboxes without an order (POP3)."""
    mine = (_mail.account_id == account_id) & (_mail.folder == name)
    return set(session.scalars(sa.select(_mail.uid).where(mine)))


def not_put_away(session: Session, account_id: int, name: str, uidvalidity: int, limit: int = 1000) -> list[str]:
    """UIDs of mails that were taken and still lie in the folder as they came."""
    mine = (_mail.account_id == account_id, _mail.folder == name, _mail.uidvalidity == uidvalidity)
    return list(session.scalars(sa.select(_mail.uid).where(*mine, sa.not_(_mail.put_away)).limit(limit)))


def note_put_away(session: Session, account_id: int, name: str, uidvalidity: int, uids: Sequence[str]) -> None:
    """They are marked or moved, or need not be."""
    mine = (_mail.account_id == account_id, _mail.folder == name, _mail.uidvalidity == uidvalidity)
    session.execute(sa.update(_MAIL).where(*mine, _mail.uid.in_(uids)).values(put_away=True))


# What pages read


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail as lists show it. `person` and `mass_email` "" where it is not known whose it is."""

    id: int
    at: datetime
    account: str
    kind: MailKind
    standing: Standing
    matched_by: MatchedBy | None
    reason: str
    status: str
    evidence: str
    address: str
    from_address: str
    subject: str
    size: int
    recipient_id: int | None
    person: str
    mass_email_id: int | None
    mass_email: str


SORTS: Final = ("at", "from_address", "subject")


def mail_page(
    session: Session,
    *,
    standings: Sequence[Standing] = (),
    kind: MailKind | None = None,
    account_id: int | None = None,
    recipient_id: int | None = None,
    text: str = "",
    sort: str = "-at",
    page: int = 1,
    size: int = 25,
) -> tuple[list[MailRow], int]:
    """The mails that came, and how many; `text` is part of an address or the subject; `sort` one of SORTS, with a "-"
    before it the other way round."""
    chosen = _chosen(standings, kind, account_id, recipient_id, text)
    total = session.scalar(sa.select(sa.func.count()).select_from(_MAIL).where(*chosen)) or 0
    column = {"at": _mail.id, "from_address": _mail.from_address, "subject": _mail.subject}[sort.removeprefix("-")]
    order = [one.desc() if sort.startswith("-") else one for one in (column, _mail.id)]
    rows = session.execute(_rows().where(*chosen).order_by(*order).limit(size).offset((page - 1) * size))
    return [MailRow(*row) for row in rows], total


def count_by_standing(session: Session) -> dict[Standing, int]:
    """How many mails there are of each standing."""
    rows = session.execute(sa.select(_mail.standing, sa.func.count().label("n")).group_by(_mail.standing))
    return {row.standing: row.n for row in rows}


def get_mail(session: Session, mail_id: int) -> MailRow:
    """One mail. Raises NotFound."""
    row = session.execute(_rows().where(_mail.id == mail_id)).first()
    if row is None:
        raise NotFound("mail_in.not_found")
    return MailRow(*row)


def read_text(session: Session, mail_id: int) -> bytes:
    """The bytes of a mail, as far as they are kept; empty when its time is over."""
    packed = session.scalar(sa.select(_TEXT.c.packed).where(_TEXT.c.mail_id == mail_id))
    return zlib.decompress(packed) if packed else b""


def _chosen(
    standings: Sequence[Standing],
    kind: MailKind | None,
    account_id: int | None,
    recipient_id: int | None,
    text: str,
) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = []
    if standings:
        chosen.append(_mail.standing.in_(standings))
    if kind is not None:
        chosen.append(_mail.kind == kind)
    if account_id is not None:
        chosen.append(_mail.account_id == account_id)
    if recipient_id is not None:
        chosen.append(_mail.recipient_id == recipient_id)
    if words := text.strip():
        parts = (_mail.address, _mail.from_address, _mail.subject)
        chosen.append(sa.or_(*(sa.func.lower(part).contains(words.lower(), autoescape=True) for part in parts)))
    return chosen


def _rows() -> sa.Select[Any]:
    account, person, item, mail = table(GroupEmailAccount), table(Recipient), table(QueueItem), table(MassEmail)
    own = [_mail[name] for name in ("kind", "standing", "matched_by", "reason", "status", "evidence")]
    shown = [_mail[name] for name in ("address", "from_address", "subject", "size", "recipient_id")]
    return (
        sa.select(_mail.id, _mail.at, sa.func.coalesce(account.c.name, ""), *own, *shown)
        .add_columns(sa.func.coalesce(person.c.name, ""), mail.c.id, sa.func.coalesce(mail.c.name, ""))
        .select_from(
            _MAIL.outerjoin(account, account.c.id == _mail.account_id)
            .outerjoin(person, person.c.id == _mail.recipient_id)
            .outerjoin(item, item.c.id == _mail.item_id)
            .outerjoin(mail, mail.c.id == item.c.mass_email_id)
        )
    )


# Keeping and forgetting


def keep_text(session: Session, mail_id: int, raw: bytes) -> None:
    """Keep the first MOST_KEPT octets to read."""
    packed = zlib.compress(raw[:MOST_KEPT], 6)
    session.execute(sa.insert(_TEXT).values(mail_id=mail_id, packed=packed))


def forget_texts(session: Session, before: datetime, limit: int = 500) -> int:
    """Delete the texts of mails that were taken before a moment, at most `limit`; how many. The mails stay listed."""
    old = (
        sa.select(_TEXT.c.mail_id).join(_MAIL, _mail.id == _TEXT.c.mail_id).where(_mail.taken_at < before).limit(limit)
    )
    return count_changed(session, sa.delete(_TEXT).where(_TEXT.c.mail_id.in_(old)))
