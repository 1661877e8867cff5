"""The signals by which items are one story, each in time that grows with the number of items only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import pairwise

from newsletter.classify.groups import Groups
from newsletter.classify.likeness import like_pairs, sentence_keys
from newsletter.classify.origins import Origin, origin_of
from newsletter.classify.sent_again import is_sent_again, may_be_sent_again
from newsletter.classify.titles import clean_title, differs_by_number, is_reply_title, telling_words, title_words
from newsletter.model.item import Item
from newsletter.text import canonical_url, word_count

_TITLE_WORDS = 5
_TITLE_SPAN = timedelta(weeks=3)
_REPEAT_SPAN = timedelta(days=2)
_ADDRESS_SPAN = timedelta(days=45)
_LONG_TOLD = 3
"""Telling words that headlines share when they tell one page again after a long time."""
_MOST_LINKS = 3
"""An item that points to more items than this is a digest of them, not one of them."""
_MOST_POINTERS = 12
"""An item that more items than this point to is a page everybody names."""
_POINTER_WORDS = 60
_TEXT_WORDS = 40


@dataclass(frozen=True)
class Pool:
    """The items to group, the oldest first, with what is asked of them more than once."""

    items: Sequence[Item]
    merge_marks: AbstractSet[str] = field(default_factory=frozenset)

    @cached_property
    def titles(self) -> list[str]:
        """The headline of each item."""
        return [_headline(item) for item in self.items]

    @cached_property
    def addresses(self) -> list[str]:
        """The canonical address of each item, "" where it shows more than the item."""
        return [_address(item) for item in self.items]

    @cached_property
    def is_reply(self) -> list[bool]:
        """Whether an item answers another one."""
        return [is_reply(item) for item in self.items]

    @cached_property
    def openings(self) -> list[int]:
        """The items that begin something."""
        return [number for number, reply in enumerate(self.is_reply) if not reply]

    @cached_property
    def origins(self) -> list[Origin | None]:
        """Where each item says it was copied from."""
        return [None if reply else origin_of(item) for item, reply in zip(self.items, self.is_reply, strict=True)]

    @cached_property
    def at_address(self) -> dict[str, list[int]]:
        """The items that each address shows, threads by their opening mail."""
        found: dict[str, list[int]] = {}
        for number in self.openings:
            if self.addresses[number]:
                found.setdefault(self.addresses[number], []).append(number)
        return {
            url: numbers
            for url, numbers in found.items()
            if sum(self.items[number].form == "mail" for number in numbers) < 2
        }

    @cached_property
    def targets(self) -> list[list[int]]:
        """The items that each opening links to."""
        return [[] if reply else self._targets(number) for number, reply in enumerate(self.is_reply)]

    def _targets(self, number: int) -> list[int]:
        own = self.addresses[number]
        urls = dict.fromkeys(canonical_url(link) for link in self.items[number].links[:60])
        found = (other for url in urls if url != own for other in self.at_address.get(url, ()))
        return [other for other in dict.fromkeys(found) if other != number]

    def near(self, first: int, second: int, span: timedelta) -> bool:
        """Whether both were published within ``span``; an unknown time is no obstacle."""
        one, other = self.items[first].published_at, self.items[second].published_at
        return one is None or other is None or abs(one - other) <= span

    def differ(self, first: int, second: int) -> bool:
        """Whether both carry different versions, numbers, states or dates: then they are two stories."""
        one, other = self.items[first], self.items[second]
        if one.event and other.event and one.event.starts_at != other.event.starts_at:
            return True
        return differs_by_number(self.titles[first], self.titles[second])


def is_reply(item: Item) -> bool:
    """Whether ``item`` answers another mail."""
    return item.form == "mail" and (bool(item.in_reply_to) or is_reply_title(item.title))


def join_all(pool: Pool, groups: Groups) -> None:
    """Join what every signal finds, the surest first."""
    for signal in _SIGNALS:
        signal(pool, groups)


def _headline(item: Item) -> str:
    return clean_title(item.title, author=item.author.name if item.author else None, is_mail=item.form == "mail")


def _address(item: Item) -> str:
    """A front page shows more than one item, and so does a page that is read part by part."""
    is_of_many = item.form == "page" or (item.event is not None and item.event.url is None and item.form == "event")
    found = canonical_url(item.url) if item.url and not is_of_many else ""
    return found if "/" in found or "?" in found else ""


def _chain(groups: Groups, keyed: Iterable[tuple[object, int]], reason: str) -> None:
    first: dict[object, int] = {}
    for key, number in keyed:
        if key in first:
            groups.join(first[key], number, reason)
        else:
            first[key] = number


def _same_mail(pool: Pool, groups: Groups) -> None:
    """One mail sent to two lists has one Message-ID."""
    mails = ((number, item) for number, item in enumerate(pool.items) if item.form == "mail")
    _chain(groups, ((item.native_keys[0], number) for number, item in mails if _is_message_id(item)), "the same mail")


def _is_message_id(item: Item) -> bool:
    return bool(item.native_keys) and "@" in item.native_keys[0]


def _same_thread(pool: Pool, groups: Groups) -> None:
    """Message-IDs are the same everywhere; other roots hold within their source."""
    threads = ((number, item, item.thread.root_id) for number, item in enumerate(pool.items) if item.thread)
    keyed = ((root if "@" in root else (item.source_id, root), number) for number, item, root in threads)
    _chain(groups, keyed, "one thread")


def _same_address(pool: Pool, groups: Groups) -> None:
    for numbers in pool.at_address.values():
        for at, number in enumerate(numbers[1:], 1):
            for other in numbers[max(0, at - 8) : at]:
                if _is_same_page(pool, number, other) and _is_still_told(pool, number, other):
                    groups.join(other, number, "the same address")


def _is_still_told(pool: Pool, number: int, other: int) -> bool:
    """Whether an address stands for one story both times; after weeks only when the headline is the same, too."""
    if pool.near(number, other, _ADDRESS_SPAN):
        return True
    one, another = telling_words(pool.titles[number]), telling_words(pool.titles[other])
    return 4 * len(one & another) >= 3 * max(len(one), len(another), _LONG_TOLD)


def _is_same_page(pool: Pool, number: int, other: int) -> bool:
    """One source that gives an address twice watches a living page, unless the headlines are alike."""
    if pool.differ(number, other):
        return False
    if pool.items[number].source_id != pool.items[other].source_id:
        return True
    return _alike(pool.titles[number], pool.titles[other])


def _alike(first: str, second: str) -> bool:
    one, other = telling_words(first), telling_words(second)
    shared = len(one & other)
    return shared > 0 and 2 * shared >= min(len(one), len(other))


def _links(pool: Pool, groups: Groups) -> None:
    """An item belongs to the one it links to when it is about it, not when it only mentions it."""
    pointers: dict[int, int] = {}
    for number in pool.openings:
        for other in pool.targets[number]:
            pointers[other] = pointers.get(other, 0) + 1
    for number in pool.openings:
        if len(pool.targets[number]) > _MOST_LINKS:
            continue
        for other in pool.targets[number]:
            if pointers[other] <= _MOST_POINTERS and not pool.differ(number, other) and _is_about(pool, number, other):
                groups.join(other, number, "one links to the other")


def _is_about(pool: Pool, number: int, other: int) -> bool:
    item, origin = pool.items[number], pool.origins[number]
    if origin is not None and (origin.url is None or canonical_url(origin.url) == pool.addresses[other]):
        return True
    if _alike(pool.titles[number], pool.titles[other]):
        return True
    if pool.titles[other].casefold() in item.text.casefold() and len(title_words(pool.titles[other])) >= 3:
        return True
    return len(pool.targets[number]) == 1 and word_count(item.text) <= _POINTER_WORDS


def _same_title(pool: Pool, groups: Groups) -> None:
    by_title: dict[tuple[str, ...], list[int]] = {}
    for number in pool.openings:
        words = title_words(pool.titles[number])
        if len(words) >= _TITLE_WORDS:
            by_title.setdefault(words, []).append(number)
    for numbers in by_title.values():
        sources = {pool.items[number].source_id for number in numbers}
        is_repeated = len(sources) < len(numbers)
        span = _REPEAT_SPAN if is_repeated else _TITLE_SPAN
        for first, second in pairwise(numbers):
            other_source = pool.items[first].source_id != pool.items[second].source_id
            if other_source and pool.near(first, second, span) and not pool.differ(first, second):
                groups.join(first, second, "the same title")


def _same_text(pool: Pool, groups: Groups) -> None:
    """Nearly equal texts of two sources; one source that repeats itself fills in a form."""
    long = [number for number in pool.openings if word_count(pool.items[number].text[:2000]) >= _TEXT_WORDS]
    keys = [sentence_keys(pool.items[number].text) for number in long]
    for first, second, _ in like_pairs(keys):
        one, other = long[first], long[second]
        if pool.items[one].source_id != pool.items[other].source_id and not pool.differ(one, other):
            groups.join(one, other, "nearly the same text")


def _sent_again(pool: Pool, groups: Groups) -> None:
    """A mail whose author sent it once more is one story; each is compared with the one before."""
    by_author: dict[tuple[str, tuple[str, ...]], int] = {}
    for number in pool.openings:
        item = pool.items[number]
        if item.form != "mail" or item.author is None:
            continue
        key = (item.author.identity, title_words(pool.titles[number]))
        before = by_author.get(key)
        by_author[key] = number
        if before is None or pool.differ(before, number) or not may_be_sent_again(item):
            continue
        if is_sent_again(pool.items[before], item):
            groups.join(before, number, "sent again")


def _marked(pool: Pool, groups: Groups) -> None:
    """What a rule calls a copy joins the first item it links to, or the one with its title."""
    by_title: dict[tuple[str, ...], int] = {}
    for number in pool.openings:
        by_title.setdefault(title_words(pool.titles[number]), number)
    for number in pool.openings:
        if pool.items[number].id in pool.merge_marks:
            twin = by_title[title_words(pool.titles[number])]
            for other in [*pool.targets[number], twin][:1]:
                if other != number:
                    groups.join(other, number, "a rule joined them")


_SIGNALS: Sequence[Callable[[Pool, Groups], None]] = (
    _same_mail,
    _same_thread,
    _same_address,
    _links,
    _same_title,
    _same_text,
    _sent_again,
    _marked,
)


def by_decision(items: Sequence[Item], pairs: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    """The pairs of item ids as places in ``items``; a pair whose item is not there is left out."""
    at: Mapping[str, int] = {item.id: number for number, item in enumerate(items)}
    return [(at[first], at[second]) for first, second in pairs if first in at and second in at]
