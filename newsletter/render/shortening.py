"""What a mail leaves out when it would be too large: summaries from the end first, then whole entries."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from newsletter.render.contexts import EntryView, GroupView, IssueContext, SectionView


def shorten_to_fit(issue: IssueContext, fits: Callable[[IssueContext], bool]) -> IssueContext:
    """The most of ``issue`` that ``fits``; what is left out is counted in it. The last resort may not fit."""
    if fits(issue):
        return issue
    summaries = sum(1 for entry in _entries(issue) if entry.summary)
    bare = without_summaries(issue, summaries)
    if fits(bare):
        return without_summaries(issue, _fewest(summaries, lambda count: fits(without_summaries(issue, count))))
    order = _leaving(issue)
    return without_entries(bare, order[: _fewest(len(order), lambda count: fits(without_entries(bare, order[:count])))])


def without_summaries(issue: IssueContext, count: int) -> IssueContext:
    """``issue`` without its last ``count`` summaries."""
    left = [count]

    def strip(entry: EntryView) -> EntryView:
        if not (entry.summary and left[0]):
            return entry
        left[0] -= 1
        return replace(entry, summary="")

    sections = []
    for section in reversed(issue.sections):
        groups = [
            replace(group, entries=tuple(reversed([strip(each) for each in reversed(group.entries)])))
            for group in reversed(section.groups)
        ]
        sections.append(replace(section, groups=tuple(reversed(groups))))
    return replace(issue, sections=tuple(reversed(sections)), summaries_left_out=count)


def without_entries(issue: IssueContext, leaving: Sequence[int]) -> IssueContext:
    """``issue`` with one entry less, from the end, for each section number in ``leaving``."""
    return replace(
        issue,
        sections=tuple(
            _cut(section, leaving.count(number)) if number in leaving else section
            for number, section in enumerate(issue.sections)
        ),
    )


def _cut(section: SectionView, count: int) -> SectionView:
    groups: list[GroupView] = []
    left = count
    for group in reversed(section.groups):
        kept = group.entries[: max(0, len(group.entries) - left)]
        left -= len(group.entries) - len(kept)
        if kept:
            groups.append(replace(group, entries=kept))
    return replace(section, groups=tuple(reversed(groups)), left_out_count=count)


def _leaving(issue: IssueContext) -> list[int]:
    """Section numbers in the order in which entries leave: always from the longest; one entry of each stays."""
    sizes = [sum(len(group.entries) for group in section.groups) for section in issue.sections]
    order = []
    while any(size > 1 for size in sizes):
        longest = max(range(len(sizes)), key=lambda number: (sizes[number], number))
        sizes[longest] -= 1
        order.append(longest)
    return order


def _entries(issue: IssueContext) -> list[EntryView]:
    return [entry for section in issue.sections for group in section.groups for entry in group.entries]


def _fewest(most: int, fits: Callable[[int], bool]) -> int:
    """The least count up to ``most`` that fits, ``most`` if none does; fitting must not end again."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return low
