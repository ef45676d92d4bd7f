"""The forms before the dashboard, drawn."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dashboard import data
from dashboard.auth import plain
from models import db
from models.catalogue import Language, Problem, text
from models.errors import NotFound
from models.settings import settings
from models.sign_in import find_reset_user
from models.user import any_user


@dataclass(frozen=True, slots=True)
class Given:
    """What a form sent; everything is text."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


async def sign_in_page(request: Request, given: Given, problem: Problem | None = None) -> Response:
    """Address and password; `problem` says what was wrong with them."""
    language = plain.language_of(request)
    first = not await data.read(any_user)
    invalid = {"aria_invalid": "true"} if problem else {}
    email = given["email"].strip()
    command = Markup("<code>envoi user reset</code>")
    forgotten = Markup('<details><summary>{}</summary><p class="mute small">{}</p></details>').format(
        text(language, "auth.forgotten"), Markup.escape(text(language, "auth.ask", command="\0")).replace("\0", command)
    )
    return plain.document(
        request,
        text(language, "auth.sign_in"),
        plain.note("ok", "fine", text(language, "auth.first_start")) if first else Markup(""),
        plain.note("bad", "bad", problem.text(language)) if problem else Markup(""),
        plain.form(
            plain.field(
                "email",
                text(language, "auth.email"),
                email,
                kind="email",
                complete="username",
                required="",
                focus=not email,
                **invalid,
            ),
            plain.field(
                "password",
                text(language, "auth.password"),
                kind="password",
                complete="current-password",
                required="",
                data_eye=text(language, "auth.show_password"),
                focus=bool(email),
                **invalid,
            ),
            Markup('<div class="row between wrap">{}{}</div>').format(
                plain.tick("stay", text(language, "auth.stay"), on=bool(given["stay"])), forgotten
            ),
            plain.button(text(language, "auth.sign_in")),
        ),
        status=401 if problem else 200,
    )


async def welcome_page(request: Request, given: Given, problems: Mapping[str, Problem] | None = None) -> Response:
    """The first start: account, language and zone, sample data."""
    language = plain.language_of(request)
    return plain.document(
        request,
        text(language, "auth.welcome"),
        plain.note("ok", "catcher", _nothing_leaves(language)),
        plain.form(
            await _database_step(language),
            _account_step(language, given, problems or {}),
            _zone_step(language, given),
            _site_step(request, language),
            _last_step(language, given),
        ),
        wide=True,
        status=422 if problems else 200,
    )


def _nothing_leaves(language: str) -> Markup:
    return Markup("<b>{}</b> {}").format(text(language, "auth.nothing_leaves"), text(language, "auth.catcher"))


def _step(sign: Markup, title: str, line: str | Markup, more: Markup | None = None) -> Markup:
    return Markup('<div class="step">{}<div><h2>{}</h2><p class="mute small">{}</p>{}</div></div>').format(
        sign, title, line, more or ""
    )


def _number(number: int) -> Markup:
    return Markup('<span class="number" aria-hidden="true">{}</span>').format(number)


async def _database_step(language: str) -> Markup:
    began = time.perf_counter()
    await asyncio.to_thread(db.ping)
    took = round((time.perf_counter() - began) * 1000)
    name = f"SQLite ({settings().data_dir})" if settings().url.startswith("sqlite") else "PostgreSQL"
    fine = Markup('<span class="fine">{}</span>').format(plain.icon("fine", 18))
    line = text(language, "auth.answered_in", database=name, count=took)
    return _step(fine, text(language, "auth.database_ready"), line)


def _account_step(language: str, given: Given, problems: Mapping[str, Problem]) -> Markup:
    def typed(name: str, kind: str, complete: str, **more: str) -> Markup:
        problem = plain.problem_text(language, problems, name)
        value = "" if kind == "password" else given[name]
        return plain.field(
            name, text(language, f"auth.{name}"), value, kind=kind, complete=complete, problem=problem, **more
        )

    fields = Markup('<div class="pair">{}{}<div class="all">{}</div></div>').format(
        typed("name", "text", "name", maxlength="200"),
        typed("email", "email", "username"),
        typed("password", "password", "new-password", data_eye=text(language, "auth.show_password")),
    )
    return _step(_number(1), text(language, "auth.your_account"), text(language, "auth.first_user"), fields)


def _zone_step(language: str, given: Given) -> Markup:
    zone = given["time_zone"] or "UTC"
    chosen = Markup('<span data-says="language">{}</span> · <span data-says="time_zone">{}</span>, {}').format(
        plain.NAMES[Language(language)], zone, text(language, "auth.from_browser")
    )
    selects = Markup('<details><summary>{}</summary><div class="pair">{}{}</div></details>').format(
        text(language, "auth.change"),
        plain.choice("language", text(language, "auth.language"), plain.NAMES, given["language"] or language),
        plain.choice("time_zone", text(language, "auth.time_zone"), plain.zones(), zone, guess=not given["time_zone"]),
    )
    return _step(_number(2), text(language, "auth.language_and_zone"), chosen, selects)


def _site_step(request: Request, language: str) -> Markup:
    url = settings().site_url or str(request.base_url).rstrip("/")
    return _step(_number(3), text(language, "auth.site_url"), text(language, "auth.site_url_later", url=url))


def _last_step(language: str, given: Given) -> Markup:
    sample = Markup('{} <span class="mute">{}</span>').format(
        text(language, "auth.sample"), text(language, "auth.sample_size")
    )
    wanted = plain.tick("sample", sample, on=bool(given["sample"])) if find_spec("models.demo") else ""
    return Markup('<div class="row between wrap">{}{}</div>').format(wanted, plain.button(text(language, "auth.start")))


async def reset_page(request: Request, problems: Mapping[str, Problem]) -> Response:
    """A new password for the account of the link."""
    language = plain.language_of(request)
    try:
        user = await data.read(find_reset_user, request.path_params["secret"], data.now())
    except NotFound as error:
        return link_over(request, error)
    return plain.document(
        request,
        text(language, "auth.reset_title"),
        Markup('<p class="mute">{}</p>').format(text(language, "auth.reset_for", email=user.email)),
        plain.form(
            Markup('<input type="hidden" name="email" autocomplete="username" value="{}">').format(user.email),
            plain.field(
                "password",
                text(language, "auth.new_password"),
                kind="password",
                complete="new-password",
                problem=plain.problem_text(language, problems, "password"),
                data_eye=text(language, "auth.show_password"),
            ),
            plain.button(text(language, "auth.save")),
        ),
        status=422 if problems else 200,
    )


def link_over(request: Request, error: NotFound) -> Response:
    """What a used, old or invented link shows."""
    language = plain.language_of(request)
    sentence = plain.note("bad", "bad", error.problem.text(language))
    return plain.document(request, text(language, "auth.link_title"), sentence, status=404)
