"""The approve page: an issue is rendered and looked at once for each state, and no page waits for it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.checking import Looked, LookKey, look_at
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import Rendering, render_files
from newsletter.pipeline.review import act, open_desk
from tests.web.desk import Desk
from tests.web.issues import drafted_desk

APPROVE = "/desk/issues/1/approve"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with drafted_desk(tmp_path / "home") as found:
        yield found[0]


def test_a_page_does_not_wait_for_the_mail_to_be_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes without checks, cannot approve, and comes again by itself; then all of it is there."""
    may_go_on = Event()

    def slowly(app: Newsletter, number: int, key: LookKey) -> Looked:
        may_go_on.wait(30)
        return look_at(app, number, key)

    monkeypatch.setattr("newsletter.web.approve._LOOKS", 0.0)
    monkeypatch.setattr("newsletter.web.approve.look_at", slowly)
    signed = desk.signed_in()
    first = signed.get(f"{APPROVE}?sure=1")
    assert first.headers["refresh"] == "1"
    assert "the page comes again by itself" in first.text
    assert "It can be approved once it was looked at." in first.text
    assert 'value="approve"' not in first.text
    assert "checks are good" not in first.text
    may_go_on.set()
    monkeypatch.setattr("newsletter.web.approve._LOOKS", 30.0)
    second = signed.get(APPROVE)
    assert "refresh" not in second.headers
    assert "checks are good" in second.text


def test_the_mail_is_made_once_for_each_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    signed, made = desk.signed_in(), []

    def counted(app: Newsletter, number: int) -> Rendering:
        made.append(number)
        return render_files(app, number)

    monkeypatch.setattr("newsletter.pipeline.checking.render_files", counted)
    for _ in range(2):
        assert "3 entries nobody looked at" in signed.get(APPROVE).text
    assert len(made) == 1
    entry = open_desk(desk.app, 1).issue.entries[0]
    act(desk.app, 1, [("drop", entry.id, "Not for us")], editor="Ines")
    assert "2 entries nobody looked at" in signed.get(APPROVE).text
    assert len(made) == 2
    make_draft(desk.app, open_desk(desk.app, 1).issue.period)
    signed.get(APPROVE)
    assert len(made) == 3
