"""Demo data: a tea house, its people, a finished campaign with history and one that is ready to start.

Everything is made by the same functions as a person's work, at moments of the past two weeks. The people are drawn by a
fixed dice, their addresses are of domains that exist for examples only (RFC 2606).
"""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, select

from models import smtp_account
from models.address import Domain
from models.audience import build_queue
from models.campaign import Campaign, CampaignStatus, CampaignType, create_campaign
from models.catalogue import Language, text
from models.column_types import table
from models.db import Doors
from models.demo_answers import BY, Sent, answer
from models.email_template import create_template
from models.errors import Refused
from models.log_record import BounceKind
from models.mass_email import MassEmailStatus, create_mass_email, get_row
from models.membership import add_members
from models.queue_item import Outcome, Verdict, claim_items, mark_on_wire, settle
from models.recipient import Kind, Recipient, create_recipient
from models.report import create_report
from models.settings import settings
from models.target_list import Source, create_list
from models.tracking_url import TrackingAction, create_tracking_url, ensure_links, get_tracking_url
from models.user import NewUser, Role, create_user

PEOPLE: Final = 1000
_LETTER: Final = (Path(__file__).parent / "demo_files" / "letter.html").read_text()
_LEASE: Final = timedelta(minutes=2)
_CHUNK: Final = 50
_PORTION: Final = 200

_FIRST: Final = (
    "Agathe Amina Antoine Aylin Basile Camille Chloé Daria Diego Edith Élise Émile Farid Gaëlle Hugo Ines Jonas Karim "
    "Léa Lucien Maïa Malik Nora Olga Pauline Quentin Rosa Sacha Salomé Théo Ulysse Violette Wassim Yann Zoé"
)
_LAST: Final = (
    "Arnaud Bellanger Benali Carpentier Cordier Delorme Dufour Estève Fontaine Garnier Haddad Jacquet Keller Lambert "
    "Marchetti Morin Nguyen Novak Ollivier Perrin Quentel Renard Sabatier Schmitt Tessier Valmont Weber Ybert"
)
_COMPANIES: Final = (
    "Imprimerie Valmont|Coopérative du Lac|Clinique des Ormes|Librairie Garance|Ateliers Norden|Hôtel du Parc|"
    "Menuiserie Lanvin|École des Tisserands|Notaires Réunis|Transports Sarrasin"
)
_DOMAINS: Final = ("example.com", "example.org", "outlook.example", "gmail.example", "orange.example", "bücher.example")
_PROVIDERS: Final = {"outlook.example": "Outlook", "gmail.example": "Gmail", "orange.example": "Orange"}
_CITIES: Final = ("Lyon", "Villeurbanne", "Grenoble", "Genève", "Paris", "Saint-Étienne")


def make_demo(doors: Doors, now: datetime) -> int:
    """Make all of it; gives the id of the mass email that is ready to start. Raises Refused when it is there already.
    Takes a few seconds; each unit of work is short."""
    dice, began = random.Random(1887), now - timedelta(days=12)  # noqa: S311 - no secret: always the same people
    with doors.unit_of_work() as session:
        name = text(Language.EN, "demo.autumn")
        if session.exec(select(Campaign.id).where(Campaign.name == name)).first():
            raise Refused("demo.already")
        smtp_account.ensure_catcher(session, settings().catcher_port, began)
    people = _make_people(doors, dice, began)
    customers, partners, quiet = _make_lists(doors, people, began)
    mass_email_id, links = _make_mailing(doors, "demo.autumn", [customers, partners], [quiet], began)
    build_queue(doors, mass_email_id, began)
    sent = _send(doors, mass_email_id, dice, began)
    with doors.unit_of_work() as session:
        mail = get_row(session, mass_email_id)
        mail.portions_done = math.ceil(len(sent) / _PORTION)
        session.get_one(Campaign, mail.campaign_id).status = CampaignStatus.COMPLETE
    answer(doors, sent, links, dice, now)
    return _make_mailing(doors, "demo.winter", [customers], [quiet], now, ready=True)[0]


def _make_people(doors: Doors, dice: random.Random, now: datetime) -> dict[Kind, list[int]]:
    made: dict[Kind, list[int]] = {kind: [] for kind in Kind}
    with doors.unit_of_work() as session:
        for company in _COMPANIES.split("|"):
            slug = company.split()[-1].lower().replace("é", "e")
            values = {"kind": Kind.ACCOUNT, "company": company, "address": f"office@{slug}.example"}
            made[Kind.ACCOUNT].append(create_recipient(session, values, now))
        for name in ("Solène Maurin", "Tobias Ekström"):
            email = f"{name.split()[0].lower().replace('è', 'e')}@tilleul.example"
            create_user(session, NewUser(name, email, Language.FR), Role.VIEWER, now, BY)
        users = select(table(Recipient).c.id).where(table(Recipient).c.kind == Kind.USER)
        made[Kind.USER] = list(session.scalars(users))
    numbers = range(len(made[Kind.ACCOUNT]), PEOPLE)
    for chunk in _chunks(numbers):
        with doors.unit_of_work() as session:
            for number in chunk:
                values = _person(dice, number, made[Kind.ACCOUNT])
                made[Kind(values["kind"])].append(create_recipient(session, values, now))
    with doors.unit_of_work() as session:
        for domain, provider in _PROVIDERS.items():
            session.execute(update(table(Domain)).where(table(Domain).c.name == domain).values(provider=provider))
    return made


def _person(dice: random.Random, number: int, accounts: Sequence[int]) -> dict[str, Any]:
    first, last = dice.choice(_FIRST.split()), dice.choice(_LAST.split())
    kind = Kind.CONTACT if dice.random() < 0.7 else Kind.LEAD
    local = f"{first}.{last}{number}".lower()
    for accented, plain in (("é", "e"), ("ë", "e"), ("è", "e"), ("ï", "i")):
        local = local.replace(accented, plain)
    return {
        "kind": kind,
        "first_name": first if dice.random() > 0.08 else "",
        "last_name": last,
        "address": f"{local}@{dice.choice(_DOMAINS)}" if dice.random() > 0.01 else "",
        "language": dice.choice(("fr", "fr", "fr", "en", "")),
        "account_id": dice.choice(accounts) if kind is Kind.CONTACT and dice.random() < 0.4 else None,
        "fields": {"city": dice.choice(_CITIES)},
    }


def _make_lists(doors: Doors, people: dict[Kind, list[int]], now: datetime) -> tuple[int, int, int]:
    def made(key: str, ids: list[int]) -> int:
        with doors.unit_of_work() as session:
            list_id = create_list(session, {"name": text(Language.EN, key)}, now)
        add_members(doors, list_id, ids, Source.DEMO, now)
        return list_id

    with doors.unit_of_work() as session:
        create_report(session, {"name": text(Language.EN, "demo.french"), "filter": {"language": "fr"}}, now)
    contacts, leads = people[Kind.CONTACT], people[Kind.LEAD]
    return (
        made("demo.customers", contacts + people[Kind.ACCOUNT] + people[Kind.USER]),
        made("demo.partners", leads[: len(leads) * 2 // 3] + contacts[:40]),
        made("demo.quiet", contacts[5:25] + leads[:10]),
    )


def _make_mailing(
    doors: Doors, key: str, lists: list[int], excluded: list[int], now: datetime, *, ready: bool = False
) -> tuple[int, list[int]]:
    """(mass email, numbers of its links). `ready`: it is a Draft of a campaign that is being planned."""
    with doors.unit_of_work() as session:
        values = {
            "name": text(Language.EN, key),
            "type": CampaignType.NEWSLETTER,
            "status": CampaignStatus.PLANNING if ready else CampaignStatus.ACTIVE,
            "lists": lists,
            "excluded": excluded,
        }
        campaign_id = create_campaign(session, values, now, BY)
        html: str = _LETTER
        codes: list[str] = []
        for name, place in (("tasting", "@TASTING"), ("office", "@OFFICE")):
            code = _tracking_code(session, campaign_id, name, now)
            html, codes = html.replace(place, code), [*codes, code]
        subject = text(Language.EN, f"{key}_subject")
        template = create_template(session, text(Language.EN, key), subject, html, "", now, BY)
        status = MassEmailStatus.DRAFT if ready else MassEmailStatus.PENDING
        mailing = {"template": template.id, "status": status.value, "start_at": now}
        mass_email_id = create_mass_email(session, campaign_id, mailing, now, BY)
        destinations = [*codes, "https://tilleul.example/linden", "https://tilleul.example/verbena"]
        return mass_email_id, list(ensure_links(session, mass_email_id, destinations).values())


def _tracking_code(session: Session, campaign_id: int, name: str, now: datetime) -> str:
    values = {
        "name": text(Language.EN, f"demo.link_{name}"),
        "action": TrackingAction.REDIRECT,
        "url": f"https://tilleul.example/{name}",
    }
    return get_tracking_url(session, create_tracking_url(session, campaign_id, values, now, BY)).code


def _send(doors: Doors, mass_email_id: int, dice: random.Random, began: datetime) -> list[Sent]:
    """Everybody's message, as a worker settles it: a portion of 200 every ten minutes, a few are refused."""
    with doors.reading() as session:
        account_id = smtp_account.default_account(session).id or 0
    sent: list[Sent] = []
    done = 0
    while True:
        at = began + timedelta(minutes=10 * (done // _PORTION), seconds=done % _PORTION // 10)
        with doors.unit_of_work() as session:
            held = claim_items(session, mass_email_id, account_id, _CHUNK, BY, _LEASE, at)
        if held is None:
            break
        with doors.unit_of_work() as session:
            mark_on_wire(session, held.claim_id, BY, at)
        verdicts = [_verdict(item.id, dice) for item in held.items]
        with doors.unit_of_work() as session:
            settle(session, held.claim_id, verdicts, at)
        sent += [Sent(verdict.item_id, at) for verdict in verdicts if verdict.outcome is Outcome.SENT]
        done += len(held.items)
    return sent


def _verdict(item_id: int, dice: random.Random) -> Verdict:
    if dice.random() > 1 / 120:
        return Verdict(item_id, Outcome.SENT, 250, "2.0.0", "250 2.0.0 Ok: queued")
    if dice.random() < 0.6:
        reply = "550 5.1.1 No such user here"
        return Verdict(item_id, Outcome.PERMANENT, 550, "5.1.1", reply, "user_unknown", BounceKind.HARD)
    reply = "554 5.7.1 Message refused by policy"
    return Verdict(item_id, Outcome.PERMANENT, 554, "5.7.1", reply, "policy", BounceKind.SOFT)


def _chunks(things: Sequence[Any], size: int = _CHUNK) -> list[Sequence[Any]]:
    return [things[start : start + size] for start in range(0, len(things), size)]
