"""The log's address, the rows and counts behind it, its export, and what somebody without a session gets."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import reflex as rx
from sqlalchemy import Engine
from starlette.testclient import TestClient

from dashboard import routes
from dashboard.acts.event_words import reason_said
from dashboard.auth import COOKIE
from dashboard.log.list_page import Log
from dashboard.log.spec import SPEC, VIEWS, chosen_of, period_of, period_said, shows_people, tabs
from models import db
from models.log_filter import LogFilter, Who
from models.log_record import EventSource, MachineReason, record_clicked, record_opened
from models.log_table import Action
from models.mass_email import LeftOut, LeftOutReason, MassEmailStatus
from models.queue_item import Outcome, Verdict, claim_items, settle
from models.queue_table import ItemState
from models.recipient import Kind
from models.sign_in import SESSION, open_session
from models.tracking_url import ensure_links
from models.user import Viewer
from tests import factories
from tests.dashboard.conftest import signed_in
from tests.factories import NOW


@pytest.fixture
def mailed(sqlite_database: Engine) -> int:
    """A mass email to three people: one clicked, one was scanned, one waits; and one was left out."""
    with db.unit_of_work() as session:
        names = ("=HYPERLINK(1)", "scanned", "waits", "nobody")
        people = [factories.recipient(session, f"p{n}@example.com", first_name="", last_name=n) for n in names]
        target = factories.target_list(session, "Customers", people)
        mail = factories.mass_email(
            session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW, name="Rentrée 2026"
        )
        ensure_links(session, mail.id, ["https://example.com/a"])
        *mailed, nobody = people
        items = [factories.queue_item(session, mail, p, list_id=target.id, next_try_at=NOW).id for p in mailed]
        session.add(LeftOut(mass_email_id=mail.id, recipient_id=nobody.id, reason=LeftOutReason.EXCLUDED))
        held = claim_items(session, mail.id, 1, 2, "w", timedelta(hours=1), NOW)
        settle(session, held.claim_id, [Verdict(one.id, Outcome.SENT) for one in held.items], NOW)
        record_clicked(session, items[0], 1, NOW)
        record_opened(session, items[1], NOW, machine=MachineReason.SCANNER)
        return mail.id


@pytest.fixture
async def log_at(mailed: int, ada: Viewer) -> Callable[[str], object]:
    """The loaded state of the log at a query."""
    with db.unit_of_work() as session:
        secret = open_session(session, ada.id, SESSION, datetime.now(UTC))

    async def load(query: str) -> Log:
        root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        address = f"{routes.LOG}?{query}"
        root.router_data = {
            "headers": {"cookie": f"{COOKIE}={secret}"},
            "asPath": address,
            "pathname": routes.LOG,
            "token": "a",
        }
        root._update_router_vars(root.router_data, {})
        state = await root.get_state(Log)
        async for _ in Log.load.fn(state):
            pass
        return state

    return load


CHOSEN = LogFilter(
    campaign_id=3,
    mass_email_id=4,
    included=(Action.OPENED, Action.CLICKED),
    excluded=(Action.OPTED_OUT,),
    states=(ItemState.SENT,),
    left_out=(LeftOutReason.EXCLUDED,),
    link_id=7,
    kind=Kind.LEAD,
    reason="mailbox_full",
    sources=(EventSource.MAILBOX, EventSource.WEBHOOK),
    machine=MachineReason.SCANNER,
    provider=("La Poste", "other"),
    since=NOW,
    until=NOW + timedelta(hours=1),
    who=Who.EVERYBODY,
    text="été & co",
)


def test_a_log_filter_survives_the_pages_address() -> None:
    asked = SPEC.read(CHOSEN.to_query())
    assert chosen_of(asked) == CHOSEN
    written = SPEC.address(asked)
    query = dict(part.split("=") for part in written.partition("?")[2].split("&"))
    assert set(query) == set(CHOSEN.to_query())


@pytest.mark.parametrize(
    "query",
    [
        {"included": "pigeon"},
        {"included": ","},
        {"mass_email_id": "1 or 1"},
        {"since": "yesterday"},
        {"since": "2026-09-08T00:00:00"},
        {"who": "nobody"},
        {"kind": "pigeon"},
        {"page": "-3", "size": "1000"},
        {"provider": "x" * 500},
    ],
)
def test_an_address_made_by_hand_asks_for_nothing_else(query: Mapping[str, str]) -> None:
    asked = SPEC.read(query)
    assert (chosen_of(asked), asked.page, asked.size) == (LogFilter(), 1, 25)


def test_a_shortcut_keeps_the_scope_and_gives_up_the_actions() -> None:
    asked = SPEC.read(
        {"mass_email_id": "4", "kind": "lead", "included": "clicked", "show": "people", "who": "machines", "page": "3"}
    )
    found = {tab.label: tab for tab in tabs(asked, "en")}
    assert found["Opened"].href == "/log?mass_email_id=4&kind=lead&included=opened"
    assert [tab.label for tab in found.values() if tab.on] == []
    (on,) = (tab for tab in tabs(SPEC.read({"mass_email_id": "4", "included": "clicked"}), "en") if tab.on)
    assert on.label == "Clicked"
    assert len({tab.href for tab in found.values()}) == len(VIEWS)


@pytest.mark.parametrize(
    ("query", "people"),
    [
        ({}, False),
        ({"included": "clicked"}, False),
        ({"included": "clicked", "show": "people"}, True),
        ({"states": "waiting,held"}, True),
        ({"states": "failed"}, False),
        ({"left_out": "excluded"}, True),
        ({"left_out": "excluded", "show": "events"}, False),
    ],
)
def test_people_are_shown_where_nothing_can_have_happened(query: Mapping[str, str], people: bool) -> None:
    assert shows_people(SPEC.read(query)) is people


def test_days_are_those_of_the_viewers_zone() -> None:
    period = period_of(date(2026, 9, 1), date(2026, 9, 30), "Europe/Paris")
    assert period == "2026-08-31T22:00:00+00:00..2026-09-30T22:00:00+00:00"
    since, until = period.split("..")
    chosen = chosen_of(SPEC.read({"since": since, "until": until}))
    assert period_said(chosen, "en", "Europe/Paris") == "1 Sep – 30 Sep 2026"
    assert period_said(replace(chosen, until=None), "fr", "Europe/Paris") == "depuis le 1 sept. 2026"
    assert period_said(chosen, "en", "UTC") == "31 Aug 2026, 22:00 – 30 Sep 2026, 22:00"
    assert period_of(None, None, "Europe/Paris") == ""


@pytest.mark.parametrize(
    ("query", "rows", "people", "records"),
    [
        ("", 4, "3 people", " match, in 4 records"),
        ("included=clicked", 1, "1 person", " match, in 1 record"),
        ("included=clicked&show=people", 1, "1 person", " match, in 1 record"),
        ("who=machines", 1, "1 person", " match, in 1 record"),
        ("states=waiting,held", 1, "1 person", " match, in 0 records"),
        ("left_out=excluded", 1, "1 person", " match, in 0 records"),
        ("text=waits", 0, "1 person", " match, in 0 records"),
    ],
)
async def test_both_counts_stand_over_the_rows(log_at, query: str, rows: int, people: str, records: str) -> None:
    log = await log_at(query)
    assert (len(log.rows), log.people_words, log.in_records) == (rows, people, records)


async def test_the_number_of_people_opens_to_as_many_lines(log_at) -> None:
    log = await log_at("included=sent")
    opened = await log_at(log.people_href.partition("?")[2])
    assert opened.as_people
    assert len(opened.rows) == opened.total == 2


async def test_what_comes_while_somebody_reads_waits_behind_a_number(log_at, mailed: int) -> None:
    log = await log_at("included=clicked")
    assert log.fresh == ""
    log._take(Viewer(1, "Ada", "ada@example.com", "viewer", "en", "UTC"), 12)
    assert log.fresh == "12 new"
    assert len(log.rows) == 1


def test_the_export_is_the_filter_with_formulas_as_text(browser: TestClient, ada: Viewer, mailed: int) -> None:
    signed_in(browser, ada)
    answer = browser.get(routes.to(routes.LOG_EXPORT, **LogFilter(included=(Action.CLICKED,)).to_query()))
    assert answer.headers["content-disposition"].startswith('attachment; filename="log-events-')
    head, row = answer.content.decode("utf-8-sig").splitlines()
    assert head == (
        "time,name,address,kind,action,link or reason,mass email,campaign,provider,"
        "bounce,reason,source,machine,evidence"
    )
    assert row == (
        "2026-09-08 11:46:12+00:00,'=HYPERLINK(1),p=HYPERLINK(1)@example.com,Contact,Clicked,"
        "https://example.com/a,Rentrée 2026,Rentrée 2026,Others,,,public page or link,,"
    )


def test_the_export_of_people_says_why_they_were_left_out(browser: TestClient, ada: Viewer, mailed: int) -> None:
    signed_in(browser, ada)
    answer = browser.get(routes.to(routes.LOG_EXPORT, show="people", left_out="excluded"))
    assert answer.content.decode("utf-8-sig").splitlines()[1] == "nobody,pnobody@example.com,Contact,Excluded"


def test_without_a_session_there_is_no_export(browser: TestClient, mailed: int) -> None:
    answer = browser.get(routes.LOG_EXPORT)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.sign_in(routes.LOG))


def test_a_kept_reason_is_said_in_the_language_of_the_reader_and_a_sentence_stays_itself() -> None:
    assert reason_said("en", "too_big") == "Message too big"
    assert reason_said("fr", "too_big") == "Message trop gros"
    assert reason_said("fr", "no field “x”") == "no field “x”"
