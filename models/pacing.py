"""Pacing: how many now, and when the rest (D9). Arithmetic only, over buckets that survive a restart."""

from sqlmodel import Field, SQLModel

BUCKET_SECONDS = 10


class RateBucket(SQLModel, table=True):
    """Messages charged to an account in ten seconds. `bucket`: seconds since 1970 // 10."""

    __tablename__ = "rate_bucket"
    smtp_account_id: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    n: int
