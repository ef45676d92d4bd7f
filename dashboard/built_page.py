"""The files of the built page as they go to the browser: any port, right caching, hashes for the script policy."""

import base64
import hashlib
import re
from collections.abc import Callable
from email.utils import formatdate
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

_INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_BAKED_ADDRESS: Final = re.compile(r"`(ws|http)s?://[^/`]+(/[^`]*)`")
_ENVIRONMENT_CHUNK: Final = "reflex-env-*.js"
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"


class BuiltPage:
    """An ASGI app over the directories of a build, the present one first. `route_of`: a path → the page's route."""

    def __init__(self, present: Path, former: Path, route_of: Callable[[str], str | None]) -> None:
        self.directories = (present, former)
        self.route_of = route_of
        self.names = {name for directory in self.directories for name in _names(directory)}
        self.documents = {file.relative_to(present).as_posix(): file.read_bytes() for file in present.rglob("*.html")}
        self.rewritten = {
            file.relative_to(present).as_posix(): _any_port(file.read_text()).encode()
            for file in (present / "assets").glob(_ENVIRONMENT_CHUNK)
        }
        self.script_hashes = sorted({h for text in self.documents.values() for h in _script_hashes(text.decode())})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._response(Request(scope))
        await response(scope, receive, send)

    def _response(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        path = request.url.path.strip("/")
        if path in self.rewritten:
            return _from_memory(request, self.rewritten[path], "text/javascript")
        for name in (path, f"{path}/index.html".lstrip("/"), f"{path}.html"):
            if name in self.documents and name != "404.html":
                return _from_memory(request, self.documents[name], "text/html")
        if file := self._file(path):
            return _from_disk(request, file, path)
        return self._unprerendered(request, path)

    def _unprerendered(self, request: Request, path: str) -> Response:
        """A page with a value in its path, drawn in the browser; or the page that says there is none."""
        if not path.startswith(("assets/", "_")) and self.route_of("/" + path) not in {None, "404", "index"}:
            return _from_memory(request, self.documents["__spa-fallback.html"], "text/html")
        return _from_memory(request, self.documents["404.html"], "text/html", status=404)

    def _file(self, path: str) -> Path | None:
        """Only what the build holds: no path of the browser's is ever looked for on the disk."""
        if path not in self.names:
            return None
        return next((file for directory in self.directories if (file := directory / path).is_file()), None)


def _names(directory: Path) -> list[str]:
    return [file.relative_to(directory).as_posix() for file in directory.rglob("*.*") if file.is_file()]


def _from_memory(request: Request, body: bytes, kind: str, status: int = 200) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": _ASK_AGAIN, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type=kind)


def _from_disk(request: Request, file: Path, path: str) -> Response:
    caching = _FOREVER if path.startswith("assets/") else "public, max-age=3600"
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    modified = formatdate(file.stat().st_mtime, usegmt=True)
    if request.headers.get("if-modified-since") == modified:
        return Response(status_code=304, headers=headers)
    kind = guess_type(file.name)[0] or "application/octet-stream"
    smaller = file.with_name(file.name + ".gz")
    if smaller.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        return FileResponse(smaller, headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
    return FileResponse(file, headers=headers, media_type=kind)


def _any_port(chunk: str) -> str:
    """The chunk of addresses, made relative to wherever the page was loaded from."""

    def relative(found: re.Match[str]) -> str:
        scheme, path = found.groups()
        origin = "location.origin.replace(/^http/,`ws`)" if scheme == "ws" else "location.origin"
        return f"({origin}+`{path}`)"

    return _BAKED_ADDRESS.sub(relative, chunk)


def _script_hashes(document: str) -> list[str]:
    """CSP sources of the inline scripts (CSP Level 3, 2.3.1)."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(document))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
