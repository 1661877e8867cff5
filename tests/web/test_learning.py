"""The learning bar: what was done by hand three times is asked once a session, and answered by a form."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.model.period import Period
from newsletter.pipeline.feeds_file import versions
from newsletter.pipeline.review import act, open_desk
from newsletter.store import issues
from newsletter.web.learning import Learner
from tests.web.desk import Signed, hidden
from tests.web.everything import EDITOR, Everything, everything

PAGE = "/desk/issues/2/"
BAR = 'id="learn"'


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Everything]:
    with everything(tmp_path / "home") as made:
        desk = open_desk(made.desk.app, 2)
        many = [each.entry.id for each in desk.cards() if "of many" in each.entry.title]
        assert len(many) >= 4
        act(made.desk.app, 2, [("move", each, "events") for each in many], editor="Ben Kim")
        yield made


def shown(ines: Signed) -> str:
    """The review page, asked for until the look for rules, which goes on beside it, is over."""
    for _ in range(50):
        page = ines.get(PAGE).text
        if BAR in page:
            break
        time.sleep(0.02)
    return page


def answer(ines: Signed, page: str, do: str) -> str:
    fields = hidden(page[page.index(BAR) :].partition("</form>")[0])
    sent = ines.post("/desk/sources/proposal", **{**fields, "csrf": ines.csrf, "do": do})
    assert sent.status_code == 303
    return ines.get(sent.headers["location"]).text


def test_a_habit_is_asked_once_a_session_and_yes_writes_the_rule(found: Everything) -> None:
    ines, app = found.desk.signed_in_again(EDITOR), found.desk.app
    page = shown(ines)
    assert "went to Events.</b> Add this rule?" in page
    assert "Show the lines" in page
    assert BAR in ines.get(PAGE).text, "it stays until it is answered"
    before = (app.home / "feeds.yaml").read_text(encoding="utf-8")
    after = answer(ines, page, "yes")
    assert "The rule stands in feeds.yaml now" in after
    assert BAR not in after
    text = (app.home / "feeds.yaml").read_text(encoding="utf-8")
    added = [line for line in text.splitlines() if line not in before.splitlines()]
    assert any("section: events" in line for line in added)
    assert "No adverts" in text
    assert (versions(app)[0].by, versions(app)[0].note) == (EDITOR, "a rule that was proposed")
    time.sleep(0.2)
    assert BAR not in ines.get(PAGE).text, "one question a session"


@pytest.mark.parametrize(("do", "said"), [("later", "asked again when there is one more"), ("never", "not proposed")])
def test_no_is_remembered_and_nothing_is_written(found: Everything, do: str, said: str) -> None:
    ines, home = found.desk.signed_in_again(EDITOR), found.desk.app.home
    before = (home / "feeds.yaml").read_bytes()
    page = shown(ines)
    asked = page[page.index(BAR) :].partition("</b>")[0]
    assert said in answer(ines, page, do)
    assert (home / "feeds.yaml").read_bytes() == before
    assert asked not in shown(found.desk.signed_in_again(EDITOR))


def test_an_answer_that_is_none_is_refused(found: Everything) -> None:
    ines = found.desk.signed_in_again(EDITOR)
    assert ines.post("/desk/sources/proposal", key="x", do="perhaps").status_code == 400
    assert ines.post("/desk/sources/proposal", key="source=nobody>general", do="yes").status_code == 404


def test_the_page_does_not_wait_for_the_look(found: Everything) -> None:
    def slowly(_: object) -> tuple[()]:
        time.sleep(0.3)
        return ()

    learner = Learner(slowly)
    start = time.monotonic()
    for _ in range(3):
        assert learner.found(found.desk.app) == ()
    assert time.monotonic() - start < 0.25


def test_a_look_is_begun_whichever_issue_was_corrected(found: Everything) -> None:
    app, looks = found.desk.app, []

    def look(_: object) -> tuple[()]:
        looks.append(1)
        return ()

    with app.database.transaction() as db:
        draft = issues.issue(db, 2).issue
        later = Period(draft.period.end, draft.period.end + timedelta(days=7))
        issues.save_draft(db, replace(draft, number=3, period=later), now=app.now())
    learner = Learner(look)
    learner.found(app, patience=5)
    learner.found(app, patience=5)
    assert len(looks) == 1, "nothing was decided since"
    for times, number in ((2, 2), (3, 3)):
        time.sleep(0.01)
        entry = next(iter(open_desk(app, number).cards())).entry.id
        act(app, number, [("keep", entry, {})], editor="Ben Kim")
        learner.found(app, patience=5)
        assert len(looks) == times, f"issue {number} was corrected"


def test_a_look_that_fails_spoils_no_page(found: Everything) -> None:
    def fails(_: object) -> tuple[()]:
        raise ValueError

    learner = Learner(fails)
    assert learner.found(found.desk.app, patience=5) == ()
    assert learner.found(found.desk.app, patience=5) == ()
