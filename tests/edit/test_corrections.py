from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from newsletter.edit.corrections import check_correction, correct, corrected_entries, find_entry
from newsletter.errors import NotFound, UsageError
from newsletter.model.correction import Correction
from newsletter.model.issue import Entry, Issue, Section
from newsletter.model.item import Event
from tests.edit.samples import PERIOD

AT = datetime(2026, 10, 18, 9, tzinfo=UTC)
ENTRIES = (Entry("abc1", "s1", "One", "https://a.example/1", "First."), Entry("abd2", "s2", "Two", None, "Second."))
ISSUE = Issue(7, "Title", PERIOD, date(2026, 10, 16), "sent", sections=(Section("g", "G", PERIOD, ENTRIES),))
WRONG = Correction(1, "abc1", AT, "ines", "The date was wrong.", summary="It is on 12 March.")
AGAIN = Correction(2, "abc1", AT, "ines", title="Uno", url="https://b.example/1")


def test_corrections_are_folded_in_their_order_and_kept_at_the_entry() -> None:
    entry = correct(ISSUE, [AGAIN, WRONG]).entries[0]
    assert (entry.title, entry.summary, entry.url) == ("Uno", "It is on 12 March.", "https://b.example/1")
    assert entry.corrections == (WRONG, AGAIN)
    assert correct(ISSUE, []) == ISSUE
    assert correct(ISSUE, [replace(WRONG, entry="gone")]) == ISSUE


def test_a_date_is_set_right() -> None:
    dated = replace(ENTRIES[0], event=Event(date(2026, 11, 12), place="Kranj"))
    issue = replace(ISSUE, sections=(Section("g", "G", PERIOD, (dated,)),))
    right = replace(WRONG, summary=None, event={"starts_at": "2026-11-13T18:00"})
    event = correct(issue, [right]).entries[0].event
    assert event == Event(datetime(2026, 11, 13, 18), place="Kranj")
    check_correction(dated, replace(right, note=""))
    with pytest.raises(UsageError, match="says so already"):
        check_correction(dated, replace(right, note="", event={"starts_at": "2026-11-12"}))
    with pytest.raises(UsageError, match="no date"):
        check_correction(dated, replace(right, event={"starts_at": "soon"}))


def test_what_each_changed() -> None:
    first, second = corrected_entries(ISSUE, [WRONG, AGAIN, replace(WRONG, number=3, entry="gone")])
    assert (first.before.summary, first.after.summary) == ("First.", "It is on 12 March.")
    assert (second.before.title, second.after.title) == ("One", "Uno")


def test_an_entry_is_found_by_the_beginning_of_its_name() -> None:
    assert find_entry(ISSUE, "abc").id == find_entry(ISSUE, "s1").id == "abc1"
    with pytest.raises(NotFound, match="no entry"):
        find_entry(ISSUE, "zzz")
    with pytest.raises(NotFound):
        find_entry(ISSUE, "")
    with pytest.raises(UsageError, match="2 entries"):
        find_entry(ISSUE, "ab")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "says what was wrong"),
        ({"title": " "}, "needs a title"),
        ({"url": "javascript:1"}, "not an address"),
        ({"note": "x" * 3000}, "letters"),
        ({"title": "One"}, "says so already"),
    ],
)
def test_what_cannot_be_a_correction(values: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_correction(ENTRIES[0], Correction(0, "abc1", AT, "ines", **values))


def test_an_empty_summary_is_a_correction() -> None:
    check_correction(ENTRIES[0], Correction(0, "abc1", AT, "ines", summary=""))
