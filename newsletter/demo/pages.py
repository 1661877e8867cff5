"""A page: what the sample community's server answers at one address."""

from dataclasses import dataclass
from datetime import datetime

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. ``is_slow`` makes the server wait; ``is_living`` pages have no validators."""

    body: bytes
    media_type: str
    modified: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    is_slow: bool = False
    is_living: bool = False
