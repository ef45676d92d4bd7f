"""The words in which mail systems refuse: ordered tables, short phrases in several languages, nobody's whole sentence.

The order is the rule: who names a cause names it in passing too (“user unknown” and “blocked” share a sentence when a
filter explains itself), so the narrow causes stand before the wide ones. `words_to_judge` takes addresses, hosts and
links out first: what a person is called must decide nothing.
"""

import re
from typing import Final, NamedTuple


class Wording(NamedTuple):
    """`reason`: a name of expected.json's kind (“userunknown”). `phrase` is searched in lower-case words."""

    reason: str
    phrase: re.Pattern[str]


def words_to_judge(text: str) -> str:
    """Lower case, one space, straight apostrophes; without addresses, hosts, links, quotation marks and
    the codes between the lines of an answer."""
    text = _LISTS.sub(" blocklist ", text)
    text = _CODES.sub(" ", _BESIDE.sub(" ", text.replace("’", "'").replace("´", "'"))).lower()
    return " ".join(re.sub(r"""[<>"`{}|*]|(?<!\w)'|'(?!\w)""", " ", text).split())


def find_wording(words: str, table: tuple[Wording, ...]) -> tuple[str, re.Match[str]] | None:
    """(reason, where) of the first wording of a table that occurs."""
    for reason, phrase in table:
        if found := phrase.search(words):
            return reason, found
    return None


_BESIDE: Final = re.compile(
    r"\bhost \S{1,255}? ?[\[(][\da-f.:]{3,45}[\])](?::\d{1,5})?"
    r"|(?:https?|ftp|mailto):[^\s<>\"]{1,500}"
    r"|[^\s<>\"'=:;,()\[\]]{1,128}@[^\s<>\"'(),;:]{0,255}"
    r"|(?<![\w.-])(?:[a-z0-9_-]{1,63}\.){1,8}(?:[a-z]{2,6})(?![\w-]|\.\w)",
    re.IGNORECASE,
)

_LISTS: Final = re.compile(
    r"https?://[^\s<>\"]{0,200}?(?:\bd?ns[bw]l|\brbl|blocklist|blacklist|spamhaus|spamcop|sorbs|/bl\b)[^\s<>\"]{0,300}",
    re.IGNORECASE,
)
"""Links to where a block list explains itself; they often are all that an answer says."""

_CODES: Final = re.compile(r"(?<![\d.])[245]\d\d[ -]'?[245]\.\d{1,2}\.\d{1,3}(?![\d.])")
