from dataclasses import replace

from newsletter.edit.readers_issue import issue_for
from newsletter.model.issue import Deadline
from tests.render import samples


def test_only_the_chosen_sections_stay_with_what_is_due_in_them() -> None:
    whole = samples.issue()
    charter, drivers = whole.sections[0].entries[0], whole.entries[8]
    due = [Deadline(whole.publish_on, each.title, each.url, story_id=each.story_id) for each in (charter, drivers)]
    earlier = Deadline(whole.publish_on, "Of an earlier issue", None, why="told in 55", story_id="elsewhere")
    whole = replace(whole, deadlines=(*due, earlier))
    found = issue_for(whole, {"highlights", "no such section"})
    assert [section.id for section in found.sections] == ["highlights"]
    assert [each.title for each in found.deadlines] == [charter.title, "Of an earlier issue"]
    assert (found.statistics, found.newcomers, found.title) == ((), (), whole.title)


def test_the_figures_go_with_their_section() -> None:
    whole = samples.issue()
    assert issue_for(whole, {"statistics"}).statistics == whole.statistics
    assert issue_for(whole, None) is whole
    assert issue_for(whole, ()).entries == ()
