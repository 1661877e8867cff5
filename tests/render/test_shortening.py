from newsletter.render.contexts import IssueContext
from newsletter.render.shortening import shorten_to_fit, without_entries, without_summaries
from newsletter.render.views import issue_context
from tests.render import samples


def context() -> IssueContext:
    return issue_context(samples.press(), samples.issue())


def titles(issue: IssueContext) -> list[str]:
    return [entry.title for section in issue.sections for group in section.groups for entry in group.entries]


def summaries(issue: IssueContext) -> list[str]:
    found = [entry.summary for section in issue.sections for group in section.groups for entry in group.entries]
    return [each for each in found if each]


def test_what_fits_stays_as_it_is() -> None:
    issue = context()
    assert shorten_to_fit(issue, lambda _: True) is issue


def test_the_last_summaries_leave_first() -> None:
    issue = context()
    shorter = without_summaries(issue, 3)
    assert summaries(shorter) == summaries(issue)[:-3]
    assert titles(shorter) == titles(issue)
    assert shorter.summaries_left_out == 3


def test_no_more_leaves_than_must() -> None:
    issue = context()
    count = len(summaries(issue))
    assert len(summaries(shorten_to_fit(issue, lambda found: len(summaries(found)) <= count - 4))) == count - 4


def test_summaries_are_not_tried_one_by_one_when_all_of_them_are_too_few() -> None:
    issue, asked = context(), []

    def fits(found: IssueContext) -> bool:
        asked.append(found)
        return len(titles(found)) <= 15

    shorten_to_fit(issue, fits)
    assert [len(summaries(each)) for each in asked[:2]] == [len(summaries(issue)), 0]
    assert {len(summaries(each)) for each in asked[2:]} == {0}


def test_entries_leave_the_longest_section_from_its_end() -> None:
    issue = context()
    shorter = shorten_to_fit(issue, lambda found: len(titles(found)) <= 15)
    assert len(titles(shorter)) == 15
    assert summaries(shorter) == []
    sizes = [sum(len(group.entries) for group in section.groups) for section in shorter.sections]
    assert sizes == [4, 3, 3, 3, 0, 2]
    assert [section.left_out_count for section in shorter.sections] == [0, 1, 1, 0, 0, 0]
    assert titles(shorter)[0] == titles(issue)[0]


def test_a_group_without_entries_goes() -> None:
    issue = context()
    shorter = without_entries(issue, [2, 2])
    assert [group.title for group in shorter.sections[2].groups] == ["Wick"]


def test_one_entry_of_each_section_stays_even_if_nothing_fits() -> None:
    shorter = shorten_to_fit(context(), lambda _: False)
    assert [sum(len(group.entries) for group in section.groups) for section in shorter.sections] == [1, 1, 1, 1, 0, 1]
