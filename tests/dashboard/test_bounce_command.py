"""envoi bounce explain: one line of JSON per file, without a database."""

import json
from pathlib import Path

from tests.samples import make_bounces
from tests.test_start import envoi

KEYS = ["file", "kind", "reason", "recipient", "status", "evidence"]


def test_each_file_has_its_line_and_one_that_cannot_be_read_a_sentence(tmp_path: Path) -> None:
    hard, soft = (str(make_bounces.HERE / f"{name}.eml") for name in ("postfix-user-unknown", "qmail-quota"))
    done = envoi("bounce", "explain", hard, str(tmp_path / "gone.eml"), soft, ENVOI_DATA_DIR=str(tmp_path / "data"))
    first, second = map(json.loads, done.stdout.splitlines())
    assert (list(first), first["file"]) == (KEYS, hard)
    assert (first["kind"], first["reason"], first["recipient"], first["status"]) == (
        "hard",
        "userunknown",
        "ada@example.com",
        "5.1.1",
    )
    assert "User unknown" in first["evidence"]
    assert (second["kind"], second["reason"]) == ("soft", "mailboxfull")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "gone.eml" in done.stderr
    assert not (tmp_path / "data").exists()  # no database was made


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(make_bounces.samples()["exim-unknown"].mail)
    done = envoi("bounce", "explain", str(tmp_path))
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [
        str(tmp_path / n) for n in ("a.eml", "b.eml")
    ]
    assert (done.returncode, done.stderr) == (0, "")
