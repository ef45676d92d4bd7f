"""Mails as nobody should write them: real forms, cut, doubled, nested, spliced and full of noise."""

import random
import time
from functools import cache

from models.bounce import Kind, MailVerdict, judge_read
from models.bounce_mail import read_mail
from models.bounce_reason import HARD_REASONS, MOST_EVIDENCE
from tests.samples import make_bounces

MOST_SECONDS = 2.0
"""For one mail on a busy machine. It is a bound against explosions, not a figure."""

NOISE = (
    *(
        b"\0",
        b"\r",
        b"\n\n",
        b"\xff\xfe",
        b"--=_part/7\n",
        b"--=_part/7--\n",
        b"=?utf-8?B?AAAA?=",
        b"=?x?Q?=ZZ?=",
        b"<" * 500,
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        b"Content-Type: message/delivery-status\n\n",
        b"\x1b$B\x1b(B",
    ),
    *(
        b"Content-Transfer-Encoding: base64\n\n",
        b"charset=idna",
        b"charset=utf-16",
        b"Action: failed\nAction: delayed\n",
    ),
    *(b"Status: 9.9.9\n", b"Final-Recipient: rfc822;\n", b"Date: 99 Xxx 99999 99:99\n", b"@" * 300, b"> " * 200),
)


@cache
def corpus() -> tuple[bytes, ...]:
    return tuple(sample.mail for sample in make_bounces.samples().values())


def make(dice: random.Random) -> bytes:
    """A mail after one to six changes."""
    mail = bytearray(dice.choice(corpus()))
    for _ in range(dice.randint(1, 6)):
        at, to = sorted(dice.randrange(len(mail) + 1) for _ in range(2))
        match dice.randrange(7):
            case 0:
                del mail[at:to]
            case 1:
                mail[at:at] = dice.choice(NOISE) * dice.choice((1, 1, 1, 50))
            case 2:
                mail[at:at] = mail[at:to] * dice.choice((1, 2, 30))
            case 3:
                other = dice.choice(corpus())
                mail[at:to] = other[dice.randrange(len(other) + 1) :]
            case 4:
                mail[at:at] = dice.randbytes(dice.choice((1, 10, 500)))
            case 5:
                mail[:] = b"Content-Type: multipart/mixed; boundary=n\n\n--n\n" * dice.choice((1, 20)) + mail
            case 6:
                mail[:] = mail.replace(b"\n", b"\r\n" if dice.random() < 0.5 else b"\r")
        del mail[1_500_000:]
    return bytes(mail)


def check(mail: bytes) -> None:
    """Judge a mail without the net under judge_mail. AssertionError: a verdict that contradicts itself, or was slow."""
    began = time.perf_counter()
    verdict = judge_read(read_mail(mail))
    assert time.perf_counter() - began < MOST_SECONDS
    assert_sound(verdict)


def assert_sound(verdict: MailVerdict) -> None:
    """What holds of every verdict."""
    for each in (verdict, *verdict.recipients):
        assert isinstance(each.kind, Kind)
        assert len(each.evidence) <= MOST_EVIDENCE
        assert "\n" not in each.evidence
        assert each.recipient is None or "@" in each.recipient
        assert each.kind is not Kind.HARD or each.reason in HARD_REASONS
        assert each.kind not in {Kind.HARD, Kind.SOFT, Kind.DELAYED} or each.reason
    assert not (verdict.asks_to_stop and verdict.kind in {Kind.HARD, Kind.SOFT, Kind.DELAYED, Kind.AUTO_REPLY})
    assert verdict.date is None or verdict.date.tzinfo is not None
