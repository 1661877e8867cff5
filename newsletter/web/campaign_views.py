"""What a service sends in our place, as the Deliveries page says it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.pipeline.delivery_board import Standing
from newsletter.render.words import number
from newsletter.store.campaigns import CampaignRow
from newsletter.web.delivery_words import hour, people

_STATES = {
    "waiting": "not handed over yet",
    "draft": "a draft there",
    "scheduled": "scheduled there",
    "sending": "being sent there",
    "paused": "held there",
    "sent": "sent",
    "failed": "ended there without being sent",
}


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign: whose lists, how it stands there, its page at the service, and what went wrong in its words."""

    lists: str
    state: str
    counts: str
    name: str
    url: str
    trouble: str


def campaign_views(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[CampaignView, ...]:
    """The campaigns of a mailing; none where the program sends itself."""
    return tuple(_view(each, now, zone) for each in standing.campaigns)


def _view(row: CampaignRow, now: datetime, zone: ZoneInfo) -> CampaignView:
    at = f" for {hour(row.scheduled_at, now, zone)}" if row.state == "scheduled" and row.scheduled_at else ""
    readers = "" if row.reader_count is None else f"{people(row.reader_count)} there"
    sent = f"{number(row.sent_count)} sent" if row.sent_count else ""
    return CampaignView(
        lists=f"{row.service}, lists {', '.join(row.lists)}" if row.lists else f"{row.service}, everybody there",
        state=f"{_STATES[row.state]}{at}",
        counts=", ".join(filter(None, (readers, sent))),
        name=row.name,
        url=row.page if row.page and row.page.startswith(("https://", "http://")) else "",
        trouble=row.words,
    )
