"""What sources are worth, what is wrong with them, and what an editor could do: one question for all of them."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from newsletter.cli.sources import sources as sources_command
from newsletter.model.codec import to_json
from newsletter.model.issue import Issue
from newsletter.model.item import Item, item_id
from newsletter.model.period import Period
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.source_value import SourceHealth, health_of_sources
from newsletter.pipeline.times import newest_period
from newsletter.store import issues
from newsletter.store.items import save_items
from newsletter.store.source_value import source_value
from newsletter.store.sources import load_states, save_state
from newsletter.store.tables import told
from tests.loopback import atom
from tests.pipeline.conftest import Home

DAY = timedelta(days=1)
ONE = ("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers.")


def write(home: Home, *names: str, more: str = "") -> None:
    home.write(
        "sources:\n"
        + "".join(f"  - name: {name}\n    kind: feed\n    url: {{web}}/{name.lower()}.xml\n{more}" for name in names)
    )


def posts(source: str, count: int, last_at: datetime, *, over: timedelta = 6 * DAY, form: Any = "post") -> list[Item]:
    """So many items of a source, spread evenly over the time before ``last_at``."""
    return [
        Item(
            item_id(source, f"{last_at}{at}"),
            source,
            "feed",
            form,
            (f"{last_at}{at}",),
            f"{source} tells thing number {at} of {last_at:%d %B}",
            url=f"https://{source}.example/{last_at:%Y%m%d}/{at}",
            published_at=last_at - over * at / count,
            text=f"Words {at} about {source}, {at * 7} and {at * 11} more of {last_at:%j}.",
        )
        for at in range(count)
    ]


def store(home: Home, *found: Item) -> None:
    with home.opened() as app, app.database.transaction() as db:
        save_items(db, found, now=home.clock.now)


def chosen(home: Home, *weeks_and_items: list[Item]) -> None:
    """Issues of the weeks before now, the newest first, each of which told these items."""
    with home.opened() as app, app.database.transaction() as db:
        count = len(weeks_and_items)
        for ago, items in enumerate(weeks_and_items):
            end = home.clock.now - timedelta(weeks=ago, hours=1)
            number = count - ago
            issue = Issue(number, "", Period(end - timedelta(weeks=1), end), end.date())
            db.execute(issues.issues.insert(), [_row(issue, end)])
            db.insert_new(
                told,
                [
                    {"issue_number": number, "story_id": f"s{each.id}", "item_id": each.id, "section": "x"}
                    for each in items
                ],
            )


def _row(issue: Issue, at: datetime) -> dict[str, Any]:
    return {
        "number": issue.number,
        "period_start": issue.period.start,
        "period_end": issue.period.end,
        "publish_on": issue.publish_on,
        "title": "",
        "state": "sent",
        "draft": to_json(issue),
        "created_at": at,
        "drafted_at": at,
        "state_at": at,
    }


def health(home: Home) -> dict[str, SourceHealth]:
    with home.opened() as app:
        return {each.source.name: each for each in health_of_sources(app)}


def changed(home: Home, source_id: str, **values: Any) -> None:
    with home.opened() as app, app.database.transaction() as db:
        save_state(db, replace(load_states(db)[source_id], **values))


def weekly(home: Home, source: str, count: int, weeks: int = 8, **more: Any) -> list[list[Item]]:
    """So many items in each of the last weeks, the newest week first."""
    now = home.clock.now - timedelta(hours=2)
    made = [posts(source, count, now - timedelta(weeks=ago), **more) for ago in range(weeks)]
    store(home, *(each for week in made for each in week))
    return made


def test_shown_and_kept_lead_to_a_suggestion(any_home: Home) -> None:
    home = any_home
    write(home, "Good", "Weak", "Vain")
    good, weak, _ = weekly(home, "good", 5), weekly(home, "weak", 17), weekly(home, "vain", 8)
    chosen(home, *(week[:3] + (other[:1]) for week, other in zip(good, weak, strict=True)))
    found = health(home)
    assert (found["Good"].kept, found["Good"].per_week, found["Good"].suggestion) == (24, 5.0, None)
    assert found["Good"].weeks == (5,) * 8
    weak_one = found["Weak"].suggestion
    assert weak_one is not None
    assert (weak_one.key, weak_one.value) == ("weight", "-10")
    assert weak_one.words == f"{found['Weak'].kept} of {found['Weak'].shown} kept in 8 weeks; lower its weight?"
    vain = found["Vain"].suggestion
    assert vain is not None
    assert (vain.remove, vain.words.startswith("0 of ")) == (True, True)


def test_kept_is_never_more_than_shown_and_both_are_about_the_same_weeks(any_home: Home) -> None:
    home = any_home
    write(home, "Press")
    weeks = weekly(home, "press", 3, weeks=9)
    # What came before the eight weeks, and what an issue told of it late, is in neither number.
    chosen(home, [], weeks[1], [*weeks[2], *weeks[8]])
    found = health(home)["Press"]
    assert (found.shown, found.kept) == (24, 6)
    # Nobody has chosen yet from what came after the newest issue that was chosen from.
    store(home, *posts("press", 5, home.clock.now - timedelta(minutes=5), over=timedelta(minutes=30)))
    found = health(home)["Press"]
    assert (found.shown, found.kept) == (24, 6)
    home.clock.move(days=7)
    with home.opened() as app:
        number = make_draft(app, newest_period(app.config.schedule, home.clock.now)).number
    assert number == 4
    found = health(home)["Press"]
    assert (found.shown, found.kept) == (24, 6)


def test_where_no_issue_was_made_for_long_nothing_is_called_kept(home: Home) -> None:
    write(home, "Press")
    weeks = weekly(home, "press", 3, weeks=9)
    chosen(home, *([], *weeks[:1]))
    home.clock.move(days=70)
    store(home, *posts("press", 5, home.clock.now - DAY))
    found = health(home)["Press"]
    assert (found.shown, found.kept, found.suggestion) == (5, 0, None)


def test_a_thread_is_one_story_and_a_draft_has_chosen_nothing(home: Home) -> None:
    write(home, "Good")
    now = home.clock.now
    store(home, *posts("good", 4, now - DAY))
    with home.opened() as app:
        make_draft(app, newest_period(app.config.schedule, now))
        with app.database.reading() as db:
            value = source_value(db, now)
    assert (value.issues_count, value.by_source["good"].kept, value.by_source["good"].shown) == (0, 0, 4)


def test_a_source_that_fell_silent_is_told_with_what_it_used_to_bring(home: Home) -> None:
    write(home, "Quiet")
    home.web["/quiet.xml"] = atom(ONE)
    home.gather()
    for ago in (5, 6, 7):
        store(home, *posts("quiet", 3, home.clock.now - timedelta(weeks=ago, hours=1), over=3 * DAY))
    changed(home, "quiet", last_new_at=home.clock.now - 31 * DAY)
    suggestion = health(home)["Quiet"].suggestion
    assert suggestion is not None
    assert suggestion.words.startswith("no new item for 31 d; it used to bring ")


def test_a_move_and_a_page_can_be_applied_with_one_button(home: Home) -> None:
    write(home, "Moved", "Page")
    home.web["/new.xml"] = atom(ONE)
    home.web.statuses["/moved.xml"] = (301, {"Location": "/new.xml"})
    home.web["/page.xml"] = '<html><head><link rel=alternate type="application/rss+xml" href="/f.xml"></head></html>'
    for _ in range(3):
        home.gather("Moved", "Page")
    found = health(home)
    moved, page = found["Moved"].suggestion, found["Page"].suggestion
    assert moved is not None
    assert page is not None
    assert (moved.key, moved.value, found["Moved"].sign) == ("url", f"{home.web.base}/new.xml", "!")
    assert moved.words.endswith("at feeds.yaml:7")
    assert (page.key, page.value) == ("url", f"{home.web.base}/f.xml")
    answer = found["Page"].answer
    assert answer is not None
    assert (answer.status, answer.size) == (200, len(home.web.bodies["/page.xml"]))
    assert "is a web page, not a feed" in answer.words
    assert "3 tries)" in found["Page"].words


def write_300(home: Home, last: str = "") -> None:
    """300 sources; the last of them, which is thought much of, has the lines ``last``, too."""
    write(home, *(f"S{at}" for at in range(299)), "Vendor", more="    section: general\n")
    with (home.folder / "feeds.yaml").open("a") as file:
        file.write(f"    weight: 30\n{last}")


def flooded(home: Home) -> Issue:
    """The draft of a week in which one of 300 sources floods."""
    write_300(home)
    for at in range(30):
        weekly(home, f"s{at}", 1)
    vendor = weekly(home, "vendor", 2, weeks=1)
    store(home, *posts("vendor", 60, home.clock.now - timedelta(hours=3)))
    chosen(home, [], [], vendor[0])
    with home.opened() as app:
        return make_draft(app, newest_period(app.config.schedule, home.clock.now))


@pytest.mark.slow
def test_of_300_sources_the_one_that_floods_is_held_and_can_be_let_in(home: Home) -> None:
    issue = flooded(home)
    entered = [each for each in issue.entries if each.source == "Vendor"]
    held = [each for each in issue.dropped if each.reason.startswith("held: Vendor brings ")]
    assert len(entered) <= 5
    assert len(held) >= 40
    assert any("To let all in, write “hold bursts: no” at feeds.yaml:" in each for each in issue.warnings)
    suggestion = health(home)["Vendor"].suggestion
    assert suggestion is not None
    assert (suggestion.key, suggestion.value) == ("hold bursts", "no")
    told_by_shell = CliRunner().invoke(
        sources_command, ["--home", str(home.folder)], standalone_mode=False, env=dict(home.environ)
    )
    assert "Vendor" in told_by_shell.output
    write_300(home, "    hold bursts: no\n")
    with home.opened() as app:
        again = make_draft(app, newest_period(app.config.schedule, home.clock.now))
    assert not [each for each in again.dropped if each.reason.startswith("held: ")]


def test_what_a_flood_left_behind_does_not_come_in_a_week_later(home: Home) -> None:
    write(home, "Ada", "Flood", more="    section: general\n")
    for _ in range(4):
        for source, count in (("ada", 3), ("flood", 4)):
            store(home, *posts(source, count, home.clock.now - timedelta(hours=2), over=2 * DAY))
        with home.opened() as app:
            make_draft(app, newest_period(app.config.schedule, home.clock.now))
        home.clock.move(days=7)
    flood = posts("flood", 60, home.clock.now - timedelta(hours=2), over=2 * DAY)
    store(home, *flood, *posts("ada", 3, home.clock.now - timedelta(hours=2), over=2 * DAY))
    with home.opened() as app:
        first = make_draft(app, newest_period(app.config.schedule, home.clock.now))
    assert [each.source for each in first.entries].count("Flood") == 5
    home.clock.move(days=7)
    fresh = posts("flood", 4, home.clock.now - timedelta(hours=2), over=2 * DAY)
    store(home, *fresh, *posts("ada", 3, home.clock.now - timedelta(hours=2), over=2 * DAY))
    with home.opened() as app:
        later = make_draft(app, newest_period(app.config.schedule, home.clock.now))
    entered = {each.title for each in later.entries if each.source == "Flood"}
    assert entered == {each.title for each in fresh}
    held = [each.reason for each in later.dropped if each.reason.startswith("held: Flood brought 60 a week")]
    assert len(held) == 55
    assert not any("held" in each for each in later.warnings)
    write(home, "Ada", "Flood", more="    section: general\n    hold bursts: no\n")
    with home.opened() as app:
        again = make_draft(app, newest_period(app.config.schedule, home.clock.now))
    assert [each.source for each in again.entries].count("Flood") > 4


@pytest.mark.slow
def test_300_sources_with_40_000_items_are_counted_in_a_moment(home: Home) -> None:
    write(home, "S0")
    for at in range(300):
        found = posts(f"s{at}", 133, home.clock.now - timedelta(minutes=at), over=55 * DAY)
        store(home, *found)
    with home.opened() as app, app.database.reading() as db:
        source_value(db, home.clock.now)
        seconds = []
        for _ in range(5):
            began = time.process_time()
            value = source_value(db, home.clock.now)
            seconds.append(time.process_time() - began)
    assert len(value.by_source) == 300
    assert min(seconds) < 0.25, "of the processor, however many others want it"
