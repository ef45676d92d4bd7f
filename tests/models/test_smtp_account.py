"""SMTP accounts: what is refused, how the password is kept, the default one, and the breaker."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db, smtp_account
from models.audit import Audit
from models.dkim_key import dns_record, generate_key, read_key
from models.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from models.mass_email import MassEmailStatus
from models.sending_route import waits
from models.settings import settings
from models.smtp_account import CONFIRM_FIRST_REAL, WAITS, DkimAlgorithm, SignIn, SmtpAccount, Tls
from tests import factories

NOW, BY = factories.NOW, "admin@example.com"
VALUES = {
    "name": "Relay",
    "host": "smtp.example.com",
    "port": "587",
    "tls": "starttls",
    "username": "envoi",
    "password": "sésame ouvre-toi",
    "from_name": "Atelier",
    "from_address": "news@example.com",
}


def test_an_account_is_made_edited_and_deleted_and_the_trail_never_shows_its_password(database: Engine) -> None:
    with db.unit_of_work() as session:
        made = smtp_account.create_account(session, VALUES, NOW, by=BY)
        secret = smtp_account.get_account(session, made).secret
        assert "ouvre" not in secret
        assert smtp_account.decrypt(secret) == VALUES["password"]
        for elsewhere in ({"host": "mx.example.com"}, {"port": 25}, {"tls": "none"}):
            with pytest.raises(Invalid) as asked:
                smtp_account.edit_account(session, made, 1, {**elsewhere, "password": ""}, NOW, by=BY)
            assert set(asked.value.problems) == {"password"}
        again = {"host": "mx.example.com", "password": VALUES["password"]}
        smtp_account.edit_account(session, made, 1, again, NOW, by=BY)
        row = smtp_account.get_account_row(session, made)
        assert (row.host, row.port, row.tls, row.has_password, row.revision) == (
            "mx.example.com",
            587,
            Tls.STARTTLS,
            True,
            2,
        )
        with pytest.raises(Conflict):
            smtp_account.edit_account(session, made, 1, {"host": "other.example.com"}, NOW, by=BY)
        smtp_account.delete_account(session, made, NOW, by=BY)
        with pytest.raises(NotFound):
            smtp_account.get_account(session, made)
        assert smtp_account.account_rows(session) == []
        smtp_account.create_account(session, VALUES, NOW, by=BY)  # the name is free again
    with db.reading() as session:
        trail = session.exec(select(Audit)).all()
    assert [entry.act for entry in trail][:3] == ["smtp_account.created", "smtp_account.edited", "smtp_account.deleted"]
    assert "ouvre" not in str([entry.detail for entry in trail])


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("name", " ", "errors.required"),
        ("name", "relay", "smtp_account.name_taken"),
        ("name", "x" * 300, "errors.too_long"),
        ("host", "", "errors.required"),
        ("host", "smtp example", "smtp_account.not_a_host"),
        ("host", "smtp\r\nexample", "errors.control_character"),
        ("port", "0", "errors.at_least"),
        ("port", "70000", "errors.at_most"),
        ("port", "smtp", "errors.not_a_number"),
        ("port", "", "errors.required"),
        ("tls", "ssl3", "errors.unknown_choice"),
        ("max_per_hour", "-5", "errors.at_least"),
        ("from_name", "A\nB", "errors.control_character"),
        ("from_address", "nobody", None),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(database: Engine, field: str, value: str, key: str | None) -> None:
    with db.unit_of_work() as session:
        smtp_account.create_account(session, VALUES, NOW, by=BY)
    with db.unit_of_work() as session, pytest.raises(Invalid) as refused:
        smtp_account.create_account(session, {**VALUES, "name": "Other", field: value}, NOW, by=BY)
    assert set(refused.value.problems) == {field}
    assert key in {None, refused.value.problems[field].key}


XOAUTH2 = {
    "sign_in": "xoauth2",
    "token_url": "https://login.example.com/token",
    "client_id": "app",
    "client_secret": "app secret",
    "refresh_token": "refresh me",
}


@pytest.mark.parametrize(
    ("values", "field", "key"),
    [
        ({"connections": "0"}, "connections", "errors.at_least"),
        ({"messages_per_connection": "many"}, "messages_per_connection", "errors.not_a_number"),
        ({"answer_seconds": "30"}, "answer_seconds", "errors.at_least"),  # impatience makes duplicates
        ({"reply_seconds": "4000"}, "reply_seconds", "errors.at_most"),
        ({"sign_in": "kerberos"}, "sign_in", "errors.unknown_choice"),
        ({**XOAUTH2, "username": ""}, "username", "errors.required"),
        ({**XOAUTH2, "client_id": ""}, "client_id", "errors.required"),
        ({**XOAUTH2, "refresh_token": ""}, "refresh_token", "errors.required"),
        ({**XOAUTH2, "token_url": ""}, "token_url", "errors.required"),
        ({**XOAUTH2, "token_url": "http://login.example.com/token"}, "token_url", "smtp_account.not_a_token_url"),
        ({**XOAUTH2, "token_url": "https://[nowhere"}, "token_url", "smtp_account.not_a_token_url"),
        ({"dkim_domain": "localhost", "dkim_selector": "s"}, "dkim_domain", "smtp_account.not_a_domain"),
        ({"dkim_domain": "example.com", "dkim_selector": "a b"}, "dkim_selector", "smtp_account.not_a_selector"),
        ({"dkim_domain": "example.com"}, "dkim_selector", "errors.required"),
        ({"dkim_domain": "example.com", "dkim_selector": "s"}, "dkim_key", "smtp_account.no_key"),
        ({"dkim_domain": "example.com", "dkim_selector": "s", "dkim_key": "x"}, "dkim_key", "smtp_account.not_a_key"),
    ],
)
def test_what_sending_needs_is_checked_too(sqlite_database: Engine, values: dict, field: str, key: str) -> None:
    with db.unit_of_work() as session, pytest.raises(Invalid) as refused:
        smtp_account.create_account(session, {**VALUES, **values}, NOW, by=BY)
    assert refused.value.problems[field].key == key


def test_tokens_stay_with_their_provider_and_go_when_a_password_is_used_again(database: Engine) -> None:
    with db.unit_of_work() as session:
        made = smtp_account.create_account(session, {**VALUES, **XOAUTH2}, NOW, by=BY)
        account = smtp_account.get_account(session, made)
        assert (account.secret, account.sign_in) == ("", SignIn.XOAUTH2)
        assert smtp_account.decrypt(account.client_secret) == "app secret"
        assert smtp_account.decrypt(account.refresh_secret) == "refresh me"
        for elsewhere, asked in (
            ({"host": "mx.example.com"}, {"refresh_token"}),
            ({"token_url": "https://evil.example/token"}, {"refresh_token", "client_secret"}),
        ):
            with pytest.raises(Invalid) as refused:
                smtp_account.edit_account(session, made, 1, elsewhere, NOW, by=BY)
            assert set(refused.value.problems) == asked
        draft = smtp_account.draft_account(session, made, {**VALUES, **XOAUTH2, "refresh_token": ""}, NOW)
        assert (draft.id, smtp_account.decrypt(draft.refresh_secret)) == (made, "refresh me")
        smtp_account.edit_account(session, made, 1, {"sign_in": "password", "password": "new"}, NOW, by=BY)
        account = smtp_account.get_account(session, made)
        assert (account.token_url, account.client_secret, account.refresh_secret) == ("", "", "")
    with db.reading() as session:
        trail = str([entry.detail for entry in session.exec(select(Audit)).all()])
    assert "refresh me" not in trail
    assert "app secret" not in trail


@pytest.mark.parametrize("algorithm", list(DkimAlgorithm))
def test_a_dkim_key_is_kept_shown_as_a_dns_record_and_goes_with_its_domain(
    database: Engine, algorithm: DkimAlgorithm
) -> None:
    pem = generate_key(algorithm)
    values = {**VALUES, "dkim_domain": "Bücher.example.", "dkim_selector": "Envoi1", "dkim_key": pem}
    with db.unit_of_work() as session:
        made = smtp_account.create_account(session, values, NOW, by=BY)
        row = smtp_account.get_account_row(session, made)
        assert (row.dkim_domain, row.dkim_selector, row.dkim_algorithm) == (
            "xn--bcher-kva.example",
            "envoi1",
            algorithm,
        )
        assert "PRIVATE" not in smtp_account.get_account(session, made).dkim_secret
        record = smtp_account.dkim_record(session, made)
        assert record == dns_record("xn--bcher-kva.example", "envoi1", read_key(pem))
        assert record.name == "envoi1._domainkey.xn--bcher-kva.example"
        smtp_account.edit_account(session, made, 1, {"dkim_selector": "envoi2"}, NOW, by=BY)  # the key stays
        assert smtp_account.dkim_record(session, made).value == record.value
        smtp_account.edit_account(session, made, 2, {"dkim_domain": ""}, NOW, by=BY)
        account = smtp_account.get_account(session, made)
        assert (account.dkim_selector, account.dkim_secret) == ("", "")
        assert smtp_account.dkim_record(session, made) is None


def test_a_password_saved_with_another_key_is_said_to_be_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = smtp_account.encrypt("sesame")
    monkeypatch.setenv("ENVOI_SECRET_KEY", "another installation")
    settings.cache_clear()
    with pytest.raises(Unavailable):
        smtp_account.decrypt(secret)
    assert smtp_account.decrypt(smtp_account.encrypt("")) == ""


def test_the_first_real_account_needs_a_confirmation_that_counts_the_people_waiting(database: Engine) -> None:
    with db.unit_of_work() as session:
        catcher = smtp_account.ensure_catcher(session, 2525, NOW)
        assert smtp_account.mail_goes_to_catcher(session)
        real = smtp_account.create_account(session, VALUES, NOW, by=BY)
        people = [factories.recipient(session) for _ in range(3)]
        mail = factories.mass_email(
            session, factories.target_list(session, members=people), status=MassEmailStatus.IN_PROCESS
        )
        for person in people:
            factories.queue_item(session, mail, person)
    with db.unit_of_work() as session, pytest.raises(Refused) as refused:
        smtp_account.set_default(session, real, NOW, by=BY)
    assert (refused.value.problem.key, refused.value.problem.values["count"]) == (CONFIRM_FIRST_REAL, 3)
    with db.unit_of_work() as session:
        smtp_account.set_default(session, real, NOW, by=BY, confirmed=True)
        assert smtp_account.default_account(session).id == real
        assert not smtp_account.mail_goes_to_catcher(session)
        with pytest.raises(Refused):
            smtp_account.delete_account(session, real, NOW, by=BY)
        smtp_account.set_default(session, catcher, NOW, by=BY)
        with pytest.raises(Refused):
            smtp_account.delete_account(session, catcher, NOW, by=BY)
        assert session.exec(select(SmtpAccount.is_default)).all().count(True) == 1


def test_the_catcher_follows_its_port_and_stays_one(database: Engine) -> None:
    with db.unit_of_work() as session:
        first = smtp_account.ensure_catcher(session, 2525, NOW)
        smtp_account.trip(session, first, "connect", "refused", NOW)
        assert smtp_account.ensure_catcher(session, 4025, NOW) == first
        session.expire_all()
        row = smtp_account.get_account_row(session, first)
        assert (row.port, row.trouble, row.is_default) == (4025, "", True)


def test_an_account_in_use_is_not_deleted(database: Engine) -> None:
    with db.unit_of_work() as session:
        account = factories.smtp_account(session, is_default=False)
        factories.mass_email(session, smtp_account_id=account.id)
        with pytest.raises(Refused) as refused:
            smtp_account.delete_account(session, account.id, NOW, by=BY)
    assert (refused.value.problem.key, refused.value.problem.values["count"]) == ("smtp_account.in_use", 1)


def test_the_breaker_waits_longer_each_time_lets_one_try_and_closes(database: Engine) -> None:
    with db.unit_of_work() as session:
        account, now = factories.smtp_account(session).id, NOW
    for wait in (*WAITS, WAITS[-1]):
        with db.unit_of_work() as session:
            retry_at = smtp_account.trip(session, account, "login", "535 no", now, jitter=1.2)
            assert retry_at == now + wait * 1.2
            assert waits(smtp_account.get_account(session, account), now)
            assert not smtp_account.take_probe(session, account, now)
            now = retry_at
            assert not waits(smtp_account.get_account(session, account), now)
            assert [smtp_account.take_probe(session, account, now) for _ in range(3)] == [True, False, False]
    with db.unit_of_work() as session:
        smtp_account.close_breaker(session, account, "250 ok", now)
        assert not waits(smtp_account.get_account(session, account), now)
        assert smtp_account.get_account_row(session, account).last_reply == "250 ok"
        assert smtp_account.trip(session, account, "login", "535 no", now) == now + WAITS[0]


def test_two_who_report_the_same_trouble_lengthen_the_wait_once(database: Engine) -> None:
    with db.unit_of_work() as session:
        account = factories.smtp_account(session).id
        assert smtp_account.trip(session, account, "login", "535 no", NOW, seen=0) == NOW + WAITS[0]
        assert smtp_account.trip(session, account, "login", "535 no", NOW + timedelta(seconds=1), seen=0) is None
        assert smtp_account.get_account(session, account).trouble_count == 1
