"""The stories an issue can be chosen from, as bytes to keep with it; without the model that learns from them."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime

from newsletter.classify.contenders import Contender
from newsletter.classify.standing import contender_of
from newsletter.edit.placing import Judged
from newsletter.model.codec import from_json, to_json


def pack_contenders(judged: Sequence[Judged], now: datetime) -> bytes:
    """The stories that an issue can be chosen from, as bytes; what a rule drops is no choice."""
    found = [contender_of(each.story, now) for each in judged if not each.verdict.dropped_by]
    rows = [to_json(each) | {"marks": sorted(each.marks)} for each in found]
    return gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), 6, mtime=0)


def unpack_contenders(content: bytes) -> tuple[Contender, ...]:
    """The stories in ``content``."""
    rows = json.loads(gzip.decompress(content))
    return tuple(from_json(Contender, row) for row in rows)
