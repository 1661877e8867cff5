"""Mails that somebody sent twice, because the first one was not answered or seemed lost."""

import re
from datetime import timedelta

from newsletter.classify.contenders import is_routine_title
from newsletter.classify.likeness import sentence_keys
from newsletter.model.item import Item
from newsletter.model.robots import is_robot

SPAN = timedelta(days=16)
"""Who was not heard tries again within two weeks."""
_LEAST_WORDS = 6
_LEAST_PART = 0.75
_SIGNATURE = re.compile(r"\n(?:-- ?|_{10,})\n.*", re.DOTALL)
_WORD = re.compile(r"\w+")
_LONGEST = 8_000
_COMES_ANEW = re.compile(r"\b(?:today|tonight|tomorrow|(?:this|next) week|reminder)\b", re.IGNORECASE)


def may_be_sent_again(item: Item) -> bool:
    """Whether a person wrote ``item``, and it is no thing of every week that looks the same each time."""
    if item.author is None or item.published_at is None or is_robot(item.author):
        return False
    return not is_routine_title(item.title) and not _COMES_ANEW.search(item.title)


def is_sent_again(first: Item, second: Item) -> bool:
    """Whether two mails of one author and title say the same, within two weeks."""
    if first.published_at is None or second.published_at is None:
        return False
    if abs(first.published_at - second.published_at) > SPAN:
        return False
    one, other = _own(first), _own(second)
    if _COMES_ANEW.search(one) or _COMES_ANEW.search(other):
        return False
    words, others = _WORD.findall(one.casefold()), _WORD.findall(other.casefold())
    if words == others:
        return len(words) >= _LEAST_WORDS
    if _numbers(one) != _numbers(other):
        return False  # a form that is filled in anew each time
    keys, other_keys = sentence_keys(one), sentence_keys(other)
    shared = len(keys & other_keys)
    return shared >= 2 and shared >= _LEAST_PART * max(len(keys), len(other_keys))


def _own(item: Item) -> str:
    """What the author wrote, without the signature: mail services write advertisements there."""
    return _SIGNATURE.sub("", item.text[:_LONGEST])


def _numbers(text: str) -> set[str]:
    return {word for word in _WORD.findall(text) if word[:1].isdigit()}
