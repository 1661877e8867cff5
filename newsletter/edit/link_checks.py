"""Checks of the links of an issue: they answer, moved, are dead, carry tracking, or lead twice to the same page."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from newsletter.edit.check import Act, Check, CheckInput, counted, look_at
from newsletter.edit.links import Link, links_of
from newsletter.model.link import LinkResult
from newsletter.text import canonical_url, shorten, without_tracking

_EACH = 100
"""So many links are told one by one; what is more is told as a number."""
_WORDS = 90
_UNANSWERED = ("1 link does not answer", "links do not answer")
_UNTOLD = ("1 link could not be checked", "links could not be checked")
_FRONT = ("1 link leads to a front page now", "links lead to a front page now")
_PRIVATE = ("1 link leads to a private address", "links lead to a private address")
_TRACKED = "links carry tracking"


def link_checks(found: CheckInput) -> Iterator[Check]:
    """What there is to say about the links of the issue."""
    every = links_of(found.issue)
    results = [(each, found.links.results[each.url]) for each in every if each.url in found.links.results]
    yield from _answers(found, every, [result for _, result in results])
    for state, told in (("dead", _dead), ("moved", _moved), ("refused", _refused), ("unknown", _unknown)):
        yield from _told([(link, result) for link, result in results if result.state == state], f"link {state}", told)
    yield from _tracking(every)
    yield from _twice(found)


_Pair = tuple[Link, LinkResult]


def _told(pairs: Sequence[_Pair], name: str, tell: Callable[[Link, LinkResult], Check]) -> Iterator[Check]:
    yield from (tell(link, result) for link, result in pairs[:_EACH])
    if len(pairs) > _EACH:
        entries = tuple(dict.fromkeys(each for link, _ in pairs[_EACH:] for each in link.entries))
        yield Check(name, "warning", f"{len(pairs) - _EACH} more are like these", entries=entries)


def _answers(found: CheckInput, every: Sequence[Link], results: Sequence[LinkResult]) -> Iterator[Check]:
    well = [each for each in results if each.state in ("good", "moved")]
    if well:
        first = min(each.checked_at for each in well).astimezone(found.zone)
        answer = "answers" if len(well) == 1 else "answer"
        yield Check("links", "good", f"{counted(len(well), 'link')} {answer}", f"checked {first:%a %H:%M}")
    left = len(every) - len(results)
    if left:
        yield Check(
            "links",
            "warning",
            f"{counted(left, 'link')} not checked yet",
            "“Ask all links now” on the approve page does.",
        )


def _dead(link: Link, result: LinkResult) -> Check:
    act = look_at(link.entries[0]) if link.entries else None
    detail = f"{_short(link.url)}: {result.reason}"
    if result.mended:
        act = Act("link", link.url, result.mended, "Use the one that answers")
        detail += f". This answers: {_short(result.mended)}"
    elif result.archived:
        act = Act("link", link.url, result.archived, "Use the archived copy")
    text, group = ("1 link is gone", "links are gone") if result.status else _UNANSWERED
    return Check("link dead", "warning", text, detail, act, link.entries, group)


def _moved(link: Link, result: LinkResult) -> Check:
    target = result.final_url or ""
    detail = f"{_short(link.url)} leads to {_short(target)}"
    if _is_front(link.url, target):
        act = look_at(link.entries[0]) if link.entries else None
        text, group = _FRONT
        return Check("link moved", "warning", text, detail, act, link.entries, group)
    act = Act("link", link.url, target, "Use the new one")
    return Check("link moved", "warning", "1 link moved for good", detail, act, link.entries, "links moved for good")


def _is_front(url: str, target: str) -> bool:
    return "/" in canonical_url(url) and "/" not in canonical_url(target) and "?" not in target


def _refused(link: Link, result: LinkResult) -> Check:
    act = look_at(link.entries[0]) if link.entries else None
    detail = f"{_short(link.url)} lies inside a network that readers cannot reach"
    text, group = _PRIVATE
    return Check("link refused", "warning", text, detail, act, link.entries, group)


def _unknown(link: Link, result: LinkResult) -> Check:
    act = look_at(link.entries[0]) if link.entries else None
    text, group = _UNTOLD if result.status else _UNANSWERED
    return Check("link unknown", "warning", text, f"{_short(link.url)}: {result.reason}", act, link.entries, group)


def _tracking(every: Sequence[Link]) -> Iterator[Check]:
    for link in [each for each in every if without_tracking(each.url) != each.url][:_EACH]:
        act = Act("link", link.url, without_tracking(link.url), "Clean it")
        yield Check(
            "link tracking", "warning", "1 link carries tracking", _short(link.url), act, link.entries, _TRACKED
        )


def _twice(found: CheckInput) -> Iterator[Check]:
    """The same page under the titles of two stories."""
    stories: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in found.issue.entries:
        if entry.url:
            stories[canonical_url(entry.url)].setdefault(entry.story_id, entry.id)
    for page, told in stories.items():
        if len(told) > 1:
            entries = tuple(told.values())
            yield Check(
                "same address",
                "warning",
                f"{len(entries)} entries lead to the same page",
                shorten(page, _WORDS),
                look_at(entries[1]),
                entries,
            )


def _short(url: str) -> str:
    return shorten(url, _WORDS)
