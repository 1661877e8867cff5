"""What is said of the mail as it was rendered, its subject, its number and its hour."""

from dataclasses import replace
from datetime import datetime

import pytest

from newsletter.edit.checks import checks_of
from newsletter.edit.mail_checks import CUT_AT
from newsletter.model.picture import Picture
from tests.edit.checking import ONE, SEND, TWO, facts, found, issue_of, only


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


def test_an_approved_issue_is_not_asked_to_be_approved_when_its_hour_passed() -> None:
    after = replace(found(replace(issue_of(ONE), state="approved")), now=SEND.replace(hour=12))
    assert not [each for each in checks_of(after) if each.id == "hour"]


def test_a_mail_that_gmail_would_cut_stops() -> None:
    check = only(checks_of(found(mail=facts(issue_of(ONE, TWO), html_size=CUT_AT + 1))), "size")
    assert (check.state, check.text) == ("stops", "102 of 80 KB: Gmail would cut it")
    assert "The bridge opens (19 letters)" in check.detail


def test_how_lines_of_the_text_are_broken_does_not_count() -> None:
    mail = replace(facts(issue_of(ONE)), text=f"The bridge\n  opens\n{ONE.url}")
    assert only(checks_of(found(issue_of(ONE), mail=mail)), "text").state == "good"


def test_a_sender_or_site_that_changed_since_the_draft_is_told() -> None:
    other = {"site": ("https://old.example", "https://new.example"), "reply to": ("", "a@new.example")}
    check = only(checks_of(replace(found(), since_drafted=other)), "settings")
    assert check.state == "warning"
    assert "site: https://old.example (now https://new.example); reply to: nothing (now a@new.example)" in check.text
    assert "newsletter draft" in check.detail
    assert "settings" not in {each.id for each in checks_of(found())}
