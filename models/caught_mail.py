"""The caught mail: what the built-in mail catcher received instead of the world."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.column_types import Utc


class CaughtMail(SQLModel, table=True):
    """The index of a message; its bytes are a file in the data directory. Addresses are the envelope's."""

    __tablename__ = "caught_mail"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    sender: str
    recipient: str = Field(index=True)
    to_name: str = ""
    subject: str = ""
    size: int
    is_test: bool = False
    file: str
