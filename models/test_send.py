"""The test send: a mail that statistics cannot see (D11)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.column_types import Utc


class TestSend(SQLModel, table=True):
    """`recipient_id` None: a typed address. `reply` is the server's answer word for word; `delivered` what it meant."""

    __tablename__ = "test_send"
    __test__ = False
    id: int | None = Field(default=None, primary_key=True)
    mass_email_id: int = Field(foreign_key="mass_email.id", index=True)
    recipient_id: int | None = Field(default=None, foreign_key="recipient.id")
    address: str
    version_id: int = Field(foreign_key="template_version.id")
    delivered: bool = False
    reply: str = ""
    at: datetime = Field(sa_type=Utc)
    by: str = ""
