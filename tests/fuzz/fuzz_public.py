"""Requests as nobody should send them, at every public address: real tokens and keys, then cut, doubled and full of
noise. No answer is an error of ours, nothing but a POST changes consent, and the books stay exact.

A target is what goes over the wire, so it can be kept: a line with method and address, headers, an empty line, a body.
"""

import asyncio
import os
import random
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from sqlmodel import func, select

from dashboard.public.site import PublicSite
from models import db
from models.address import ConsentEvent
from models.log_table import Action
from models.migrations import migrate
from models.queue_table import ItemState
from models.settings import settings
from models.statistics import recount
from models.tracking import Purpose, make_token, own_keys
from models.tracking_url import ensure_links
from models.webhook import create_webhook, get_key
from models.webhook_table import Provider
from tests import factories
from tests.models import webhook_posts as posts

NOISE = (
    *(b"\0", b"%00", b"%2F", b"%ff", b"/", b"//", b"/../", b"?", b"#", b"%25", b"=" * 50, b"A" * 5000, b"\xff\xfe"),
    *(b"GET", b"HEAD", b"POST", b"PUT", b"again", b"0", b"-1", b"9" * 30, b"\xc2\xb2", b"list=1", b"stop="),
    *(b"&" * 3000, b"Content-Type: multipart/form-data; boundary=b\n", b"List-Unsubscribe=One-Click"),
    *(b"Sec-Purpose: prefetch\n", b"Accept-Language: fr;q=x,*;q=\n", b"User-Agent: \xff\0\n"),
    *(b"Authorization: Basic %%%\n", b"Transfer-Encoding: \n", b"null", b"\xef\xbb\xbf{}"),
    *(b"[" * 3000, b'{"a":' * 500, b"1e999", b"NaN", b'"\\ud800"', b'{"events": [{}]}'),
)
FINE = {200, 204, 302, 400, 401, 403, 404, 405, 410, 413}
ALWAYS_THERE = {"c": "/1", "o": ".gif"}
FORM = b"content-type: application/x-www-form-urlencoded\n\n"


class Installation:
    """A database with one person who was sent a message, two webhooks, and the public site before it."""

    def __init__(self) -> None:
        home = Path(tempfile.mkdtemp(prefix="envoi-fuzz-"))
        os.environ |= {"ENVOI_DATA_DIR": str(home), "ENVOI_SECRET_KEY": "a secret for tests"}
        settings.cache_clear()
        db.use(db.connect(f"sqlite:///{home / 'envoi.sqlite'}"))
        migrate()
        self.item_id = self._sent()
        self.keys = [self._webhook(provider) for provider in (Provider.POSTMARK, Provider.BREVO)]
        self.site, self.loop = PublicSite(), asyncio.Runner()
        self.tried = 0

    def _sent(self) -> int:
        with db.unit_of_work() as session:
            person = factories.recipient(session, "ada@example.com")
            members = factories.target_list(session, "News", [person])
            members.public_name = "News"
            mail = factories.mass_email(session, members)
            ensure_links(session, mail.id, ["https://example.com/a"])
            return factories.queue_item(session, mail, person, ItemState.SENT, list_id=members.id).id

    def _webhook(self, provider: Provider) -> str:
        with db.unit_of_work() as session:
            return get_key(
                session, create_webhook(session, {"name": provider, "provider": provider}, factories.NOW, by="x")
            )

    def consents(self) -> int:
        with db.reading() as session:
            return session.exec(select(func.count()).select_from(ConsentEvent)).one()

    def answer(self, request: bytes) -> int:
        """The status of the answer to a request."""
        statuses: list[int] = []
        scope, body = _scope(request)
        pieces = [body[:100], body[100:]]

        async def receive() -> dict:
            piece = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict) -> None:
            statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

        self.loop.run(self.site(scope, receive, send))
        (status,) = statuses
        return status


@cache
def installation() -> Installation:
    return Installation()


def _scope(request: bytes) -> tuple[dict, bytes]:
    """As uvicorn hands a request over; what it would not let through is made fit."""
    head, _, body = request.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = target.partition(b"?")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https", "root_path": ""}
    scope |= {"method": method.decode("latin-1").upper(), "path": "/" + unquote(path.decode("latin-1")).lstrip("/")}
    scope |= {"raw_path": path, "query_string": query, "headers": [pair for pair in headers if pair[0]]}
    return {**scope, "client": ("192.0.2.7", 5), "server": ("envoi.example", 443)}, body


@cache
def corpus() -> tuple[bytes, ...]:
    here = installation()
    requests = []
    for letter in "ocupv":
        purpose = Purpose.TRACK if letter in "oc" else Purpose.CONSENT
        token = make_token(own_keys(), purpose, here.item_id)
        path = f"/{letter}/{token}{ALWAYS_THERE.get(letter, '')}".encode()
        requests += [b"GET " + path + b"\nuser-agent: Reader\n\n", b"HEAD " + path + b"\n\n"]
        if letter in "up":
            requests += [
                b"POST " + path + b"\n" + FORM + form for form in (b"", b"offered=1&list=1", b"stop=", b"start=")
            ]
            requests.append(b"POST " + path + b"\n" + FORM + b"List-Unsubscribe=One-Click")
            requests.append(b"POST " + path + b"/again\n\n")
    for key, posted in zip(
        here.keys,
        (posts.postmark("Bounce", item_id=here.item_id, Type="HardBounce"), posts.brevo("spam", item_id=here.item_id)),
        strict=True,
    ):
        requests.append(f"POST /hooks/{key}\ncontent-type: application/json\n\n".encode() + posted.body)
    return tuple(requests)


def make(dice: random.Random) -> bytes:
    """A request after none to four changes, in its head, in its body, or anywhere."""
    request = bytearray(dice.choice(corpus()))
    for _ in range(dice.randint(0, 4)):
        edge = request.find(b"\n\n") + 2 or len(request)
        low, high = dice.choice(((0, edge), (edge, len(request)), (0, len(request))))
        at, to = sorted(dice.randint(low, high) for _ in range(2))
        match dice.randrange(5):
            case 0:
                del request[at:to]
            case 1:
                request[at:at] = dice.choice(NOISE)
            case 2:
                request[at:at] = request[at:to] * dice.choice((1, 2, 30))
            case 3:
                request[at:to] = dice.choice(NOISE)
            case 4:
                request[at:at] = dice.randbytes(dice.choice((1, 10)))
        del request[2_000_000:]
    return bytes(request)


def check(request: bytes) -> None:
    """Ask it. AssertionError: an answer that is none of ours, consent changed by looking, or books that differ."""
    here = installation()
    before, posting = here.consents(), request[:4].upper() == b"POST"
    assert here.answer(request) in FINE
    assert posting or here.consents() == before
    here.tried += 1
    if here.tried % 500 == 0:
        with db.reading() as session:
            assert [one for one in recount(session) if one.action is not Action.SENT] == []
