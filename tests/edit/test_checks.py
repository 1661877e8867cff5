"""Every check says something when there is something, and what it says is right."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.edit.check import Act, Check, CheckInput, MailFacts, Shown, grouped
from newsletter.edit.checks import checks_of, looked_at, stopping, summary_of
from newsletter.edit.entry_checks import is_over
from newsletter.model.issue import Change, Deadline, Entry, Issue, Section, Statistic
from newsletter.model.item import Event
from newsletter.model.link import LinkReport, LinkResult
from newsletter.model.picture import Picture
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.edit.samples import PERIOD

NOW = datetime(2026, 10, 15, 22, tzinfo=UTC)
SEND = datetime(2026, 10, 16, 10, tzinfo=UTC)
SETTINGS = {each.id: each for each in DEFAULT_SECTIONS}
AHEAD = Event(datetime(2026, 10, 20, 18, tzinfo=UTC), timezone="UTC")
ONE = Entry("one", "s1", "The bridge opens", "https://a.example/one", "It opens on Monday.")
TWO = Entry("two", "s2", "Open evening", "https://a.example/two", "", event=AHEAD)


def issue_of(*entries: Entry, **values: object) -> Issue:
    sections = (Section("highlights", "Highlights", PERIOD, entries, settings=SETTINGS["highlights"]),)
    given: dict[str, object] = {"note": "Hello.", "sections": sections}
    return Issue(7, "The bridge opens; open evening", PERIOD, date(2026, 10, 16), **(given | values))  # type: ignore[arg-type]


def facts(issue: Issue, **values: object) -> MailFacts:
    shown = tuple(Shown(each.id, each.title, each.url) for each in issue.entries)
    text = "\n".join(f"{each.title}\n{each.url}" for each in shown)
    given: dict[str, object] = {"html_size": 61_000, "full_size": 61_000, "size_limit": 80_000, "shown": shown}
    return MailFacts(issue.title, text, **(given | values))  # type: ignore[arg-type]


def result(url: str, state: str = "good", **values: object) -> LinkResult:
    return LinkResult(url, state, NOW, **values)  # type: ignore[arg-type]


def found(issue: Issue | None = None, **values: object) -> CheckInput:
    issue = issue or issue_of(ONE, TWO)
    links = {url: result(url) for entry in issue.entries for url in [entry.url] if url}
    given: dict[str, object] = {
        "mail": facts(issue),
        "links": LinkReport(links),
        "others": {6: "sent", 7: "draft"},
        "looked_at": frozenset(each.id for each in issue.entries),
    }
    return CheckInput(issue=issue, now=NOW, send_at=SEND, zone=ZoneInfo("UTC"), **(given | values))  # type: ignore[arg-type]


def told(checks: tuple[Check, ...], name: str) -> list[Check]:
    return [each for each in checks if each.id == name]


def only(checks: tuple[Check, ...], name: str) -> Check:
    (each,) = told(checks, name)
    return each


def test_an_issue_that_is_well() -> None:
    checks = checks_of(found())
    assert {each.state for each in checks} == {"good"}, checks
    assert {each.text for each in checks} >= {
        "2 links answer",
        "Text part holds all 2 entries",
        "61 of 80 KB",
        "No past event",
        "Contrast",
        "Number 7",
    }
    assert summary_of(checks) == "All is well."


def test_a_link_that_moved_offers_the_new_one() -> None:
    report = LinkReport({ONE.url or "": result(ONE.url or "", "moved", final_url="https://b.example/uno")})
    checks = checks_of(found(issue_of(ONE), links=report))
    assert only(checks, "link moved").act == Act("link", ONE.url or "", "https://b.example/uno", "Use the new one")
    assert only(checks, "links").text == "1 link answers"


def test_a_link_that_moved_to_a_front_page_offers_the_card() -> None:
    report = LinkReport({ONE.url or "": result(ONE.url or "", "moved", final_url="https://b.example/")})
    act = only(checks_of(found(issue_of(ONE), links=report)), "link moved").act
    assert act == Act("look", "one", None, "Look")


@pytest.mark.parametrize(
    ("values", "kind", "value"),
    [
        ({"mended": "https://m.example/"}, "link", "https://m.example/"),
        ({"archived": "https://web.archive.org/x"}, "link", "https://web.archive.org/x"),
        ({}, "look", None),
    ],
)
def test_a_dead_link_offers_what_there_is(values: dict[str, str], kind: str, value: str | None) -> None:
    report = LinkReport({ONE.url or "": result(ONE.url or "", "dead", status=404, reason="404", **values)})
    check = only(checks_of(found(issue_of(ONE), links=report)), "link dead")
    assert check.act is not None
    assert (check.state, check.act.kind, check.act.value, check.entries) == ("warning", kind, value, ("one",))


def test_links_that_were_not_checked_or_cannot_be() -> None:
    assert only(checks_of(found(links=LinkReport())), "links").text == "2 links not checked yet"
    report = LinkReport({str(each.url): result(str(each.url), "unknown", reason="slow") for each in (ONE, TWO)})
    unknown = told(checks_of(found(links=report)), "link unknown")
    assert [(each.entries, each.text) for each in unknown] == [
        (("one",), "1 link does not answer"),
        (("two",), "1 link does not answer"),
    ]
    report = LinkReport({str(each.url): result(str(each.url), "refused") for each in (ONE, TWO)})
    assert len(told(checks_of(found(links=report)), "link refused")) == 2


def test_many_dead_links_are_told_in_part() -> None:
    entries = tuple(replace(ONE, id=f"e{n}", story_id=f"s{n}", url=f"https://a.example/{n}") for n in range(115))
    report = LinkReport({str(each.url): result(str(each.url), "dead", status=404, reason="404") for each in entries})
    dead = told(checks_of(found(issue_of(*entries), links=report)), "link dead")
    assert (len(dead), dead[-1].text, len(dead[-1].entries)) == (101, "15 more are like these", 15)


def test_links_are_told_by_what_became_of_them_each_with_its_act() -> None:
    outcomes = [
        {"state": "dead", "status": 404, "reason": "404", "mended": "https://m.example/"},
        {"state": "dead", "status": 410, "reason": "gone"},
        {"state": "dead", "reason": "the name is not known"},
        {"state": "unknown", "reason": "no answer in time"},
        {"state": "unknown", "status": 403, "reason": "403"},
        {"state": "unknown", "status": 429, "reason": "429"},
        {"state": "moved", "final_url": "https://b.example/uno"},
        {"state": "moved", "final_url": "https://b.example/due"},
    ]
    entries = tuple(
        replace(ONE, id=f"e{n}", story_id=f"s{n}", url=f"https://a.example/{n}") for n in range(len(outcomes))
    )
    results = {
        str(entry.url): result(str(entry.url), **values) for entry, values in zip(entries, outcomes, strict=True)
    }
    checks = checks_of(found(issue_of(*entries), links=LinkReport(results)))
    groups = {each.text: each.checks for each in grouped(checks) if each.checks[0].group}
    assert {text: len(each) for text, each in groups.items()} == {
        "2 links are gone": 2,
        "2 links do not answer": 2,
        "2 links moved for good": 2,
        "2 links could not be checked": 2,
    }
    acts = [each.act.kind for each in groups["2 links are gone"] if each.act]
    assert sorted(acts) == ["link", "look"]
    assert all(each.act for group in groups.values() for each in group)


def test_a_group_is_one_thing_to_look_at() -> None:
    three = [Check("link dead", "warning", "1 link is gone", group="links are gone")] * 3
    assert summary_of(three) == "One thing to look at. It does not stop the issue."
    assert [each.text for each in grouped([*three, Check("x", "good", "Well"), Check("y", "good", "Too")])] == [
        "3 links are gone",
        "Well",
        "Too",
    ]


def test_tracking_is_cleaned() -> None:
    issue = issue_of(replace(ONE, url="https://a.example/one?utm_source=x&id=3"))
    act = only(checks_of(found(issue)), "link tracking").act
    assert act is not None
    assert (act.kind, act.value) == ("link", "https://a.example/one?id=3")


def test_the_same_page_under_two_stories() -> None:
    again = replace(ONE, id="again", story_id="s9", url="http://www.a.example/one/")
    as_date = replace(ONE, id="one-date")
    assert only(checks_of(found(issue_of(ONE, again, as_date))), "same address").entries == ("one", "again")
    assert told(checks_of(found(issue_of(ONE, as_date))), "same address") == []


def test_the_text_part_lacks_an_entry() -> None:
    mail = replace(facts(issue_of(ONE, TWO)), text="The bridge\nopens https://a.example/one")
    check = only(checks_of(found(mail=mail)), "text")
    assert (check.state, check.entries) == ("stops", ("two",))


def test_a_mail_that_is_too_large_says_which_entries_to_shorten() -> None:
    mail = facts(issue_of(ONE, TWO), full_size=95_000, html_size=79_000, left_out_count=3)
    check = only(checks_of(found(mail=mail)), "size")
    assert (check.state, check.entries) == ("warning", ("one", "two"))
    assert "95 KB" in check.text
    huge = facts(issue_of(ONE), html_size=103_000, full_size=150_000)
    assert only(checks_of(found(mail=huge)), "size").state == "stops"


def test_words_that_are_hard_to_read_and_pictures_without_words() -> None:
    mail = facts(issue_of(ONE), faint=("“grey” 2.1",), no_alt=("https://a.example/p.png",))
    checks = checks_of(found(mail=mail))
    assert [only(checks, name).state for name in ("contrast", "alt")] == ["warning", "warning"]
    remarks = facts(issue_of(ONE), accent_remarks=("“accent” is hard to read",))
    assert only(checks_of(found(mail=remarks)), "contrast").state == "warning"
    pictured = issue_of(replace(ONE, picture=Picture("https://a.example/p.png", "")))
    assert only(checks_of(found(pictured)), "alt").entries == ("one",)
    good = facts(issue_of(ONE), pictures_count=2)
    assert only(checks_of(found(mail=good)), "alt").text == "Words on 2 pictures"


@pytest.mark.parametrize(("subject", "state"), [("", "stops"), ("Cut here…", "warning"), ("x" * 65, "good")])
def test_the_subject(subject: str, state: str) -> None:
    check = only(checks_of(found(mail=replace(facts(issue_of(ONE)), subject=subject))), "subject")
    assert check.state == state
    assert ("Phones show about 40" in check.detail) == (len(subject) > 40)


def test_a_subject_that_is_cut_is_told_as_readers_see_it() -> None:
    mail = replace(facts(issue_of(ONE)), subject="The bridge opens…", whole_subject="The bridge opens" + " soon" * 20)
    check = only(checks_of(found(mail=mail)), "subject")
    assert check.state == "warning"
    assert check.text == "Subject is cut: 116 of 70 characters"
    assert check.detail == "Readers see “The bridge opens…”. Write a shorter one."


@pytest.mark.parametrize(
    ("others", "state", "words"),
    [
        ({6: "sent"}, "good", "follows 6"),
        ({6: "draft", 5: "sent"}, "warning", "issue 6 is still a draft"),
        ({5: "sent"}, "warning", "there is no issue 6"),
        ({8: "approved"}, "stops", "Issue 8 is approved already"),
    ],
)
def test_the_number(others: dict[int, str], state: str, words: str) -> None:
    check = only(checks_of(found(others=others)), "number")
    assert (check.state, words in check.detail) == (state, True)


def test_the_first_number_is_right() -> None:
    assert only(checks_of(found(replace(issue_of(ONE), number=1), others={})), "number").detail == "the first"


@pytest.mark.parametrize(
    ("now", "words"),
    [(SEND.replace(hour=9, minute=10), "Sends in 50 minutes"), (SEND.replace(hour=12), "Its hour passed")],
)
def test_late(now: datetime, words: str) -> None:
    assert words in only(checks_of(replace(found(), now=now)), "hour").text


def test_events_that_are_over_and_guessed() -> None:
    past = replace(TWO, event=Event(datetime(2026, 10, 15, 18, tzinfo=UTC)))
    checks = checks_of(found(issue_of(ONE, past)))
    assert (only(checks, "past").state, only(checks, "past").entries) == ("warning", ("two",))
    guessed = replace(TWO, event=replace(AHEAD, is_guess=True))
    assert only(checks_of(found(issue_of(guessed))), "guess").act == Act("look", "two", None, "Look")
    late = issue_of(ONE, deadlines=(Deadline(date(2026, 10, 15), "Vote", None),))
    assert only(checks_of(found(late)), "due").state == "warning"


@pytest.mark.parametrize(
    ("event", "over"),
    [
        (Event(date(2026, 10, 15)), True),
        (Event(date(2026, 10, 16)), False),
        (Event(date(2026, 10, 14), date(2026, 10, 16)), False),
        (Event(datetime(2026, 10, 16, 8, tzinfo=UTC)), False),
        (Event(datetime(2026, 10, 16, 8, tzinfo=UTC), datetime(2026, 10, 16, 9, tzinfo=UTC)), True),
        (Event(datetime(2026, 10, 16, 8), datetime(2026, 10, 16, 11)), False),
        (Event(datetime(2026, 10, 15, 8)), True),
    ],
)
def test_an_event_lasts_its_day(event: Event, over: bool) -> None:
    assert is_over(event, SEND, ZoneInfo("UTC")) is over


def test_words_that_are_missing_or_too_many() -> None:
    long, bare = replace(ONE, title="x" * 111), replace(ONE, id="bare", story_id="s7", url=None, summary=" ")
    checks = checks_of(found(issue_of(long, bare, note="")))
    assert [only(checks, name).entries for name in ("title", "summary")] == [("one",), ("bare",)]
    assert only(checks, "note").state == "warning"
    empty = checks_of(found(issue_of()))
    assert (only(empty, "entries").state, only(empty, "sections").state) == ("stops", "warning")


def test_what_nobody_looked_at() -> None:
    changes = [Change(1, "ines", NOW, "title", "one", "x"), Change(2, "model", NOW, "blurb", "two", {})]
    assert looked_at(changes) == {"one"}
    warnings = {"one": ("title cut",), "two": ("link lost: “here”",)}
    checks = checks_of(found(looked_at=looked_at(changes), item_warnings=warnings))
    assert only(checks, "unseen").entries == only(checks, "lost").entries == ("two",)


def test_names_that_are_left_out() -> None:
    def names(*entries: Entry, **values: object) -> list[tuple[str, tuple[str, ...]]]:
        checks = checks_of(found(issue_of(*entries, **values), unnamed=("Ada Obi",)))
        return [(each.state, each.entries) for each in told(checks, "names")]

    assert names(replace(ONE, author="ada obi")) == [("stops", ("one",))]
    assert names(replace(ONE, summary="Said Ada  Obi.".replace("  ", " "))) == [("stops", ("one",))]
    assert names(replace(ONE, title="Ada Obi speaks")) == [("warning", ("one",))]
    assert names(ONE, note="Thanks to Ada Obi.") == [("stops", ())]
    assert names(ONE, newcomers=("Ada Obi",)) == [("stops", ())]
    assert names(ONE) == []


def test_a_tip_without_thanks() -> None:
    def credit(entry: Entry) -> int:
        return len(told(checks_of(found(issue_of(entry), tips=frozenset({"one"}))), "credit"))

    assert credit(ONE) == 1
    assert credit(replace(ONE, author="Bo")) == credit(replace(ONE, summary="Thanks to Bo.")) == 0


def test_a_figure_that_is_held_back() -> None:
    issue = issue_of(ONE, statistics=(Statistic("commits", 300, held_because="it jumped"), Statistic("threads", 3)))
    assert only(checks_of(found(issue)), "figure").act == Act("show figure", "commits", True, "Let it through")


def test_what_stops_comes_first_and_is_counted() -> None:
    checks = checks_of(found(issue_of(), links=LinkReport()))
    assert checks[0].state == "stops"
    assert summary_of(checks) == "One thing stops the issue."
    assert len(stopping(checks)) == 1
    assert (
        summary_of([Check("a", "warning", "a"), Check("b", "warning", "b")])
        == "Two things to look at. Neither stops the issue."
    )
    assert summary_of([Check("a", "warning", "a")]) == "One thing to look at. It does not stop the issue."
