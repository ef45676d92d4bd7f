"""What every page says about the installation: where mail goes, and what is being sent now."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session

from models.column_types import table
from models.mass_email import MassEmail, MassEmailStatus
from models.smtp_account import SmtpAccount


@dataclass(frozen=True, slots=True)
class Standing:
    """`catching`: no real SMTP account is the default, so mail goes to the catcher (D26)."""

    catching: bool
    in_process: int


def get_standing(session: Session) -> Standing:
    """The standing at this moment: two indexed counts."""
    accounts, mails = table(SmtpAccount).c, table(MassEmail).c
    real = select(func.count()).where(accounts.is_default, ~accounts.is_catcher, accounts.deleted_at.is_(None))
    sending = select(func.count()).where(mails.status == MassEmailStatus.IN_PROCESS, mails.deleted_at.is_(None))
    return Standing(not session.scalar(real), session.scalar(sending) or 0)
