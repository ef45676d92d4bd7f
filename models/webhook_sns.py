"""Amazon SNS: the envelope in which Amazon SES sends its events, and the signature on it.

The certificate lies at an address that the message itself names, so that address has to be Amazon's, over https, in the
region of the topic; TLS then says whose certificate it is. Only the one topic that is set up is listened to.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from models.webhook_delivery import Posted, Record, Trust, Untrusted, check_fresh, read_record
from models.webhook_table import Trouble

WINDOW: Final = timedelta(hours=3)
"""It tries again for an hour."""
TOPIC: Final = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+){1,3}-\d):\d{12}:[A-Za-z0-9_-]{1,256}")

_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_OPTIONAL: Final = "Subject"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message of the topic. `certificate_url`: where the certificate of its signature lies, checked."""

    type: str
    fields: dict[str, str]
    certificate_url: str


def open_envelope(trust: Trust, posted: Posted) -> Envelope:
    """The envelope, not verified yet: what can be said of it without the certificate. Raises Untrusted."""
    record = read_record(posted.body)
    kind = record.text("Type")
    if kind not in _SIGNED or not record.text("Signature"):
        raise Untrusted(Trouble.UNSIGNED)
    fields = {name: record.exact(name) for name in (*_SIGNED[kind], "Signature", "SignatureVersion")}
    if not trust.topic_arn or fields["TopicArn"] != trust.topic_arn:
        raise Untrusted(Trouble.OTHER_TOPIC)
    url = record.text("SigningCertURL", "SigningCertUrl")
    if not is_amazons(url, trust.topic_arn) or not _CERTIFICATE.fullmatch(urlsplit(url).path):
        raise Untrusted(Trouble.CERTIFICATE)
    return Envelope(kind, fields, url)


def verify(envelope: Envelope, certificate: bytes, now: datetime) -> None:
    """Raises Untrusted unless the envelope is signed with the certificate, both of now."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = found.public_key()
        in_force = found.not_valid_before_utc <= now <= found.not_valid_after_utc
    except ValueError:
        raise Untrusted(Trouble.CERTIFICATE) from None
    if not isinstance(key, rsa.RSAPublicKey) or not in_force:
        raise Untrusted(Trouble.CERTIFICATE)
    try:
        signature = b64decode(envelope.fields["Signature"], validate=True)
        key.verify(signature, _string_to_sign(envelope), padding.PKCS1v15(), _hash(envelope))
    except (InvalidSignature, binascii.Error, ValueError):
        raise Untrusted(Trouble.FORGED) from None
    check_fresh(Record({"at": envelope.fields["Timestamp"]}).moment("at"), now, WINDOW)


def is_amazons(url: str, topic_arn: str) -> bool:
    """Whether an address is the SNS of the topic's region, over https, with nothing odd about it."""
    topic = TOPIC.fullmatch(topic_arn)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if topic is None or parts.scheme != "https" or port not in {None, 443} or "@" in parts.netloc:
        return False
    return parts.hostname == f"sns.{topic[2]}.amazonaws.com{'.cn' if topic[1] == 'aws-cn' else ''}"


def _string_to_sign(envelope: Envelope) -> bytes:
    names = (name for name in _SIGNED[envelope.type] if name != _OPTIONAL or envelope.fields[name])
    return "".join(f"{name}\n{envelope.fields[name]}\n" for name in names).encode(errors="replace")


def _hash(envelope: Envelope) -> HashAlgorithm:
    version = envelope.fields["SignatureVersion"]
    if version == "1":
        return SHA1()  # noqa: S303 - Amazon's version 1; whoever wants more asks the topic for version 2
    if version == "2":
        return SHA256()
    raise Untrusted(Trouble.UNSIGNED)
