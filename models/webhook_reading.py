"""Which provider is read how: bytes and headers in, events out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from models import (
    webhook_brevo,
    webhook_mailgun,
    webhook_postmark,
    webhook_sendgrid,
    webhook_ses,
    webhook_signed,
)
from models.webhook_delivery import Delivery, Posted, Trust
from models.webhook_sns import open_envelope
from models.webhook_table import Provider

_READERS: Final[Mapping[Provider, Callable[[Trust, Posted, datetime], Delivery]]] = {
    Provider.AMAZON_SES: webhook_ses.read,
    Provider.SENDGRID: webhook_sendgrid.read,
    Provider.MAILGUN: webhook_mailgun.read,
    Provider.POSTMARK: webhook_postmark.read,
    Provider.BREVO: webhook_brevo.read,
    Provider.SIGNED: webhook_signed.read,
}


def read_delivery(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """What a request holds, once it is trusted. Raises Untrusted, and nothing else, whatever was posted."""
    return _READERS[trust.provider](trust, posted, now)


def certificate_url(trust: Trust, posted: Posted) -> str:
    """Where the certificate lies that the request has to be read with; "": it needs none. Raises Untrusted."""
    return open_envelope(trust, posted).certificate_url if trust.provider is Provider.AMAZON_SES else ""
