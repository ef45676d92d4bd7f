"""Sign in, sign out, the first start and the reset of a password, over plain HTTP."""

import asyncio
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard import data, routes
from dashboard.auth import cookie, forms, plain
from dashboard.auth.sockets import close_sockets
from models.catalogue import Problem, text
from models.errors import Invalid, NotFound
from models.sign_in import (
    LONG_SESSION,
    PAUSE,
    SESSION,
    begin,
    check_welcome_link,
    close_session,
    digest,
    find_credentials,
    find_reset_user,
    find_session,
    note_wrong_password,
    reset_password,
    welcome,
)
from models.user import NewUser, check_password, check_user, fits, hash_password

_MINUTES = int(PAUSE.total_seconds() // 60)
_hashing = asyncio.Semaphore(2)  # argon2 takes a core and 64 MB for its time


async def show_sign_in(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    if await _session_of(request):
        return _go(_next(request))
    return await forms.sign_in_page(request, forms.Given({"stay": "on"}))


async def take_sign_in(request: Request) -> Response:
    """Check what was typed; a wrong password and an unknown address look and take the same."""
    given = await _given(request)
    email, now = given["email"].strip(), data.now()
    async with _hashing:  # from asking for the pause to counting: whoever tries a hundred at once has five tries, too
        found = await data.read(find_credentials, email, now)
        right = not found.paused and await asyncio.to_thread(fits, found.password_hash, given["password"])
        wrong = not found.paused and (not right or found.user_id is None)
        left = await data.run(note_wrong_password, email, now) if wrong else 0
    if found.paused or wrong or found.user_id is None:
        key = "auth.wrong" if left else "auth.paused"
        return await forms.sign_in_page(request, given, Problem(key, count=left, minutes=_MINUTES))
    length = LONG_SESSION if given["stay"] else SESSION
    secret = await data.run(begin, email.lower(), found.user_id, length, now)
    return _enter(request, secret, length, _next(request))


async def show_sign_out(request: Request) -> Response:
    """A link of our own signs out; one from elsewhere is asked first (a foreign page must not sign people out)."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return await take_sign_out(request)
    language = plain.language_of(request)
    return plain.document(
        request, text(language, "auth.sign_out_question"), plain.form(plain.button(text(language, "auth.sign_out")))
    )


async def take_sign_out(request: Request) -> Response:
    """End the session and close its open pages' sockets."""
    if secret := cookie.secret_in(request.headers.get("cookie", "")):
        await data.run(close_session, secret)
        await close_sockets(digest(secret))
    response = _go(routes.SIGN_IN)
    cookie.take(response, secure=cookie.is_https(request))
    return response


async def show_welcome(request: Request) -> Response:
    """The first start's form."""
    try:
        await data.read(check_welcome_link, request.path_params["secret"], data.now())
    except NotFound as error:
        return forms.link_over(request, error)
    return await forms.welcome_page(request, forms.Given({"sample": "on"}))


async def take_welcome(request: Request) -> Response:
    """Make the administrator, and the sample data when asked for; then straight into the dashboard."""
    given, secret, now = await _given(request), request.path_params["secret"], data.now()
    wanted = NewUser(given["name"], given["email"], given["language"], given["time_zone"])
    try:
        await data.read(check_welcome_link, secret, now)
        problems = await _problems(wanted, given["password"])
        if problems:
            return await forms.welcome_page(request, given, problems)
        session = await data.run(welcome, secret, wanted, await _hashed(given["password"]), now)
    except NotFound as error:
        return forms.link_over(request, error)
    if given["sample"]:
        from models.demo import make_demo

        await data.work(make_demo, now)
    response = _enter(request, session, SESSION, routes.OVERVIEW)
    response.set_cookie(plain.LANGUAGE_COOKIE, wanted.language, max_age=365 * 24 * 3600, samesite="lax")
    return response


async def show_reset(request: Request) -> Response:
    """The form for a new password."""
    return await forms.reset_page(request, {})


async def take_reset(request: Request) -> Response:
    """Set the new password; every former session of the account ends."""
    password = (await _given(request))["password"]
    try:
        check_password(password)
        await data.read(find_reset_user, request.path_params["secret"], data.now())
        hashed = await _hashed(password)
        session = await data.run(reset_password, request.path_params["secret"], hashed, data.now())
    except Invalid as error:
        return await forms.reset_page(request, error.problems)
    except NotFound as error:
        return forms.link_over(request, error)
    return _enter(request, session, SESSION, routes.OVERVIEW)


ROUTES = [
    Route(routes.SIGN_IN, show_sign_in, methods=["GET"]),
    Route(routes.SIGN_IN, take_sign_in, methods=["POST"]),
    Route(routes.SIGN_OUT, show_sign_out, methods=["GET"]),
    Route(routes.SIGN_OUT, take_sign_out, methods=["POST"]),
    Route(routes.WELCOME + "/{secret}", show_welcome, methods=["GET"]),
    Route(routes.WELCOME + "/{secret}", take_welcome, methods=["POST"]),
    Route(routes.RESET + "/{secret}", show_reset, methods=["GET"]),
    Route(routes.RESET + "/{secret}", take_reset, methods=["POST"]),
]


async def _problems(wanted: NewUser, password: str) -> dict[str, Problem]:
    """Every field's problem at once: nobody corrects a form one field at a time."""
    problems: dict[str, Problem] = {}
    try:
        check_password(password)
    except Invalid as error:
        problems |= error.problems
    try:
        await data.read(check_user, wanted)
    except Invalid as error:
        problems |= error.problems
    return problems


async def _hashed(password: str) -> str:
    async with _hashing:
        return await asyncio.to_thread(hash_password, password)


async def _given(request: Request) -> forms.Given:
    form = await request.form(max_files=0, max_fields=20)
    return forms.Given({name: value for name, value in form.items() if isinstance(value, str)})


async def _session_of(request: Request) -> bool:
    secret = cookie.secret_in(request.headers.get("cookie", ""))
    return bool(secret) and await data.read(find_session, secret, data.now()) is not None


def _next(request: Request) -> str:
    """Where to after signing in: a path of this site, or the overview."""
    wanted = request.query_params.get("next", "")
    try:
        parts = urlsplit(wanted)
    except ValueError:  # no address at all
        return routes.OVERVIEW
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if own and wanted.isprintable() else routes.OVERVIEW


def _go(path: str) -> Response:
    return RedirectResponse(path, status_code=303)


def _enter(request: Request, secret: str, length: object, path: str) -> Response:
    response = _go(path)
    cookie.give(response, secret, length, secure=cookie.is_https(request))
    return response
