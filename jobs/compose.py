"""From a template version to message bytes: a plan compiled once per mass email and version, then joined per person.

    destinations(content, mailing)  → what to number first (models.tracking_url.ensure_links)
    compile_plan(content, mailing, links, keys)  → Plan
    Plan.message(person, item_id, now)  → the bytes for DATA

What does not differ between people is encoded at compile time into segments; per person only values are encoded and
everything is joined in one step. Values and segments together are the message, byte for byte: "store sent emails" keeps
the values (D8).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from operator import itemgetter
from typing import Any, Final

from jobs import frame
from jobs.frame import encode_literal, encode_value
from jobs.headers import PLACES, Mailing, frame_of, split_places
from jobs.markup import Page
from models import catalogue
from models.catalogue import Problem
from models.errors import Invalid, Refused
from models.person import Person
from models.placeholder import TRACKING_URL, TemplateError, is_code, position
from models.rendering import Template, scope_of
from models.tracking import Keys, Purpose, click_url, make_token, opt_out_url, own_keys, pixel_url, view_url

__all__ = ["Content", "Mailing", "Plan", "Rendered", "as_read", "compile_plan", "destinations", "preview"]

_TRACK: Final = "{{ _track }}"
_CONSENT: Final = "{{ _consent }}"
_OPT_OUT_WORDS: Final = "{{ _optOutWords }}"
_OPT_OUT_STYLE: Final = (
    "margin:24px auto;padding:0 16px;text-align:center;font-family:Helvetica,Arial,sans-serif;font-size:12px;"
    "line-height:18px;color:#767676"
)
_TEXT_LINK: Final = re.compile(r"(?P<url>https?://[^\s<>\"{}]*[^\s<>\"{}.,;:!?)\]'])(?![^\s<>\"{}]*\{)", re.IGNORECASE)
_TRACKING_CODE: Final = re.compile(r"\{trackingUrl:([0-9a-f]{17})\}")
_OPT_OUT: Final = re.compile(r"\{.*\boptOut(?:Url|Link)\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Content:
    """A template version. `text` "": derived from the HTML. `html` "": a mail of text alone."""

    subject: str
    html: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its reader sees it."""

    subject: str
    html: str
    text: str


# --- the plan ---


class Plan:
    """A mass email's message with everything done that is the same for all."""

    def __init__(self, mailing: Mailing, keys: Keys, subject: Template, text: Template | None, html: Template | None):
        self.mailing, self.keys = mailing, keys
        self._subject = subject
        self._parts = {name: part for name, part in (("text", text), ("html", html)) if part is not None}
        self._encoders = {name: _encoder(part) for name, part in self._parts.items()}
        self._segments: list[bytes] = []
        self._weave = self._woven()
        self.digest = _digest(self._segments, self._parts)

    def message(self, person: Person, item_id: int, now: datetime, *, test: bool = False) -> bytes:
        """The message for DATA: CRLF line ends, no line that begins with a dot. `test`: item_id is the test send's, the
        tokens are of test purpose and a header says so. Raises Invalid for values that no mail can carry."""
        return self.join(self.values(person, item_id, now, test=test))

    def values(self, person: Person, item_id: int, now: datetime, *, test: bool = False) -> dict[str, Any]:
        """Everything in the message that is this person's, fit for JSON: what "store sent emails" keeps."""
        track = self._track_token(item_id, test)
        consent = make_token(self.keys, Purpose.TEST_CONSENT if test else Purpose.CONSENT, item_id)
        back = track if test else make_token(self.keys, Purpose.RETURN_PATH, item_id)
        scope = self._scope(person, now, track, consent)
        return {
            "frame": self.digest,
            "to": [person.name, person.address],
            "at": int(now.timestamp()),
            "tokens": [consent, back],
            "test": test,
            "subject": self._subject.render(scope),
            **{name: part.values(scope) for name, part in self._parts.items()},
        }

    def _track_token(self, item_id: int, test: bool) -> str:
        """What pixel and links carry: whose it is, or of a mass email that tells nobody apart only which one."""
        if test:
            return make_token(self.keys, Purpose.TEST_TRACK, item_id)
        if self.mailing.individual:
            return make_token(self.keys, Purpose.TRACK, item_id)
        return make_token(self.keys, Purpose.MAILING_TRACK, self.mailing.mass_email_id)

    def join(self, values: Mapping[str, Any]) -> bytes:
        """The message of stored values. Raises Refused when they were made with another frame."""
        if values["frame"] != self.digest:
            raise Refused("message.other_frame")
        name, address = values["to"]
        consent, back = values["tokens"]
        encoded = [
            frame.mailbox(name, address),
            frame.header_text(values["subject"]),
            frame.date_header(datetime.fromtimestamp(values["at"], UTC)),
            back.encode(),
            consent.encode(),
            b"X-Envoi-Test: 1\r\n" if values["test"] else b"",
        ]
        for name, encoder in self._encoders.items():
            encoded += map(encoder, values[name])
        return b"".join(self._weave(self._segments + encoded))

    def _scope(self, person: Person, now: datetime, track: str, consent: str) -> dict[str, Any]:
        site, language = self.mailing.site_url, person.language or self.mailing.language
        return scope_of(
            person,
            now,
            zone=self.mailing.zone,
            language=self.mailing.language,
            optOutUrl="" if self.mailing.informational else opt_out_url(site, consent),
            viewUrl=view_url(site, consent),
            _track=track,
            _consent=consent,
            _optOutWords=catalogue.text(language[:2].lower(), "message.opt_out"),
        )

    def _woven(self) -> Callable[[list[bytes]], tuple[bytes, ...]]:
        """The getter that puts segments and values into their order; fills the segments on the way."""
        order: list[tuple[bool, int]] = []
        free = len(PLACES)
        literals, names = split_places(frame_of(self.mailing, self._parts))
        for literal, name in zip(literals, [*names, ""], strict=True):
            self._add_segment(order, literal)
            if part := self._parts.get(name):
                self._add_part(order, part, free)
                free += part.slot_count
            elif name:
                order.append((True, PLACES.index(name)))
        segments = len(self._segments)
        return itemgetter(*(segments + number if is_value else number for is_value, number in order))

    def _add_part(self, order: list[tuple[bool, int]], part: Template, free: int) -> None:
        for piece in part.pieces:
            if isinstance(piece, str):
                self._add_segment(order, encode_literal(piece))
            else:
                order.append((True, free + piece))

    def _add_segment(self, order: list[tuple[bool, int]], literal: bytes) -> None:
        if order and not order[-1][0]:
            self._segments[-1] += literal
        else:
            order.append((False, len(self._segments)))
            self._segments.append(literal)


def _encoder(part: Template) -> Callable[[str], bytes]:
    """What encodes a part's values: the long passages inside of them are encoded already."""
    if not part.passages:
        return encode_value
    passages = [encode_literal(passage) for passage in part.passages]

    def encode(value: str) -> bytes:
        pieces = part.reference.split(value)
        texts = [encode_value(text) if text else b"" for text in pieces[::2]]
        between = [passages[int(number)] for number in pieces[1::2]]
        return b"".join(piece for pair in zip(texts, [*between, b""], strict=True) for piece in pair)

    return encode


def _digest(segments: list[bytes], parts: Mapping[str, Template]) -> str:
    """What stays the same exactly as long as everything does that is not a person's."""
    passages = [passage.encode() for part in parts.values() for passage in part.passages]
    return hashlib.sha256(b"\0".join((*segments, *passages))).hexdigest()[:16]


# --- compiling ---


def destinations(content: Content, mailing: Mailing) -> list[str]:
    """What has to have a link number before compile_plan, in the order of the message, each once: codes of tracking
    URLs, and web addresses where the mass email tracks its links. Raises Invalid."""
    page = _page(content)
    found = page.destinations() if page else []
    codes = [code for source in (content.html, content.text) for code in _codes(source)]
    if not _tracks_links(mailing):
        found = [destination for destination in found if destination in codes]
    else:
        found += _text_links(content.text)
    return list(dict.fromkeys((*found, *codes)))


def compile_plan(content: Content, mailing: Mailing, links: Mapping[str, int], keys: Keys | None = None) -> Plan:
    """The plan of a version. `links`: the number of each of destinations(). `keys` None: this installation's.

    Raises Invalid for a content that cannot be a mail, Refused for a link without a number. In an informational mail
    the author's own {optOutUrl} links are taken out (D6); an explicit {trackingUrl:…} stays what it was asked to be.
    """
    page = _page(content)
    text, html = content.text, ""
    if page:
        _finish(page, mailing, links)
        text = text or page.text()
        if mailing.track_opens and not mailing.informational:
            page.append(f'<img src="{pixel_url(mailing.site_url, _TRACK)}" width="1" height="1" alt="" border="0"/>')
        html = page.html()
    if content.text:
        text = _finished_text(content.text, mailing, links)
    return Plan(
        mailing,
        keys or own_keys(),
        _template("subject", content.subject, _expansions(content, mailing, links, html=False)),
        _template("text", text, _expansions(content, mailing, links, html=False)) if text.strip() else None,
        _template("html", html, _expansions(content, mailing, links, html=True)) if html else None,
    )


def preview(content: Content, mailing: Mailing, person: Person, now: datetime) -> Rendered:
    """What the person would read. Links keep their own addresses, nothing is tracked. Raises Invalid."""
    quiet = replace(mailing, track_opens=False, track_links=False)
    plan = compile_plan(content, quiet, dict.fromkeys(destinations(content, quiet), 0))
    return as_read(plan.message(person, 0, now, test=True))


def as_read(message_bytes: bytes) -> Rendered:
    """What a mail program shows of a message of ours."""
    message = message_from_bytes(message_bytes, policy=policy.default)
    bodies = {kind: message.get_body((kind,)) for kind in ("html", "plain")}
    html, text = (body.get_content() if body else "" for body in bodies.values())
    return Rendered(str(message["Subject"] or ""), html, text)


def _page(content: Content) -> Page | None:
    if not content.html.strip() and not content.text.strip():
        raise Invalid({"html": Problem("template.not_html")})
    try:
        return Page(content.html) if content.html.strip() else None
    except TemplateError as fault:
        raise _invalid("html", content.html, fault) from fault


def _finish(page: Page, mailing: Mailing, links: Mapping[str, int]) -> None:
    page.inline()
    if _tracks_links(mailing):
        page.rewrite(lambda url: None if is_code(url) else _click(mailing, links, url))
    if mailing.informational:
        page.remove_links_to("optOutUrl")
    elif mailing.mandatory_opt_out_link and not page.shows(_OPT_OUT):
        link = f'<a href="{{optOutUrl}}" style="color:#767676;text-decoration:underline">{_OPT_OUT_WORDS}</a>'
        page.append(f'<div style="{_OPT_OUT_STYLE}">{link}</div>')
    page.encode_personal_addresses()


def _finished_text(text: str, mailing: Mailing, links: Mapping[str, int]) -> str:
    if _tracks_links(mailing):
        text = _replace_links(text, lambda url: _click(mailing, links, url))
    if mailing.informational or not mailing.mandatory_opt_out_link or _OPT_OUT.search(text):
        return text
    return f"{text.rstrip()}\n\n{{optOutLink}}\n"


def _expansions(content: Content, mailing: Mailing, links: Mapping[str, int], *, html: bool) -> dict[str, str]:
    """What stands in the place of the placeholders that are not the person's."""
    opt_out = "" if mailing.informational else opt_out_url(mailing.site_url, _CONSENT)
    link = f'<a href="{opt_out}">{_OPT_OUT_WORDS}</a>' if html else f"{_OPT_OUT_WORDS} ({opt_out})"
    codes = {code for source in (content.subject, content.html, content.text) for code in _codes(source)}
    return {
        "optOutUrl": opt_out,
        "optOutLink": link if opt_out else "",
        "viewUrl": view_url(mailing.site_url, _CONSENT),
        **{f"{TRACKING_URL}:{code}": _click(mailing, links, code) for code in codes},
    }


def _template(part: str, source: str, expansions: Mapping[str, str]) -> Template:
    try:
        ending = "" if part == "subject" else "\n"  # a body that ends in a line end needs no soft break there
        return Template(source.rstrip() + ending, html=part == "html", expansions=expansions)
    except TemplateError as fault:
        raise _invalid(part, source, fault) from fault


def _invalid(part: str, source: str, fault: TemplateError) -> Invalid:
    line, column = position(source, fault.at)
    return Invalid({part: Problem(fault.key, line=line, column=column, **fault.values)})


def _tracks_links(mailing: Mailing) -> bool:
    return mailing.track_links and not mailing.informational


def _click(mailing: Mailing, links: Mapping[str, int], destination: str) -> str:
    if destination not in links:
        raise Refused("message.unknown_link", destination=destination)
    return f"{click_url(mailing.site_url, _TRACK, links[destination])}"


def _codes(source: str) -> list[str]:
    return _TRACKING_CODE.findall(source)


def _text_links(text: str) -> list[str]:
    """The web addresses in a hand-written text; those that go on with a placeholder are the person's, not ours."""
    return [found["url"] for found in _TEXT_LINK.finditer(text)]


def _replace_links(text: str, new: Callable[[str], str]) -> str:
    return _TEXT_LINK.sub(lambda found: new(found["url"]), text)
