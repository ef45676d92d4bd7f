"""The hostile client: what can be called on the socket without a session, after its end, and without the right."""

import asyncio
import inspect
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import socketio

from dashboard.auth import COOKIE
from dashboard.auth.guard import right_of
from models.user import Right
from tests.dashboard.conftest import PASSWORD, Running
from tests.test_house import handlers

pytestmark = pytest.mark.slow


@asynccontextmanager
async def socket(
    server: Running, cookie: str, origin: str = "", token: str = "", *, first: bool = False
) -> AsyncIterator[tuple[Any, list[Any]]]:
    """A connection as a page makes it, its `first` one or a later, and what it was sent."""
    client, got = socketio.AsyncClient(reconnection=False), []
    client.on("event", got.append, namespace="/_event")
    client.on("new_token", lambda token: got.append({"new_token": token}), namespace="/_event")
    boot = {
        "name": "reflex___state____state.hydrate_and_load",
        **({"payload": {"hashes": ["of no state"]}} if first else {}),
        "router_data": {"pathname": "/", "asPath": "/"},
    }
    headers = {"Cookie": f"{COOKIE}={cookie}"} | ({"Origin": origin} if origin else {})
    await client.connect(
        f"{server.url}/_event?token={token or uuid.uuid4()}",
        headers=headers,
        transports=["websocket"],
        socketio_path="/_event",
        namespaces=["/_event"],
        auth={"event": boot},
    )
    try:
        yield client, got
    finally:
        await client.disconnect()


async def answers(client: Any, got: list[Any], name: str, function: object, expected: str) -> bool:
    """Whether an event brings back what is expected within two seconds."""
    parameters = list(inspect.signature(function).parameters.values())[1:]  # type: ignore[arg-type]
    payload = {p.name: "1" for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD}
    got.clear()
    event = {"name": name, "payload": payload, "router_data": {"pathname": "/", "asPath": "/", "query": {}}}
    await client.emit("event", event, namespace="/_event")
    for _ in range(100):
        if expected in json.dumps(got, ensure_ascii=False):
            return True
        await asyncio.sleep(0.02)
    return False


async def told(got: list[Any], expected: str) -> str:
    """All that was sent, once the expected is among it."""
    for _ in range(250):
        if expected in (sent := json.dumps(got, ensure_ascii=False)):
            return sent
        await asyncio.sleep(0.02)
    raise AssertionError(f"{expected} was not sent: {got}")


def password_of(server: Running, email: str, role: str) -> str:
    """Make a user with PASSWORD; the session's secret after signing in."""
    added = server.envoi("user", "add", email, "--name", email.partition("@")[0], "--role", role, "--json")
    link = json.loads(added.stdout)["link"]
    path = re.sub(r"^https?://[^/]+", "", link)
    return httpx.post(server.url + path, data={"password": PASSWORD}).cookies[COOKIE]


@pytest.fixture(scope="module")
def viewer(web: Running) -> str:
    return password_of(web, "viewer@example.com", "viewer")


async def test_no_socket_without_a_session_or_from_another_site(web: Running, viewer: str) -> None:
    for cookie, origin in (("", ""), ("invented", ""), (viewer, "http://evil.example")):
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with socket(web, cookie, origin):
                pass
    async with socket(web, viewer, web.url) as (client, _):
        assert client.connected


async def test_every_handler_refuses_once_the_session_is_closed(web: Running) -> None:
    secret = password_of(web, "leaver@example.com", "administrator")
    async with socket(web, secret) as (client, got):
        close_in_the_database(web, secret)
        guarded = {name: function for name, function in handlers().items() if right_of(function)}
        assert len(guarded) > 10
        for name, function in guarded.items():
            assert await answers(client, got, name, function, "/sign-in"), (name, got)


async def test_a_viewer_is_refused_what_needs_more_than_looking(web: Running, viewer: str) -> None:
    async with socket(web, viewer) as (client, got):
        wanting = {n: f for n, f in handlers().items() if right_of(f) not in {None, Right.LOOK}}
        assert wanting
        for name, function in wanting.items():
            assert await answers(client, got, name, function, "This needs the right"), (name, got)
    assert "Traceback" not in web.log.read_text()


async def test_signing_out_over_http_closes_the_socket(web: Running) -> None:
    secret = password_of(web, "signer@example.com", "editor")
    async with socket(web, secret) as (client, _):
        async with httpx.AsyncClient(cookies={COOKIE: secret}) as browser:
            await browser.post(web.url + "/sign-out")
        for _ in range(100):
            if not client.connected:
                break
            await asyncio.sleep(0.02)
        assert not client.connected


LOADED = '"is_hydrated_rx_state_": true'


async def test_a_page_that_another_session_comes_back_to_knows_nothing_of_the_former(web: Running, viewer: str) -> None:
    """Somebody signed out, somebody else signed in, and the former's second tab finds its connection again."""
    token, former = str(uuid.uuid4()), password_of(web, "former@example.com", "editor")
    async with socket(web, former, token=token) as (_, got):
        assert '"former"' in await told(got, LOADED)
    async with socket(web, viewer, token=token) as (_, got):
        sent = await told(got, LOADED)
    assert '"viewer"' in sent
    assert '"former"' not in sent


async def test_a_page_whose_line_broke_comes_back_to_its_state(web: Running, viewer: str) -> None:
    """Of a broken line the server may hear for minutes nothing: the former connection is still open."""
    token = str(uuid.uuid4())
    async with socket(web, viewer, token=token, first=True) as (_, got):
        await told(got, LOADED)
        async with socket(web, viewer, token=token) as (_, again):
            await told(again, LOADED)
    assert "new_token" not in json.dumps(again)
    assert '"viewer"' in json.dumps(again[0])  # at once, before any handler ran


async def test_a_second_tab_gets_a_state_of_its_own(web: Running, viewer: str) -> None:
    token, other = str(uuid.uuid4()), password_of(web, "other@example.com", "editor")
    async with socket(web, viewer, token=token, first=True) as (_, got):
        await told(got, LOADED)
        async with socket(web, viewer, token=token, first=True) as (_, second):
            assert "new_token" in await told(second, LOADED)
        async with socket(web, other, token=token) as (_, stolen):
            sent = await told(stolen, LOADED)
    assert "new_token" in sent
    assert '"viewer"' not in sent


def close_in_the_database(server: Running, secret: str) -> None:
    """As an administrator would on another process: nothing tells this one."""
    from models import db
    from models.sign_in import close_session

    engine = db.connect(f"sqlite:///{server.environment['ENVOI_DATA_DIR']}/envoi.sqlite")
    db.use(engine)
    try:
        with db.unit_of_work() as session:
            close_session(session, secret)
    finally:
        db.use(None)
        engine.dispose()
