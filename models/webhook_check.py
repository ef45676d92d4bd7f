"""What was typed for a webhook, checked: a value per column, or a problem per field."""

from collections.abc import Mapping
from typing import Any, Final

from models import typed_server
from models.catalogue import Problem
from models.secret import encrypt
from models.webhook_sendgrid import load_key
from models.webhook_sns import TOPIC
from models.webhook_table import Provider, Webhook

CHECKED: Final = ("name", "provider", "username", "public_key", "topic_arn", "active")
"""The columns that a form shows; beside them is the field `secret`."""
NEEDS_SECRET: Final = frozenset({Provider.MAILGUN, Provider.SIGNED})
TAKES_SECRET: Final = NEEDS_SECRET | {Provider.POSTMARK, Provider.BREVO}
SHORTEST_SECRET: Final = 16
LONGEST_KEY: Final = 2000


def check(values: Mapping[str, object], kept: Webhook | None) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The columns that `values` give, and the problems of its fields. `kept`: the webhook that is being changed: its
    secret stays where none is typed, its provider stays."""
    problems: dict[str, Problem] = {}
    given = dict.fromkeys(CHECKED, "") | {"active": True} | dict(values)
    provider = kept.provider if kept else typed_server.choice(Provider, given["provider"], "provider", problems)
    checked: dict[str, Any] = {
        "name": typed_server.line(given["name"], "name", problems, required=True),
        "provider": provider,
        "active": typed_server.yes(given["active"]),
        "username": "",
        "public_key": "",
        "topic_arn": "",
    }
    if provider is Provider.AMAZON_SES:
        checked["topic_arn"] = _topic(given["topic_arn"], problems)
    if provider is Provider.SENDGRID:
        checked["public_key"] = _public_key(given["public_key"], problems)
    if provider in TAKES_SECRET:
        checked |= _secret(provider, given, kept, problems)
    return checked, problems


def _topic(value: object, problems: dict[str, Problem]) -> str:
    text = typed_server.line(value, "topic_arn", problems, required=True, limit=400)
    if text and not TOPIC.fullmatch(text):
        problems.setdefault("topic_arn", Problem("webhook.not_a_topic"))
    return text


def _public_key(value: object, problems: dict[str, Problem]) -> str:
    """SendGrid gives the key only once it knows the address, so it may come later."""
    text = str(value or "").strip()
    if len(text) > LONGEST_KEY:
        problems["public_key"] = Problem("errors.too_long", limit=LONGEST_KEY)
        return ""
    try:
        if text:
            load_key(text)
    except ValueError:  # binascii.Error is one; an unknown curve is UnsupportedAlgorithm's in old versions alone
        problems["public_key"] = Problem("webhook.not_a_key")
    return text


def _secret(
    provider: Provider, given: Mapping[str, object], kept: Webhook | None, problems: dict[str, Problem]
) -> dict[str, Any]:
    """Basic authentication needs both of its halves. Without a user name the secret is a bearer token."""
    typed = typed_server.line(given.get("secret"), "secret", problems, limit=400)
    has_one = bool(typed or (kept and kept.secret))
    if provider in NEEDS_SECRET and not has_one:
        problems.setdefault("secret", Problem("errors.required"))
    if typed and provider is Provider.SIGNED and len(typed) < SHORTEST_SECRET:
        problems.setdefault("secret", Problem("webhook.secret_too_short", least=SHORTEST_SECRET))
    found: dict[str, Any] = {"secret": encrypt(typed)} if typed else {}
    if provider in {Provider.POSTMARK, Provider.BREVO}:
        username = typed_server.line(given["username"], "username", problems)
        if username and not has_one:
            problems.setdefault("secret", Problem("errors.required"))
        if ":" in username:  # RFC 7617 2
            problems.setdefault("username", Problem("webhook.colon"))
        found["username"] = username
    return found
