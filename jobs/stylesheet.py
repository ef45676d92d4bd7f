"""Keeps the rules of a <style> in force once the others have been written into style attributes."""

import re
from typing import Final

_TOKEN: Final = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\([^()]*\)|[{};]", re.DOTALL)
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_DYNAMIC: Final = re.compile(r":(?:hover|active|focus|visited)\b")
_OTHER: Final = ("@keyframes", "@-webkit-keyframes", "@-moz-keyframes", "@font-face", "@page")


def strengthen(css: str) -> str:
    """The same rules, with !important on every declaration under @media and under :hover and its like. An inlined
    style attribute would win over them otherwise: the phone layout and the dark colours would be lost."""
    pieces: list[str] = []
    last = kept = 0
    blocks: list[str] = []
    for token in _TOKEN.finditer(css):
        sign, at = token.group(), token.start()
        if sign == "{":
            blocks.append(_COMMENT.sub("", css[last:at]).strip().lower())
        elif sign in ";}":
            if _is_strong(blocks) and _lacks_importance(css[last:at]):
                end = len(css[:at].rstrip()) if css[at - 1].isspace() else at
                pieces += (css[kept:end], " !important")
                kept = end
            if sign == "}" and blocks:
                blocks.pop()
        else:
            continue
        last = token.end()
    return "".join((*pieces, css[kept:]))


def _is_strong(blocks: list[str]) -> bool:
    if not blocks or blocks[-1].startswith("@") or any(block.startswith(_OTHER) for block in blocks):
        return False
    return bool(_DYNAMIC.search(blocks[-1])) or any(block.startswith("@media") for block in blocks)


def _lacks_importance(declaration: str) -> bool:
    text = _COMMENT.sub("", declaration)
    return ":" in text and "!important" not in text.replace(" ", "").lower()
