"""The campaign: gathers mass emails, lists and tracking URLs (D4)."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class CampaignType(StrEnum):
    """Only the first three can have mass emails. Stored by place: append only."""

    EMAIL = "email"
    NEWSLETTER = "newsletter"
    INFORMATIONAL = "informational"
    WEB = "web"
    TELEVISION = "television"
    RADIO = "radio"
    MAIL = "mail"


class CampaignStatus(StrEnum):
    """Inactive stops queueing and sending; the others are a note to people. Stored by place: append only."""

    PLANNING = "planning"
    ACTIVE = "active"
    INACTIVE = "inactive"
    COMPLETE = "complete"


class ListRole(StrEnum):
    """Whether a list is mailed or kept out. Stored by place: append only."""

    TARGET = "target"
    EXCLUDED = "excluded"


class Campaign(SQLModel, table=True):
    """`budget` in whole cents of the installation's currency."""

    __tablename__ = "campaign"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    type: CampaignType = code_field(CampaignType)
    status: CampaignStatus = code_field(CampaignStatus)
    start_date: date | None = None
    end_date: date | None = None
    budget: int | None = None
    description: str = ""
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class CampaignList(SQLModel, table=True):
    """A list of a campaign; its mass emails copy them at creation."""

    __tablename__ = "campaign_list"
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    role: ListRole = code_field(ListRole, primary_key=True)
    position: int
