"""A mail as the desk frames it: its titles lead to the cards of the desk. What is mailed stays as it is."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from html import escape

from newsletter.render.mail_measures import words_of

_HEADING = re.compile(r"(<h3\b[^>]*>)(.*?)(</h3>)", re.IGNORECASE | re.DOTALL)
_ANCHOR = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_LEADS = re.compile(r"\s*\b(?:href|target)=(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def with_cards(html: str, titles: Sequence[tuple[str, str]], url_of: Callable[[str], str]) -> str:
    """``html`` whose headings lead to ``url_of`` their entries, in the whole window; other links open a new one.

    ``titles`` are the ids and titles of entries in reading order; a heading that is none of them stays.
    """
    waiting: dict[str, list[str]] = defaultdict(list)
    for entry_id, title in titles:
        waiting[title].append(entry_id)

    def led(heading: re.Match[str]) -> str:
        begin, inner, end = heading[1], heading[2], heading[3]
        anchor = _ANCHOR.search(inner)
        ids = waiting.get(words_of(anchor[2] if anchor else inner))
        if not ids:
            return heading[0]
        place = f' href="{escape(url_of(ids.pop(0)))}" target="_top"'
        if anchor is None:
            return f'{begin}<a style="color:inherit"{place}>{inner}</a>{end}'
        own = _LEADS.sub("", anchor[1])
        return f"{begin}{inner[: anchor.start()]}<a{own}{place}>{anchor[2]}</a>{inner[anchor.end() :]}{end}"

    return _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', _HEADING.sub(led, html), count=1)
