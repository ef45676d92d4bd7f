"""Enhanced status codes (RFC 3463, registry of RFC 5248) and reply codes (RFC 5321 4.2.3): what each says by itself."""

import re
from typing import Final

_CODE: Final = r"[245]\.\d{1,2}\.\d{1,3}"
_ALONE: Final = re.compile(rf"(?<![\d.])({_CODE})(?![\d.]\d|\d)")
_AFTER_REPLY: Final = re.compile(rf"(?<!\d)[245]\d\d[ \t'-]{{1,3}}({_CODE})(?![\d.]\d|\d)")
_REPLY: Final = re.compile(
    r"(?<!\d:)(?<![\d./#=-])([245][0-5]\d)(?=[ \t:;,-]|$)(?!-\d\d-)"
    r"(?! (?:bytes|more|hours|hour|days|minutes|seconds|jan|feb|mar))",
    re.IGNORECASE | re.MULTILINE,
)

_DEFINITE: Final = {
    "1.1": "userunknown", "1.2": "hostunknown", "1.3": "userunknown", "1.4": "filtered", "1.6": "hasmoved",
    "1.7": "rejected", "1.8": "rejected",  "1.10": "notaccept", "2.1": "suspend", "2.2": "mailboxfull",
    "2.3": "exceedlimit", "2.4": "filtered", "3.1": "systemfull", "3.2": "notaccept", "3.4": "mesgtoobig",
    "4.3": "networkerror", "4.4": "hostunknown", "4.6": "networkerror", "4.14": "networkerror",
    "7.2": "filtered", "7.3": "securityerror",
    "7.8": "securityerror", "7.13": "suspend", "7.17": "hasmoved", "7.20": "authfailure", "7.21": "authfailure",
    "7.22": "authfailure", "7.23": "authfailure", "7.24": "authfailure", "7.25": "requireptr", "7.26": "authfailure",
    "7.27": "notaccept", "7.28": "speeding", "7.29": "authfailure",
}  # fmt: skip
_TEMPORARY: Final = {
    "1.1": "userunknown",
    "1.2": "networkerror",
    "2.1": "filtered",
    "3.2": "systemerror",
    "4.4": "networkerror",
}
_CLASSES: Final = {
    "1": "rejected", "2": "filtered", "3": "systemerror", "4": "networkerror",
    "5": "syntaxerror", "6": "contenterror", "7": "securityerror",
}  # fmt: skip
_VAGUE: Final = {
    "1.0": "userunknown", "2.0": "filtered", "3.0": "mailererror", "4.1": "expired", "4.2": "expired", "4.7": "expired",
    "5.0": "syntaxerror", "5.3": "speeding", "4.5": "toomanyconn",
}  # fmt: skip
_REPLIES: Final = {
    "421": "expired", "450": "expired", "451": "systemerror", "452": "systemfull",
    "500": "syntaxerror", "501": "syntaxerror",
    "502": "syntaxerror", "503": "syntaxerror", "504": "syntaxerror", "521": "notaccept", "530": "securityerror",
    "535": "securityerror", "551": "hasmoved", "552": "mailboxfull",
    "553": "userunknown", "555": "syntaxerror", "556": "notaccept",
}  # fmt: skip


def find_status(text: str) -> str:
    """The enhanced status in a server's answer: one after a reply code first, a precise one before a vague one. Class 2
    counts only where it begins the text: elsewhere it is a version of something."""
    found = [*_AFTER_REPLY.findall(text[:4000]), *_ALONE.findall(text[:4000])]
    found = [code for code in found if code[0] != "2" or text.lstrip().startswith(code)]
    return next((code for code in found if not code.endswith(".0.0")), found[0] if found else "")


def find_reply(text: str) -> str:
    """The first reply code of three digits in a server's answer, "" without one."""
    found = _REPLY.search(text[:4000])
    return found[1] if found else ""


def definite_reason(status: str) -> str:
    """The reason that a status names by itself, "" where it leaves it open."""
    kind, _, detail = status.partition(".")
    return (_TEMPORARY.get(detail) if kind == "4" else None) or _DEFINITE.get(detail, "")


def vague_reason(status: str) -> str:
    """The reason that is likeliest for a status of an open meaning, "" for x.0.0 and without one."""
    _, _, detail = status.partition(".")
    return _VAGUE.get(detail) or _CLASSES.get(detail.partition(".")[0], "")


def reply_reason(reply: str) -> str:
    """The reason that is likeliest for a reply code with nothing beside it."""
    return _REPLIES.get(reply, "")
