"""The editor's note: paragraphs with stressed words and links, and nothing else."""

import re
from collections.abc import Iterable

from newsletter.render.contexts import SpanView
from newsletter.render.press import safe_url
from newsletter.text import one_line, without_controls

_MARKED = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*|\[(?P<label>[^\]\n]+)\]\((?P<url>[^)\s]+)\)|(?P<bare>https?://[^\s<>]+)"
)


def note_paragraphs(note: str) -> tuple[tuple[SpanView, ...], ...]:
    """The note's paragraphs; **stress**, [words](address) and bare addresses are understood, nothing else."""
    paragraphs = re.split(r"\n\s*\n", without_controls(note))
    return tuple(found for each in paragraphs if (found := tuple(_spans(one_line(each)))))


def _spans(text: str) -> Iterable[SpanView]:
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield SpanView(text[at : found.start()])
        bare = (found["bare"] or "").rstrip(".,;:!?)")
        if found["strong"]:
            yield SpanView(found["strong"], is_strong=True)
        else:
            yield SpanView(found["label"] or bare, url=safe_url(found["url"] or bare))
        at = found.end() - (len(found["bare"]) - len(bare) if found["bare"] else 0)
    if at < len(text):
        yield SpanView(text[at:])
