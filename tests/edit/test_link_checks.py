"""What is said of the links of an issue, by what became of them, and what can be done about each."""

from dataclasses import replace

import pytest

from newsletter.edit.check import Act, grouped
from newsletter.edit.checks import checks_of
from newsletter.model.link import LinkReport
from tests.edit.checking import ONE, TWO, found, issue_of, only, result, told


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
