"""What the filter of the log offers: campaigns and mass emails that have a log, their links, the providers."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, case, func, select
from sqlmodel import Session

from models.address import OTHER_PROVIDER, Domain
from models.campaign import Campaign
from models.column_types import table
from models.email_template import TemplateVersion
from models.log_filter import LogFilter
from models.mass_email import MassEmail
from models.statistics import BounceReason, bounce_reasons
from models.tracking_url import Link, TrackingUrl

MOST: Final = 100

_campaign, _mail, _link, _place = table(Campaign), table(MassEmail), table(Link), table(TrackingUrl)

Named = tuple[tuple[int, str], ...]
"""(id, name) of each."""


@dataclass(frozen=True, slots=True)
class LogChoices:
    """The newest hundred of each, and what the filter names already. `mass_emails`: of the chosen campaign; `links`: of
    the chosen mass email, `tracking_urls`: of the chosen campaign, else none. `versions`: the chosen template version,
    as (id, number). `providers`: by name, "other" last. `reasons`: why messages of the chosen campaign or mass email
    came back, the commonest first, and the chosen one."""

    campaigns: Named
    mass_emails: Named
    links: Named
    tracking_urls: Named
    versions: tuple[tuple[int, int], ...]
    providers: tuple[str, ...]
    reasons: tuple[str, ...]


def log_choices(session: Session, chosen: LogFilter) -> LogChoices:
    """What may be chosen beside what is chosen already; deleted ones only where they are."""
    queued = _mail.c.queue_done_at.is_not(None)
    campaigns = select(_campaign.c.id, _campaign.c.name).where(
        _campaign.c.deleted_at.is_(None), _campaign.c.id.in_(select(_mail.c.campaign_id).where(queued))
    )
    mails = select(_mail.c.id, _mail.c.name).where(_mail.c.deleted_at.is_(None), queued)
    if chosen.campaign_id is not None:
        mails = mails.where(_mail.c.campaign_id == chosen.campaign_id)
    linked = _link.outerjoin(_place, _place.c.id == _link.c.tracking_url_id)
    links = select(_link.c.id, func.coalesce(_place.c.name, _link.c.url)).select_from(linked)
    places = select(_place.c.id, _place.c.name)
    return LogChoices(
        _named(session, campaigns, select(_campaign.c.id, _campaign.c.name), _campaign.c.id, chosen.campaign_id),
        _named(session, mails, select(_mail.c.id, _mail.c.name), _mail.c.id, chosen.mass_email_id),
        _named(session, links.where(_link.c.mass_email_id == chosen.mass_email_id), links, _link.c.id, chosen.link_id),
        _named(
            session,
            places.where(_place.c.campaign_id == chosen.campaign_id),
            places,
            _place.c.id,
            chosen.tracking_url_id,
        ),
        tuple((row.id, row.no) for row in session.execute(_version(chosen))),
        _providers(session),
        _reasons(session, chosen),
    )


def _version(chosen: LogFilter) -> Select[Any]:
    version = table(TemplateVersion).c
    return select(version.id, version.no).where(version.id == chosen.version_id)


def _named(session: Session, offered: Select[Any], any_: Select[Any], key: Any, chosen: int | None) -> Named:
    found = {id_: name for id_, name in session.execute(offered.order_by(key.desc()).limit(MOST))}
    if chosen is not None and chosen not in found:
        found |= {id_: name for id_, name in session.execute(any_.where(key == chosen))}
    return tuple(found.items())


def _reasons(session: Session, chosen: LogFilter) -> tuple[str, ...]:
    """From the counters, so at the same price whatever the log holds; without a scope that would be all of them."""
    found: list[BounceReason] = []
    if chosen.mass_email_id is not None or chosen.campaign_id is not None:
        found = bounce_reasons(session, campaign_id=chosen.campaign_id, mass_email_id=chosen.mass_email_id)
    named = [*([chosen.reason] if chosen.reason else []), *(one.reason for one in found)]
    return tuple(dict.fromkeys(named))


def _providers(session: Session) -> tuple[str, ...]:
    provider = table(Domain).c.provider
    last = case((provider == OTHER_PROVIDER, 1), else_=0)
    return tuple(session.scalars(select(provider).group_by(provider).order_by(last, provider)))
