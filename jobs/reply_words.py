"""How servers say it: wordings of replies, in lower case, as regular expressions. The rules are in jobs/replies.py.

A wording decides where the code does not: a 550 alone may be an unknown person, a blocked client or a refused sender.
"""

from typing import Final


def _any(*wordings: str) -> str:
    return "|".join(wordings)


# About us, whoever is to be mailed

RATE: Final = _any(
    "too many",
    r"\brate\b",
    "rate.?limit",
    "throttl",
    "too (quickly|fast)",
    "slow down",
    "concurrent",
    "limits? (is |has been |was )?(exceeded|reached)",
    r"exceed\w* .{0,40}(limit|quota|rate|max)",
    "quota.{0,40}(hour|day|daily|minute)",
    "unexpected volume",
    "user complaints",
)
SENDING_LIMIT: Final = _any(
    "(sending|daily|hourly|messaging|recipient|submission|outgoing|message) (user |sending |rate )?(limits?|quota)",
    r"(limit|quota|max\w*|emails|messages|mails|recipients)\b.{0,40}(per|this|an|a|each) (hour|day|minute)",
    "submissionquota",
)
CONNECTION: Final = _any(
    r"(many|concurrent|simultaneous|maximum|max) (\w+ )?(connections|sessions)",
    "connection (rate|limit|frequency)",
    "(in|on|per|for|over) (this|one|the|a|each) (connection|session)",
)
DOMAIN: Final = _any(
    "(to|for|at) (this|that|the|your) (recipient.?s? |destination |target |remote )?(domain|destination|provider)",
    "(recipient|destination|target|remote) (domain|host|site|server|provider|mx)",
    r"(domain|destination) (\S+ )?(is )?(currently |temporarily )?(rate.?limited|throttled|busy|overloaded)",
    "destination (rate|concurrency|limit)",
    "per.(domain|destination)",
    r"host \S+ said:",  # a relay that hands on what the next server told it
)
PROVIDER: Final = _any(  # what big receivers answer to an address of ours that they know too well
    r"\[tss?\d\d\]",
    r"\brp-00\d",
    r"\bofr\w*_\d",
    r"\blpn\d",
    r"\((as|s)\d{5,}",
    "ip reputation",
    "temporarily deferred due to",
    "server busy",
    "unsolicited mail originating from your",
    "rate limited (due|because)",
)
RELAY: Final = _any(
    "relay(ing)?( access| is| mail)? (denied|not permitted|not allowed|prohibited|forbidden|refused|disabled)",
    "(unable|not (allowed|permitted|authori[sz]ed)) to (relay|send)",
    "(do not|don.t|won.t|no) relay",
    "open relay",
    "rcpthosts",
    "authenticat(e|ion) (is )?required",
    "auth(entication)? (first|needed)",
    "(must|please|need to) (first )?authenticate",
    "unauthenticated senders?",
)
CLIENT: Final = _any(
    r"client (host |ip |address )?(\S+ )?(is )?(rejected|blocked|denied|refused)",
    "(helo|ehlo) command rejected",
    r"\b(your|sending) (sending )?(ip|host|server|network)\b.{0,60}(block|\blist|banned|denied|reject|refus)",
    "banned sending ip",
    "weren.t sent",
)
SENDER: Final = _any(
    r"\bsender\b.{0,60}(rejected|denied|verif|invalid|unknown|blocked|suspended|does ?n.t exist)",
    r"\bsender\b.{0,60}not (allowed|owned|verified|permitted|authori[sz]ed|valid|exist)",
    "(unable|could not|failed) to verify .{0,20}sender",
    "verification failed",
    r"send as\b",
    "sendasdenied",
    "badmailfrom",
    "from address (does not|is not)",
    "email address is not verified",
    "not owned by",
    "your (smtp )?account",
    "sending paused",
)
RECIPIENTS_OWN_WISH: Final = _any(
    "(blocked|denied|refused|rejected) by (the )?(recipient|addressee)",
    r"recipient.{0,30}(block|refus)\w* (you|the sender|mail)",
)

# About the person

FULL: Final = _any(
    r"\bfull\b",
    "over.?quota",
    r"(mailbox|storage|user|recipient|disk|account)\S* .{0,30}quota",
    "quota (is )?exceeded",
    "exceeded storage",
    "(insufficient|not enough) (disk |system )?(storage|space) for",
    "boite .{0,40}pleine",
)
UNKNOWN_DOMAIN: Final = _any(
    r"(domain|host)( name)?( \S+)? (was )?(not found|unknown|does(n.t| not) exist|not exist|non-?existent)",
    "(no such|unknown) (domain|host)",
    "null ?mx",
    "nxdomain",
)
_PERSON: Final = "(user|recipient|mailbox|address|account)"
UNKNOWN_USER: Final = _any(
    rf"{_PERSON}( name| \S+@\S+)? (is |was )?(unknown|not (found|known|exists?)|invalid|does( no|n.)t exist)",
    rf"(unknown|no such|invalid|illegal|non-?existent) (or \w+ )?(local )?({_PERSON}|person|alias)",
    "no mailbox",
    "not a valid (user|mailbox|recipient)",
    "unroute?able address",
    "nosuchuser",
    "recipientnotfound",
    r"(does ?n.t|does not) have an? \S* ?account",
    "destinataire (invalide|inconnu)",
)
REJECTED_ADDRESS: Final = "(recipient|address) (was |is )?rejected"
DISABLED: Final = rf"{_PERSON}.{{0,40}}\b(disabled|inactive|suspended|discontinued|deactivated|expired|locked)"
ADDRESS: Final = "address|syntax|malformed|mailbox|invalid|recipient|fully.qualified"
RECEIVES_TOO_MUCH: Final = "receiving (mail|messages) (at a rate|too)"

# About the message

BLOCKED: Final = _any(
    "(block|black).?list",
    "blocked",
    "spamhaus",
    "reputation",
    "listed (at|by|in|on)",
    "banned",
    r"\brbl\b",
    "dnsbl",
)
SPAM: Final = r"spam\b|junk|unsolicited|bulk mail|phish"
POLICY: Final = r"polic(y|ies)|dmarc|\bspf\b|dkim|prohibit|authentication level"
HARMFUL: Final = "virus|malware|attachment|security issue|infected|(line|header).{0,30}(too long|length|exceed)"

GREYLISTED: Final = "gr[ea]y.?list"
LATER: Final = "try again|try later|later|deferred|temporar"
