"""The command on one installation, word after word: what a script gets on standard output, and what it ends with."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.test_start import ENVOI, ROOT, envoi

pytestmark = pytest.mark.slow

PEOPLE = "First name,Last name,Email\nAda,Byron,ada@example.org\nEve,=1+1,eve@example.org\nBob,,bob@@example.org\n"
TEMPLATE = '<p>Hello {Person.firstName}</p><a href="{optOutUrl}">Stop</a>'


class Installation:
    """A data directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {"ENVOI_DATA_DIR": str(home / "data"), "ENVOI_CATCHER_PORT": str(free_port())}
        (home / "people.csv").write_text(PEOPLE)
        (home / "letter.html").write_text(TEMPLATE)

    def run(self, *words: str) -> str:
        """Standard output of a word that succeeds."""
        done = envoi(*words, **self.environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def json(self, *words: str):
        return json.loads(self.run(*words, "--json"))

    def fails(self, *words: str) -> tuple[int, str]:
        done = envoi(*words, **self.environment)
        assert done.stderr.count("\n") == 1, done.stderr
        return done.returncode, done.stderr

    def count(self, table: str) -> int:
        """How many rows a table has, also while somebody writes."""
        with closing(sqlite3.connect(self.home / "data" / "envoi.sqlite", timeout=10)) as database:
            (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        return found

    def imported(self) -> None:
        self.run("import", str(self.home / "people.csv"), "--list", "Readers")

    def pending(self) -> str:
        """The id of a mass email to the imported people."""
        self.imported()
        letter = str(self.home / "letter.html")
        words = ("--campaign", "Autumn", "--list", "Readers", "--template", letter, "--subject", "News")
        return str(self.json("send", *words)["mass_email"])


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_settings_are_listed_changed_and_refused(here: Installation) -> None:
    assert here.json("settings", "list")["portion_size"] == 200
    here.run("settings", "set", "portion_size", "7")
    assert here.json("settings", "get", "portion_size") == 7
    assert here.fails("settings", "set", "portion_size", "0") == (2, "envoi: portion_size: Enter 1 or more.\n")
    assert here.fails("settings", "get", "nothing")[0] == 2
    assert here.json("settings", "get", "portion_size") == 7


def test_jobs_are_scheduled_switched_and_run(here: Installation) -> None:
    here.run("job", "schedule", "send_mass_emails", "5 * * * 7")
    here.run("job", "deactivate", "send_mass_emails")
    row = next(row for row in here.json("job", "list") if row["name"] == "send_mass_emails")
    assert (row["scheduling"], row["active"], row["next_run"]) == ("5 * * * 7", False, None)
    now = here.json("job", "activate", "send_mass_emails")
    assert (now["in_words"], now["active"], now["next_run"] is not None) == (
        "At 5 minutes past the hour, only on Sunday",
        True,
        True,
    )
    assert here.json("job", "run", "clean_up")["outcome"] == "done"
    assert here.fails("job", "schedule", "send_mass_emails", "every day")[0] == 2
    assert here.fails("job", "run", "nothing") == (1, "envoi: There is no scheduled job “nothing”.\n")


def test_an_import_that_was_killed_is_completed_by_the_same_command(here: Installation) -> None:
    """Killed in the middle, at once and for good. What was written stays, and is written no second time."""
    rows, file = 12_000, here.home / "many.csv"
    file.write_text("Email,Name\n" + "".join(f"p{n}@example.org,Person {n}\n" for n in range(rows)))
    here.run("migrate")
    words = ["import", str(file), "--list", "Many", "--json"]
    environment = {**os.environ, **here.environment}
    with subprocess.Popen([*ENVOI, *words], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as killed:
        while (written := here.count("recipient")) == 0:
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    written = here.count("recipient")
    assert 0 < written == here.count("membership") < rows
    again = json.loads(here.run(*words))
    assert (again["new"], again["unchanged"], again["added"]) == (rows - written, written, rows - written)
    assert here.count("recipient") == here.count("membership") == here.count("address") == rows
    last = json.loads(here.run(*words))
    assert (last["new"], last["updated"], last["unchanged"], last["added"]) == (0, 0, rows, 0)


def test_an_import_says_what_it_did_and_keeps_the_problem_rows(here: Installation) -> None:
    file, errors = str(here.home / "people.csv"), here.home / "errors.csv"
    assert here.json("import", file, "--list", "Readers", "--dry-run")["new"] == 2
    assert "Readers" in here.fails("export", "list", "Readers")[1]
    first = here.json("import", file, "--list", "Readers", "--errors", str(errors))
    assert (first["new"], first["rows"]) == (2, 3)
    assert "bob@@example.org" in errors.read_text("utf-8-sig")
    assert here.json("import", file, "--list", "Readers")["unchanged"] == 2
    assert here.fails("import", file, "--map", "Nothing=address")[0] == 2
    rows = list(csv.DictReader(io.StringIO(here.run("export", "list", "Readers"))))
    assert here.json("export", "list", "Readers") == rows
    assert [row["address"] for row in rows] == ["ada@example.org", "eve@example.org"]


def test_what_is_refused_makes_nothing(here: Installation) -> None:
    here.imported()
    bad = here.home / "bad.html"
    bad.write_text("<p>{Person.firstNam}</p>")
    words = ("send", "--campaign", "Autumn", "--list", "Readers", "--subject", "News", "--template", str(bad))
    status, sentence = here.fails(*words)
    assert (status, "Line 1" in sentence) == (2, True)
    assert here.fails("mass-email", "status", "1")[0] == 1


def test_a_mass_email_is_sent_and_both_sums_are_exact(here: Installation) -> None:
    mass_email = here.pending()
    before = here.json("mass-email", "status", mass_email)
    assert (before["status"], before["audience"]["final"], before["queue"]["queued"]) == ("pending", 2, 0)
    envoi("worker", "--once", **here.environment)
    found = here.json("mass-email", "status", mass_email)
    audience, queue = found["audience"], found["queue"]
    assert found["status"] == "complete"
    assert audience["chosen"] == sum(count for name, count in audience.items() if name != "chosen") == 2
    assert queue["queued"] == sum(count for name, count in queue.items() if name != "queued") == queue["sent"] == 2
    rows = list(csv.DictReader(io.StringIO(here.run("export", "log", "--mass-email", mass_email))))
    objects = here.json("export", "log", "--mass-email", mass_email)
    assert [{name.replace("_", " "): str(value) for name, value in one.items()} for one in objects] == [
        {name.replace("_", " "): value for name, value in row.items()} for row in rows
    ]
    assert [(row["address"], row["action"], row["test"]) for row in rows] == [
        ("ada@example.org", "sent", "0"),
        ("eve@example.org", "sent", "0"),
    ]
    assert rows[1]["name"].startswith("Eve")
    assert here.json("check") == {"differences": []}


def test_the_brakes(here: Installation) -> None:
    here.run("settings", "set", "portion_size", "1")
    mass_email = here.pending()
    envoi("worker", "--once", **here.environment)
    here.run("mass-email", "pause", mass_email)
    assert here.json("mass-email", "status", mass_email)["status"] == "paused"
    here.run("mass-email", "resume", mass_email)
    here.run("mass-email", "cancel", mass_email)
    queue = here.json("mass-email", "status", mass_email)["queue"]
    assert (queue["sent"], queue["cancelled"]) == (1, 1)
    assert here.fails("mass-email", "resume", mass_email)[0] == 1
    assert here.json("mass-email", "retry-failed", mass_email) == {"again": 0}
    assert here.json("mass-email", "status", mass_email)["status"] == "cancelled"


def test_an_smtp_account_is_set_tried_and_never_shown_with_its_password(here: Installation) -> None:
    place = ("--host", "127.0.0.1", "--port", str(free_port()), "--tls", "none", "--from", "Atelier <a@example.org>")
    here.run("smtp-account", "set", "relay", *place, "--default")
    shown = here.run("smtp-account", "list", "--json")
    row = next(row for row in json.loads(shown) if row["name"] == "relay")
    assert (row["is_default"], row["from_address"]) == (True, "a@example.org")
    assert "secret" not in shown
    done = envoi("smtp-account", "test", "relay", "--json", **here.environment)
    assert (done.returncode, json.loads(done.stdout)["step"]) == (1, "connect")
    assert here.fails("smtp-account", "set", "relay", "--from", "nobody")[0] == 2


def test_an_smtp_account_signs_with_a_key_made_by_the_command(here: Installation) -> None:
    here.run("smtp-account", "set", "relay", "--host", "127.0.0.1", "--connections", "3", "--answer-seconds", "900")
    row = next(row for row in here.json("smtp-account", "list") if row["name"] == "relay")
    assert (row["connections"], row["answer_seconds"]) == (3, 900)
    assert here.json("smtp-account", "dkim", "relay") == {"record": None}
    place = ("--domain", "sender.example", "--selector", "envoi1")
    made = here.json("smtp-account", "dkim", "relay", "--generate", *place, "--algorithm", "ed25519-sha256")["record"]
    assert made["name"] == "envoi1._domainkey.sender.example"
    assert made["value"].startswith("v=DKIM1; k=ed25519; p=")
    assert made["value"] in here.run("smtp-account", "dkim", "relay")
    assert here.fails("smtp-account", "dkim", "relay", "--selector", "a b")[0] == 2
    assert here.json("smtp-account", "dkim", "relay", "--off") == {"record": None}
    assert here.fails("smtp-account", "dkim", "nobody")[0] == 1


def test_an_smtp_account_signs_in_with_tokens_and_no_secret_is_shown(here: Installation) -> None:
    app = ("--auth", "xoauth2", "--username", "n@sender.example", "--client-id", "app")
    place = ("--host", "127.0.0.1", "--token-url", "https://login.example.com/token", *app)
    secrets = ("--client-secret-stdin", "--refresh-token-stdin")
    command = ("smtp-account", "set", "gm", *place, *secrets, "--json")
    done = envoi(*command, stdin="the app secret\nthe refresh token\n", **here.environment)
    row = json.loads(done.stdout)
    assert (row["sign_in"], row["has_refresh_token"], row["has_password"]) == ("xoauth2", True, False)
    assert not {"the app secret", "the refresh token"} & set(row.values())


def test_machine_rules_are_added_applied_and_removed(here: Installation) -> None:
    made = here.json("machine-rule", "add", "machine", "--network", "203.0.113.7/24", "--note", "Our gateway")
    (rule,) = here.json("machine-rule", "list")["rules"]
    assert (rule["pattern"], rule["human"], rule["note"]) == ("203.0.113.0/24", False, "Our gateway")
    number = str(made["id"])
    assert here.json("machine-rule", "apply", number) == {"turned": 0}
    here.run("machine-rule", "remove", number)
    assert here.json("machine-rule", "list") == {"rules": []}
    assert here.fails("machine-rule", "apply", number)[0] == 1
    assert here.fails("machine-rule", "add", "person", "--network", "here")[0] == 2
    assert here.fails("machine-rule", "add", "person")[0] == 2


def test_a_mass_email_may_be_sent_without_being_followed(here: Installation) -> None:
    here.imported()
    letter = str(here.home / "letter.html")
    words = ("--campaign", "Quiet", "--list", "Readers", "--template", letter, "--subject", "News", "--confirm")
    made = here.json("send", *words, "--tracking", "none")
    with closing(sqlite3.connect(here.home / "data" / "envoi.sqlite")) as database:
        row = database.execute("SELECT tracking FROM mass_email WHERE id = ?", (made["mass_email"],)).fetchone()
    assert row == (3,)
