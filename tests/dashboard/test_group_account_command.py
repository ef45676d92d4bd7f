"""envoi group-account, word after word, against a real mailbox."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs import dovecot
from tests.jobs.dovecot import Dovecot
from tests.jobs.returned_mail import bounce
from tests.test_start import envoi

pytestmark = [pytest.mark.slow, pytest.mark.servers]


@pytest.fixture
def server() -> Iterator[Dovecot]:
    running = dovecot.start()
    yield running
    dovecot.stop(running)


def test_a_mailbox_is_set_tried_checked_and_listed_and_its_password_is_never_shown(
    server: Dovecot, tmp_path: Path
) -> None:
    home = {"ENVOI_DATA_DIR": str(tmp_path / "data")}
    place = ("--address", "bounce@sender.example", "--host", "127.0.0.1", "--port", str(server.imap), "--tls", "none")

    def set_account(*words: str, password: str) -> subprocess.CompletedProcess[str]:
        return envoi(
            "group-account", "set", "Returns", *words, "--password-stdin", "--json", stdin=f"{password}\n", **home
        )

    made = set_account(*place, "--username", dovecot.USER, "--folder", "INBOX", password="wrong")
    assert made.returncode == 0, made.stderr
    assert "wrong" not in made.stdout
    failed = envoi("group-account", "test", "Returns", "--json", **home)
    assert (failed.returncode, json.loads(failed.stdout)["step"]) == (1, "login")
    assert set_account(password=dovecot.PASSWORD).returncode == 0
    assert envoi("group-account", "test", "Returns", **home).stdout == "Returns works. Folders: INBOX\n"
    server.put(bounce("nobody@example.net"))
    checked = envoi("group-account", "check", "Returns", "--json", **home)
    assert json.loads(checked.stdout) == {"counts": {"unmatched": 1}, "error": ""}
    assert envoi("group-account", "check", "Returns", **home).stdout == "Returns: nothing new\n"
    (row,) = json.loads(envoi("group-account", "list", "--json", **home).stdout)
    assert (row["name"], row["folders"], row["trouble"]) == ("Returns", ["INBOX"], "")
    refused = envoi("group-account", "verify", "Returns", **home)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)  # there is no server yet to send it with
    assert envoi("group-account", "check", "nobody", **home).returncode == 1
