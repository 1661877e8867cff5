"""What the API says when something is not as it should be: one shape for all of it (RFC 9457)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "This cannot be read",
    401: "A token is needed",
    403: "The token does not allow this",
    404: "It is not there",
    405: "Not by this method",
    406: "There is only JSON",
    408: "Too slow",
    409: "Not now",
    413: "Too large",
    415: "Send JSON",
    422: "This cannot be meant",
    429: "Too often",
    500: "Something went wrong here",
    503: "Not at the moment",
}
"""The title of each status that is answered with a problem."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend: where ("query limit", "body /title", "header Accept"), what is wrong, and how to mend it."""

    where: str
    what: str
    how: str


class Refused(Exception):
    """The request is answered with a problem."""

    def __init__(self, status: int, *mistakes: Mistake, headers: dict[str, str] | None = None) -> None:
        self.status, self.mistakes, self.headers = status, mistakes, headers or {}
        super().__init__(TITLES.get(status, "Refused"))


def problem(
    status: int, mistakes: Sequence[Mistake], *, headers: dict[str, str] | None = None, title: str = ""
) -> Response:
    """The answer that tells ``mistakes``."""
    said = " ".join(f"{each.what} {each.how}".strip() for each in mistakes)
    record = {
        "type": f"/api/#status-{status}",
        "title": TITLES.get(status) or title or "Refused",
        "status": status,
        "detail": said,
        "errors": [{"where": each.where, "what": each.what, "how": each.how} for each in mistakes],
    }
    kept = {"cache-control": "no-store", "access-control-allow-origin": "*", **(headers or {})}
    return Response(json.dumps(record).encode(), status, media_type=MEDIA_TYPE, headers=kept)
