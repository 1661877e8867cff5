"""What could not be read and waits for somebody to look at it: Aside as a reader gives it, SetAside as it is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AsideState = Literal["waiting", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Aside:
    """A document, or one record of it, that could not be read: where it came from, why, and its bytes.

    It is kept so that it can be read again after a fix; the others of its document go on. A kind
    gives the first three; who gathers adds the ``reader``, and whether it ``is_document``: a whole
    one that ended the reading of its source. ``final_url`` is where it stood when its address led on; else empty.
    """

    address: str
    reason: str
    data: bytes = b""
    content_type: str = ""
    reader: str = ""
    is_document: bool = False
    final_url: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was set aside of a source, as it is kept.

    ``size`` is that of the whole; ``note`` says what is missing of its bytes, "" for nothing.
    The same bytes from the same address are one of these: ``seen_count`` says how often they came.
    ``tries`` counts how often it was read again in vain.
    """

    id: str
    source_id: str
    aside: Aside
    size: int
    note: str
    set_aside_at: datetime
    seen_at: datetime
    seen_count: int = 1
    tries: int = 0
    state: AsideState = "waiting"
