"""The words of a report made for people: where they end and the returned message begins, and whom each is about."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.phrases import phrases

MOST_LINES: Final = 400
MOST_BLOCKS: Final = 50
MOST_BLOCK: Final = 4000
MOST_FORWARDED: Final = 15
"""Lines at the beginning of a forwarded report that may hold the headers it came with."""


class Step(StrEnum):
    """What a server's answer was given to, as far as a report says."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Block:
    """What is said of one recipient."""

    recipient: str
    text: str


_ADDRESS: Final = (
    r"(?:\"[^\"\s@]{1,64}\"|[^\s<>\"'()\[\],;:=*]{1,128})@[A-Za-z0-9\[][A-Za-z0-9.:\]-]{0,253}[A-Za-z0-9\]]"
)
_AT_START: Final = re.compile(
    rf"[\s*>-]{{0,12}}<?(?:mailto:|smtp:|rcpt:)?({_ADDRESS})(?=$|[\s>:;,.()<\[])", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"(?:recipients?(?: address)?|destinataire|empf[aä]nger|destinatario|(?:rcpt|envelope) to"
    rf"|deliver\w*[^.<>:]{{0,40}}? to|address(?:es)?|original address|宛先)\W{{1,12}}<?({_ADDRESS})",
    re.IGNORECASE,
)
_ANY: Final = re.compile(_ADDRESS)
_END: Final = phrases(r"""
    \W*this is (?:a |the )?copy of
    \W*(?:below |above )?(?:this line )?is (?:a copy of|the) .{0,20}(?:message|mail)
    (?:--|==|\*\*).{0,20}(?:original|returned|undelivered) .{0,12}(?:message|mail|headers?|text|follow)
    \W*(?:the |your )?(?:original )?(?:message|mail) (?:headers?|text|body)?\s?(?:follows?|included|:)
    \W*included (?:below )?is (?:a|the) copy
    \W*original message(?: headers?)?\s*(?:follows.?|:|-|$)
    \W*(?:text|copy|headers?|start|beginning) of (?:the |your )?(?:original|returned|undeliver\w+|message)
    -+ ?(?:message|unsent|headers?|header)\b
    \W*(?:en-?t[eê]tes (?:du|de)|message d'origine|urspr[uü]ngliche|kopfzeilen|encabezados|mensaje original)
    \W*(?:cabe[cç]alhos|mensagem original|messaggio originale|oorspronkelijk)
    \W*(?:オリジナル|元のメッセージ|元メール)
""")
_NO_END: Final = phrases(r"""
    \blog\b
    fail
    reason
    address
    error
""")
"""Titles of what a report says itself."""
_HEADER: Final = phrases(r"""
    (?:received|return-path|message-id|from|to|subject|date|reply-to|mime-version|x-[\w-]+|dkim-\w+|
    …content-type|cc|delivered-to|user-agent):
""")
_STEPS: Final = (
    (
        Step.MAIL,
        phrases(r"""
            (?:in reply to|after|our|to|rejected)(?: the)? mail from
            in reply to (?:the )?mail
            sender was rejected
            \[mail_from\]
            mail from:? command
            after sender
        """),
    ),
    (
        Step.RCPT,
        phrases(r"""
            (?:in reply to|after|our|to)(?: the)? rcpt\b
            rcpt[_ ]to\]
            rcpt to command
            does not like recipient
            recipient address rejected
            rejected (?:the )?(?:recipient|address)
        """),
    ),
    (
        Step.DATA,
        phrases(r"""
            (?:in reply to|after|our|to)(?: (?:the|end of|final|pipelined|sending))* data\b
            failed after i sent
            \[(?:data|eod|eom)\]
            data command
            smtp command\W+data
            end of message
            message transmission
            smtp transmission failure
        """),
    ),
    (
        Step.CONNECT,
        phrases(r"""
            refused to talk to me
            initial (?:connection|greeting)
            after (?:connect|initial)
            (?:in reply to|after|our|to)(?: the)? (?:helo|ehlo)
            while connected
            \[connect\]
        """),
    ),
)
_SAID: Final = re.compile(r"^\W*(>>>|<<<)\s*(.*)$", re.MULTILINE)


def own_words(text: str) -> str:
    """A report's own lines, without the returned message below them; forwarded ones without their marks."""
    lines = text.split("\n")[:MOST_LINES]
    quoted = sum(line.startswith(">") for line in lines)
    is_quoted = quoted * 2 > sum(bool(line.strip()) for line in lines)
    if is_quoted:
        lines = [re.sub(r"^(?:> ?(?!>>))+", "", line) for line in lines]
    forwarded = MOST_FORWARDED if is_quoted else 0
    for number, line in enumerate(lines):
        if number > forwarded and (_ends(line.lower()) or _begins_headers(lines, number)):
            return "\n".join(lines[:number])
    return "\n".join(lines)


def blocks_of(text: str, never: Collection[str] = ()) -> list[Block]:
    """What own words say, recipient by recipient: from the line that names one to the line that names another. `never`:
    addresses in lower case that are no recipients, such as the one that the report came to."""
    found: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        address = _recipient_of(line, never)
        if address.lower() in found:
            lines = found[address.lower()][1]
        elif address and len(found) < MOST_BLOCKS:
            found[address.lower()] = (address, lines := [])
        lines.append(line)
    return [Block(recipient, "\n".join(lines)[:MOST_BLOCK]) for recipient, lines in found.values()]


def any_address(text: str, never: Collection[str] = ()) -> str:
    """The first address in a text that may be a recipient's."""
    return next((found for found in _ANY.findall(text) if _may_be(found, never)), "")


def addresses_in(value: str) -> list[str]:
    """The addresses in a header's value."""
    return _ANY.findall(value[:4000])[:MOST_BLOCKS]


def find_step(text: str) -> Step | None:
    """What the answer in a report was given to. A transcript shows it: the last command before the first refusal; but
    where commands are pipelined, DATA is answered with the refusals of every recipient."""
    words = " ".join(text.lower().split())
    for step, phrase in _STEPS:
        if phrase.search(words):
            return step
    command = ""
    for side, said in _SAID.findall(text):
        if side == ">>>":
            command = said.lower()
        elif re.match(r"[45]\d\d", said):
            break
    else:
        return None
    if command.startswith("data"):
        return (
            Step.RCPT
            if re.search(r"no valid recipients|need rcpt|valid rcpt|all rcpt|x?5\.1\.1|user unknown\s*$", words)
            else Step.DATA
        )
    return next(
        (step for step in (Step.RCPT, Step.MAIL) if command.startswith(step)), None if command else Step.CONNECT
    )


def _ends(line: str) -> bool:
    """Whether a line in lower case announces the returned message."""
    return bool(_END.match(line)) and not _NO_END.search(line)


def _recipient_of(line: str, never: Collection[str]) -> str:
    found = _AT_START.match(line) or _NAMED.search(line[:500])
    return found[1].rstrip(".") if found and _may_be(found[1], never) else ""


def _may_be(address: str, never: Collection[str]) -> bool:
    local = address.lower().partition("@")[0]
    return address.lower() not in never and local not in {"mailer-daemon", "postmaster", "abuse", "support", "helpdesk"}


def _begins_headers(lines: list[str], number: int) -> bool:
    """Headers stand here when this line is one and most of the next lines too."""
    if not _HEADER.match(lines[number].lower()):
        return False
    here = [line for line in lines[number : number + 8] if line.strip() and not line.startswith((" ", "\t"))][:4]
    return (
        sum(bool(re.match(r"[A-Za-z][\w-]{1,40}:(?: |\S)", line)) for line in here) >= min(3, len(here))
        and len(here) > 1
    )
