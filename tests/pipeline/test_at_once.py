"""Eight who change the same issue at the same moment: each sees what the one before did."""

import threading
from collections.abc import Callable, Iterator

import pytest

from newsletter.errors import ChangedMeanwhile
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.pipeline.same_story import merge
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import Home

pytestmark = pytest.mark.slow
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
GAUGE = ("second", "A new gauge", "2026-10-13T09:00:00Z", "The gauge counts drops and people who pass by.")
EDITORS = [f"Editor {number}" for number in range(8)]


@pytest.fixture
def drafted(any_home: Home) -> Iterator[Newsletter]:
    any_home.write("sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    section: general\n")
    any_home.web["/planet.xml"] = atom(BRIDGE, GAUGE)
    any_home.gather()
    with any_home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        yield app


@pytest.fixture
def all_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to change the issue looks at it when all others are about to, too."""
    ready = threading.Barrier(len(EDITORS))
    real = issues.hold

    def hold(db: issues.Db, number: int) -> None:
        if not getattr(here, "waited", False):
            here.waited = True
            if db.is_postgres:
                ready.wait(30)
        real(db, number)

    here = threading.local()
    monkeypatch.setattr(issues, "hold", hold)


def at_once(work: Callable[[str], object]) -> list[object]:
    """What came of ``work`` for each editor."""
    came: list[object] = []

    def one(editor: str) -> None:
        try:
            came.append(work(editor))
        except ChangedMeanwhile:
            came.append("changed meanwhile")

    threads = [threading.Thread(target=one, args=(each,)) for each in EDITORS]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return came


@pytest.mark.usefixtures("all_look_first")
def test_of_editors_who_write_the_same_text_one_does_and_the_others_are_told(drafted: Newsletter) -> None:
    bridge = next(card.entry.id for card in open_desk(drafted, 1).cards() if "bridge" in card.entry.title)

    def write(editor: str) -> str:
        act(drafted, 1, [("summary", bridge, f"As {editor} says.")], editor=editor, seen=0)
        return "written"

    assert sorted(map(str, at_once(write))) == ["changed meanwhile"] * 7 + ["written"]
    assert len({each.editor for each in open_desk(drafted, 1).changes}) == 1


@pytest.mark.usefixtures("all_look_first")
def test_a_form_that_is_sent_eight_times_counts_once(drafted: Newsletter) -> None:
    entries = {card.entry.title: card.entry.id for card in open_desk(drafted, 1).cards()}
    bridge, gauge = entries["The bridge opens"], entries["A new gauge"]
    at_once(lambda editor: merge(drafted, 1, entry=bridge, other=gauge, editor="Ines"))
    assert len(open_desk(drafted, 1).changes) == 1


@pytest.mark.usefixtures("all_look_first")
def test_an_act_is_taken_back_once(drafted: Newsletter) -> None:
    with drafted.database.transaction() as db:
        entry = issues.issue(db, 1).issue.entries[0].id
        issues.add_change(db, 1, issues.Change(0, "Ines", drafted.now(), "drop", entry, ""))
    at_once(lambda editor: undo(drafted, 1, editor="Ines", batch=1))
    assert len(open_desk(drafted, 1).changes) == 2
