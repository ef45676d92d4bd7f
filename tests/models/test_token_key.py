"""Rotation: a new version signs, the old ones go on opening what they signed."""

import pytest
from sqlalchemy import Engine

from models import db, token_key, tracking
from models.errors import Refused
from models.token_key import TokenKey, key_rows, ring, rotate
from models.tracking import Keys, Purpose, make_token, read_token
from tests.factories import NOW

BY = "someone@example.com"


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "_own", {})


def turn() -> int:
    with db.unit_of_work(durable=True) as session:
        return rotate(session, NOW, BY)


def now() -> Keys:
    with db.reading() as session:
        return ring(session)


def test_each_version_signs_in_its_turn_and_all_are_accepted(database: Engine) -> None:
    tokens = [make_token(now(), Purpose.TRACK, 7)]
    for version in (2, 3):
        assert turn() == version
        tokens.append(make_token(now(), Purpose.TRACK, 7))
    assert len(set(tokens)) == 3
    assert [read_token(token, Purpose.TRACK, keys=now()) for token in tokens] == [(Purpose.TRACK, 7)] * 3
    assert [tracking.version_of(token) for token in tokens] == [1, 2, 3]


def test_another_process_reads_the_new_version_once_it_has_looked(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn()
    token = make_token(now(), Purpose.CONSENT, 7)
    monkeypatch.setattr(tracking, "_own", {})
    assert read_token(token, Purpose.CONSENT) is None
    now()
    assert read_token(token, Purpose.CONSENT) == (Purpose.CONSENT, 7)


def test_the_database_alone_makes_no_key(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    turn()
    token = make_token(now(), Purpose.TRACK, 7)
    monkeypatch.setenv("ENVOI_SECRET_KEY", "the secret of somebody else")
    tracking.settings.cache_clear()
    assert read_token(token, Purpose.TRACK, keys=now()) is None


def test_the_list_says_which_one_signs(database: Engine) -> None:
    turn()
    with db.reading() as session:
        rows = key_rows(session)
    assert [(row.version, row.since, row.by, row.signs) for row in rows] == [(2, NOW, BY, True), (1, None, "", False)]


def test_after_the_last_version_it_is_refused(database: Engine) -> None:
    with db.unit_of_work() as session:
        session.add(TokenKey(version=token_key._LAST, salt="00" * 32, created_at=NOW, created_by=BY))
    with pytest.raises(Refused):
        turn()
