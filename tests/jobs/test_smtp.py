"""The SMTP client against a real server on loopback, well and badly behaved."""

import asyncio
import base64
from dataclasses import replace

import pytest
import uvloop

from jobs.access_token import Grant, Tokens
from jobs.replies import Step
from jobs.smtp import Connection, Server, SmtpTrouble, Timeouts, test_connection
from models.smtp_account import SmtpAccount, Tls
from tests.conftest import free_port
from tests.jobs.smtp_server import CLOSE, FEATURES, HANG, RESET, SmtpServer, make_authority
from tests.jobs.token_server import TokenServer

pytestmark = pytest.mark.slow

CONTENT = b"Subject: hello\r\n\r\nA line.\r\n..stuffed\r\n"
SHORT = Timeouts(connect=2, reply=0.3, block=0.5, answer=0.4, quit=0.2)
SENDER, ADA, BOB = "news@sender.example", "ada@example.org", "bob@example.org"


def _to(server: SmtpServer, **values) -> Server:
    return Server("127.0.0.1", server.port, **{"timeouts": SHORT, **values})


@pytest.mark.parametrize("features", [FEATURES, ("SIZE 1000000",), ()], ids=["pipelining", "lockstep", "bare"])
async def test_many_messages_go_over_one_connection(features: tuple[str, ...]) -> None:
    async with SmtpServer(features=features) as server:
        async with await Connection.open(_to(server)) as connection:
            for recipient in (ADA, BOB, ADA):
                answer = await connection.send(SENDER, recipient, CONTENT)
                assert (answer.step, answer.reply.text) == (Step.CONTENT, "250 2.0.0 taken")
        assert [(m.sender, m.recipient, m.content) for m in server.messages] == [
            (SENDER, ADA, CONTENT),
            (SENDER, BOB, CONTENT),
            (SENDER, ADA, CONTENT),
        ]
        assert (server.connections, server.commands[-1]) == (1, "QUIT")


@pytest.mark.parametrize("features", [FEATURES, ()], ids=["pipelining", "lockstep"])
@pytest.mark.parametrize(
    ("verb", "reply", "step"),
    [
        ("MAIL", "550 5.7.1 not you", Step.MAIL),
        ("RCPT", "550 5.1.1 no such user", Step.RCPT),
        ("DATA", "451 4.3.0 not now", Step.DATA),
        (".", "554-5.6.0 this\r\n554 5.6.0 is spam", Step.CONTENT),
    ],
)
async def test_after_a_refusal_the_next_message_goes_over_the_same_connection(verb, reply, step, features) -> None:
    async with SmtpServer(features=features, on={verb: lambda _, n: reply if n == 1 else None}) as server:
        async with await Connection.open(_to(server)) as connection:
            refused = await connection.send(SENDER, ADA, CONTENT)
            assert (refused.step, refused.reply.text) == (
                step,
                reply.replace("554-5.6.0 this\r\n554", "554 5.6.0 this"),
            )
            assert (await connection.send(SENDER, BOB, CONTENT)).reply.code == 250
        assert [message.recipient for message in server.messages] == [BOB]
        assert (server.connections, server.counts["RSET"]) == (1, int(step is not Step.CONTENT))


async def test_a_server_that_waits_for_content_though_nobody_was_accepted_gets_a_lone_dot() -> None:
    on = {"RCPT": lambda _, n: "550 5.1.1 no" if n == 1 else None, "DATA": "354 go"}
    async with SmtpServer(on=on) as server, await Connection.open(_to(server)) as connection:
        assert (await connection.send(SENDER, ADA, CONTENT)).step is Step.RCPT
        assert (await connection.send(SENDER, BOB, CONTENT)).reply.code == 250
        assert [(m.recipient, m.answered) for m in server.messages if m.content] == [(BOB, True)]


async def test_commands_are_pipelined_only_where_offered_and_8bit_is_announced() -> None:
    async with SmtpServer() as server, await Connection.open(_to(server)) as connection:
        await connection.send(SENDER, ADA, CONTENT + b"caf\xc3\xa9\r\n")
        assert f"MAIL FROM:<{SENDER}> SIZE={len(CONTENT) + 7} BODY=8BITMIME" in server.commands


@pytest.mark.parametrize(
    ("features", "recipient", "content", "step", "reply"),
    [
        (("SIZE 10",), ADA, CONTENT, Step.MAIL, "552 5.3.4"),
        (("SIZE 0", "PIPELINING"), ADA, b"caf\xc3\xa9\r\n", Step.DATA, "554 5.6.3"),
        (("8BITMIME",), "andré@example.org", CONTENT, Step.RCPT, "553 5.6.7"),
        (FEATURES, "ada\r\nRCPT TO:<eve@example.org>@x", CONTENT, Step.RCPT, "501 5.1.3"),
        (FEATURES, "ada@exa mple.org", CONTENT, Step.RCPT, "501 5.1.3"),
    ],
)
async def test_what_the_server_cannot_take_is_not_offered_to_it(features, recipient, content, step, reply) -> None:
    async with SmtpServer(features=features) as server, await Connection.open(_to(server)) as connection:
        answer = await connection.send(SENDER, recipient, content)
        assert (answer.step, answer.reply.text[:9]) == (step, reply)
        assert server.counts["MAIL"] == 0
        assert (await connection.send(SENDER, BOB, b"\r\n")).reply.code == 250


async def test_smtputf8_is_asked_for_only_when_the_local_part_needs_it() -> None:
    async with SmtpServer() as server, await Connection.open(_to(server)) as connection:
        await connection.send(SENDER, "andré@example.org", CONTENT)
        await connection.send(SENDER, "ada@exämple.org", CONTENT)
        assert [command.endswith(" SMTPUTF8") for command in server.commands if "MAIL" in command] == [True, False]
        assert [message.recipient for message in server.messages] == ["andré@example.org", "ada@xn--exmple-cua.org"]


@pytest.mark.parametrize(
    ("verb", "behaviour", "step", "words"),
    [
        ("CONNECT", CLOSE, Step.GREETING, "The server closed the connection."),
        ("CONNECT", HANG, Step.GREETING, "No answer within 0.3 seconds."),
        ("CONNECT", "554 5.3.2 go away", Step.GREETING, "554 5.3.2 go away"),
        ("CONNECT", b"SSH-2.0-x\r\n", Step.GREETING, "The answer is not SMTP: SSH-2.0-x"),
        ("CONNECT", b"2" * 100_000, Step.GREETING, "The answer is not SMTP: more than 65536 octets in one reply"),
        (
            "CONNECT",
            b"220-a\r\n" * 100_000,
            Step.GREETING,
            "The answer is not SMTP: more than 65536 octets in one reply",
        ),
        ("EHLO", "421 4.3.2 shutting down", Step.EHLO, "421 4.3.2 shutting down"),
        ("EHLO", RESET, Step.EHLO, None),
        ("EHLO", HANG, Step.EHLO, "No answer within 0.3 seconds."),
        ("AUTH", "535 5.7.8 wrong password", Step.LOGIN, "535 5.7.8 wrong password"),
        ("AUTH", HANG, Step.LOGIN, "No answer within 0.3 seconds."),
        ("AUTH", "334 go on for ever", Step.LOGIN, "334 go on for ever"),
        ("MAIL", "550 5.7.1 not from you", Step.MAIL, "550 5.7.1 not from you"),
        ("MAIL", CLOSE, Step.MAIL, "The server closed the connection."),
    ],
)
async def test_a_test_of_the_connection_names_the_step_and_the_words(verb, behaviour, step, words) -> None:
    async with SmtpServer(on={verb: behaviour}, features=("AUTH PLAIN",)) as server:
        result = await test_connection(_to(server, username="envoi", password="secret", sender=SENDER))
        assert result.step is step
        assert result.words
        assert words in {None, result.words}
        assert server.messages == []


async def test_a_test_of_the_connection_names_the_sender_and_takes_it_back() -> None:
    async with SmtpServer() as server:
        assert (await test_connection(_to(server, sender=SENDER))).step is None
        assert server.commands[1:] == [f"MAIL FROM:<{SENDER}>", "RSET", "QUIT"]
        impossible = await test_connection(_to(server, sender="nobody at all"))
        assert (impossible.step, impossible.words[:9]) == (Step.MAIL, "501 5.1.3")


async def test_a_server_that_knows_no_ehlo_is_greeted_with_helo() -> None:
    async with SmtpServer(on={"EHLO": "502 5.5.1 what"}) as server, await Connection.open(_to(server)) as connection:
        assert connection.features == {}
        assert (await connection.send(SENDER, ADA, CONTENT)).reply.code == 250
        assert server.commands[:2] == ["EHLO localhost", "HELO localhost"]


async def test_what_was_offered_in_clear_does_not_count_after_starttls(tmp_path, monkeypatch) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    second = {"EHLO": lambda _, n: "502 5.5.1 what" if n == 2 else None}
    async with SmtpServer(tls=authority.server_context(), features=("AUTH PLAIN",), on=second) as server:
        result = await test_connection(_to(server, tls=Tls.STARTTLS, username="envoi", password="secret"))
        assert (result.step, server.counts["HELO"], server.counts["AUTH"]) == (Step.LOGIN, 1, 0)
        assert "no AUTH at all" in result.words


def test_a_server_is_as_its_account_says() -> None:
    account = SmtpAccount(
        host="mail.example.org", port=465, tls=Tls.IMPLICIT, from_address="news@bücher.example", connections=3,
        messages_per_connection=50, connect_seconds=5, reply_seconds=60, answer_seconds=900,
    )  # fmt: skip
    server = Server.of(account)
    assert server.timeouts == Timeouts(connect=5, reply=60, block=60, answer=900)
    assert (server.connections, server.messages) == (3, 50)
    assert (server.name, server.sender) == ("xn--bcher-kva.example", "news@bücher.example")
    nobody = Server.of(SmtpAccount(host="mail.example.org", port=25), "default@sender.example")
    assert (nobody.sender, nobody.name, nobody.tokens) == ("default@sender.example", "sender.example", None)
    assert Server.of(SmtpAccount(host="mail.example.org", port=25)).name == "localhost"
    assert "sésame" not in repr(replace(server, password="sésame"))


async def test_a_closed_port_and_an_unknown_host_are_troubles_of_connecting() -> None:
    closed = await test_connection(Server("127.0.0.1", free_port(), timeouts=SHORT))
    unknown = await test_connection(Server("no.such.host.invalid", 25, timeouts=SHORT))
    assert (closed.step, unknown.step) == (Step.CONNECT, Step.RESOLVE)
    assert closed.words
    assert unknown.words


@pytest.mark.parametrize(
    ("verb", "behaviour", "step"),
    [
        ("MAIL", RESET, Step.MAIL),
        ("RCPT", HANG, Step.RCPT),
        ("DATA", CLOSE, Step.DATA),
        (".", HANG, Step.CONTENT),
        (".", RESET, Step.CONTENT),
        (".", b"oops\r\n", Step.CONTENT),
    ],
)
async def test_a_connection_that_breaks_says_whether_the_message_may_have_been_taken(verb, behaviour, step) -> None:
    async with SmtpServer(on={verb: behaviour}) as server:
        connection = await Connection.open(_to(server))
        with pytest.raises(SmtpTrouble) as trouble:
            await connection.send(SENDER, ADA, CONTENT)
        assert (trouble.value.step, connection.usable) == (step, False)


async def test_a_peer_that_stops_reading_in_the_content_has_not_got_the_message() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n250-x\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        await asyncio.sleep(30)

    listener = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1)
    try:
        connection = await Connection.open(Server("127.0.0.1", listener.sockets[0].getsockname()[1], timeouts=SHORT))
        with pytest.raises(SmtpTrouble) as trouble:
            await connection.send(SENDER, ADA, b"x" * 76 + b"\r\n" * 20_000_000)
        assert trouble.value.step is Step.DATA
    finally:
        listener.close()


@pytest.mark.parametrize("offered", ["AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN", "AUTH LOGIN"])
async def test_the_password_arrives_as_the_server_asks(offered: str) -> None:
    steps = {"AUTH": lambda argument, _: "334 VXNlcm5hbWU6" if argument == "LOGIN" else None}
    user, password = (base64.b64encode(word).decode() for word in (b"envoi", b"s\xc3\xa9same"))
    steps |= {user.upper(): "334 UGFzc3dvcmQ6", password.upper(): "235 2.7.0 in"}
    async with SmtpServer(features=(offered,), on=steps) as server:
        assert (await test_connection(_to(server, username="envoi", password="sésame"))).step is None
        plain = base64.b64encode("\0envoi\0sésame".encode()).decode()
        assert server.commands[1:-1] == (
            [f"AUTH PLAIN {plain}"] if "PLAIN" in offered else ["AUTH LOGIN", user, password]
        )


async def test_a_token_arrives_as_the_provider_asks() -> None:
    bought = {"access_token": "ya29.token", "expires_in": 3600}
    async with TokenServer(lambda n: (200, bought)) as provider, SmtpServer(features=("AUTH XOAUTH2",)) as server:
        tokens = Tokens(Grant(provider.url, "app", "", f"works {server.port}"))
        assert (await test_connection(_to(server, username="news@sender.example", tokens=tokens))).step is None
        encoded = base64.b64encode(b"user=news@sender.example\x01auth=Bearer ya29.token\x01\x01").decode()
        assert server.commands[1:-1] == [f"AUTH XOAUTH2 {encoded}"]


async def test_a_refused_token_is_explained_by_the_servers_last_word_and_the_next_one_is_bought_anew() -> None:
    challenge = base64.b64encode(b'{"status":"400","schemes":"bearer"}').decode()
    on = {"AUTH": f"334 {challenge}", "": "535 5.7.8 Username and Password not accepted"}
    async with (
        TokenServer(lambda n: (200, {"access_token": f"token-{n}", "expires_in": 3600})) as provider,
        SmtpServer(features=("AUTH XOAUTH2 PLAIN",), on=on) as server,
    ):
        tokens = Tokens(Grant(provider.url, "app", "", f"refused {server.port}"))
        place = _to(server, username="news", password="kept but of no use", tokens=tokens)
        for n in (1, 2):
            result = await test_connection(place)
            assert (result.step, result.words) == (Step.LOGIN, "535 5.7.8 Username and Password not accepted")
            assert len(provider.asked) == n
        assert [command.split()[:2] for command in server.commands[:3]] == [
            ["EHLO", "localhost"], ["AUTH", "XOAUTH2"], []
        ]  # fmt: skip


@pytest.mark.parametrize(("offered", "words"), [("AUTH CRAM-MD5", "but CRAM-MD5."), ("PIPELINING", "no AUTH at all")])
async def test_a_server_that_offers_no_way_in_is_said_to(offered: str, words: str) -> None:
    async with SmtpServer(features=(offered,)) as server:
        for tokens in (None, Tokens(Grant("http://127.0.0.1:1/", "", "", ""))):
            result = await test_connection(_to(server, username="envoi", password="secret", tokens=tokens))
            assert (result.step, words in result.words) == (Step.LOGIN, True)
        assert server.counts["AUTH"] == 0


async def test_no_password_without_tls_beyond_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.smtp_login.is_loopback", lambda peer: False)
    async with SmtpServer(features=("AUTH PLAIN",)) as server:
        result = await test_connection(_to(server, username="envoi", password="secret"))
        assert (result.step, server.counts["AUTH"]) == (Step.LOGIN, 0)


async def test_the_answer_to_the_dot_is_waited_for_longer_than_any_other() -> None:
    """Who gives up too soon makes an uncertain message of one that was taken (RFC 5321 4.5.3.2.6)."""
    patient = Timeouts(connect=2, reply=0.2, block=0.5, answer=10)
    async with SmtpServer(delay=0.6) as server, await Connection.open(_to(server, timeouts=patient)) as connection:
        assert (await connection.send(SENDER, ADA, CONTENT)).reply.code == 250
    assert Timeouts().answer == 600


@pytest.mark.parametrize("verb", ["MAIL", "."])
async def test_a_421_closes_the_connection(verb: str) -> None:
    async with SmtpServer(on={verb: lambda _, n: "421 4.7.0 enough" if n == 2 else None}) as server:
        connection = await Connection.open(_to(server))
        assert (await connection.send(SENDER, ADA, CONTENT)).reply.code == 250
        assert (await connection.send(SENDER, BOB, CONTENT)).reply.code == 421
        assert not connection.usable


@pytest.mark.parametrize("mode", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize(
    ("name", "days", "check", "words"),
    [
        ("127.0.0.1", 1, True, ""),
        ("127.0.0.1", -1, True, "The certificate is refused: certificate has expired."),
        ("mail.other.example", 1, True, "IP address mismatch"),
        ("mail.other.example", -1, False, ""),
    ],
    ids=["good", "expired", "foreign", "relaxed"],
)
async def test_certificate_and_name_are_checked_unless_relaxed(
    tmp_path, monkeypatch, mode, name, days, check, words
) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context = authority.server_context(name, days=days)
    async with SmtpServer(tls=context, implicit=mode is Tls.IMPLICIT) as server:
        result = await test_connection(_to(server, tls=mode, check_certificate=check))
        assert result.step is (Step.CERTIFICATE if words else None)
        assert words in result.words


def test_the_worker_s_loop_names_the_same_steps(tmp_path, monkeypatch) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    async def steps() -> list[Step | None]:
        expired = authority.server_context(days=-1)
        async with SmtpServer(tls=expired) as old, SmtpServer(tls=authority.server_context()) as good:
            places = (
                Server("no.such.host.invalid", 25, timeouts=SHORT),
                Server("127.0.0.1", free_port(), timeouts=SHORT),
                _to(old, tls=Tls.STARTTLS),
                _to(good, tls=Tls.IMPLICIT),
                _to(good, tls=Tls.STARTTLS),
            )
            return [(await test_connection(place)).step for place in places]

    assert uvloop.run(steps()) == [Step.RESOLVE, Step.CONNECT, Step.CERTIFICATE, Step.TLS, None]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("mode", [Tls.STARTTLS, Tls.IMPLICIT])
def test_many_messages_of_any_size_go_over_one_secured_connection(run, mode: Tls, tmp_path, monkeypatch) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    contents = [CONTENT + b"x\r\n" * size for size in (0, 1, 1000, 100_000, 0)]

    async def send_all() -> list[bytes]:
        context = authority.server_context()
        async with SmtpServer(tls=context, implicit=mode is Tls.IMPLICIT) as server:
            place = _to(server, tls=mode, timeouts=Timeouts(block=3, reply=10))
            async with await Connection.open(place) as connection:
                for content in contents:
                    assert (await connection.send(SENDER, ADA, content)).reply.code == 250
            return [message.content for message in server.messages]

    assert run(send_all()) == contents


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("mode", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("reply", [(b"250 ok\r\n",), (b"250", b" ok\r\n"), (b"25", b"0 ok", b"\r\n")], ids=len)
def test_a_message_whose_dot_left_over_tls_may_have_been_taken(
    run, mode: Tls, before: int, reply: tuple[bytes, ...], tmp_path, monkeypatch
) -> None:
    """However the replies before came: one by one they move the transport's flow control."""
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    on = {"RCPT": reply, ".": lambda _, n: RESET if n > before else None}

    async def broken_at() -> Step:
        context = authority.server_context()
        async with SmtpServer(tls=context, implicit=mode is Tls.IMPLICIT, on=on) as server:
            place = _to(server, tls=mode, timeouts=Timeouts(block=3, reply=10))
            connection = await Connection.open(place)
            for _ in range(before):
                assert (await connection.send(SENDER, ADA, CONTENT)).reply.code == 250
            with pytest.raises(SmtpTrouble) as trouble:
                await connection.send(SENDER, ADA, CONTENT)
            assert len(server.messages) == before + 1
            return trouble.value.step

    assert run(broken_at()) is Step.CONTENT


async def test_an_unknown_authority_is_refused(tmp_path) -> None:
    async with SmtpServer(tls=make_authority(tmp_path).server_context()) as server:
        result = await test_connection(_to(server, tls=Tls.STARTTLS))
        assert (result.step, "unable to get local issuer" in result.words) == (Step.CERTIFICATE, True)


async def test_mail_and_password_go_through_tls_and_features_are_asked_again(tmp_path, monkeypatch) -> None:
    authority = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    features = ("AUTH PLAIN", "PIPELINING")
    async with SmtpServer(tls=authority.server_context(), features=features) as server:
        secured = _to(server, tls=Tls.STARTTLS, username="envoi", password="secret")
        async with await Connection.open(secured) as connection:
            assert (await connection.send(SENDER, ADA, CONTENT)).reply.code == 250
        assert [command.split()[0] for command in server.commands[:4]] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
        assert "STARTTLS" not in connection.features


async def test_a_stripped_starttls_and_an_injection_before_it_are_refused(tmp_path) -> None:
    async with SmtpServer() as stripped:
        result = await test_connection(_to(stripped, tls=Tls.STARTTLS))
        assert (result.step, result.words) == (Step.TLS, "The server does not offer STARTTLS.")
    context = make_authority(tmp_path).server_context()
    async with SmtpServer(tls=context, on={"STARTTLS": b"220 go\r\n250 evil\r\n"}) as injecting:
        result = await test_connection(_to(injecting, tls=Tls.STARTTLS))
        assert (result.step, "injection" in result.words or "more after" in result.words) == (Step.TLS, True)
