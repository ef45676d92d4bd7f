"""What providers post, in their own forms, signed as they sign: with keys and certificates of the tests' own."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from models.tracking import Purpose, make_token, own_keys
from models.webhook_delivery import Posted
from models.webhook_signed import signature_of
from tests.factories import NOW

TOPIC = "arn:aws:sns:eu-west-1:123456789012:envoi"
SNS = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{SNS}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SECRET = "a secret of the provider"
TO = "ada@example.com"


def token(item_id: int, purpose: Purpose = Purpose.RETURN_PATH) -> str:
    """What our own header and the Message-ID hold."""
    return make_token(own_keys(), purpose, item_id)


# Amazon SES


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(begins: datetime = NOW - timedelta(days=30), key: rsa.RSAPrivateKey | None = None) -> bytes:
    """For sixty days, signed by itself."""
    key = key or rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(begins).not_valid_after(begins + timedelta(days=60))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def ses(kind: str, told: dict[str, Any] | None = None, *, item_id: int = 0, to: str = TO, **mail: Any) -> dict:
    """An event of Amazon SES; with original headers where an item is named."""
    names = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}
    headers = [{"name": "X-Envoi-Item", "value": token(item_id)}] if item_id else []
    message = {
        "timestamp": "2026-09-08T11:40:00.000Z",
        "messageId": "0102018f-ses",
        "source": "news@sender.example",
        "destination": [to],
        "headersTruncated": False,
        "headers": [{"name": "From", "value": "Atelier <news@sender.example>"}, *headers],
        "commonHeaders": {"messageId": "0102018f-ses", "subject": "News"},
        **mail,
    }
    return {"eventType": kind, "mail": message, names.get(kind, kind.lower()): told or {}}


def ses_bounce(kind: str = "Permanent", sub: str = "General", said: str = "", status: str = "", **more: Any) -> dict:
    person = {"emailAddress": more.get("to", TO), "action": "failed", "status": status, "diagnosticCode": said}
    told = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [person], "feedbackId": "feedback-1"}
    return ses("Bounce", {**told, "timestamp": "2026-09-08T11:44:00.000Z"}, **more)


def sns(
    message: Any = "", *, type: str = "Notification", version: str = "2", at: datetime = NOW, **fields: Any
) -> dict:
    """An envelope of Amazon SNS, signed; `fields` replace what is signed, and Signature what is not."""
    signature = fields.pop("Signature", None)
    envelope = {
        "Type": type,
        "MessageId": "sns-1",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        **fields,
    }
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if type != "Notification":
        envelope |= {"Token": "abc", "SubscribeURL": f"{SNS}/?Action=ConfirmSubscription&Token=abc"} | fields
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope).encode()
    made = rsa_key().sign(signed, padding.PKCS1v15(), SHA1() if version == "1" else SHA256())
    return envelope | {"Signature": signature or b64encode(made).decode()}


def from_sns(envelope: dict, pem: bytes | None = None) -> Posted:
    return Posted(json.dumps(envelope).encode(), {"content-type": "text/plain"}, certificate() if pem is None else pem)


# SendGrid


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_key(key: Any = None) -> str:
    """As SendGrid shows it."""
    spki = (key or ec_key()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(spki).decode()


def sendgrid(*events: dict, at: datetime = NOW, body: bytes | None = None, key: Any = None) -> Posted:
    body = json.dumps(events).encode() if body is None else body
    stamp = str(int(at.timestamp()))
    signature = (key or ec_key()).sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return Posted(body, headers)


def sendgrid_event(event: str, *, item_id: int = 0, id: str = "sg-1", **more: Any) -> dict:
    smtp_id = f"<{token(item_id)}@sender.example>" if item_id else "<14c5d75ce93.dfd.64b469@ismtpd-555>"
    fixed = {"email": TO, "timestamp": int(NOW.timestamp()) - 60, "smtp-id": smtp_id, "sg_message_id": "14c5.filter"}
    return {**fixed, "event": event, "sg_event_id": id, **more}


# Mailgun


def mailgun(event: dict, *, at: datetime = NOW, tok: str = "t" * 50, secret: str = SECRET) -> Posted:
    stamp = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), f"{stamp}{tok}".encode(), hashlib.sha256).hexdigest()
    document = {"signature": {"timestamp": stamp, "token": tok, "signature": signature}, "event-data": event}
    return Posted(json.dumps(document).encode(), {"content-type": "application/json"})


def mailgun_event(event: str, *, item_id: int = 0, **more: Any) -> dict:
    headers = {"to": TO, "from": "news@sender.example", "subject": "News"}
    headers |= {"message-id": f"{token(item_id)}@sender.example"} if item_id else {}
    fixed = {"id": "G9Bn5sl1TC6nu79C8C0bwg", "timestamp": NOW.timestamp() - 60.5, "recipient": TO}
    return {**fixed, "event": event, "message": {"headers": headers, "size": 1}, "user-variables": {}, **more}


def mailgun_failed(said: str, code: int = 550, *, severity: str = "permanent", reason: str = "bounce", **more: Any):
    status = {"code": code, "message": said, "description": "", "attempt-no": 1}
    return mailgun_event("failed", severity=severity, reason=reason, **{"delivery-status": status}, **more)


# Postmark, Brevo, and the signed one


def postmark(sort: str, *, item_id: int = 0, headers: dict[str, str] | None = None, **more: Any) -> Posted:
    metadata = {"envoi-item": token(item_id)} if item_id else {}
    fixed = {"RecordType": sort, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Metadata": metadata}
    fixed |= {"Recipient": TO} if sort == "SubscriptionChange" else {"Email": TO, "ID": 42}
    fixed |= {"BouncedAt": "2026-09-08T11:45:00.9070259Z"}
    return Posted(json.dumps({**fixed, **more}).encode(), headers or {})


def brevo(event: str, *, item_id: int = 0, headers: dict[str, str] | None = None, **more: Any) -> Posted:
    fixed = {"event": event, "email": TO, "id": 1, "date": "2026-09-08 13:45:00", "ts": 1788867900}
    fixed |= {"message-id": "<2026@smtp-relay.mailin.fr>", "ts_epoch": 1788867900000, "subject": "News"}
    fixed |= {"X-Mailin-custom": token(item_id)} if item_id else {}
    return Posted(json.dumps({**fixed, **more}).encode(), headers or {})


def signed(document: Any, *, at: datetime = NOW, secret: str = SECRET, body: bytes | None = None) -> Posted:
    body = json.dumps(document).encode() if body is None else body
    return Posted(body, {"x-envoi-signature": signature_of(secret, int(at.timestamp()), body)})


def basic(username: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{username}:{password}".encode()).decode()}


__all__ = ["NOW", "UTC"]
