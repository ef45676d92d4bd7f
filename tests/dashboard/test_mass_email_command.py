"""`envoi mass-email`: the brakes, the decisions, a new version; what the dashboard can do, the command can."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from dashboard.commands import mass_email as command
from models import db, queue_count
from models.audience import build_queue
from models.audit import COMMAND, Audit
from models.claim import claim_items
from models.email_template import get_template, save_version
from models.errors import EnvoiError, Refused
from models.mass_email import MassEmailStatus, get_row
from models.queue_item import ItemState, QueueItem, queue_counts
from models.recipient import Recipient
from tests import factories

NAMES = ["ada", "bob", "cyd", "dan"]


@pytest.fixture
def mail(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """In Process, four people wait."""
    monkeypatch.setattr(command, "prepare", lambda: None)
    now = datetime.now(UTC)
    with db.unit_of_work() as session:
        factories.smtp_account(session, is_catcher=True)
        people = [factories.recipient(session, f"{name}@example.org", first_name=name) for name in NAMES]
        made = factories.mass_email(session, factories.target_list(session, members=people), name="News").id
    with db.pinned() as doors:
        build_queue(doors, made, now)
    return made


def run(*words: object) -> Result:
    return CliRunner().invoke(command.mass_email, [str(word) for word in words])


def said(*words: object) -> dict:
    """What a word prints with --json."""
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*words: object) -> Exception:
    """Why a word refuses: the command prints it as one sentence."""
    done = run(*words)
    assert done.exit_code != 0
    assert done.exception is not None
    return done.exception


def become(mail: int, *states: ItemState) -> None:
    with db.unit_of_work() as session:
        items = session.exec(select(QueueItem).order_by(QueueItem.id)).all()
        for item, state in zip(items, states, strict=False):
            item.state = state
        session.flush()
        queue_count.forget(session, mail)  # it is counted from its items again


def states() -> list[str]:
    with db.reading() as session:
        return [item.state.value for item in session.exec(select(QueueItem).order_by(QueueItem.id)).all()]


def status(mail: int) -> MassEmailStatus:
    with db.reading() as session:
        return get_row(session, mail).status


def test_pause_resume_and_cancel(mail: int) -> None:
    assert said("pause", mail) == {"id": mail, "name": "News", "status": "paused"}
    assert said("resume", mail)["status"] == "in_process"
    assert said("cancel", mail) == {"people": 4}
    assert status(mail) is MassEmailStatus.CANCELLED
    for word in ("pause", "resume", "cancel", "undo"):
        assert isinstance(refused(word, mail), Refused)
    for word in ("pause", "cancel", "people", "new-version", "status"):
        assert isinstance(refused(word, 999), EnvoiError)


def test_undo_takes_everybody_out_of_the_queue_until_a_message_has_begun(mail: int) -> None:
    assert said("undo", mail) == {"people": 4}
    assert (status(mail), states()) == (MassEmailStatus.DRAFT, [])


def test_undo_is_refused_once_a_message_has_begun(mail: int) -> None:
    with db.unit_of_work() as session:
        claim_items(session, mail, 1, 1, "w", timedelta(minutes=1), datetime.now(UTC))
    assert "not taken back" in str(refused("undo", mail))
    assert status(mail) is MassEmailStatus.IN_PROCESS


def test_failed_ones_are_retried(mail: int) -> None:
    become(mail, ItemState.FAILED, ItemState.FAILED)
    assert run("retry-failed", mail).stdout == "2 messages are sent again.\n"
    assert said("retry-failed", mail) == {"again": 0}


@pytest.mark.parametrize(
    ("words", "decided", "after"),
    [
        (["sent", "--uncertain"], 2, ["sent", "sent", "failed", "waiting"]),
        (["send-again", "--uncertain", "--failed"], 3, ["waiting"] * 4),
        (["leave-out", "--failed"], 1, ["uncertain", "uncertain", "skipped", "waiting"]),
        (["sent", "--failed"], 0, ["uncertain", "uncertain", "failed", "waiting"]),
        (["sent", "--address", "Bob@Example.org"], 1, ["uncertain", "sent", "failed", "waiting"]),
        (["send-again", "--address", "ada@example.org", "--address", "cyd@example.org"], 2, None),
    ],
)
def test_a_decision_is_about_all_of_a_kind_or_about_named_people(mail: int, words, decided: int, after) -> None:
    become(mail, ItemState.UNCERTAIN, ItemState.UNCERTAIN, ItemState.FAILED)
    assert said("decide", mail, *words) == {"decided": decided}
    assert states() == (after or ["waiting", "uncertain", "waiting", "waiting"])
    with db.reading() as session:
        kept = session.exec(select(Audit).where(Audit.act.startswith("mass_email.decided"))).all()
    assert {(one.by, one.detail["people"]) for one in kept} == ({(COMMAND, decided)} if decided else set())


@pytest.mark.parametrize("words", [["sent"], ["sent", "--uncertain", "--address", "a@b.example"], ["burn", "--failed"]])
def test_a_decision_without_whom_or_of_another_kind_is_not_taken(mail: int, words) -> None:
    become(mail, ItemState.UNCERTAIN)
    assert run("decide", mail, *words).exit_code == 2
    assert states()[0] == "uncertain"


def test_who_is_not_in_the_queue_is_said_by_name(mail: int) -> None:
    assert "eve@example.org" in str(refused("decide", mail, "sent", "--address", "eve@example.org"))


def test_changed_addresses_are_queued_again(mail: int) -> None:
    become(mail, ItemState.SKIPPED)
    with db.unit_of_work() as session:
        item = session.exec(select(QueueItem).order_by(QueueItem.id)).first()
        item.reason = "address_changed"
        session.get_one(Recipient, item.recipient_id).address_id = factories.address(session, "new@example.org").id
    assert said("queue-again", mail) == {"again": 1}
    with db.reading() as session:
        assert queue_counts(session, mail).waiting == 4


def test_a_new_version_is_offered_taken_and_seen_in_the_status(mail: int) -> None:
    assert said("new-version", mail) == {"offered": None}
    become(mail, ItemState.SENT)
    with db.unit_of_work() as session:
        template = get_template(session, get_row(session, mail).template_id)
        save_version(session, template.id, template.revision, "New", "<p>New</p>", "", datetime.now(UTC), "bob")
    assert said("new-version", mail)["offered"]["no"] == 2
    assert re.fullmatch(r"Version 2 .*saved by bob; version 1 goes out.*\n", run("new-version", mail).stdout)
    assert said("status", mail)["newer_version"] == 2
    for wrong in (1, 3):
        assert isinstance(refused("new-version", mail, "--take", wrong), Refused)
    assert said("new-version", mail, "--take", 2) == {"taken": 2}
    found = said("status", mail)
    assert (found["version"], found["newer_version"]) == (2, None)
    assert found["versions"] == [
        {"no": 2, "people": 0, "current": True},
        {"no": 1, "people": 1, "current": False},
    ]


def test_people_are_listed_by_state_as_csv_and_as_lines_of_json(mail: int) -> None:
    become(mail, ItemState.SENT, ItemState.UNCERTAIN)
    rows = list(csv.DictReader(io.StringIO(run("people", mail).stdout)))
    assert [(row["address"], row["state"], row["version"]) for row in rows] == [
        ("ada@example.org", "sent", "1"),
        ("bob@example.org", "uncertain", "1"),
        ("cyd@example.org", "waiting", ""),
        ("dan@example.org", "waiting", ""),
    ]
    lines = run("people", mail, "--state", "uncertain", "--json").stdout.splitlines()
    assert [json.loads(line)["address"] for line in lines] == ["bob@example.org"]
