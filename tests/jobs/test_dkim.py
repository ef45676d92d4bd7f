"""DKIM: what we sign is believed by another library (dkimpy), and nothing that was touched is."""

from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_elliptic_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from jobs.dkim import SIGNED, Signer, relaxed_body
from models.dkim_key import algorithm_of, dns_record, generate_key, read_key
from models.errors import Invalid, Unavailable
from models.secret import encrypt
from models.settings import settings
from models.smtp_account import DkimAlgorithm, SmtpAccount
from tests.jobs.test_compose import ADA, plan_of

NOW = datetime(2026, 9, 8, 11, 46, 12, 345_000, tzinfo=UTC)
DOMAIN, SELECTOR = "sender.example", "envoi1"
KEYS = {algorithm: read_key(generate_key(algorithm)) for algorithm in DkimAlgorithm}
both = pytest.mark.parametrize("algorithm", list(DkimAlgorithm), ids=str)


def signed(message: bytes, algorithm: DkimAlgorithm) -> bytes:
    return Signer(DOMAIN, SELECTOR, KEYS[algorithm]).sign(message, NOW) + message


def believed(message: bytes, algorithm: DkimAlgorithm) -> bool:
    """What a receiver with the published record says."""
    record = dns_record(DOMAIN, SELECTOR, KEYS[algorithm])

    def look_up(name: bytes, timeout: float = 5) -> bytes | None:
        return record.value.encode() if name.decode().rstrip(".") == record.name else None

    return dkim.verify(message, dnsfunc=look_up)


@both
def test_a_composed_message_is_believed_by_another_library(algorithm: DkimAlgorithm) -> None:
    message = plan_of().message(ADA, 7, NOW)
    whole = signed(message, algorithm)
    assert believed(whole, algorithm)
    header = whole[: -len(message)]
    assert max(map(len, header.split(b"\r\n"))) <= 78
    assert f"a={algorithm}; c=relaxed/relaxed;" in header.decode()
    assert f"t={int(NOW.timestamp())};" in header.decode()


@both
def test_every_header_that_matters_is_signed_and_from_and_subject_cannot_be_added(algorithm: DkimAlgorithm) -> None:
    message = plan_of().message(ADA, 7, NOW)
    assert all(b"\r\n%b: " % name in b"\r\n" + message for name in SIGNED)
    for name in SIGNED:
        start = (b"\r\n" + message).index(b"\r\n%b: " % name)
        forged = message[:start] + name + b": forged\r\n" + message[message.index(b"\r\n", start) + 2 :]
        assert not believed(signed(message, algorithm)[: -len(message)] + forged, algorithm), name
    for name in (b"From", b"Subject"):
        assert not believed(name + b": added\r\n" + signed(message, algorithm), algorithm)


@both
def test_what_relays_do_to_white_space_breaks_nothing_and_a_changed_word_does(algorithm: DkimAlgorithm) -> None:
    message = b"From: a@sender.example\r\nSubject: two\r\n  lines\r\n\r\nOne  two\r\n\r\nthree\r\n\r\n\r\n"
    whole = signed(message, algorithm)
    kind = whole.replace(b"Subject: two\r\n  lines", b"subject:  two lines ").replace(b"One  two", b"One \t two ")
    assert believed(kind + b"\r\n", algorithm)
    assert not believed(whole.replace(b"three", b"four"), algorithm)
    assert not believed(whole.replace(b"One  two", b"Onetwo"), algorithm)


@given(
    st.text("ab \t\r\n.=é", max_size=60).map(lambda text: text.encode().replace(b"\r", b"").replace(b"\n", b"\r\n")),
    st.text(" \tab=?;:é", max_size=30),
    st.sampled_from(DkimAlgorithm),
)
def test_any_body_and_subject_are_believed(body: bytes, subject: str, algorithm: DkimAlgorithm) -> None:
    message = b"From: a@sender.example\r\nSubject: %b\r\nTo: b@example.org\r\n\r\n%b\r\n" % (subject.encode(), body)
    assert believed(signed(message, algorithm), algorithm)


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b" \t", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # the example of RFC 6376 3.4.5
        (b"no end ", b"no end\r\n"),
        (b"a\r\n \t\r\nb\r\n", b"a\r\n\r\nb\r\n"),
    ],
)
def test_a_body_is_relaxed(body: bytes, relaxed: bytes) -> None:
    assert relaxed_body(body) == relaxed


@pytest.mark.parametrize(
    "message", [b"Subject: x\r\n\r\nbody\r\n", b"From: a@b.example\r\n"], ids=["no From", "no end"]
)
def test_what_is_no_message_is_not_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match="The message has no"):
        Signer(DOMAIN, SELECTOR, KEYS[DkimAlgorithm.ED25519]).sign(message, NOW)


def test_an_account_signs_with_the_key_that_it_keeps_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = generate_key(DkimAlgorithm.ED25519)
    kept = encrypt(pem)
    assert "PRIVATE" not in kept
    account = SmtpAccount(dkim_domain=DOMAIN, dkim_selector=SELECTOR, dkim_secret=kept)
    signer = Signer.of(account)
    message = b"From: a@sender.example\r\n\r\n"
    assert signer
    assert signer.sign(message, NOW) == Signer(DOMAIN, SELECTOR, read_key(pem)).sign(message, NOW)
    assert Signer.of(SmtpAccount(dkim_domain="")) is None
    monkeypatch.setenv("ENVOI_SECRET_KEY", "another installation")
    settings.cache_clear()
    with pytest.raises(Unavailable):
        Signer.of(account)


def test_only_keys_that_receivers_take_are_taken() -> None:
    assert {algorithm_of(key) for key in KEYS.values()} == set(DkimAlgorithm)
    least = generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert algorithm_of(read_key(least.decode())) is DkimAlgorithm.RSA
    curve = generate_elliptic_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = read_key(generate_key(DkimAlgorithm.ED25519)).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    for pem in ("", "nonsense", curve.decode(), locked.decode(), generate_key(DkimAlgorithm.RSA)[:200]):
        with pytest.raises(Invalid) as refused:
            read_key(pem)
        assert set(refused.value.problems) == {"dkim_key"}
