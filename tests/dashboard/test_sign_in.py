"""Sign in, the first start, and the reset of a password, as a browser sees them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import reflex_base
from sqlmodel import Session, select
from starlette.testclient import TestClient

from dashboard import data
from dashboard.auth import COOKIE
from models import db
from models.audit import Audit
from models.recipient import Kind, Recipient
from models.sign_in import LINK, PAUSE, TRIES, SignIn, SignInTry, first_start_link, issue_link
from models.user import Role, User, Viewer
from tests.dashboard.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.slow

STATE_SCRIPT = ".templates/web/utils/state.js"
FIRST = {
    "name": "Grace Hopper",
    "email": "Grace@Example.com",
    "password": PASSWORD,
    "language": "fr",
    "time_zone": "Europe/Paris",
}


def sign_in(browser: TestClient, password: str = PASSWORD, email: str = "ada@example.com", **more: str):
    return browser.post("/sign-in", data={"email": email, "password": password, **more})


def one(session: Session, model):
    return session.exec(select(model)).one()


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(browser: TestClient, ada: Viewer) -> None:
    answer = sign_in(browser, email=" ADA@example.com ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    given = answer.headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Path=/" in given
    assert "Max-Age" not in given  # ends with the browser
    assert "Secure" not in given  # this site is http
    assert browser.get("/").status_code == 200
    assert browser.get("/sign-in").headers["location"] == "/"


def test_who_signs_in_does_not_take_over_what_the_tab_showed_before(browser: TestClient, ada: Viewer) -> None:
    """Reflex keeps the key of a tab's state there, and gives the state to whoever comes with the key."""
    assert 'sessionStorage.removeItem("token")' in browser.get("/sign-in").text
    assert 'const TOKEN_KEY = "token"' in (Path(reflex_base.__file__).parent / STATE_SCRIPT).read_text()


def test_only_the_hash_of_the_session_is_stored(browser: TestClient, ada: Viewer) -> None:
    sign_in(browser)
    with db.reading() as session:
        assert one(session, SignIn).hash != browser.cookies[COOKIE]


def test_staying_signed_in_lasts_thirty_days_and_https_makes_the_cookie_secure(
    browser: TestClient, ada: Viewer
) -> None:
    browser.base_url = "https://envoi.example"
    given = sign_in(browser, stay="on").headers["set-cookie"]
    assert "Max-Age=2592000" in given
    assert "Secure" in given
    with db.reading() as session:
        kept = one(session, SignIn)
    assert kept.ends_at - kept.seen_at == timedelta(days=30)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/campaigns/3?page=2", "/campaigns/3?page=2"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("//[", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
    ],
)
def test_signing_in_leads_on_within_the_site_alone(browser: TestClient, ada: Viewer, wanted: str, led_to: str) -> None:
    answer = browser.post("/sign-in", params={"next": wanted}, data={"email": "ada@example.com", "password": PASSWORD})
    assert answer.headers["location"] == led_to


def test_wrong_passwords_count_down_to_a_pause_of_a_quarter_of_an_hour(
    browser: TestClient, ada: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for left in range(TRIES - 1, 0, -1):
        answer = sign_in(browser, "wrong")
        assert answer.status_code == 401
        assert f"{left} {'try' if left == 1 else 'tries'} left before a pause of 15 minutes" in answer.text
    assert "Try again in 15 minutes" in sign_in(browser, "wrong").text
    assert "Try again in 15 minutes" in sign_in(browser).text  # even the right one
    assert COOKIE not in browser.cookies
    later = data.now() + PAUSE
    monkeypatch.setattr(data, "now", lambda: later)
    assert sign_in(browser, "wrong").text.count("4 tries left") == 1
    assert sign_in(browser).status_code == 303
    with db.reading() as session:
        assert session.exec(select(SignInTry)).first() is None


def test_the_pause_is_for_the_address_however_it_is_written_and_however_fast_one_tries(
    browser: TestClient, ada: Viewer
) -> None:
    ways = ["ada@example.com", "ADA@EXAMPLE.com", "ada@ｅxample.com", "ada@eｘample.com"] * TRIES
    with ThreadPoolExecutor(len(ways)) as at_once:
        said = [answer.text for answer in at_once.map(lambda way: sign_in(browser, "wrong", way), ways)]
    with db.reading() as session:
        assert TRIES <= one(session, SignInTry).count <= TRIES + 1
    assert sum("before a pause" in text for text in said) == TRIES - 1


@pytest.mark.parametrize("email", ["nobody@example.com", "not an address", "", "a" * 400 + "@example.com", "x\0y"])
def test_an_unknown_address_looks_like_a_wrong_password(browser: TestClient, ada: Viewer, email: str) -> None:
    answer = sign_in(browser, "wrong", email)
    assert answer.status_code == 401
    assert "Address or password is wrong. 4 tries left" in answer.text


def test_what_was_typed_is_shown_as_text(browser: TestClient, ada: Viewer) -> None:
    answer = sign_in(browser, "wrong", '"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_the_language_follows_the_browser_and_then_the_choice(browser: TestClient, ada: Viewer) -> None:
    french = browser.get("/sign-in", headers={"Accept-Language": "fr-CH, fr;q=0.9"})
    assert '<html lang="fr">' in french.text
    assert "Se connecter" in french.text
    assert "Sign in" in browser.get("/sign-in?lang=en", headers={"Accept-Language": "fr"}).text
    assert "Sign in" in browser.get("/sign-in", headers={"Accept-Language": "fr"}).text  # remembered
    assert '<html lang="en">' in browser.get("/sign-in?lang=xx").text


def first_link() -> str:
    with db.unit_of_work() as session:
        return f"/welcome/{first_start_link(session, data.now())}"


def test_the_first_start_makes_the_administrator_once(browser: TestClient) -> None:
    link = first_link()
    assert "Nobody has an account yet" in browser.get("/sign-in").text
    assert "Your account" in browser.get(link).text
    answer = browser.post(link, data=FIRST)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    with db.reading() as session:
        user, person = one(session, User), one(session, Recipient)
        acts = list(session.exec(select(Audit.act)))
    assert (user.email, user.role, user.language, user.time_zone) == (
        "grace@example.com",
        Role.ADMINISTRATOR,
        "fr",
        "Europe/Paris",
    )
    assert user.password_hash.startswith("$argon2id$")
    assert (person.kind, person.user_id, person.name, person.address_typed) == (
        Kind.USER,
        user.id,
        "Grace Hopper",
        "Grace@Example.com",
    )
    assert acts == ["user.created"]
    for again in (browser.get(link), browser.post(link, data=FIRST | {"email": "eve@example.com"})):
        assert again.status_code == 404
        assert "Ce lien ne fonctionne plus" in again.text  # the language chosen at the first start
    with db.unit_of_work() as session:
        assert first_start_link(session, data.now()) is None


def test_a_new_start_voids_the_link_before(browser: TestClient) -> None:
    former, present = first_link(), first_link()
    assert browser.get(former).status_code == 404
    assert browser.get(present).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Fill this in."),
        ({"email": "grace"}, "The @ is missing."),
        ({"password": "short"}, "At least 10 characters."),
    ],
)
def test_the_first_start_names_each_problem_beside_its_field(
    browser: TestClient, wrong: dict[str, str], said: str
) -> None:
    link = first_link()
    answer = browser.post(link, data=FIRST | {"language": "en"} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert "Grace@Example.com" in answer.text or "email" in wrong
    assert browser.post(link, data=FIRST).status_code == 303  # nothing was used up


def reset_link(user_id: int, ago: timedelta = timedelta()) -> str:
    with db.unit_of_work() as session:
        return f"/reset/{issue_link(session, user_id, data.now() - ago)}"


def test_a_reset_ends_every_session_and_works_once(browser: TestClient, ada: Viewer) -> None:
    former = signed_in(browser, ada)
    link = reset_link(ada.id)
    assert "ada@example.com" in browser.get(link).text
    assert browser.post(link, data={"password": "short"}).status_code == 422
    assert browser.post(link, data={"password": "another long password"}).status_code == 303
    assert browser.get("/").status_code == 200
    browser.cookies.clear()
    browser.cookies.set(COOKIE, former)
    assert browser.get("/").status_code == 303
    assert browser.post(link, data={"password": "yet another password"}).status_code == 404
    browser.cookies.clear()
    assert sign_in(browser).status_code == 401
    assert sign_in(browser, "another long password").status_code == 303


def test_a_link_older_than_a_day_is_over(browser: TestClient, ada: Viewer) -> None:
    assert browser.get(reset_link(ada.id, LINK)).status_code == 404
    assert browser.get(reset_link(ada.id, LINK - timedelta(minutes=1))).status_code == 200


@pytest.mark.parametrize("path", ["/reset/invented", "/welcome/invented", "/reset/%00", "/welcome/" + "x" * 5000])
def test_an_invented_link_is_a_plain_404(browser: TestClient, ada: Viewer, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path, data=FIRST).status_code == 404


def test_a_reset_link_does_not_make_an_administrator_nor_the_other_way_round(browser: TestClient, ada: Viewer) -> None:
    assert browser.post(reset_link(ada.id).replace("reset", "welcome"), data=FIRST).status_code == 404
    with db.unit_of_work() as session:
        secret = issue_link(session, None, data.now())
    assert browser.post(f"/reset/{secret}", data={"password": PASSWORD}).status_code == 404
