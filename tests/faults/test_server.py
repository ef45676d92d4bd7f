"""A server that misbehaves at each stage: what becomes of the people, who is charged an attempt, what the account says.

Each case states its outcome. Then the server is mended, and everybody who waits is sent to: nobody was offered a whole
message twice, nobody is lost.
"""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.lane import SILENCES
from jobs.queueing import run_send_mass_emails
from models import db
from models.column_types import table
from models.email_template import TemplateVersion
from models.smtp_account import SmtpAccount, Tls, encrypt
from tests.conftest import free_port
from tests.faults.bad_server import BadServer
from tests.faults.mailing import Books, prepare, read_books
from tests.jobs.smtp_server import CLOSE, FEATURES, HANG, RESET, Authority, make_authority

pytestmark = pytest.mark.slow

PEOPLE, CONNECTIONS = 6, 2
SILENT = range(SILENCES, CONNECTIONS + SILENCES)
"""People who become uncertain at a server that never answers the dot: two silences in a row, and who was under way."""
MEGABYTE = 2**20


@dataclass(frozen=True)
class Case:
    """`server`: what BadServer is told; `account`: columns. `tls`: the server's context, of an authority.

    Expected: people `sent` and `uncertain` (a number, or a range), the others wait uncharged; the account's `trouble`;
    how its last reply begins. `large`: the message has 6 MB, more than fits into buffers on its way."""

    server: dict[str, object]
    trouble: str = ""
    reply: str = ""
    sent: int = 0
    uncertain: range = range(1)
    account: dict[str, object] = field(default_factory=dict)
    tls: Callable[[Authority], ssl.SSLContext | None] = lambda authority: None
    large: bool = False


def _on(verb: str, behaviour: object, **more: object) -> dict[str, object]:
    return {"on": {verb: behaviour}, **more}


SIGNS_IN = {"username": "envoi", "secret": "wrong"}
NO_ANSWER = "No answer within 1 second"
CLOSED = "The server closed the connection."
GARBAGE = "The answer is not SMTP"

CASES = {
    # It hangs.
    "hangs at the login": Case(_on("AUTH", HANG, features=("AUTH PLAIN",)), "login", NO_ANSWER, account=SIGNS_IN),
    "hangs at the greeting": Case(_on("CONNECT", HANG), "closing", NO_ANSWER),
    "hangs at EHLO": Case(_on("EHLO", HANG), "closing", NO_ANSWER),
    "hangs at MAIL": Case(_on("MAIL", HANG), "closing", NO_ANSWER),
    "hangs at RCPT": Case(_on("RCPT", HANG), "closing", NO_ANSWER),
    "hangs at DATA": Case(_on("DATA", HANG), "closing", NO_ANSWER),
    "stops reading in the content": Case({"in_content": HANG, "small": True}, "closing", NO_ANSWER, large=True),
    "hangs after the dot": Case(_on(".", HANG), "closing", NO_ANSWER, uncertain=SILENT),
    "hangs at QUIT": Case(_on("QUIT", HANG), sent=PEOPLE),
    "hangs in the TLS handshake": Case(
        {"hangs_after": "STARTTLS", "features": ("STARTTLS",)}, "tls", NO_ANSWER, account={"tls": Tls.STARTTLS}
    ),
    # It resets or closes.
    "closes on connect": Case(_on("CONNECT", CLOSE), "closing", CLOSED),
    "resets before the content": Case(_on("DATA", RESET), "closing"),
    "closes upon its 354": Case({"closes_after": "DATA"}, "closing", uncertain=range(SILENT.stop)),
    "resets in the content": Case({"in_content": RESET, "small": True}, "closing", large=True),
    "resets in a content that has left as a whole": Case({"in_content": RESET}, "closing", uncertain=SILENT),
    "resets after the dot": Case(_on(".", RESET), "closing", uncertain=SILENT),
    # It speaks, but not as it should.
    "speaks HTTP": Case(_on("CONNECT", b"HTTP/1.1 400 Bad Request\r\n"), "closing", GARBAGE),
    "garbage at MAIL": Case(_on("MAIL", b"\x00\xff\xfe\r\n"), "closing", GARBAGE),
    "garbage after the dot": Case(_on(".", b"\x00\xff\xfe\r\n"), "closing", GARBAGE, uncertain=SILENT),
    "a line of 1 MB at the greeting": Case(_on("CONNECT", b"2" * MEGABYTE), "closing", GARBAGE),
    "a reply of 1 MB at EHLO": Case(_on("EHLO", b"250-x\r\n" * (MEGABYTE // 7)), "closing", GARBAGE),
    "a reply of 1 MB at RCPT": Case(_on("RCPT", b"250-x\r\n" * (MEGABYTE // 7)), "closing", GARBAGE),
    "a reply of 1 MB after the dot": Case(
        _on(".", b"451-x\r\n" * (MEGABYTE // 7)), "closing", GARBAGE, uncertain=SILENT
    ),
    "one byte a second at the greeting": Case({"slow": "CONNECT"}, "closing", NO_ANSWER),
    "one byte a second after the dot": Case({"slow": "."}, "closing", NO_ANSWER, uncertain=SILENT),
    "one byte a second on one connection": Case(
        {"slow": "CONNECT", "slow_first": True}, "closing", NO_ANSWER, sent=PEOPLE - 1
    ),
    "250 where it should ask for the content": Case(_on("DATA", "250 ok"), "protocol", "250 ok"),
    "answers each content twice": Case({"twice": "."}, "protocol", "250 2.0.0 ok", sent=CONNECTIONS),
    # It refuses.
    "421 after two messages": Case({"each_takes": 2}, sent=PEOPLE),
    "421 after the dot": Case(_on(".", "421 4.3.2 shutting down"), "closing", "421 4.3.2"),
    "refuses the login": Case(
        _on("AUTH", "535 5.7.8 no", features=("AUTH PLAIN",)), "login", "535 5.7.8 no", account=SIGNS_IN
    ),
    "drops PIPELINING": Case({"each_takes": 2, "forgets": ("PIPELINING",)}, sent=PEOPLE),
    # Its certificate.
    "expired certificate": Case(
        {}, "certificate", "The certificate is refused: certificate has expired", account={"tls": Tls.IMPLICIT},
        tls=lambda authority: authority.server_context(days=-1),
    ),
    "another name": Case(
        {}, "certificate", "The certificate is refused", account={"tls": Tls.STARTTLS},
        tls=lambda authority: authority.server_context("mail.other.example"),
    ),
    "a foreign authority": Case(
        {}, "certificate", "The certificate is refused", account={"tls": Tls.STARTTLS},
        tls=lambda authority: make_authority(authority.file.parent, "foreign").server_context(),
    ),
    "STARTTLS stripped": Case({}, "tls", "The server does not offer STARTTLS.", account={"tls": Tls.STARTTLS}),
    "STARTTLS refused": Case(
        _on("STARTTLS", "454 4.7.0 not now", features=("STARTTLS",)), "tls", "454 4.7.0", account={"tls": Tls.STARTTLS}
    ),
}  # fmt: skip


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


async def _run(clock: Clock) -> None:
    async with asyncio.timeout(20):
        await run_send_mass_emails("worker", clock=clock)


def _server(case: Case, authority: Authority) -> BadServer:
    context, values = case.tls(authority), dict(case.server)
    values.setdefault("features", FEATURES)
    return BadServer(tls=context, implicit=case.account.get("tls") is Tls.IMPLICIT, **values)


def _prepare(case: Case, port: int) -> int:
    short = {"connect_seconds": 1, "reply_seconds": 1, "answer_seconds": 1, "connections": CONNECTIONS}
    account = {"from_address": "news@sender.example", **short, **case.account}
    if "secret" in account:
        account["secret"] = encrypt(account["secret"])
    mail = prepare(PEOPLE, port, **account)
    if case.large:
        with db.unit_of_work() as session:
            html = "<p>" + "word " * 600_000 + "</p>"
            session.execute(table(TemplateVersion).update().values(html=html))
    return mail


@pytest.mark.parametrize("name", CASES)
async def test_the_outcome_is_the_one_that_is_stated(sqlite_database, tmp_path: Path, monkeypatch, name: str) -> None:
    case, authority = CASES[name], make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with _server(case, authority) as server:
        mail, clock = _prepare(case, server.port), Clock()
        await _run(clock)
        books = read_books(mail)
        uncertain = books.states.get("uncertain", 0)
        assert (books.states.get("sent", 0), uncertain in case.uncertain) == (case.sent, True), books
        assert books.states.get("waiting", 0) == PEOPLE - case.sent - uncertain
        assert books.attempts == +Counter({0: PEOPLE - case.sent - uncertain, 1: case.sent + uncertain})
        assert (books.trouble, books.last_reply[: len(case.reply)]) == (case.trouble, case.reply)
        assert sum(message.answered for message in server.messages) == case.sent
        server.mend()
        if case.account:
            _relax(case)
        clock.now += timedelta(hours=1)
        for _ in range(2):
            await _run(clock)
        _nobody_twice(server, read_books(mail), uncertain)


def _relax(case: Case) -> None:
    """A person mends the account, too."""
    tls = case.account["tls"] if case.trouble == "certificate" else Tls.NONE
    with db.unit_of_work() as session:
        session.execute(table(SmtpAccount).update().values(tls=tls, check_certificate=False, username=""))


def _nobody_twice(server: BadServer, books: Books, uncertain: int) -> None:
    """After all: everybody is sent or uncertain, and of no message the server has two."""
    assert books.states == +Counter(sent=PEOPLE - uncertain, uncertain=uncertain)
    got = Counter(message.recipient for message in server.messages)
    assert max(got.values()) == 1
    assert {message.recipient for message in server.messages if message.answered} == {
        address for address, state in books.of.items() if state == "sent"
    }


async def test_a_port_that_nobody_listens_on_is_trouble_of_connecting(sqlite_database) -> None:
    mail = _prepare(Case({}), free_port())
    await _run(Clock())
    books = read_books(mail)
    assert (books.states, books.attempts, books.trouble) == ({"waiting": PEOPLE}, {0: PEOPLE}, "connect")


@pytest.mark.parametrize("behaviour", ["500 what", HANG, RESET])
async def test_a_server_that_cannot_take_a_message_back_costs_a_connection_and_nobody(
    sqlite_database, behaviour: str
) -> None:
    """After a refusal comes RSET: whatever becomes of it, the refusal stands and the others get theirs."""
    no = {"RCPT": lambda argument, _: "550 5.1.1 no such user" if "person2@" in argument else None}
    async with BadServer(on={**no, "RSET": behaviour}) as server:
        mail = _prepare(Case({}), server.port)
        await _run(Clock())
        assert server.counts["RSET"] == 1
        assert max(Counter(message.recipient for message in server.messages).values()) == 1
    books = read_books(mail)
    assert (books.states, books.trouble) == ({"sent": PEOPLE - 1, "failed": 1}, "")
    assert books.of["person2@example.org"] == "failed"


async def test_451_by_random_is_tried_again_until_everybody_has_it_once(sqlite_database) -> None:
    dice = random.Random(8)
    tried: Counter[str] = Counter()

    def greylists(argument: str, _: int) -> str | None:
        tried[argument.removeprefix("TO:<").removesuffix(">")] += 1
        return "451 4.7.1 greylisted, come back" if dice.random() < 0.4 else None

    async with BadServer(on={"RCPT": greylists}) as server:
        mail, clock = _prepare(Case({}), server.port), Clock()
        while (states := read_books(mail).states) != {"sent": PEOPLE}:
            assert states.keys() <= {"sent", "waiting"}
            await _run(clock)
            clock.now += timedelta(minutes=20)
        assert max(Counter(message.recipient for message in server.messages).values()) == 1
    assert sum(tried.values()) > PEOPLE
    assert read_books(mail).attempts == Counter(tried.values())
    assert read_books(mail).trouble == ""
