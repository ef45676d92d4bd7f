"""The headers of a mass email's message: what RFC 5322, 2369, 8058 and 2919 and the big mailbox providers ask for."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from jobs import frame
from models.campaign import CampaignType
from models.rendering import Template
from models.return_path import ReturnPath
from models.tracking import opt_out_url

_PLACE: Final = re.compile(rb"zq([a-z]+)qz")

PLACES: Final = ("to", "subject", "date", "back", "consent", "test")
"""The values of the frame, in the order in which a plan joins them."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What the frame needs to know of a mass email. `list_name`: what List-Id shows, the campaign's name. `individual`
    False: pixel and links are the same for everybody. `zone` and `language`: for people who have none. `site_url` with
    its scheme, with or without a slash at the end. `opt_out_address`: of the mailbox that reads opt-outs by mail, ""
    none. `item_headers`: under which other names providers give X-Envoi-Item back. `return_path` None: the From
    address."""

    mass_email_id: int
    campaign_id: int
    type: CampaignType
    list_name: str
    from_name: str
    from_address: str
    site_url: str
    reply_to: str = ""
    track_opens: bool = True
    track_links: bool = True
    individual: bool = True
    mandatory_opt_out_link: bool = True
    zone: str = "UTC"
    language: str = "en"
    opt_out_address: str = ""
    item_headers: tuple[str, ...] = ()
    return_path: ReturnPath | None = None

    @property
    def informational(self) -> bool:
        """Neither opt-out link nor List-Unsubscribe nor tracking (D6)."""
        return self.type is CampaignType.INFORMATIONAL

    def envelope_sender(self, item_id: int) -> str:
        """Where the message of an item comes back to."""
        return self.return_path.sender_for(item_id) if self.return_path else self.from_address


def frame_of(mailing: Mailing, parts: Mapping[str, Template]) -> bytes:
    """The frame with the constant headers in, and places for the rest."""
    constants = _headers(mailing, frame.wire_address(mailing.from_address).rpartition("@")[2])
    places = {header: f"zq{header.replace('-', '').lower()}qz" for header in constants}
    text, html = (f"zq{name}qz" if name in parts else "" for name in ("text", "html"))
    frame_bytes = frame.build_frame(places, text, html, _boundary(mailing, parts))
    for header, place in places.items():
        frame_bytes = frame_bytes.replace(place.encode(), constants[header])
    return frame_bytes.replace(b"X-Envoi-Test: zqtestqz\r\n", b"zqtestqz")


def _headers(mailing: Mailing, domain: str) -> dict[str, bytes]:
    """The headers in their order, the values of constant ones, and places (reference: RFC 5322 3.6)."""
    headers = {
        "Date": b"zqdateqz",
        "From": frame.mailbox(mailing.from_name, mailing.from_address),
        "To": b"zqtoqz",
    }
    if mailing.reply_to:
        headers["Reply-To"] = frame.mailbox("", mailing.reply_to)
    headers |= {"Subject": b"zqsubjectqz", "Message-ID": b"<zqbackqz@%b>" % domain.encode()}
    if not mailing.informational:
        headers["List-Unsubscribe"] = _list_unsubscribe(mailing)
        if mailing.site_url.lower().startswith("https://"):  # RFC 8058 3.1 asks for https
            headers["List-Unsubscribe-Post"] = b"List-Unsubscribe=One-Click"
    list_id = b"<campaign-%d.%b>" % (mailing.campaign_id, domain.encode())
    headers["List-Id"] = b" ".join(filter(None, (frame.phrase(mailing.list_name), list_id)))  # RFC 2919
    headers["Feedback-ID"] = _feedback_id(mailing, domain)
    headers["X-Envoi-Item"] = b"zqbackqz"
    headers |= dict.fromkeys(mailing.item_headers, b"zqbackqz")
    headers["X-Envoi-Test"] = b"zqtestqz"
    return headers


def _list_unsubscribe(mailing: Mailing) -> bytes:
    """The page, and where a mailbox reads them a mail whose subject holds the token (RFC 2369 3.2)."""
    ways = [opt_out_url(mailing.site_url, "zqconsentqz")]
    if mailing.opt_out_address:
        local, _, domain = frame.wire_address(mailing.opt_out_address).rpartition("@")
        ways.append(f"mailto:{quote(local, safe='+')}@{domain}?subject=unsubscribe%20zqconsentqz")
    return ",\r\n ".join(f"<{way}>" for way in ways).encode()


def _feedback_id(mailing: Mailing, domain: str) -> bytes:
    """Gmail's feedback loop: three free fields and a sender of 5 to 15 characters that stays the same."""
    sender = hashlib.sha256(domain.encode()).hexdigest()[:12]
    return f"{mailing.campaign_id}:{mailing.mass_email_id}:{mailing.type.value}:{sender}".encode()


def _boundary(mailing: Mailing, parts: Mapping[str, Template]) -> str:
    """The same for the same message. Quoted-printable never holds "=_" (RFC 2045 6.7)."""
    pieces = [str(piece) for part in parts.values() for piece in part.pieces]
    return "=_" + hashlib.sha256("\0".join((str(mailing.mass_email_id), *pieces)).encode()).hexdigest()[:32]


def split_places(frame_bytes: bytes) -> tuple[list[bytes], list[str]]:
    """The literals of a frame, and the names of the places between them."""
    pieces = _PLACE.split(frame_bytes)
    return pieces[::2], [name.decode() for name in pieces[1::2]]
