"""The HTML of a version as a tree: styles inlined, links tracked, what must be there added; and its text.

Placeholders and Liquid go through the tree as markers, words that HTML, CSS and addresses leave alone. Nothing is ever
fetched because of a template: no image, no style sheet, no @import (tests hold every socket shut).
"""

import hashlib
import html as html_entities
import logging
import re
from collections.abc import Callable
from typing import Any, Final

from emails.transformer import Transformer
from lxml import etree

from jobs.plain_text import text_of
from jobs.stylesheet import strengthen
from models import placeholder
from models.catalogue import Problem
from models.errors import Invalid
from models.placeholder import ROOTS, TRACKING_URL, SpanKind

_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^>]*>\s*")
_WEB: Final = re.compile(r"https?://\S", re.IGNORECASE)
_PROLOG: Final = re.compile(r"\s*<\?xml\b.*?\?>", re.DOTALL)
_IN_COMMENT: Final = re.compile(r"(\bhref\s*=\s*[\"'])(https?://[^\"']+)", re.IGNORECASE)
_ADDRESS_ATTRIBUTES: Final = ("href", "src", "action", "background")
_KEEP_ATTRIBUTES: Final = ["align", "valign", "bgcolor", "width", "height"]

Rewrite = Callable[[str], str | None]
"""From a destination (an address, or the code of a tracking URL) to what stands in its place; None: left as it is."""


class Markers:
    """Words that stand for pieces of source: `v` in any place, `b` as the whole of a comment between elements."""

    def __init__(self, source: str) -> None:
        self._originals: list[str] = []
        salt = 0
        while (nonce := f"zq{hashlib.sha256(f'{salt}{source}'.encode()).hexdigest()[:8]}x") in source.lower():
            salt += 1
        self._nonce = nonce
        self.one = re.compile(rf"{nonce}(\d+)v")
        self.every = re.compile(rf"<!--{nonce}(\d+)b-->|&lt;!--{nonce}(\d+)b--&gt;|{nonce}(\d+)[bv]", re.IGNORECASE)

    def put(self, original: str, *, between: bool = False) -> str:
        """The marker of a new piece; `between`: it may stand where only elements may."""
        self._originals.append(original)
        word = f"{self._nonce}{len(self._originals) - 1}"
        return f"<!--{word}b-->" if between else f"{word}v"

    def original(self, marker: str) -> str | None:
        """The piece, when the text is exactly one marker."""
        found = self.one.fullmatch(marker.strip())
        return self._originals[int(found[1])] if found else None

    def restore(self, text: str) -> str:
        """The text with its pieces back; pieces may hold markers themselves."""
        return self.every.sub(lambda found: self.restore(self._originals[int(found[found.lastindex or 0])]), text)

    def is_tag(self, number: int) -> bool:
        """Whether a marker stands for one of Liquid's tags."""
        return self._originals[number].startswith("{%")

    def matches(self, number: int, pattern: re.Pattern[str]) -> bool:
        """Whether the pattern is found in what a marker stands for."""
        return bool(pattern.search(self._originals[number]))

    def numbers(self, text: str) -> list[int]:
        """Which markers are in the text, in order."""
        return [int(found[found.lastindex or 0]) for found in self.every.finditer(text)]


class Page:
    """One version's HTML. Raises Invalid when it cannot be one: nothing in it, or nested beyond what parsers take."""

    def __init__(self, source: str) -> None:
        self.markers = Markers(source)
        hidden = _hide(_PROLOG.sub("", source, count=1), self.markers)
        self._tags = self._liquid_tags(self.markers.numbers(hidden))
        self._doctype = source.lstrip()[:9].lower() == "<!doctype"
        self._transformer = Transformer(hidden)  # type: ignore[no-untyped-call] # emails does not type it
        self._root = self._transformer.tree
        if self._root is None or _is_cut_short(self._root):
            raise Invalid({"html": Problem("template.not_html")})
        self._say_utf8()

    def destinations(self) -> list[str]:
        """Where its links lead, in order, with repetitions: web addresses, and the codes of tracking URLs."""
        seen: list[str] = []
        self.rewrite(seen.append)
        return seen

    def inline(self) -> None:
        """Write the style rules into style attributes; the <style> elements stay, for what cannot be inlined."""
        self._transformer.load_and_transform(  # type: ignore[no-untyped-call] # emails does not type it
            load_images=False,
            remove_unsafe_tags=False,
            set_content_type_meta=False,
            allow_network=False,
            keep_style_tags=True,
            strip_important=False,
            align_floating_images=False,
            disable_validation=True,
            disable_basic_attributes=_KEEP_ATTRIBUTES,
            cssutils_logging_level=logging.CRITICAL,
        )
        for style in self._root.iter("style"):
            style.text = strengthen(style.text or "")

    def rewrite(self, rewrite: Rewrite) -> None:
        """Put something else in place of each destination, in links and in Outlook's conditional comments."""
        for link in self._root.iter("a", "area"):
            destination = self._destination(link.get("href", ""))
            if destination is not None and (new := rewrite(destination)) is not None:
                link.set("href", self.markers.put(new))
        for comment in self._root.iter(etree.Comment):
            if comment.text and comment.text.lstrip().startswith("[if"):
                comment.text = _IN_COMMENT.sub(
                    lambda found: found[1] + self._in_comment(found[2], rewrite), comment.text
                )

    def encode_personal_addresses(self) -> None:
        """A person's value inside an address is percent-encoded, unless the address begins with it."""
        for element in self._root.iter(etree.Element):
            for attribute in _ADDRESS_ATTRIBUTES:
                value = element.get(attribute)
                if value and self.markers.one.search(value):
                    element.set(attribute, self.markers.one.sub(self._percent, value))

    def remove_links_to(self, name: str) -> None:
        """Take out every link whose whole address is that placeholder, with its words."""
        for link in [a for a in self._root.iter("a") if self.markers.original(a.get("href", "")) == f"{{{name}}}"]:
            parent, before = link.getparent(), link.getprevious()
            tail = link.tail or ""
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(link)

    def shows(self, name: re.Pattern[str]) -> bool:
        """Whether a placeholder or Liquid output of that form stands where a reader can meet it: in no comment."""
        places = self._root.xpath("//text() | //@*")
        return any(self.markers.matches(number, name) for place in places for number in self.markers.numbers(place))

    def append(self, fragment: str) -> None:
        """Put one element (well-formed; placeholders and Liquid allowed) at the end of the body."""
        body = self._root.find("body")
        parent = self._root if body is None else body
        parent.append(etree.fromstring(_hide(fragment, self.markers)))

    def html(self) -> str:
        """The source again. Raises Invalid when Liquid tags did not survive (they cut through an element or style)."""
        out: str = etree.tostring(self._root.getroottree(), method="html", encoding="unicode")
        if self._liquid_tags(self.markers.numbers(out)) != self._tags:
            raise Invalid({"html": Problem("template.liquid_cuts")})
        if not self._doctype:
            out = _DOCTYPE.sub("", out, count=1)  # the parser made one up
        return self.markers.restore(out)

    def text(self) -> str:
        """What it says without HTML: links visible, blocks apart, hidden things left out."""
        return self.markers.restore(text_of(self._root, self.markers.every))

    def _liquid_tags(self, numbers: list[int]) -> list[int]:
        return [number for number in numbers if self.markers.is_tag(number)]

    def _destination(self, href: str) -> str | None:
        original = self.markers.original(href)
        if original is not None:
            code = original.removeprefix(f"{{{TRACKING_URL}:").removesuffix("}")
            return code if code != original and original.startswith("{" + TRACKING_URL) else None
        return href.strip() if _WEB.match(href.strip()) and not self.markers.every.search(href) else None

    def _in_comment(self, href: str, rewrite: Rewrite) -> str:
        destination = self._destination(html_entities.unescape(href))
        new = None if destination is None else rewrite(destination)
        return href if new is None else self.markers.put(new)

    def _percent(self, found: re.Match[str]) -> str:
        original = self.markers.original(found.group()) or ""
        root, _, name = original.strip("{}").partition(".")
        if found.start() == 0 or root not in ROOTS or original.startswith("{{"):
            return found.group()
        return self.markers.put(f"{{{{ {root}.{name} | percent }}}}")

    def _say_utf8(self) -> None:
        for meta in self._root.iter("meta"):
            if meta.get("charset"):
                meta.set("charset", "utf-8")
            if (meta.get("http-equiv") or "").lower() == "content-type":
                meta.set("content", "text/html; charset=utf-8")


def _hide(source: str, markers: Markers) -> str:
    """The source with its placeholders and Liquid as markers; Liquid's tags as comments where elements stand."""
    pieces: list[str] = []
    at, in_tag, in_comment = 0, False, False
    for span in placeholder.scan(source, html=True):
        if span.kind is SpanKind.RAW:
            continue
        before = source[at : span.start]
        in_tag = _stays(before, "<", ">", in_tag)
        in_comment = _stays(before, "<!--", "-->", in_comment)
        between = span.kind is SpanKind.TAG and not in_tag and not in_comment
        pieces += (before, markers.put(source[span.start : span.end], between=between))
        at = span.end
    return "".join((*pieces, source[at:]))


def _stays(text: str, opening: str, closing: str, inside: bool) -> bool:
    """Whether the end of a text is inside, when its beginning was (or was not)."""
    opened, closed = text.rfind(opening), text.rfind(closing)
    return inside if opened == closed else opened > closed


def _is_cut_short(root: Any) -> bool:
    """Whether the parser gave up (it does beyond 256 levels): the rest of the mail would be missing."""
    return any(error.level_name == "FATAL" for error in root.getroottree().parser.error_log)
