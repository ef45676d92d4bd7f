"""Users: made with a link shown once, changed at once; one administrator always stays. System Health: the checks."""

from datetime import UTC, datetime

import pytest
import reflex as rx
from sqlalchemy import Engine

from dashboard import routes
from dashboard.admin.health_page import Health
from dashboard.admin.users_page import UserForm, Users
from dashboard.auth import COOKIE
from dashboard.ui.toast import Toasts
from models import db
from models.errors import NotFound, Refused
from models.sign_in import SESSION, find_reset_user, find_session, open_session
from models.user import Role, find_user
from models.user_access import change_role, disable, user_rows
from tests import factories
from tests.factories import NOW


@pytest.fixture
def anna(sqlite_database: Engine) -> int:
    """The administrator who looks."""
    with db.unit_of_work() as session:
        return factories.user(session, email="anna@example.com", name="Anna", role=Role.ADMINISTRATOR).id


async def page_of(user_id: int) -> rx.State:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    with db.unit_of_work() as session:
        secret = open_session(session, user_id, SESSION, datetime.now(UTC))
    headers = {"cookie": f"{COOKIE}={secret}", "origin": "https://envoi.example"}
    root.router_data = {"headers": headers, "asPath": routes.USERS, "pathname": routes.USERS}
    root._update_router_vars(root.router_data, {})
    return root


async def test_a_new_user_gets_a_link_that_is_shown_once_and_sets_the_password(anna: int) -> None:
    root = await page_of(anna)
    form, users = await root.get_state(UserForm), await root.get_state(Users)
    await UserForm.save.fn(form, {"name": "Ben", "email": "Ben@Example.com", "role": "viewer", "language": "fr"})
    assert form.errors == {}
    base, _, secret = users.link.rpartition("/")
    assert base == f"https://envoi.example{routes.RESET}"
    with db.reading() as session:
        assert find_reset_user(session, secret, datetime.now(UTC)).email == "ben@example.com"
    assert [(row.name, row.role, row.state) for row in users.rows] == [
        ("Anna", "administrator", "invited"),
        ("Ben", "viewer", "invited"),
    ]
    await Users.close.fn(users)
    assert users.link == ""


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"name": "", "email": "not one", "role": "viewer", "language": "en"}, {"name", "email"}),
        ({"name": "B", "email": "anna@example.com", "role": "viewer", "language": "en"}, {"email"}),
        ({"name": "B", "email": "b@example.com", "role": "emperor", "language": "en"}, {"role"}),
        ({"name": "B", "email": "b@example.com", "role": "viewer", "language": "tlh"}, {"language"}),
    ],
)
async def test_what_is_wrong_with_a_new_user_stands_beside_its_field(anna: int, given, wrong) -> None:
    root = await page_of(anna)
    form = await root.get_state(UserForm)
    await UserForm.save.fn(form, given)
    assert form.errors.keys() == wrong
    with db.reading() as session:
        assert len(user_rows(session)) == 1


async def test_the_last_administrator_stays_one(anna: int) -> None:
    root = await page_of(anna)
    users = await root.get_state(Users)
    await Users.give_role.fn(users, anna, "viewer")
    (toast,) = (await root.get_state(Toasts)).shown
    assert toast.title == "Anna is the only administrator. Make somebody else administrator first."
    with db.unit_of_work() as session:
        other = factories.user(session, email="other@example.com", role=Role.ADMINISTRATOR)
        change_role(session, anna, Role.VIEWER, NOW, other.email)
        with pytest.raises(Refused, match="only administrator"):
            disable(session, other.id, NOW, "anna@example.com")


async def test_who_is_disabled_is_out_at_once_and_can_come_back(anna: int) -> None:
    with db.unit_of_work() as session:
        ben = factories.user(session, email="ben@example.com", name="Ben", role=Role.EDITOR)
        secret = open_session(session, ben.id, SESSION, datetime.now(UTC))
    root = await page_of(anna)
    users = await root.get_state(Users)
    await Users.give_link.fn(users, ben.id)
    link = users.link.rpartition("/")[2]
    await Users.ask_disable.fn(users, ben.id)
    assert (users.asking, users.asked_name) == (True, "Ben")
    await Users.confirm_disable.fn(users)
    with db.reading() as session:
        assert find_session(session, secret, datetime.now(UTC)) is None
    await Users.load.fn(users)
    assert [row.state for row in users.rows] == ["invited", "disabled"]
    await Users.give_link.fn(users, ben.id)
    assert users.link == ""
    await Users.enable_again.fn(users, ben.id)
    with db.reading() as session, pytest.raises(NotFound):
        find_reset_user(session, link, datetime.now(UTC))
    await Users.give_link.fn(users, ben.id)
    assert users.link.startswith("https://envoi.example/reset/")


async def test_nobody_disables_themselves(anna: int) -> None:
    with db.unit_of_work() as session:
        factories.user(session, email="other@example.com", role=Role.ADMINISTRATOR)
        with pytest.raises(Refused, match="yourself"):
            disable(session, anna, NOW, "anna@example.com")
        with pytest.raises(NotFound):
            disable(session, 99, NOW, "anna@example.com")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_users_are_for_administrators(anna: int, role: Role) -> None:
    with db.unit_of_work() as session:
        other = factories.user(session, email="e@example.com", role=role)
    root = await page_of(other.id)
    form, users = await root.get_state(UserForm), await root.get_state(Users)
    await Users.load.fn(users)
    assert users.rows == []
    await Users.give_role.fn(users, other.id, "administrator")
    await Users.give_link.fn(users, anna)
    await UserForm.save.fn(form, {"name": "X", "email": "x@example.com", "role": "administrator", "language": "en"})
    assert users.link == ""
    with db.reading() as session:
        assert find_user(session, "x@example.com") is None
        assert find_user(session, "e@example.com").role is role


async def test_health_says_what_keeps_emails_back_and_where_it_is_mended(anna: int) -> None:
    root = await page_of(anna)
    health = await root.get_state(Health)
    await Health.load.fn(health)
    assert health.verdict == "bad"
    assert health.summary == "2 checks keep emails from being sent."  # no worker ever ran, no SMTP account
    first = health.rows[0]
    assert (first.verdict, first.href, first.place) == ("bad", routes.SCHEDULED_JOBS, "Scheduled Jobs")
    assert "envoi serve" in first.says
