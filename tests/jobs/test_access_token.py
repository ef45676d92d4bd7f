"""Access tokens: bought once, used until they end, and a provider that refuses is login trouble of the account."""

import asyncio

import pytest
from sqlalchemy import Engine

from jobs import access_token
from jobs.access_token import Grant, NoToken, Tokens
from jobs.replies import Step
from jobs.smtp import Connection, Server, SmtpTrouble, Timeouts
from models import db, smtp_account
from models.group_email_account import GroupEmailAccount
from models.refresh_token import keep_refresh_token
from models.secret import decrypt, encrypt
from models.smtp_account import SignIn, Tls
from tests import factories
from tests.factories import NOW
from tests.jobs.smtp_server import SmtpServer
from tests.jobs.token_server import TokenServer


@pytest.fixture(autouse=True)
def nothing_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_token, "_BOUGHT", {})


def _grant(url: str, **changes) -> Grant:
    return Grant(**{"token_url": url, "client_id": "app", "client_secret": "shh", "refresh_token": "r-1", **changes})


def _good(n: int, **changes) -> tuple[int, object]:
    return 200, {"access_token": f"token-{n}", "expires_in": 3600, "token_type": "Bearer", **changes}


async def test_connections_that_open_together_buy_one_token_and_the_next_portion_uses_it_too() -> None:
    async with TokenServer(_good) as provider:
        grant = _grant(provider.url)
        tokens = Tokens(grant)
        assert set(await asyncio.gather(*(tokens.current() for _ in range(10)))) == {"token-1"}
        assert await Tokens(grant).current() == "token-1"
        assert provider.asked == [
            {"grant_type": "refresh_token", "refresh_token": "r-1", "client_id": "app", "client_secret": "shh"}
        ]
        assert await Tokens(_grant(provider.url, client_secret="")).current() == "token-2"
        assert "client_secret" not in provider.asked[1]


async def test_portions_that_begin_together_buy_one_token() -> None:
    async with TokenServer(_good) as provider:
        several = [Tokens(_grant(provider.url)) for _ in range(8)]
        assert set(await asyncio.gather(*(tokens.current() for tokens in several))) == {"token-1"}
        assert len(provider.asked) == 1


async def test_a_token_that_ended_or_was_refused_is_bought_anew() -> None:
    async with TokenServer(lambda n: _good(n, expires_in=59 if n == 1 else 3600)) as provider:
        tokens = Tokens(_grant(provider.url))
        assert [await tokens.current() for _ in range(3)] == ["token-1", "token-2", "token-2"]
        tokens.refused()
        assert [await tokens.current() for _ in range(2)] == ["token-3", "token-3"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, {"error": "invalid_grant", "error_description": "It is\r\n revoked."}), "invalid_grant: It is revoked."),
        ((401, {"error": "invalid_client"}), "401 invalid_client"),
        ((500, b"<html>oops"), "refuses: 500"),
        ((302, b""), "refuses: 302"),
        ((200, b"not json"), "without an access token"),
        ((200, {"access_token": "a\r\nb"}), "without an access token"),
        ((200, b"x" * 100_000), "more than a token"),
    ],
)
async def test_a_provider_that_gives_no_token_says_why_and_no_secret_is_told(answer, words: str) -> None:
    async with TokenServer(lambda n: answer) as provider:
        with pytest.raises(NoToken) as refused:
            await Tokens(_grant(provider.url)).current()
    assert words in str(refused.value)
    assert not {"shh", "r-1"} & set(str(refused.value).split())


async def test_a_provider_that_is_not_there_or_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with TokenServer(_good) as gone:
        pass
    with pytest.raises(NoToken, match="cannot be reached"):
        await Tokens(_grant(gone.url)).current()
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    monkeypatch.setattr(access_token, "PATIENCE", 0.2)
    try:
        with pytest.raises(NoToken, match=r"within 0.2 seconds"):
            await Tokens(_grant(f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/")).current()
    finally:
        silent.close()


@pytest.mark.usefixtures("sqlite_database")
async def test_an_exchanged_refresh_token_is_kept_with_the_account_and_used_from_then_on() -> None:
    async with TokenServer(lambda n: _good(n, refresh_token=f"r-{n + 1}")) as provider:
        values = {"sign_in": SignIn.XOAUTH2, "username": "news", "token_url": provider.url, "client_id": "app"}
        with db.unit_of_work() as session:
            account = factories.smtp_account(session, refresh_secret=encrypt("r-1"), **values)
            tokens = Server.of(account).tokens
            account_id = account.id
        assert tokens
        await tokens.current()
        tokens.refused()
        await tokens.current()
        assert [asked["refresh_token"] for asked in provider.asked] == ["r-1", "r-2"]
        with db.reading() as session:
            kept = smtp_account.get_account(session, account_id).refresh_secret
        assert decrypt(kept) == "r-3"
        with db.unit_of_work() as session:  # somebody typed another one meanwhile: it stays
            assert keep_refresh_token(session, "r-1", "r-9") == 0


def test_an_exchanged_refresh_token_is_kept_with_every_account_that_shares_it(database: Engine) -> None:
    with db.unit_of_work() as session:
        shared, own = (factories.smtp_account(session, refresh_secret=encrypt(token)) for token in ("r-1", "own"))
        lost = factories.smtp_account(session, refresh_secret="kept under another key")
        mailbox = GroupEmailAccount(name="Answers", address="a@example.com", host="imap.example.com", port=993)
        mailbox.tls, mailbox.created_at, mailbox.refresh_secret = Tls.IMPLICIT, NOW, encrypt("r-1")
        session.add(mailbox)
        session.flush()
        assert keep_refresh_token(session, "r-1", "r-2") == 2
    assert [decrypt(one.refresh_secret) for one in (shared, own, mailbox)] == ["r-2", "own", "r-2"]
    assert lost.refresh_secret == "kept under another key"


async def test_no_token_is_login_trouble() -> None:
    refusing = TokenServer(lambda n: (400, {"error": "invalid_grant"}))
    async with refusing as provider, SmtpServer(features=("AUTH XOAUTH2",)) as server:
        tokens = Tokens(_grant(provider.url))
        place = Server("127.0.0.1", server.port, username="news", tokens=tokens, timeouts=Timeouts(reply=1))
        with pytest.raises(SmtpTrouble) as trouble:
            await Connection.open(place)
        assert (trouble.value.step, trouble.value.reason) == (Step.LOGIN, "login")
        assert "invalid_grant" in trouble.value.words
        assert server.counts["AUTH"] == 0
