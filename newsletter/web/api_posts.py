"""What programs send to the API: tips for the editors' inbox, and late items for the draft under review."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from newsletter.errors import UsageError
from newsletter.model.codec import time_text
from newsletter.pipeline.api_posts import WrongSection, once, post_hot, post_tip, tip_sent
from newsletter.pipeline.offering import LateItem
from newsletter.pipeline.tips import Tip, WaitingTip
from newsletter.web.api_body import read_body
from newsletter.web.api_gate import JSON, Asked, answer, json_bytes
from newsletter.web.api_problem import Mistake, Refused
from newsletter.web.sessions import newsletter_of

IDEMPOTENCY_KEY = r"^[!-~]{1,200}$"
Done = tuple[int, Any]


def send_tip(asked: Asked) -> Response:
    """Take a tip in."""
    from newsletter.web.api_shapes import TipPost

    app, said = newsletter_of(asked.request), read_body(asked.request, TipPost)
    tip = Tip(said["title"], said.get("text") or "", said.get("url") or "", said.get("name") or "")

    def do() -> Done:
        found, is_new = post_tip(app, tip, program=asked.asker.name)
        return 201 if is_new else 200, _tip(found)

    return _posted(asked, said, do)


def tip(asked: Asked) -> Response:
    """What became of a tip."""
    found = tip_sent(newsletter_of(asked.request), asked.request.path_params["id"])
    return answer(asked, _tip(found), is_public=False)


def send_hot(asked: Asked) -> Response:
    """Put a late item into the draft under review."""
    from newsletter.web.api_shapes import HotPost

    app, said = newsletter_of(asked.request), read_body(asked.request, HotPost)
    late = LateItem(said["title"], said["url"], said.get("text") or "", said.get("section"), said.get("credit") or "")

    def do() -> Done:
        placed = post_hot(app, late, program=asked.asker.name)
        card = f"/desk/issues/{placed.number}/items/{placed.entry_id}"
        record = {"issue": placed.number, "entry": placed.entry_id, "card": card, "is_new": placed.is_new}
        return 201 if placed.is_new else 200, record

    return _posted(asked, said, do)


def _posted(asked: Asked, said: Any, do: Callable[[], Done]) -> Response:
    """The answer to a post: what ``do`` gives, once for each Idempotency-Key."""
    asked.request.app.state.api_limits.post(asked.asker)
    key = _key(asked)
    headers = {"cache-control": "no-store"}
    try:
        if key is None:
            status, value = do()
        else:
            whole = json_bytes([asked.request.url.path, said])
            fingerprint = hashlib.sha256(whole).hexdigest()
            app = newsletter_of(asked.request)
            status, value, is_known = once(app, asked.asker.key, key, fingerprint=fingerprint, do=do)
            headers |= {"idempotency-replayed": "true"} if is_known else {}
    except UsageError as fault:
        what, _, how = str(fault).partition(". ")
        where = "body /section" if isinstance(fault, WrongSection) else "body"
        raise Refused(422, Mistake(where, f"{what.rstrip('.')}.", how)) from None
    return Response(json_bytes(value), status, media_type=JSON, headers=headers)


def _key(asked: Asked) -> str | None:
    keys = asked.request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not re.fullmatch(IDEMPOTENCY_KEY, keys[0]):
        wrong = Mistake("header Idempotency-Key", "It is no key.", "Write 1 to 200 letters, digits and signs, once.")
        raise Refused(422, wrong)
    return keys[0]


def _tip(found: WaitingTip) -> dict[str, Any]:
    return {
        "id": found.item.id,
        "came_at": time_text(found.came_at),
        "state": found.state,
        "issue": found.issue,
    }
