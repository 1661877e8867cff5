"""Mailchimp: campaigns over its Marketing API 3.0 (https://mailchimp.com/developer/marketing/api/campaigns/).

Its merge tags stand between *| and |*: what looks like one is kept apart. Opens and clicks are not tracked.
It lets campaigns go at quarter hours, and its "reply_to" is the sender's address, too.
"""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.deliver.campaign_api import Api, Query, moment, segment
from newsletter.deliver.campaign_texts import JOINER, Language, kept_apart
from newsletter.errors import ServiceFault
from newsletter.model.campaign import Campaign, CampaignState, Remote

QUARTER = timedelta(minutes=15)
_CENTRE = re.compile(r"[^-\s]+-([a-z]{2,3}\d{1,4})", re.ASCII)
_PAGE = 500
_FIELDS = ",".join(
    ["total_items"]
    + [f"campaigns.{each}" for each in ("id", "web_id", "status", "send_time", "emails_sent")]
    + ["campaigns.settings.title", "campaigns.recipients.recipient_count"]
)
_STATES: dict[str, CampaignState] = {
    "save": "draft",
    "schedule": "scheduled",
    "sending": "sending",
    "paused": "paused",
    "sent": "sent",
    "archived": "sent",
}
_TAG = re.compile(r"\*(?=\|)")

LANGUAGE = Language(
    leave="*|UNSUB|*",
    change="*|UPDATE_PROFILE|*",
    subject=lambda text: _TAG.sub(f"*{JOINER}", text),
    text=lambda text: _TAG.sub(f"*{JOINER}", text),
    markup=kept_apart(_TAG, "*", "%2A"),
    style=lambda text: _TAG.sub("* ", text),
    comment=lambda text: _TAG.sub("* ", text),
)


@dataclass
class Mailchimp:
    """An account at Mailchimp, and the audience in it; ``lists`` of a campaign are ids of its segments and tags."""

    audience: str
    key: str = field(repr=False)
    address: str | None = None
    """Where the API is, if not where the end of the key says."""
    rest: Callable[[float], None] = time.sleep
    name: str = "Mailchimp"

    def __post_init__(self) -> None:
        found = _CENTRE.fullmatch(self.key)
        self._centre = found[1] if found else None
        if self.address is None and self._centre is None:
            text = "The key for Mailchimp ends with its data centre, as in …-us21, and this one does not. Copy it anew."
            raise ServiceFault(text, is_final=True)
        login = base64.b64encode(f"newsletter:{self.key}".encode()).decode()
        address = (self.address or f"https://{self._centre}.api.mailchimp.com").rstrip("/")
        mend = 'Look at "api key:" under "delivery:", and whether it is still listed among the API keys of the account.'
        self._api = Api(self.name, f"{address}/3.0", {"Authorization": f"Basic {login}"}, _words, mend, self.rest)

    def find(self, campaign: Campaign, since: datetime) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        after = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"
        at = 0
        while True:
            query: Query = {"since_create_time": after, "count": _PAGE, "offset": at, "fields": _FIELDS}
            page = self._api.get("/campaigns", query)
            found = (page.get("campaigns") if isinstance(page, dict) else None) or []
            for each in found:
                if (each.get("settings") or {}).get("title") == campaign.name:
                    return self._remote(each)
            at += len(found)
            if len(found) < _PAGE:
                return None

    def look(self, remote_id: str) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        try:
            return self._remote(self._api.get(f"/campaigns/{segment(remote_id)}"))
        except ServiceFault as fault:
            if fault.status in (404, 410):
                return None
            raise

    def create(self, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        made = self._remote(self._api.post("/campaigns", {"type": "regular", **self._said(campaign)}))
        self._put_content(made, campaign)
        return made

    def update(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        changed = self._remote(self._api.patch(f"/campaigns/{segment(remote.id)}", self._said(campaign)))
        self._put_content(remote, campaign)
        return changed

    def schedule(self, remote: Remote, campaign: Campaign, at: datetime) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        hour = f"{self.hour(at).astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"
        return self._act(remote, "schedule", {"schedule_time": hour})

    def send(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._act(remote, "send")

    def hold(self, remote: Remote) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        if remote.state != "scheduled":
            text = "It goes out at Mailchimp already, and only there can it be cancelled."
            raise ServiceFault(f"{text} Its page: {remote.page or 'Campaigns'}", is_final=True)
        return self._act(remote, "unschedule")

    def delete(self, remote: Remote) -> None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        self._api.delete(f"/campaigns/{segment(remote.id)}")

    def hour(self, at: datetime) -> datetime:
        """The quarter of an hour, or the next one."""
        past = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
        return at - past + (QUARTER if past else timedelta())

    def _act(self, remote: Remote, action: str, said: dict[str, Any] | None = None) -> Remote:
        self._api.post(f"/campaigns/{segment(remote.id)}/actions/{action}", said)
        found = self.look(remote.id)
        if found is None:
            raise ServiceFault(f"{self.name} has lost the campaign {remote.id}.", is_final=True)
        return found

    def _put_content(self, remote: Remote, campaign: Campaign) -> None:
        content = {"html": campaign.html, "plain_text": campaign.text}
        self._api.put(f"/campaigns/{segment(remote.id)}/content", content)

    def _said(self, campaign: Campaign) -> dict[str, Any]:
        name, address = campaign.sender
        return {
            "recipients": {"list_id": self.audience, "segment_opts": _segments(campaign.lists)}
            if campaign.lists
            else {"list_id": self.audience},
            "settings": {
                "title": campaign.name,
                "subject_line": campaign.subject,
                "from_name": name,
                "reply_to": address,
                "auto_footer": False,
                "inline_css": False,
            },
            "tracking": {"opens": False, "html_clicks": False, "text_clicks": False},
        }

    def _remote(self, said: Any) -> Remote:
        if not isinstance(said, dict) or not isinstance(said.get("id"), str):
            raise ServiceFault(f"{self.name} answered with something else than its API does.", is_final=True)
        state = _STATES.get(str(said.get("status")), "failed")
        number = said.get("web_id")
        page = f"https://{self._centre}.admin.mailchimp.com/campaigns/show/?id={number}"
        return Remote(
            id=said["id"],
            state=state,
            page=page if self._centre and number else None,
            scheduled_at=moment(said.get("send_time")) if state == "scheduled" else None,
            reader_count=(said.get("recipients") or {}).get("recipient_count") or None,
            sent_count=said.get("emails_sent") if state in ("sending", "sent") else None,
        )


def _segments(lists: tuple[str, ...]) -> dict[str, Any]:
    """One segment as it is saved; of several, whoever is in any: only static ones, which tags are, can be joined."""
    if len(lists) == 1:
        return {"saved_segment_id": int(lists[0])}
    each = {"condition_type": "StaticSegment", "field": "static_segment", "op": "static_is"}
    return {"match": "any", "conditions": [{**each, "value": int(one)} for one in lists]}


def _words(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    errors = [each for each in answer.get("errors") or [] if isinstance(each, dict)]
    more = "; ".join(f"{each.get('field', '')}: {each.get('message', '')}" for each in errors)
    return " ".join(filter(None, (str(answer.get("detail") or answer.get("title") or ""), more)))
