"""An SMTP server on loopback that can be told to behave badly, and certificates to secure it with.

    async with SmtpServer(on={"RCPT": "550 5.1.1 no such user"}) as server: ...

`on` maps a verb (CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, "." for the end of the content, RSET, QUIT) to what
happens there: a reply, a reply in pieces that come one by one, HANG, RESET, CLOSE, or a function of (argument, how many
of this verb so far) that gives one.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG, RESET, CLOSE = "HANG", "RESET", "CLOSE"
Pieces = tuple[bytes, ...]
Behaviour = str | bytes | Pieces | Callable[[str, int], str | Pieces | None]
FEATURES = ("PIPELINING", "8BITMIME", "SIZE 10485760", "SMTPUTF8")


@dataclass(frozen=True)
class Received:
    """A message that the server answered or, with `answered` False, only took in."""

    sender: str
    recipient: str
    content: bytes
    answered: bool = True


class SmtpServer:
    """Takes mail over real sockets. `messages`: what it received; `commands`: every line it was told."""

    def __init__(
        self,
        *,
        on: dict[str, Behaviour] | None = None,
        features: tuple[str, ...] = FEATURES,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        delay: float = 0,
    ) -> None:
        self.on = dict(on or {})
        self.features, self.tls, self.implicit, self.delay = features, tls, implicit, delay
        self.messages: list[Received] = []
        self.commands: list[str] = []
        self.counts: Counter[str] = Counter()
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        context = self.tls if self.implicit else None
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=context, limit=2**24)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def until(self, *, messages: int) -> None:
        """Wait until so many messages came in, answered or not; ten seconds at most."""
        async with asyncio.timeout(10):
            while len(self.messages) < messages:  # noqa: ASYNC110 - the tests ask rarely
                await asyncio.sleep(0.02)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender: str | None = None
        recipient = ""
        if not await self._act("CONNECT", "", writer, "220 test ESMTP"):
            return
        while line := await reader.readline():
            text = line.decode().rstrip("\r\n")
            self.commands.append(text)
            verb, _, argument = text.partition(" ")
            verb = verb.upper()
            ready = sender is not None and (verb == "RCPT" or bool(recipient))
            said = await self._act(verb, argument, writer, self._usual(verb, writer, ready))
            if not said:
                return
            if verb == "STARTTLS" and said.startswith("220"):
                await writer.start_tls(self.tls)
            elif verb == "MAIL" and said.startswith("250"):
                sender, recipient = argument[argument.index("<") + 1 : argument.index(">")], ""
            elif verb == "RCPT" and said.startswith("250"):
                recipient = argument[argument.index("<") + 1 : argument.index(">")]
            elif verb == "DATA" and said.startswith("354"):
                content = await self._content(reader)
                taken_in = Received(sender or "", recipient, content, answered=False)
                self.messages.append(taken_in)
                if self.delay:
                    await asyncio.sleep(self.delay)
                usual = "250 2.0.0 taken" if recipient else "554 5.5.1 no valid recipients"
                said = await self._act(".", recipient, writer, usual)
                if not said:
                    return
                self.messages.remove(taken_in)  # other connections may have added theirs meanwhile
                if said.startswith("250"):
                    self.messages.append(replace(taken_in, answered=True))
            elif verb == "QUIT":
                return
            if verb in {"RSET", "DATA"}:
                sender, recipient = None, ""

    def _usual(self, verb: str, writer: asyncio.StreamWriter, ready: bool) -> str:
        if verb in {"RCPT", "DATA"} and not ready:
            return "503 5.5.1 out of order"
        if verb == "EHLO":
            secure = writer.get_extra_info("ssl_object")
            extra = ("STARTTLS",) if self.tls and not secure else ()
            return "\r\n".join(["250-test", *(f"250-{word}" for word in (*self.features, *extra)), "250 HELP"])
        return {"DATA": "354 go", "QUIT": "221 bye", "AUTH": "235 2.7.0 in", "STARTTLS": "220 go"}.get(
            verb, "250 2.0.0 ok"
        )

    async def _act(self, verb: str, argument: str, writer: asyncio.StreamWriter, usual: str) -> str:
        """What was said; "" when the conversation is over."""
        self.counts[verb] += 1
        told = self.on.get(verb, usual)
        said = (told(argument, self.counts[verb]) or usual) if callable(told) else told
        if said == HANG:
            await asyncio.sleep(3600)
        if said in {RESET, CLOSE}:
            writer.transport.abort() if said == RESET else writer.close()
            return ""
        pieces = said if isinstance(said, tuple) else (said if isinstance(said, bytes) else f"{said}\r\n".encode(),)
        for place, piece in enumerate(pieces):
            await asyncio.sleep(0.02 if place else 0)
            writer.write(piece)
            await writer.drain()
        return b"".join(pieces).decode(errors="replace").rstrip("\r\n")

    async def _content(self, reader: asyncio.StreamReader) -> bytes:
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line)
        return b"".join(lines)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test's own. `file`: its certificate, to be trusted through SSL_CERT_FILE."""

    file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def server_context(self, name: str = "127.0.0.1", *, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for `name` that is valid for `days`; negative: it ended."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.server_file(name, days=days))
        return context

    def server_file(self, name: str = "127.0.0.1", *, days: int = 1) -> Path:
        """A PEM of a new key and its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, self.certificate.subject, key.public_key(), days)
        try:
            alternative: x509.GeneralName = x509.IPAddress(ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        file = self.file.with_name(f"{certificate.serial_number}.pem")
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return file


def make_authority(folder: Path, name: str = "authority") -> Authority:
    """A new authority, its certificate in `folder` under that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    builder = _builder("Test authority", subject, key.public_key(), 2)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    file = folder / f"{name}.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(file, key, certificate)


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    end = datetime.now(UTC) + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(end, datetime.now(UTC)) - timedelta(days=1))
        .not_valid_after(end)
    )
