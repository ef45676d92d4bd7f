"""The address: what is compared everywhere, and what consent and suppression hang on (D1, D2, D3)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from sqlmodel import Field, Session, SQLModel

from models import pepper
from models.catalogue import Problem
from models.column_types import Utc, code_field, count_changed, table, to_milliseconds
from models.db import insert_new, is_sqlite
from models.errors import Invalid
from models.suppression import Suppression, SuppressionReason, release, release_ended, suppress

__all__ = [
    "BATCH",
    "CONTROL",
    "EVERYTHING",
    "MAX_LOCAL_OCTETS",
    "MAX_OCTETS",
    "OTHER_PROVIDER",
    "PROVIDER_NAMES",
    "Address",
    "Consent",
    "ConsentEvent",
    "Domain",
    "OptOut",
    "Suppression",
    "SuppressionReason",
    "among",
    "batches",
    "count_opt_outs",
    "find_addresses",
    "insert_new",
    "intern_addresses",
    "listed",
    "normal_form",
    "opt_in",
    "opt_out",
    "opt_out_many",
    "provider_of",
    "release",
    "release_ended",
    "suppress",
]


class Domain(SQLModel, table=True):
    """The part after the @, with the mailbox provider it belongs to (a fixed table of names, else "other")."""

    __tablename__ = "domain"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    provider: str = Field(default="other", index=True)


class Address(SQLModel, table=True):
    """The normal form of an address: trimmed, lower-cased, IDNA domain. NULL once erased: then `erased_hash` goes on to
    recognise it (models/pepper.py)."""

    __tablename__ = "address"
    id: int | None = Field(default=None, primary_key=True)
    normal: str | None = Field(default=None, unique=True)
    erased_hash: str | None = Field(default=None, index=True)
    domain_id: int = Field(foreign_key="domain.id", index=True)
    created_at: datetime = Field(sa_type=Utc)


EVERYTHING = 0
"""The list_id of an opt-out that means every mailing."""


class OptOut(SQLModel, table=True):
    """Present state, for anti-joins: the address declined the list, member or not; list 0 is everything."""

    __tablename__ = "opt_out"
    address_id: int = Field(primary_key=True)
    list_id: int = Field(primary_key=True, index=True)


_KEPT: Final = "the history of consent is append only"
CONSENT_IS_KEPT: Final = {
    "sqlite": (
        "CREATE TRIGGER consent_event_update BEFORE UPDATE OF id, address_id, list_id, way, at, source, item_id, [by]"
        f" ON consent_event BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        "CREATE TRIGGER consent_event_ip BEFORE UPDATE OF ip ON consent_event WHEN new.ip IS NOT NULL"
        f" BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        f"CREATE TRIGGER consent_event_delete BEFORE DELETE ON consent_event BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION consent_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$",
        'CREATE TRIGGER consent_event_update BEFORE UPDATE OF id, address_id, list_id, way, at, source, item_id, "by"'
        " ON consent_event FOR EACH ROW EXECUTE FUNCTION consent_event_is_kept()",
        "CREATE TRIGGER consent_event_ip BEFORE UPDATE OF ip ON consent_event FOR EACH ROW"
        " WHEN (new.ip IS NOT NULL) EXECUTE FUNCTION consent_event_is_kept()",
        "CREATE TRIGGER consent_event_delete BEFORE DELETE ON consent_event FOR EACH ROW"
        " EXECUTE FUNCTION consent_event_is_kept()",
    ),
}
"""The database itself refuses to change or delete what proves consent. An IP address alone may be emptied: it is what
erasure and retention take away (D25)."""


class Consent(StrEnum):
    """Which way a consent event goes. Stored by place: append only."""

    OUT = "out"
    IN = "in"


class ConsentEvent(SQLModel, table=True):
    """Append-only history of consent: what, when, from where, by which message. `source`: page, one-click, import, …"""

    __tablename__ = "consent_event"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(index=True)
    list_id: int
    way: Consent = code_field(Consent)
    at: datetime = Field(sa_type=Utc)
    source: str
    item_id: int | None = None
    ip: str | None = None
    by: str | None = None


for _dialect, _statements in CONSENT_IS_KEPT.items():
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
        sa.event.listen(table(ConsentEvent), "after_create", _ddl.execute_if(dialect=_dialect))


# --- the normal form ---

MAX_OCTETS = 254  # RFC 5321 4.5.3.1.3, as RFC 3696 erratum 1690 reads it
MAX_LOCAL_OCTETS = 64  # RFC 5321 4.5.3.1.1
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What must never reach a header: control characters and every kind of line break."""

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[a-z]{{2,63}})")
_RESERVED = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)


def normal_form(typed: str) -> str:
    """The form in which addresses are compared: trimmed, lower-cased, the domain in ASCII (A-labels, RFC 5890).

    A local part outside ASCII is allowed (RFC 6531). At most 254 octets. No DNS is asked.
    Raises Invalid({"address": …}) with what is wrong in particular.
    """
    normal = typed.strip().lower()
    if _is_plain(normal):
        return normal
    if problem := _what_is_wrong(typed.strip()):
        raise Invalid({"address": problem})
    try:
        found = validate_email(normal, check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid({"address": Problem("address.malformed", address=_short(typed))}) from error
    normal = f"{found.local_part.lower()}@{(found.ascii_domain or found.domain).lower()}"
    if len(normal.encode()) > MAX_OCTETS:
        raise Invalid({"address": Problem("address.too_long", limit=MAX_OCTETS)})
    return normal


def _is_plain(normal: str) -> bool:
    """True for what the validator takes as it stands, a twentieth of its time: an import checks a million of them."""
    match = _PLAIN.fullmatch(normal)
    if match is None or len(normal) > MAX_OCTETS:
        return False
    local, domain = match.groups()
    return len(local) <= MAX_LOCAL_OCTETS and "--" not in domain and not f".{domain}".endswith(_RESERVED)


def _what_is_wrong(typed: str) -> Problem | None:
    """The commonest mistakes by name; None: ask the validator."""
    local, at, domain = typed.rpartition("@")
    checks: tuple[tuple[object, Problem], ...] = (
        (not typed, Problem("address.empty")),
        (CONTROL.search(typed), Problem("errors.control_character")),
        (len(typed.encode("utf-8", "replace")) > MAX_OCTETS, Problem("address.too_long", limit=MAX_OCTETS)),
        ("<" in typed or ">" in typed, Problem("address.with_name")),
        (typed.count("@") > 1 and re.search(r"[,;]", typed), Problem("address.several")),
        (typed.count("@") > 1, Problem("address.two_ats")),
        (re.search(r"\s", typed), Problem("address.space")),
        (not at, Problem("address.no_at")),
        (not local, Problem("address.nothing_before")),
        (not domain, Problem("address.nothing_after")),
        (".." in typed, Problem("address.two_dots")),
        (local.startswith(".") or local.endswith("."), Problem("address.dot_at_edge")),
        ("." not in domain.strip("."), Problem("address.no_dot", domain=domain)),
        (
            len(local.encode("utf-8", "replace")) > MAX_LOCAL_OCTETS,
            Problem("address.local_too_long", limit=MAX_LOCAL_OCTETS),
        ),
        (f".{domain.lower()}".endswith(_RESERVED), Problem("address.reserved", domain=domain)),
    )
    return next((problem for wrong, problem in checks if wrong), None)


def _short(typed: str) -> str:
    return typed if len(typed) <= 60 else f"{typed[:59]}…"


# --- mailbox providers (D20: at most 30 names) ---

_PROVIDERS: Final[Mapping[str, str]] = {
    "Gmail": "gmail.com googlemail.com",
    "Outlook": "outlook.* hotmail.* live.* msn.com passport.com",
    "Yahoo": "yahoo.* ymail.com rocketmail.com myyahoo.com",
    "AOL": "aol.* aim.com",
    "iCloud": "icloud.com me.com mac.com",
    "Proton": "proton.me protonmail.com protonmail.ch pm.me",
    "Orange": "orange.fr wanadoo.fr voila.fr",
    "Free": "free.fr libertysurf.fr aliceadsl.fr",
    "SFR": "sfr.fr neuf.fr cegetel.net club-internet.fr numericable.fr 9online.fr",
    "La Poste": "laposte.net",
    "Bouygues": "bbox.fr",
    "GMX": "gmx.* caramail.com",
    "Web.de": "web.de",
    "T-Online": "t-online.de magenta.de",
    "Freenet": "freenet.de",
    "Mail.com": "mail.com email.com",
    "Fastmail": "fastmail.com fastmail.fm",
    "Zoho": "zoho.com zohomail.com",
    "Yandex": "yandex.* ya.ru",
    "Mail.ru": "mail.ru inbox.ru list.ru bk.ru",
    "Libero": "libero.it virgilio.it iol.it",
    "Seznam": "seznam.cz email.cz",
    "WP": "wp.pl o2.pl",
    "Onet": "onet.pl op.pl",
    "Bluewin": "bluewin.ch",
    "BT": "btinternet.com",
    "Comcast": "comcast.net",
    "QQ": "qq.com foxmail.com",
    "NetEase": "163.com 126.com yeah.net",
    "Naver": "naver.com",
}
OTHER_PROVIDER: Final = "other"
PROVIDER_NAMES: Final = (*_PROVIDERS, OTHER_PROVIDER)
_PROVIDER_OF: Final = {domain: name for name, domains in _PROVIDERS.items() for domain in domains.split()}
_COUNTRY = re.compile(r"\.(?:com?\.)?[a-z]{2,3}$")


def provider_of(domain: str) -> str:
    """The mailbox provider of a domain: one of at most 30 fixed names, or "other". `yahoo.*` is of any country."""
    domain = domain.lower()
    return _PROVIDER_OF.get(domain) or _PROVIDER_OF.get(_COUNTRY.sub(".*", domain), OTHER_PROVIDER)


# --- rows ---

_T = TypeVar("_T")

BATCH: Final = 2_000
"""Values in one statement: below the 32,766 of SQLite and the 65,535 of PostgreSQL, and brief (D23)."""


def batches(values: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


def intern_addresses(session: Session, normals: Sequence[str], now: datetime) -> dict[str, int]:
    """The ids of addresses by normal form; rows that are missing are made, with their domains. Repeats do no harm. One
    that was erased is found as the row it was, which stays without its address, and suppressed (D25)."""
    ids: dict[str, int] = {}
    for batch in batches(dict.fromkeys(normals)):
        ids |= _found(session, batch)
        if missing := [normal for normal in batch if normal not in ids]:
            ids |= _insert_addresses(session, missing, now)
    return ids


def find_addresses(session: Session, normals: Iterable[str]) -> dict[str, int]:
    """The ids of the addresses that are there, by normal form, erased ones too."""
    ids: dict[str, int] = {}
    for batch in batches(dict.fromkeys(normals)):
        ids |= _found(session, batch)
    return ids


def _found(session: Session, normals: list[str]) -> dict[str, int]:
    ids = _ids_of(session, Address, "normal", normals)
    missing = [normal for normal in normals if normal not in ids]
    return ids | _erased_ids(session, missing) if missing else ids


def _erased_ids(session: Session, normals: list[str]) -> dict[str, int]:
    """Those among addresses not known by themselves that were erased."""
    key = pepper.find(session)
    if key is None:
        return {}
    hashes = pepper.hashes(key, normals)
    return {hashes[hash_]: id_ for hash_, id_ in _ids_of(session, Address, "erased_hash", list(hashes)).items()}


def _insert_addresses(session: Session, normals: list[str], now: datetime) -> dict[str, int]:
    domains = _intern_domains(session, {_domain(normal) for normal in normals})
    new = sorted(normals)  # in one order everywhere: two imports must not wait for each other
    rows = _pairs(session, new, [domains[_domain(normal)] for normal in new])
    made = session.connection().execute(_NEW_ADDRESSES[is_sqlite(session)], {**rows, "now": to_milliseconds(now)})
    ids = {normal: id_ for normal, id_ in made}
    others = [normal for normal in new if normal not in ids]  # which somebody else made meanwhile
    return ids | _ids_of(session, Address, "normal", others)


def _pairs(session: Session, normals: list[str], domain_ids: list[int]) -> dict[str, Any]:
    if is_sqlite(session):
        return {"pairs": json.dumps([*zip(normals, domain_ids, strict=True)])}
    return {"normals": normals, "domain_ids": domain_ids}


# All at once, from one parameter: a row of its own for each takes SQLAlchemy longer than the database.
_NEW_ADDRESSES: Final = {
    True: sa.text(
        "INSERT INTO address (normal, domain_id, created_at) "
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), :now FROM json_each(:pairs) WHERE true "
        "ON CONFLICT DO NOTHING RETURNING normal, id"
    ),
    False: sa.text(
        "INSERT INTO address (normal, domain_id, created_at) "
        "SELECT new.normal, new.domain_id, :now FROM unnest(:normals, :domain_ids) AS new(normal, domain_id) "
        "ON CONFLICT DO NOTHING RETURNING normal, id"
    ).bindparams(
        sa.bindparam("normals", type_=sa.ARRAY(sa.String)), sa.bindparam("domain_ids", type_=sa.ARRAY(sa.BigInteger))
    ),
}


def _intern_domains(session: Session, names: set[str]) -> dict[str, int]:
    ids = _ids_of(session, Domain, "name", list(names))
    missing = sorted(names - ids.keys())  # in one order everywhere, as above
    if missing:
        rows = [{"name": name, "provider": provider_of(name)} for name in missing]
        session.execute(insert_new(session, table(Domain)), rows)
        ids |= _ids_of(session, Domain, "name", missing)
    return ids


def _ids_of(session: Session, model: type[SQLModel], column: str, values: list[str]) -> dict[str, int]:
    if not values:
        return {}
    found = session.connection().execute(_ids_query(model, column, is_sqlite(session)), listed(session, values))
    return {name: id_ for name, id_ in found}


@cache
def _ids_query(model: type[SQLModel], column: str, sqlite_: bool) -> sa.Select[Any]:
    key = table(model).c[column]
    return sa.select(key, table(model).c.id).where(among(key, sqlite_))


# One parameter for all values, and one statement however many they are: an IN of five hundred, built anew each time,
# takes SQLAlchemy longer than the database.


def among(column: sa.ColumnElement[Any], sqlite_: bool) -> sa.ColumnElement[bool]:
    """The condition that a column is one of the values that listed() gives to the statement."""
    values = sa.bindparam("values", type_=sa.String if sqlite_ else sa.ARRAY(column.type))
    if sqlite_:
        return column.in_(sa.select(sa.func.json_each(values).table_valued("value").c.value))
    return column == sa.func.any(values)


def listed(session: Session, values: Sequence[int] | Sequence[str]) -> dict[str, Any]:
    """The parameter of among()."""
    return {"values": json.dumps(values) if is_sqlite(session) else values}


def _domain(normal: str) -> str:
    return normal.rpartition("@")[2]


# --- consent (D3) ---

# By name: target_list imports recipient, which imports this module.
_TARGET_LIST = sa.table(
    "target_list", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("opted_out_count", sa.Integer)
)


def opt_out(
    session: Session,
    address_id: int,
    list_ids: Iterable[int],
    now: datetime,
    *,
    source: str,
    item_id: int | None = None,
    ip: str | None = None,
    by: str | None = None,
) -> int:
    """How many of the lists are newly declined. List EVERYTHING means every mailing. Do it in a durable unit of work.

    Each change adds to the history of consent and moves the list's opted_out_count; what is declined stays as it is.
    """
    told = {"source": source, "item_id": item_id, "ip": ip, "by": by}
    into = insert_new(session, table(OptOut))
    changed = 0
    for list_id in sorted(set(list_ids)):  # in one order everywhere: two people must not wait for each other
        result = session.execute(into.values(address_id=address_id, list_id=list_id))
        if result.rowcount:  # type: ignore[attr-defined]  # a CursorResult, typed as Result
            _note(session, address_id, list_id, Consent.OUT, now, told)
            changed += 1
    return changed


def opt_in(
    session: Session,
    address_id: int,
    list_ids: Iterable[int],
    now: datetime,
    *,
    source: str,
    item_id: int | None = None,
    ip: str | None = None,
    by: str | None = None,
) -> int:
    """How many of the lists were declined and are so no more; as opt_out(). EVERYTHING lifts that alone, no list's."""
    told = {"source": source, "item_id": item_id, "ip": ip, "by": by}
    o = table(OptOut).c
    changed = 0
    for list_id in sorted(set(list_ids)):
        gone = sa.delete(table(OptOut)).where(o.address_id == address_id, o.list_id == list_id)
        if count_changed(session, gone):
            _note(session, address_id, list_id, Consent.IN, now, told)
            changed += 1
    return changed


def opt_out_many(
    session: Session, address_ids: Sequence[int], list_id: int, now: datetime, *, source: str, by: str | None = None
) -> int:
    """How many of the addresses newly decline the list; as opt_out(). At most BATCH of them."""
    a, o, event = table(Address).c, table(OptOut), table(ConsentEvent)
    declining = sa.select(a.id, sa.literal(list_id)).where(a.id.in_(address_ids)).order_by(a.id)
    declined = insert_new(session, o).from_select(["address_id", "list_id"], declining).returning(o.c.address_id)
    new = list(session.scalars(declined))
    told = {
        "list_id": sa.literal(list_id),
        "way": sa.literal(Consent.OUT, event.c.way.type),
        "at": sa.literal(now, Utc),
        "source": sa.literal(source),
        "by": sa.literal(by, sa.String),
    }
    events = sa.select(a.id, *told.values()).where(a.id.in_(new)).order_by(a.id)
    session.execute(sa.insert(event).from_select(["address_id", *told], events))
    count_opt_outs(session, list_id, len(new))
    return len(new)


def _note(
    session: Session, address_id: int, list_id: int, way: Consent, now: datetime, told: Mapping[str, Any]
) -> None:
    event = {"address_id": address_id, "list_id": list_id, "way": way, "at": now, **told}
    session.execute(sa.insert(table(ConsentEvent)).values(event))
    count_opt_outs(session, list_id, 1 if way is Consent.OUT else -1)


def count_opt_outs(session: Session, list_id: int, more: int) -> None:
    """Move the opted_out_count of a list: the addresses that declined it, members or not. EVERYTHING has none."""
    count = _TARGET_LIST.c.opted_out_count
    session.execute(sa.update(_TARGET_LIST).where(_TARGET_LIST.c.id == list_id).values({count: count + more}))
