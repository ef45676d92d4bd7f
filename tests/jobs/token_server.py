"""A provider's token endpoint on loopback: answers what it is told to, and remembers what it was asked."""

import asyncio
import json
from collections.abc import Callable
from typing import Self
from urllib.parse import parse_qsl

Answer = tuple[int, object]
"""The status, and what stands in the body: JSON, or bytes as they are."""


class TokenServer:
    """`asked`: the form of each request. `answer` gives the answer to the nth (from 1)."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        self.answer = answer
        self.asked: list[dict[str, str]] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/token"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        assert head.startswith("post /token ")
        assert "content-type: application/x-www-form-urlencoded" in head
        self.asked.append(dict(parse_qsl((await reader.readexactly(length)).decode())))
        status, content = self.answer(len(self.asked))
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        extra = "Location: http://127.0.0.1:1/elsewhere\r\n" if status == 302 else ""
        writer.write(f"HTTP/1.1 {status} x\r\n{extra}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
        writer.write(body)
        await writer.drain()
        writer.close()
