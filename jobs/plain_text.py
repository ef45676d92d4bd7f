"""The text of an HTML mail: what a person reads who sees no HTML. Links stay visible, blocks stay apart."""

import re
from typing import Any, Final

from lxml import etree

_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figure", "footer", "form"}
    | {"header", "li", "main", "nav", "section", "td", "th", "tr"}
)
_APART: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"})
_SILENT: Final = frozenset({"head", "style", "script", "title", "noscript", "template"})
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_SPACE: Final = re.compile("[ \t\r\n\f\xa0\xad\u034f\u200b\u200c\ufeff]+")
_SHOWN: Final = ("http:", "https:", "mailto:")


def text_of(root: Any, marker: re.Pattern[str]) -> str:
    """Lines of text. `marker`: a comment that is one is kept, as Liquid that stands between elements."""
    writer = _Writer(marker)
    writer.element(root)
    return "".join(writer.pieces).strip() + "\n"


class _Writer:
    def __init__(self, marker: re.Pattern[str]) -> None:
        self.pieces: list[str] = []
        self._marker = marker
        self._breaks = 0
        self._space = False

    def element(self, element: Any) -> None:
        if element.tag is etree.Comment:
            comment = f"<!--{element.text}-->"
            if self._marker.fullmatch(comment):
                self.pieces.append(comment)
        elif isinstance(element.tag, str) and not _is_hidden(element):
            self._visible(element)

    def _visible(self, element: Any) -> None:
        apart = 2 if element.tag in _APART else 1 if element.tag in _BLOCKS else 0
        self._breaks = max(self._breaks, apart)
        if element.tag == "br":
            self.pieces.append("\n")
            self._space = False
        elif element.tag == "hr":
            self.words("---")
        elif element.tag == "img":
            self.words(element.get("alt") or "")
        elif element.tag == "a":
            self._link(element)
        else:
            if element.tag == "li":
                self.words("- ")
            self._inside(element)
        self._breaks = max(self._breaks, apart)

    def _inside(self, element: Any) -> None:
        self.words(element.text or "")
        for child in element:
            self.element(child)
            self.words(child.tail or "")

    def _link(self, element: Any) -> None:
        start = len(self.pieces)
        self._inside(element)
        label = "".join(self.pieces[start:]).strip()
        address = (element.get("href") or "").strip()
        shown = address.removeprefix("mailto:")
        if label and shown != label and _is_shown(address, self._marker):
            self.words(f" ({shown})")

    def words(self, text: str) -> None:
        """Text in the flow: white space collapses, blocks asked for before begin here."""
        shrunk = _SPACE.sub(" ", text)
        words = shrunk.strip(" ")
        if not words:
            self._space = self._space or bool(shrunk)
            return
        if self._breaks and self.pieces:
            self.pieces.append("\n" * self._breaks)
        elif self.pieces and (self._space or shrunk[0] == " ") and not self.pieces[-1].endswith(("\n", " ")):
            self.pieces.append(" ")
        self._breaks = 0
        self.pieces.append(words)
        self._space = shrunk.endswith(" ")


def _is_hidden(element: Any) -> bool:
    return (
        element.tag in _SILENT or element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
    )


def _is_shown(address: str, marker: re.Pattern[str]) -> bool:
    return address.lower().startswith(_SHOWN) or bool(marker.match(address))
