from collections.abc import Iterator
from datetime import timedelta

import pytest

from newsletter.errors import NotFound, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.review import open_desk, undo
from newsletter.pipeline.times import week_period
from newsletter.pipeline.tip_guard import why_refused
from newsletter.pipeline.tips import FORM, Tip, check_stamp, decline_tip, form_stamp, send_tip, take_tip, waiting_tips
from tests.loopback import atom
from tests.pipeline.conftest import Home

FEEDS = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    section: general\n"
BRIDGE = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
FERRY = Tip("The ferry sails again", "From Monday on, twice an hour.", "https://ferry.example/again", "Kim Berg")


@pytest.fixture
def app(any_home: Home) -> Iterator[Newsletter]:
    any_home.write(FEEDS)
    any_home.web["/planet.xml"] = atom(BRIDGE)
    any_home.gather()
    with any_home.opened() as opened:
        make_draft(opened, week_period(opened.config.schedule, "2026-W42"))
        yield opened


def test_a_tip_waits_and_is_taken_with_credit(app: Newsletter) -> None:
    for _ in range(2):
        send_tip(app, FERRY)
    (tip,) = waiting_tips(app, 1)
    assert (tip.state, tip.credit, tip.item.source_id) == ("new", "Kim Berg", FORM)
    assert all("ferry" not in entry.title for entry in open_desk(app, 1).issue.entries)
    desk = take_tip(app, 1, tip.item.id, section="news", editor="Ada")
    (card,) = desk.section("news").cards  # type: ignore[union-attr]
    assert (card.entry.title, card.entry.author, card.state) == ("The ferry sails again", "Kim Berg", "kept")
    (tip,) = waiting_tips(app, 1)
    assert (tip.state, tip.decided_by, tip.issue) == ("taken", "Ada", 1)


def test_a_tip_is_never_published_unseen_and_stays_taken_in_a_new_draft(app: Newsletter) -> None:
    tip = send_tip(app, FERRY)
    again = make_draft(app, week_period(app.config.schedule, "2026-W42"))
    assert all(entry.title != FERRY.title for entry in again.entries)
    take_tip(app, 1, tip.id, editor="Ada")
    again = make_draft(app, week_period(app.config.schedule, "2026-W42"))
    assert [entry.title for entry in again.entries].count(FERRY.title) == 1


def test_a_declined_tip_stays_on_the_list_and_can_come_back(app: Newsletter) -> None:
    tip = send_tip(app, FERRY)
    decline_tip(app, 1, tip.id, reason="told last week", editor="Ada")
    assert [(each.state, each.decided_by) for each in waiting_tips(app, 1)] == [("declined", "Ada")]
    undo(app, 1, editor="Ada")
    assert [each.state for each in waiting_tips(app, 1)] == ["new"]
    with pytest.raises(NotFound):
        decline_tip(app, 1, "gone", editor="Ada")


@pytest.mark.parametrize(
    ("tip", "said"),
    [
        (Tip(""), "in a few words"),
        (Tip("x" * 201), "201 letters"),
        (Tip("x", url="javascript:alert(1)"), "no web address"),
        (Tip("Cheap replica watches"), "advertisement"),
        (Tip("x", "[url=https://a.example]a[/url]"), "markup"),
        (Tip("x", " ".join(f"https://{at}.example/" for at in range(5))), "more than 4 links"),
    ],
)
def test_what_is_no_tip_is_refused_with_a_reason(app: Newsletter, tip: Tip, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        send_tip(app, tip)
    assert waiting_tips(app, 1) == ()


def test_a_form_is_ours_and_neither_too_quick_nor_too_old(app: Newsletter, any_home: Home) -> None:
    stamp = form_stamp(app)
    with pytest.raises(UsageError, match="quicker"):
        check_stamp(app, stamp)
    any_home.clock.now += timedelta(seconds=10)
    check_stamp(app, stamp)
    for forged in ("", "1.2", stamp[:-1] + ("0" if stamp[-1] != "0" else "1")):
        with pytest.raises(UsageError, match="not one of ours"):
            check_stamp(app, forged)
    any_home.clock.now += timedelta(days=2)
    with pytest.raises(UsageError, match="more than a day"):
        check_stamp(app, stamp)


def test_honest_tips_pass_the_guard() -> None:
    assert why_refused("GNOME 47 is out", "See https://gnome.example/47 and the notes. Very nice bet!") == ""
    assert why_refused("RC1 OF NOVA", "") == ""
    assert "capitals" in why_refused("BUY THIS WONDERFUL THING NOW PLEASE", "")
    assert "120 letters" in why_refused("x", "a" * 130)
