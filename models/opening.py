"""The opening: from when a mass email In Process may send, whatever its limits: undo minutes and sending window."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from models import sending_window
from models.catalogue import Problem
from models.mass_email import MassEmail
from models.outbound_emails import OutboundEmails


def not_yet(
    mail: Row[Any] | MassEmail, setting: OutboundEmails, now: datetime, *, begun: bool = False
) -> Problem | None:
    """Why it sends nothing yet, with `at`, the moment from which it does; None: it may send. `begun`: its first portion
    is under way, so its undo minutes are over."""
    until = None if begun else undo_until(mail, setting)
    if until is not None and until > now:
        return Problem("delivery.waiting.undo", at=until)
    window, zone = sending_window.parse(mail.sending_window), ZoneInfo(mail.zone)
    if not window.is_open(now, zone):
        return Problem("delivery.waiting.window", at=window.next_open(now, zone))
    return None


def undo_until(mail: Row[Any] | MassEmail, setting: OutboundEmails) -> datetime | None:
    """Until when a mass email whose queue is built can be taken back before anybody got it; None: it has no undo
    minutes, or its first portion is done."""
    if not setting.undo_minutes or mail.queue_done_at is None or mail.portions_done:
        return None
    until: datetime = mail.queue_done_at + timedelta(minutes=setting.undo_minutes)
    return until
