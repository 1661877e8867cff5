from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from newsletter.edit.corrections import correct
from newsletter.model.correction import Correction
from newsletter.render.email import message, render_email
from newsletter.render.erratum import Wrong, render_erratum
from newsletter.render.legible import look_at_html
from newsletter.render.records import issue_record
from newsletter.render.web import render_issue_page
from tests.render import samples

AT = datetime(2027, 4, 18, 9, tzinfo=UTC)
BEFORE = samples.HIGHLIGHTS[0]
AFTER = replace(BEFORE, title="The charter goes to a <second> vote", summary="Members vote from 20 April.")
WRONGS = [Wrong(BEFORE, AFTER, "The day of the vote was wrong.")]


def test_the_mail_says_what_was_wrong_and_what_is_right() -> None:
    parts = render_erratum(samples.press(), samples.issue(), WRONGS)
    number = samples.issue().number
    assert parts.subject == f"Correction to issue {number}: The charter goes to a <second> vote"
    for body in (parts.html, parts.text):
        plain = " ".join(body.split())
        assert "The day of the vote was wrong." in plain
        assert "Members vote from 20 April." in plain
        assert "Two drafts became one" in plain
        assert "nsubscribe" in plain
        assert f"/issues/{number}/" in plain
    assert "<second>" not in parts.html
    assert max(len(line) for line in parts.text.splitlines() if "http" not in line) <= 72


def test_it_can_be_read_and_is_small() -> None:
    parts = render_erratum(samples.press(), samples.issue(), WRONGS)
    found = look_at_html(parts.html)
    assert (found.faint, found.no_alt) == ((), ())
    assert parts.full_size < 10_000


def test_it_is_a_mail_of_its_own() -> None:
    issue, press = samples.issue(), samples.press()
    parts = render_erratum(press, issue, WRONGS)
    mail = message_from_bytes(message(press, issue, parts, name="erratum-1", at=AT), policy=default)
    assert mail["Date"] == "Sun, 18 Apr 2027 09:00:00 +0000"
    assert mail["Message-ID"].startswith(f"<erratum-1-{issue.number}.")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_what_did_not_change_is_not_said() -> None:
    parts = render_erratum(
        samples.press(), samples.issue(), [Wrong(BEFORE, replace(BEFORE, url="https://new.example/x"))]
    )
    assert "The address said:" in parts.text
    assert "The title said:" not in parts.text


def test_the_page_and_the_record_say_it_at_the_entry() -> None:
    corrections = [
        Correction(1, BEFORE.id, AT, "ines", "The day was <wrong>.", summary="Right now."),
        Correction(2, BEFORE.id, AT, "ines", title="Another", url="https://new.example/x"),
    ]
    issue = correct(samples.issue(), corrections)
    page = " ".join(render_issue_page(samples.press(), issue).decode().split())
    assert 'Corrected <time datetime="2027-04-18">18 April</time>:</b> The day was &lt;wrong&gt;.' in page
    assert "The title and the link were wrong." in page
    entries = [each for section in issue_record(issue)["sections"] for each in section["entries"]]
    (told,) = [each["corrections"] for each in entries if "corrections" in each and each["title"] == "Another"][:1]
    assert [each["changed"] for each in told] == [["summary"], ["title", "url"]]


def test_the_mail_of_the_issue_never_says_it() -> None:
    corrected = correct(samples.issue(), [Correction(1, BEFORE.id, AT, "ines", "The day was wrong.")])
    assert render_email(samples.press(), corrected).html == render_email(samples.press(), samples.issue()).html
