"""Buttondown: emails over its HTTP API (https://docs.buttondown.com/api-emails-introduction).

Its texts are templates like Django's: braces that would begin one are kept apart. It makes the plain text
itself, and tracks what its own settings say: the API has no word for either.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from newsletter.deliver.campaign_api import Api, Query, moment, segment
from newsletter.deliver.campaign_texts import JOINER, Language, kept_apart
from newsletter.errors import ServiceFault
from newsletter.model.campaign import Campaign, CampaignState, Remote

ADDRESS = "https://api.buttondown.com"
MARK = "newsletter_campaign"
"""The key of an email's metadata that holds our name of it."""
_LIVE = {"X-Buttondown-Live-Dangerously": "true"}
"""It asks for this header before an API key lets an email out for the first time."""
_MODE = "<!-- buttondown-editor-mode: plaintext -->"
_MOST_PAGES = 200
_STATES: dict[str, CampaignState] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "about_to_send": "sending",
    "in_flight": "sending",
    "throttled": "sending",
    "resending": "sending",
    "paused": "paused",
    "sent": "sent",
    "imported": "sent",
    "transactional": "sent",
}
_BEGINS = re.compile(r"\{(?=[{%#])")
_BLANK = re.compile(r"\n\s*")
_HEAD = re.compile(r"^.*?</head>", re.DOTALL | re.IGNORECASE)
_STYLES = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_END = re.compile(r"</html>\s*$", re.IGNORECASE)

LANGUAGE = Language(
    leave="{{ unsubscribe_url }}",
    change="{{ manage_subscription_url }}",
    subject=lambda text: _BEGINS.sub(f"{{{JOINER}", text),
    text=lambda text: _BEGINS.sub(f"{{{JOINER}", text),
    markup=kept_apart(_BEGINS, "{", "%7B"),
    style=lambda text: _BEGINS.sub("{ ", text),
    comment=lambda text: _BEGINS.sub("{ ", text),
)


@dataclass
class Buttondown:
    """A newsletter at Buttondown, as its API key opens it; ``lists`` of a campaign are tags of subscribers."""

    key: str = field(repr=False)
    address: str = ADDRESS
    rest: Callable[[float], None] = time.sleep
    name: str = "Buttondown"

    def __post_init__(self) -> None:
        mend = 'Look at "api key:" under "delivery:", and at what that API key may do in the settings of Buttondown.'
        headers = {"Authorization": f"Token {self.key}"}
        self._api = Api(self.name, self.address.rstrip("/"), headers, _words, mend, self.rest)

    def find(self, campaign: Campaign, since: datetime) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        query: Query = {"ordering": "-creation_date", "creation_date__start": f"{since.astimezone(UTC):%Y-%m-%d}"}
        for _ in range(_MOST_PAGES):
            page = self._api.get("/v1/emails", query)
            found = page if isinstance(page, dict) else {}
            for each in found.get("results") or []:
                is_ours = (each.get("metadata") or {}).get(MARK) == campaign.name
                if is_ours and each.get("status") != "deleted":
                    return self._remote(each)
            if not found.get("next"):
                return None
            # The rest is asked for at the same address, wherever that link leads.
            query = dict(parse_qsl(urlsplit(str(found["next"])).query))
        return None

    def look(self, remote_id: str) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        try:
            said = self._api.get(f"/v1/emails/{segment(remote_id)}")
        except ServiceFault as fault:
            if fault.status in (404, 410):
                return None
            raise
        return None if isinstance(said, dict) and said.get("status") == "deleted" else self._remote(said)

    def create(self, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        # Without a status it would go out at once.
        made = self._remote(self._api.post("/v1/emails", {**_said(campaign), "status": "draft"}))
        return self._patched(made, {"template": "naked"})

    def update(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._patched(remote, {**_said(campaign), "template": "naked"})

    def schedule(self, remote: Remote, campaign: Campaign, at: datetime) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        hour = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self._let_go(remote, {"status": "scheduled", "publish_date": hour})

    def send(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._let_go(remote, {"status": "about_to_send"})

    def hold(self, remote: Remote) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._patched(remote, {"status": "draft" if remote.state == "scheduled" else "paused"})

    def delete(self, remote: Remote) -> None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        self._api.delete(f"/v1/emails/{segment(remote.id)}")

    def hour(self, at: datetime) -> datetime:
        """Any."""
        return at.replace(microsecond=0)

    def _patched(self, remote: Remote, said: dict[str, Any]) -> Remote:
        return self._remote(self._api.patch(f"/v1/emails/{segment(remote.id)}", said))

    def _let_go(self, remote: Remote, said: dict[str, Any]) -> Remote:
        return self._remote(self._api.patch_once(f"/v1/emails/{segment(remote.id)}", said, _LIVE))

    def _remote(self, said: Any) -> Remote:
        if not isinstance(said, dict) or not isinstance(said.get("id"), str):
            raise ServiceFault(f"{self.name} answered with something else than its API does.", is_final=True)
        state = _STATES.get(str(said.get("status")), "failed")
        counts = said.get("analytics") or {}
        return Remote(
            id=said["id"],
            state=state,
            page=f"https://buttondown.com/emails/{said['id']}",
            scheduled_at=moment(said.get("publish_date")) if state == "scheduled" else None,
            reader_count=counts.get("recipients") or None,
            sent_count=counts.get("deliveries") if state in ("sending", "sent", "paused") else None,
        )


def _said(campaign: Campaign) -> dict[str, Any]:
    filters = [{"field": "subscriber.tags", "operator": "contains", "value": each} for each in campaign.lists]
    return {
        "subject": campaign.subject,
        "body": _body(campaign.html),
        "metadata": {MARK: campaign.name},
        "filters": {"filters": filters, "groups": [], "predicate": "or" if filters else "and"},
    }


def _body(html: str) -> str:
    """Its styles and what is shown, in one piece: a blank line would end the HTML in Markdown."""
    head = _HEAD.match(html)
    styles = "".join(_STYLES.findall(head[0])) if head else ""
    shown = _END.sub("", html[head.end() :] if head else html)
    return f"{_MODE}\n{_BLANK.sub(chr(10), (styles + shown).strip())}"


def _words(answer: Any) -> str:
    said = answer.get("detail", "") if isinstance(answer, dict) else ""
    if isinstance(said, list):
        found = [each for each in said if isinstance(each, dict)]
        return "; ".join(f"{(each.get('loc') or [''])[-1]}: {each.get('msg', '')}" for each in found)
    return str(said)
