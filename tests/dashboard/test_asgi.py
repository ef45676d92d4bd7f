"""The gate, the headers, and what comes from elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.auth import COOKIE
from models import db
from models.sign_in import LONG_SESSION, close_session, find_session
from models.user import User, Viewer
from tests.dashboard.conftest import signed_in

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("GET", "/campaigns/3?page=2", 303),
        ("GET", "/index.html", 303),
        ("GET", "/_upload", 401),
        ("POST", "/_upload", 401),
        ("GET", "/_event/", 401),
        ("GET", "/ping", 401),
        ("GET", "/_health", 401),
        ("POST", "/campaigns", 401),
        ("GET", "/healthz", 200),
        ("GET", "/sign-in", 200),
        ("GET", "/assets/x-1.js", 200),
        ("GET", "/assets/nothing.js", 404),
        ("GET", "/o/forged", 404),
        ("PUT", "/sign-in", 405),
    ],
)
def test_without_a_session(browser: TestClient, method: str, path: str, status: int) -> None:
    assert browser.request(method, path, content=b"" if method != "GET" else None).status_code == status


def test_the_gate_leads_back_to_where_one_wanted_to_go(browser: TestClient) -> None:
    location = browser.get("/campaigns/3?page=2").headers["location"]
    assert location == "/sign-in?next=%2Fcampaigns%2F3%3Fpage%3D2"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/", 200, "index"),
        ("/index.html", 200, "index"),
        ("/item/42", 200, "drawn in the browser"),
        ("/item/x", 404, "nothing here"),
        ("/404", 404, "nothing here"),
        ("/%2e%2e/secret.txt", 404, "nothing here"),
        ("/assets/..%2f..%2fsecret.txt", 404, "nothing here"),
        ("/a%00b", 404, "nothing here"),
        ("/ping", 200, "reflex"),
    ],
)
def test_with_a_session(browser: TestClient, ada: Viewer, path: str, status: int, said: str) -> None:
    signed_in(browser, ada)
    answer = browser.get(path)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_a_closed_session_and_a_disabled_user_are_out_at_once(browser: TestClient, ada: Viewer) -> None:
    secret = signed_in(browser, ada)
    with db.unit_of_work() as session:
        close_session(session, secret)
    assert browser.get("/").status_code == 303
    signed_in(browser, ada)
    with db.unit_of_work() as session:
        session.get_one(User, ada.id).disabled_at = datetime.now(UTC)
    assert browser.get("/").status_code == 303


def test_a_session_slides_by_its_own_length(browser: TestClient, ada: Viewer) -> None:
    before = datetime.now(UTC) - timedelta(days=20)
    secret = signed_in(browser, ada, LONG_SESSION, before)
    given = browser.get("/").headers["set-cookie"]
    assert COOKIE in given
    assert "Max-Age=2592000" in given
    with db.reading() as session:
        assert find_session(session, secret, datetime.now(UTC) + timedelta(days=29)) is not None
    assert "set-cookie" not in browser.get("/").headers  # seen a moment ago


def test_every_answer_has_the_security_headers(browser: TestClient, ada: Viewer) -> None:
    for path in ("/healthz", "/", "/sign-in", "/assets/x-1.js", "/o/forged", "/_upload"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
    signed_in(browser, ada)
    policy = browser.get("/").headers["content-security-policy"]
    # printf 'let a = 1' | openssl dgst -sha256 -binary | base64
    assert "script-src 'self' 'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='; style-src" in policy
    assert "unsafe-eval" not in policy


def test_assets_are_kept_for_ever_and_pages_asked_for_again(browser: TestClient, ada: Viewer) -> None:
    signed_in(browser, ada)
    assert "immutable" in browser.get("/assets/x-1.js").headers["cache-control"]
    assert browser.get("/assets/x-0.js").text == "old"  # of the build before
    page = browser.get("/")
    assert page.headers["cache-control"] == "no-cache"
    assert browser.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304


def test_the_page_finds_the_server_on_any_port(browser: TestClient) -> None:
    answer = browser.get("/assets/reflex-env-1.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text == (
        "var e={EVENT:(location.origin.replace(/^http/,`ws`)+`/_event`),UPLOAD:(location.origin+`/_upload`)}"
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),  # a program without Origin has no cookie of others; the password is wrong
        ({"Origin": "http://envoi.example"}, 401),
        ({"Origin": "https://public.example", "X-Forwarded-Host": "public.example"}, 401),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://envoi.example.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(browser: TestClient, headers: dict[str, str], status: int) -> None:
    answer = browser.post("/sign-in", data={"email": "a@example.com", "password": "x"}, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_uploads_and_forms_are_bounded(browser: TestClient, ada: Viewer) -> None:
    signed_in(browser, ada)
    megabyte = 1024 * 1024
    sizes = {"/_upload": 257 * megabyte, "/sign-in": 2 * megabyte}
    for path, size in sizes.items():
        assert browser.post(path, headers={"Content-Length": str(size)}, content=b"").status_code == 413, path
    assert browser.post("/_upload", content=iter([b"no length"])).status_code == 411
    assert browser.post("/_upload", content=b"small").text == "reflex"


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Cookie": f"{COOKIE}=invented"}])
def test_a_socket_needs_a_session_and_our_own_page(browser: TestClient, ada: Viewer, headers: dict[str, str]) -> None:
    if "Origin" in headers:
        signed_in(browser, ada)
    with pytest.raises(WebSocketDisconnect) as refused, browser.websocket_connect("/_event/", headers=headers):
        pass
    assert refused.value.code == 1008


def test_signing_out_closes_the_sockets_of_that_session_alone(browser: TestClient, ada: Viewer) -> None:
    other = signed_in(browser, ada)
    with browser.websocket_connect("/_event/") as kept:
        signed_in(browser, ada)
        with browser.websocket_connect("/_event/") as closed:
            closed.send_text("hello")
            assert closed.receive_text() == "hello"
            assert browser.post("/sign-out", content=b"").headers["location"] == "/sign-in"
            with pytest.raises(WebSocketDisconnect):
                closed.receive_text()
        kept.send_text("still here")
        assert kept.receive_text() == "still here"
    with db.reading() as session:
        assert find_session(session, other, datetime.now(UTC)) is not None


def test_a_link_from_elsewhere_does_not_sign_out(browser: TestClient, ada: Viewer) -> None:
    signed_in(browser, ada)
    assert "Sign out of Envoi?" in browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).text
    assert browser.get("/").status_code == 200
    assert browser.get("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert browser.get("/").status_code == 303


def test_healthz_says_when_the_database_is_away(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    away = db.connect("sqlite:////nowhere/at/all.sqlite")
    monkeypatch.setattr(db, "_current", away)
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "The database cannot be reached.")
