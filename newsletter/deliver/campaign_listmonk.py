"""listmonk: campaigns over its HTTP API (https://listmonk.app/docs/apis/campaigns/).

Its texts are Go templates: what looks like one is said as a string. Links are not tracked unless a text asks for it,
and its template without anything in it is our own: the default one holds a tracking picture.
"""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from newsletter.deliver.campaign_api import Api, Query, moment, segment
from newsletter.deliver.campaign_texts import Language
from newsletter.errors import ServiceFault
from newsletter.model.campaign import Campaign, CampaignState, Remote

TEMPLATE, TEMPLATE_BODY = "Newsletter, as it is", '{{ template "content" . }}'
_PAGE = 20
_MOST_PAGES = 500
_STATES: dict[str, CampaignState] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "running": "sending",
    "paused": "paused",
    "finished": "sent",
    "cancelled": "failed",
}
_BRACE = re.compile(r"\{(?=\{)")
_BRACES = re.compile(r"\{{2,}|\{\Z")
_BRACES_OR_TAG = re.compile(r"\{*<|\{{2,}")
_TRACK = "@TrackLink"
_SPECIAL = re.compile(r'[()<>@,;:\\".\[\]]')


def _quoted(text: str) -> str:
    """``text`` as a string of Go; its shorthand for tracked links is broken."""
    return json.dumps(text, ensure_ascii=False).replace(_TRACK, r"@\x54rackLink")


def _plain(text: str) -> str:
    kept = _BRACES.sub(lambda found: f"{{{{ {_quoted(found[0])} }}}}", text)
    return kept.replace(_TRACK, '@{{ "TrackLink" }}')


def _text(text: str) -> str:
    """Its plain text is read as if it were HTML: a lone "<" would be a tag that never ends."""

    def kept(found: re.Match[str]) -> str:
        return f"{{{{ Safe {_quoted(found[0])} }}}}"

    return _BRACES_OR_TAG.sub(kept, text).replace(_TRACK, '@{{ "TrackLink" }}')


LANGUAGE = Language(
    leave="{{ UnsubscribeURL }}",
    change="{{ UnsubscribeURL }}?manage=true",
    subject=_plain,
    text=_text,
    markup=_plain,
    style=lambda text: _BRACE.sub("{ ", text),
    # Comments are left out of Go's templates; Outlook reads those with a condition.
    comment=lambda text: f"{{{{ Safe {_quoted(text)} }}}}",
)


@dataclass
class Listmonk:
    """A listmonk, and the API user to ask it as."""

    address: str
    user: str
    key: str = field(repr=False)
    rest: Callable[[float], None] = time.sleep
    name: str = "listmonk"
    _template: int | None = None

    def __post_init__(self) -> None:
        login = base64.b64encode(f"{self.user}:{self.key}".encode()).decode()
        mend = 'Look at "api user:" and "api key:" under "delivery:", and at the role of that API user in listmonk.'
        headers = {"Authorization": f"Basic {login}"}
        self._api = Api(self.name, self.address.rstrip("/"), headers, _words, mend, self.rest)

    def find(self, campaign: Campaign, since: datetime) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        for page in range(1, _MOST_PAGES):
            query: Query = {"order_by": "created_at", "order": "DESC", "page": page, "per_page": _PAGE}
            found = _data(self._api.get("/api/campaigns", query)).get("results") or []
            for each in found:
                if each.get("name") == campaign.name:
                    return self._remote(each)
            oldest = moment(found[-1].get("created_at")) if found else None
            if len(found) < _PAGE or (oldest is not None and oldest < since):
                return None
        return None

    def look(self, remote_id: str) -> Remote | None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        try:
            return self._remote(_data(self._api.get(f"/api/campaigns/{segment(remote_id)}")))
        except ServiceFault as fault:
            # It says 400 of a campaign that it does not have.
            if fault.status in (400, 404, 410):
                return None
            raise

    def create(self, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._remote(_data(self._api.post("/api/campaigns", self._said(campaign))))

    def update(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        # An hour of before that has passed would be refused.
        return self._put(remote, {**self._said(campaign), "send_at": None})

    def schedule(self, remote: Remote, campaign: Campaign, at: datetime) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        self._put(remote, {**self._said(campaign), "send_at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"})
        return self._step(remote, "scheduled")

    def send(self, remote: Remote, campaign: Campaign) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._step(remote, "running")

    def hold(self, remote: Remote) -> Remote:
        """See :class:`newsletter.deliver.campaign.Service`."""
        return self._step(remote, "draft" if remote.state == "scheduled" else "paused")

    def delete(self, remote: Remote) -> None:
        """See :class:`newsletter.deliver.campaign.Service`."""
        try:
            self._api.delete(f"/api/campaigns/{segment(remote.id)}")
        except ServiceFault as fault:
            if fault.status != 400 or self.look(remote.id) is not None:
                raise

    def hour(self, at: datetime) -> datetime:
        """Any."""
        return at.replace(microsecond=0)

    def _said(self, campaign: Campaign) -> dict[str, Any]:
        said: dict[str, Any] = {
            "name": campaign.name,
            "subject": campaign.subject,
            "lists": [int(each) for each in campaign.lists],
            "from_email": _mailbox(*campaign.sender),
            "type": "regular",
            "content_type": "html",
            "body": campaign.html,
            "altbody": campaign.text,
            "messenger": "email",
            "template_id": self._bare_template(),
        }
        return said | ({"headers": [{"Reply-To": campaign.reply_to}]} if campaign.reply_to else {})

    def _put(self, remote: Remote, said: dict[str, Any]) -> Remote:
        return self._remote(_data(self._api.put(f"/api/campaigns/{segment(remote.id)}", said)))

    def _step(self, remote: Remote, status: str) -> Remote:
        refusal: ServiceFault | None = None
        try:
            self._api.put(f"/api/campaigns/{segment(remote.id)}/status", {"status": status})
        except ServiceFault as fault:
            # A step that was done, and whose answer was lost, is refused when it is said again.
            if fault.status != 400:
                raise
            refusal = fault
        found = self.look(remote.id)
        if refusal is not None and (found is None or found.state != _STATES[status]):
            raise refusal
        if found is None:
            raise ServiceFault(f"{self.name} has lost the campaign {remote.id}.", is_final=True)
        return found

    def _bare_template(self) -> int:
        """The template that adds nothing; made when it is not there, mended when somebody changed it."""
        if self._template is None:
            known = self._known_template()
            said = {"name": TEMPLATE, "type": "campaign", "body": TEMPLATE_BODY}
            if known is None:
                self._api.post("/api/templates", said)
                known = self._known_template()
            elif known.get("body", "").strip() != TEMPLATE_BODY:
                self._api.put(f"/api/templates/{int(known['id'])}", said)
            if known is None:
                raise ServiceFault(f"{self.name} does not keep the template “{TEMPLATE}”.", is_final=True)
            self._template = int(known["id"])
        return self._template

    def _known_template(self) -> dict[str, Any] | None:
        every = self._api.get("/api/templates", {"no_body": "false"})
        found = every.get("data") if isinstance(every, dict) else None
        return next((each for each in found or [] if each.get("name") == TEMPLATE), None)

    def _remote(self, said: dict[str, Any]) -> Remote:
        number = said.get("id")
        if not isinstance(number, int):
            raise ServiceFault(f"{self.name} answered with something else than its API does.", is_final=True)
        state = _STATES.get(str(said.get("status")), "failed")
        return Remote(
            id=str(number),
            state=state,
            page=f"{self.address.rstrip('/')}/admin/campaigns/{number}",
            scheduled_at=moment(said.get("send_at")) if state == "scheduled" else None,
            reader_count=said.get("to_send") or None,
            sent_count=said.get("sent") if state != "draft" else None,
        )


def _mailbox(name: str, address: str) -> str:
    """A name with signs of its own in quotes (RFC 5322, 3.4); other letters stay as they are."""
    if _SPECIAL.search(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>" if name else address


def _data(answer: Any) -> dict[str, Any]:
    found = answer.get("data") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def _words(answer: Any) -> str:
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""
