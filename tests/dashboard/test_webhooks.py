"""/hooks over HTTP, with Amazon's certificate fetched over real TLS; the page's handlers; the command."""

import asyncio
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.testclient import TestClient

from dashboard import data
from dashboard.admin.webhook_event_dialog import EventDialog
from dashboard.admin.webhook_events import WebhookEvents
from dashboard.admin.webhook_form import WebhookForm
from dashboard.admin.webhooks_page import Webhooks
from dashboard.asgi import Site
from dashboard.cli import main
from dashboard.public import webhooks as hooks
from dashboard.public.site import PublicSite
from jobs import sns
from models import db, health, outbound_emails, webhook
from models.log_record import Action, LogRecord
from models.mail_in import Standing
from models.queue_item import ItemState
from models.user import Role
from models.webhook_delivery import MOST_OCTETS, Posted
from models.webhook_intake import take_events
from models.webhook_table import Provider, Trouble, WebhookEvent
from tests import factories
from tests.dashboard.conftest import fake_reflex
from tests.dashboard.test_admin import Visit, secrets
from tests.models import webhook_posts as posts
from tests.models.webhook_posts import SECRET, TO

pytestmark = pytest.mark.slow

__all__ = ["secrets"]  # the fixture

PAGE = "/admin/webhooks"
HOST = "sns.eu-west-1.amazonaws.com"


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    with TestClient(PublicSite(), base_url="https://envoi.example") as client:
        yield client


def create(provider: Provider = Provider.SIGNED, **values: object) -> str:
    """The path of a new webhook's address."""
    fields = {
        Provider.AMAZON_SES: {"topic_arn": posts.TOPIC},
        Provider.SENDGRID: {"public_key": posts.public_key()},
        Provider.MAILGUN: {"secret": SECRET},
        Provider.SIGNED: {"secret": SECRET},
    }.get(provider, {})
    with db.unit_of_work() as session:
        given = {"name": f"at {provider}", "provider": provider, **fields, **values}
        webhook_id = webhook.create_webhook(session, given, data.now(), by="ada@example.com")
        return webhook.address_of("", webhook.get_key(session, webhook_id))


def sent() -> int:
    """The id of an item whose message left an hour ago."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, TO)
        members = factories.target_list(session, "Customers", [person])
        mail = factories.mass_email(session, members)
        tried = datetime.now(UTC) - timedelta(hours=1)
        return factories.queue_item(session, mail, person, ItemState.UNCERTAIN, first_tried_at=tried).id


def post(client: TestClient, path: str, posted: Posted) -> int:
    return client.post(path, content=posted.body, headers=posted.headers).status_code


def now() -> datetime:
    return datetime.now(UTC)


def signed(document: object) -> Posted:
    return posts.signed(document, at=now())


def row() -> webhook.WebhookRow:
    with db.reading() as session:
        return webhook.webhook_rows(session)[0]


def standings() -> list[Standing]:
    with db.reading() as session:
        return list(session.exec(select(WebhookEvent.standing).order_by(WebhookEvent.id)))


def actions() -> list[Action]:
    with db.reading() as session:
        return list(session.exec(select(LogRecord.action).where(LogRecord.action != Action.SENT)))


# The address


def test_a_trusted_delivery_is_answered_once_it_is_in_the_log(client: TestClient) -> None:
    bounce = {"event": "bounced", "id": "1", "item": posts.token(sent()), "status": "5.1.1"}
    answer = client.post((path := create()), content=signed(bounce).body, headers=signed(bounce).headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store, private")
    assert (standings(), actions()) == ([Standing.BOUNCED], [Action.BOUNCED])
    assert post(client, path, signed(bounce)) == 200
    assert len(actions()) == 1
    assert row().last_event_at is not None


@pytest.mark.parametrize(
    ("provider", "make", "status", "trouble"),
    [
        (Provider.SIGNED, lambda: posts.signed({}, at=now(), secret="another"), 403, Trouble.FORGED),
        (Provider.SIGNED, lambda: posts.signed({"event": "bounced"}), 403, Trouble.STALE),
        (Provider.SIGNED, lambda: Posted(b"{}", {}), 401, Trouble.UNSIGNED),
        (Provider.SIGNED, lambda: posts.signed(None, at=now(), body=b"\xff\xfe"), 400, Trouble.UNREADABLE),
        (Provider.SIGNED, lambda: posts.signed(None, at=now(), body=b"[" * 500_000), 400, Trouble.UNREADABLE),
        (Provider.SIGNED, lambda: Posted(b"x" * 10_000_000, {}), 413, Trouble.TOO_LONG),
        (Provider.SENDGRID, lambda: posts.sendgrid({"event": "bounce"}), 403, Trouble.STALE),
        (Provider.MAILGUN, lambda: posts.mailgun({}, at=now(), secret="another"), 403, Trouble.FORGED),
        (Provider.AMAZON_SES, lambda: posts.from_sns(posts.sns(TopicArn="arn:x")), 403, Trouble.OTHER_TOPIC),
    ],
)
def test_what_is_not_trusted_is_refused_shown_and_changes_nothing(
    client: TestClient, provider: Provider, make, status: int, trouble: Trouble
) -> None:
    sent()
    assert post(client, create(provider), make()) == status
    assert (standings(), actions()) == ([], [])
    assert row().trouble is trouble
    with db.reading() as session:
        says = [check for check in health.checks(session, now()) if check.name.startswith("webhook")]
    assert [check.verdict for check in says] == [health.Verdict.WARNING]


def test_credentials_are_asked_for_as_http_asks(client: TestClient) -> None:
    path = create(Provider.POSTMARK, username="envoi", secret="s3cret")
    answer = client.post(path, content=b"{}")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Basic realm="webhook"')
    right = posts.postmark("Delivery", headers=posts.basic("envoi", "s3cret"))
    assert post(client, path, right) == 200


def test_a_key_that_is_missing_makes_the_provider_try_again(client: TestClient) -> None:
    path = create(Provider.SENDGRID, public_key="")
    assert post(client, path, posts.sendgrid({"event": "bounce"}, at=now())) == 503
    assert row().trouble is Trouble.NO_KEY


def test_an_address_that_is_none_is_not_found_and_no_other_method_is(client: TestClient) -> None:
    path = create(active=False)
    for wrong in (path, "/hooks/x", "/hooks/" + "x" * 300, "/hooks/a/b", "/hooks/", "/hooks/%00", "/hooks/é"):
        assert client.post(wrong, content=b"{}").status_code in {404, 405}
    assert client.get(path).status_code == 404
    assert client.put(path).status_code in {404, 405}


def test_a_body_without_an_end_is_read_as_far_as_any_may_go(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(3 * MOST_OCTETS // 65_536):
            yield b"x" * 65_536

    assert client.post(create(), content=endless()).status_code == 413


def test_a_request_without_a_length_reaches_it_through_the_whole_site(sqlite_database: Engine, page) -> None:
    posted = signed({"event": "deferred"})
    with TestClient(Site(page, fake_reflex), "https://envoi.example") as client:
        answer = client.post(create(), content=iter([posted.body]), headers=posted.headers)
    assert (answer.status_code, standings()) == (200, [Standing.NOTED])


def test_while_the_database_is_away_nothing_is_acknowledged(client: TestClient, monkeypatch) -> None:
    path = create()

    def away(session, *args, **named):
        raise OperationalError("insert", {}, Exception("locked"))

    monkeypatch.setattr(hooks, "take_events", away)
    answer = client.post(path, content=signed({"event": "bounced"}).body, headers=signed({"event": "bounced"}).headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    monkeypatch.setattr(hooks, "take_events", take_events)
    assert post(client, path, signed({"event": "bounced"})) == 200


# Amazon SNS, over TLS


class Amazon(socketserver.ThreadingTCPServer):
    """A proxy behind which an https server says that it is sns.eu-west-1.amazonaws.com. `asked`: the paths."""

    daemon_threads = True

    def __init__(self, directory: Path) -> None:
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] = (200, posts.certificate(now() - timedelta(days=1)))
        key, self.trusted = directory / "key.pem", directory / "certificate.pem"
        _certify(HOST, key, self.trusted)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.trusted, key)
        super().__init__(("127.0.0.1", 0), Tunnel)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Tunnel(socketserver.BaseRequestHandler):
    """CONNECT, then TLS, then one GET."""

    server: Amazon

    def handle(self) -> None:
        assert _head(self.request).startswith(f"CONNECT {HOST}:443 ")
        self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            tls = self.server.context.wrap_socket(self.request, server_side=True)
            self.server.asked.append(_head(tls).split()[1])
        except (ssl.SSLError, ConnectionError):  # whoever asks does not believe us
            return
        status, body = self.server.answer
        where = "Location: https://evil.example/\r\n"
        tls.sendall(f"HTTP/1.1 {status} x\r\n{where}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        tls.close()


def _head(stream: socket.socket) -> str:
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        if not (octet := stream.recv(1)):
            raise ConnectionError
        read += octet
    return read.decode()


def _certify(host: str, key_file: Path, certificate_file: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(3)
    made = made.not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate_file.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture
def amazon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amazon]:
    """Reached by the proxy of the environment, as behind many a firewall, and trusted."""
    with Amazon(tmp_path) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.address)
        monkeypatch.setenv("SSL_CERT_FILE", str(server.trusted))
        monkeypatch.setattr(sns, "_KEPT", {})
        yield server
        server.shutdown()


def test_the_certificate_is_fetched_once_over_tls_and_the_events_follow(client: TestClient, amazon: Amazon) -> None:
    path, item_id = create(Provider.AMAZON_SES), sent()
    bounce = posts.ses_bounce(said="550 5.1.1 user unknown", status="5.1.1", item_id=item_id)
    assert post(client, path, posts.from_sns(posts.sns(bounce, at=now()))) == 200
    assert post(client, path, posts.from_sns(posts.sns(bounce, at=now(), version="1", MessageId="sns-2"))) == 200
    assert post(client, path, posts.from_sns(posts.sns(bounce, at=now()) | {"Signature": "AAAA"})) == 403
    assert amazon.asked == ["/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"]
    assert (standings(), actions()) == ([Standing.BOUNCED], [Action.BOUNCED])


def test_a_subscription_is_confirmed_by_a_visit_and_ended_by_amazon(client: TestClient, amazon: Amazon) -> None:
    path = create(Provider.AMAZON_SES)
    assert post(client, path, posts.from_sns(posts.sns(type="SubscriptionConfirmation", at=now()))) == 200
    assert amazon.asked[1:] == ["/?Action=ConfirmSubscription&Token=abc"]
    assert row().confirmed_at is not None
    assert post(client, path, posts.from_sns(posts.sns(type="UnsubscribeConfirmation", at=now()))) == 200
    assert (row().confirmed_at, row().trouble) == (None, Trouble.ENDED)


@pytest.mark.parametrize("answer", [(500, b""), (302, b""), (200, b"x" * 100_000)])
def test_an_answer_that_is_none_is_asked_for_again_later(client: TestClient, amazon: Amazon, answer) -> None:
    amazon.answer = answer
    path = create(Provider.AMAZON_SES)
    for _ in range(3):
        assert post(client, path, posts.from_sns(posts.sns(posts.ses_bounce(), at=now()))) == 503
    assert len(amazon.asked) == 1  # it is left alone for a while
    assert row().trouble is Trouble.NOT_CONFIRMED


def test_whoever_is_not_amazon_gives_no_certificate(client: TestClient, amazon: Amazon, monkeypatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert post(client, create(Provider.AMAZON_SES), posts.from_sns(posts.sns(posts.ses_bounce(), at=now()))) == 503
    assert amazon.asked == []


def test_the_certificates_of_many_addresses_do_not_pile_up(amazon: Amazon) -> None:
    async def fetch() -> None:
        for n in range(sns._MOST_KEPT + 3):
            await sns.certificate(f"{posts.SNS}/SimpleNotificationService-{n:016x}.pem")

    asyncio.run(fetch())
    assert len(sns._KEPT) == sns._MOST_KEPT


# The page


async def test_an_address_is_shown_before_it_is_saved_and_is_the_one_that_works(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], PAGE)
    form = await page.do(WebhookForm, "create_new")
    assert not form.reachable
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"site_url": "https://m.example"}, data.now(), "ada@example.com")
    form = await page.do(WebhookForm, "create_new")
    address = form.address
    assert (address.startswith("https://m.example/hooks/"), form.reachable) == (True, True)
    await page.do(WebhookForm, "choose_provider", "mailgun")
    form = await page.do(WebhookForm, "save", {"name": "Relay", "provider": "mailgun", "secret": "", "active": "on"})
    assert (set(form.errors), form.address) == ({"secret"}, address)
    given = {"name": "Relay", "provider": "mailgun", "secret": SECRET, "active": "on"}
    form = await page.do(WebhookForm, "save", given)
    assert (form.form_open, form.address, form.values) == (False, "", {})
    with TestClient(PublicSite()) as client:
        path = address[address.index("/hooks/") :]
        assert post(client, path, posts.mailgun(posts.mailgun_event("complained"), at=now())) == 200
    state = await page.do(Webhooks, "load")
    assert [(line.name, line.provider, line.health) for line in state.rows] == [("Relay", "Mailgun", "ok")]
    form = await page.do(WebhookForm, "edit_one", state.rows[0].id)
    assert form.address == address
    assert SECRET not in json.dumps(form.values)


async def test_the_signed_one_is_offered_a_secret_and_what_is_wrong_stands_beside_it(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], PAGE)
    form = await page.do(WebhookForm, "create_new")
    offered = form.values["signed_secret"]
    assert len(offered) >= 32
    await page.do(WebhookForm, "choose_provider", "signed")
    given = {"name": "Own", "provider": "signed", "signed_secret": "short", "active": "on"}
    form = await page.do(WebhookForm, "save", given)
    assert set(form.errors) == {"signed_secret"}
    await page.do(WebhookForm, "save", {**given, "signed_secret": offered})
    assert row().has_secret


async def test_each_state_of_a_webhook_is_said(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.VIEWER], PAGE)
    for name in ("amazon_ses", "sendgrid", "postmark", "brevo"):
        create(Provider(name), public_key="")
    with db.unit_of_work() as session:
        rows = {found.provider: found.id for found in webhook.webhook_rows(session)}
        webhook.note_trouble(session, rows[Provider.POSTMARK], Trouble.CREDENTIALS, data.now())
        webhook.set_active(session, rows[Provider.BREVO], False, data.now(), by="ada@example.com")
    state = await page.do(Webhooks, "load")
    said = {line.provider: (line.health, line.health_words.partition(" 2")[0], line.words) for line in state.rows}
    assert said["Amazon SES"] == ("off", "Waits for the subscription", "")
    assert said["SendGrid"] == ("warn", "Waits for the verification key", "")
    assert (said["Postmark"][0], said["Postmark"][2]) == ("warn", "The password or token is wrong.")
    assert said["Brevo"] == ("off", "Inactive", "")


async def test_nobody_but_an_administrator_sees_the_address(secrets: dict[Role, str]) -> None:
    create()
    for role in (Role.VIEWER, Role.EDITOR):
        page = Visit(secrets[role], PAGE)
        form = await page.do(WebhookForm, "edit_one", row().id)
        assert (form.form_open, form.address) == (False, "")


async def test_what_belongs_to_nobody_is_opened_and_assigned(secrets: dict[Role, str]) -> None:
    item_id, path = sent(), create()
    with TestClient(PublicSite()) as client:
        stranger = {"event": "bounced", "id": "1", "recipient": "old@example.org", "status": "5.1.1"}
        assert post(client, path, signed([stranger, {"event": "teleported", "id": "2"}])) == 200
    page = Visit(secrets[Role.EDITOR], PAGE)
    state = await page.do(WebhookEvents, "load")
    assert [(line.verdict, line.standing) for line in state.rows] == [
        ("Unknown event", "not_understood"),
        ("Hard bounce · No such mailbox (5.1.1)", "unmatched"),
    ]
    dialog = await page.do(EventDialog, "open_one", state.rows[1].id)
    assert (dialog.waits, dialog.address, '"status": "5.1.1"' in dialog.raw) == (True, "old@example.org", True)
    await page.do(EventDialog, "search", "ada")
    (option,) = dialog.found
    await page.do(EventDialog, "save", {"recipient": option.value, "meaning": ""})
    assert set(dialog.errors) == {"meaning"}
    await page.do(EventDialog, "save", {"recipient": option.value, "meaning": "hard"})
    assert (dialog.form_open, actions(), item_id) == (False, [Action.BOUNCED], 1)
    await page.do(EventDialog, "open_one", state.rows[0].id)
    await page.do(EventDialog, "put_aside")
    assert standings() == [Standing.BOUNCED, Standing.IGNORED]


# The command


def run(*words: str, typed: str = "") -> str:
    outcome = CliRunner().invoke(main, ["webhook", *words], input=typed)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_the_command_makes_changes_lists_and_deletes(sqlite_database: Engine, monkeypatch) -> None:
    monkeypatch.setattr("dashboard.commands.webhook.prepare", lambda: None)
    made = json.loads(run("set", "Relay", "--provider", "mailgun", "--secret-stdin", "--json", typed=f"{SECRET}\n"))
    with TestClient(PublicSite()) as client:
        path = made["address"][made["address"].index("/hooks/") :]
        assert post(client, path, posts.mailgun(posts.mailgun_failed("550 5.1.1 unknown"), at=now())) == 200
    run("set", "Relay", "--inactive")
    (listed,) = json.loads(run("list", "--json"))
    assert (listed["name"], listed["active"], "secret" in listed) == ("Relay", False, False)
    (event,) = json.loads(run("events", "--to-decide", "--json"))
    assert (event["standing"], event["reason"]) == ("unmatched", "userunknown")
    sent()
    assert json.loads(run("assign", "1", "--recipient", "1", "--means", "hard", "--json"))["standing"] == "bounced"
    assert run("delete", "relay") == "Relay is deleted.\n"
    assert json.loads(run("list", "--json")) == []
