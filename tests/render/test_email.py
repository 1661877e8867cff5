import email
import re
import time
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest

from newsletter.errors import UsageError
from newsletter.model.issue import Issue
from newsletter.model.picture import Picture
from newsletter.model.story import Place
from newsletter.render.email import SIZE_LIMIT, inlined, message, render_email
from newsletter.render.press import Press
from newsletter.render.reader_links import ReaderLinks
from tests.render import samples

ISSUES = ("issue", "small_issue", "hostile_issue")


def built(name: str) -> Issue:
    made: Issue = getattr(samples, name)()
    return made


def read(press: Press, issue: Issue) -> EmailMessage:
    found = email.message_from_bytes(message(press, issue, render_email(press, issue)), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_the_mail_holds_every_entry_and_figure() -> None:
    html = render_email(samples.press(), samples.issue()).html
    for entry in samples.issue().entries:
        assert entry.title in html
    assert "31 replies by 12 people" in html
    assert "By Thursday 22 April, in 6 days" in html
    assert "€80 until 30 April" in html
    assert "3,466" in html
    assert "Quiet this week: Press, Docs." in html
    assert "<strong>ends on Thursday</strong>" in html
    assert html.count('href="https://letter.lantern.example/issues/57/#') == 6


def test_styles_stand_in_the_tags_and_only_media_rules_in_the_head() -> None:
    html = render_email(samples.press(), samples.issue()).html
    assert html.startswith("<!DOCTYPE html>")
    head, rest = html.split("</head>")
    assert "prefers-color-scheme: dark" in head
    style = head[head.index("<style>") : head.index("</style>")]
    outside = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", style.removeprefix("<style>"))
    assert outside.strip() == ""
    assert not re.search(r"</?(body|tbody)\b", html)
    assert 'role="article" lang="en"' in rest
    assert rest.count("<table") == rest.count("</table>")


def test_unsubscribe_stands_at_both_ends() -> None:
    html = render_email(
        samples.press(), samples.issue(), links=ReaderLinks("https://letter.lantern.example/me/7/leave")
    ).html
    links = [found.start() for found in re.finditer("https://letter.lantern.example/me/7/leave", html)]
    assert len(links) == 2
    assert links[0] < html.index("<h1")
    assert links[1] > html.rindex("<h3")


def test_without_a_page_to_leave_there_is_an_address_to_write_to() -> None:
    html = render_email(samples.press(), samples.issue()).html
    assert "mailto:people@lantern.example?subject=unsubscribe" in html


def test_without_a_site_nothing_points_to_one() -> None:
    parts = render_email(samples.press(site=None), samples.issue())
    for text in (parts.html, parts.text):
        assert "letter.lantern.example" not in text
        assert "the web" not in text
    assert 'href=""' not in parts.html


def test_the_reason_is_shown_as_given() -> None:
    parts = render_email(samples.press(), samples.issue(), reason="You asked for it on 3 February 2027.")
    assert "You asked for it on 3 February 2027." in parts.html
    assert "You asked for it on 3 February 2027." in parts.text


@pytest.mark.parametrize("name", ISSUES)
def test_text_keeps_to_72_columns_but_for_addresses(name: str) -> None:
    text = render_email(samples.press(), built(name)).text
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 72 or len(line.split()) <= 2, line


def test_text_is_complete_and_numbers_resolve() -> None:
    issue = samples.issue()
    text = render_email(samples.press(), issue).text
    squeezed = " ".join(text.split())
    for entry in issue.entries:
        assert entry.title in squeezed
        assert entry.summary in squeezed
        assert not entry.url or entry.url in text
    for section in text.split("\n\n\n")[4:]:
        used = re.findall(r"\[(\d+)\](?! https?://)", section)
        resolved = re.findall(r"\[(\d+)\] https?://", section)
        assert sorted(map(int, used)) == sorted(map(int, resolved)) == list(range(1, len(resolved) + 1))


def test_an_address_has_one_number_in_a_section_however_often_it_is_named() -> None:
    month = "https://lists.example/2004-January/thread.html"
    told = tuple(samples.entry(name, f"News {name}", url=month, places=(Place("thread", month),)) for name in "ab")
    text = render_email(
        samples.press(), replace(samples.small_issue(), sections=(samples.section("general", told),))
    ).text
    assert text.count(month) == 1
    assert text.count("thread [1]") == 2


def test_another_language_is_said_in_both_halves() -> None:
    parts = render_email(samples.press(), samples.issue())
    assert "(in Arabic)" in parts.text
    assert re.search(r'<span[^>]* dir="ltr" lang="en"[^>]*>\(in Arabic\)', parts.html)
    assert re.search(r'<h3[^>]* lang="ar" dir="rtl"[^>]*>', parts.html)
    assert "(in English)" not in parts.text


def test_text_looks_as_designed() -> None:
    text = render_email(samples.press(), samples.issue()).text
    assert text.startswith(
        "LANTERN LETTER" + " " * 50 + "Issue 57\nFriday 16 April 2027, the week of 9 – 15 April\n" + "=" * 72
    )
    assert "  >> By Thursday 22 April, in 6 days\n  31 replies by 12 people since 9 April | dev list" in text
    assert "\n  Wed 21 Apr   Open evening in Northholm [1]\n               18:30 – 21:00, UTC+2 | Harbour" in text
    assert "\n             >> Sign up by Thursday 20 May, in 34 days\n" in text
    assert "\n--- Wick " + "-" * 63 + "\n" in text
    assert re.search(r"\n  Contributors \[1\] +64 +58 +#{8}\.{2}  █▆▇\n", text)


def test_a_large_issue_loses_summaries_from_its_end_and_says_so() -> None:
    issue = samples.large_issue(60, words=120)
    parts = render_email(samples.press(), issue)
    assert SIZE_LIMIT - 3_000 < len(parts.html.encode()) <= SIZE_LIMIT
    left_out = int(re.search(r"it leaves out (\d+) summaries", parts.html)[1])  # type: ignore[index]
    assert parts.html.count(issue.entries[0].summary) == 60 - left_out
    assert all(entry.title in parts.html for entry in issue.entries)
    assert parts.text.count("Entry number") == 60
    assert " ".join(parts.text.split()).count(issue.entries[0].summary) == 60


@pytest.mark.slow
def test_a_huge_issue_loses_entries_and_says_so() -> None:
    parts = render_email(samples.press(), samples.large_issue(240))
    assert len(parts.html.encode()) <= SIZE_LIMIT
    left_out = sum(map(int, re.findall(r"(\d+) more stand", parts.html)))
    assert left_out > 50
    assert left_out + len(re.findall(r">Entry number \d+ about", parts.html.split("<h2", 1)[1])) == 240
    assert parts.text.count("* Entry number") == 240


def test_one_entry_makes_a_mail() -> None:
    parts = render_email(samples.press(), samples.small_issue())
    assert parts.subject == "Lantern Letter, issue 57"
    assert "Nothing this week in: Highlights, Events, Community Statistics." in parts.html
    assert "In this issue" not in parts.html
    assert "Do this soon" not in parts.html
    assert "Made from 1 public source." in parts.html


def test_what_comes_from_outside_stays_text() -> None:
    parts = render_email(samples.press(), samples.hostile_issue())
    assert "<script" not in parts.html
    assert "javascript:" not in parts.html + parts.text
    assert "&lt;script&gt;alert(1)" in parts.html
    assert "{{ 7 * 7 }}" in parts.html
    assert "onload=x>" not in parts.html
    assert "\r" not in parts.text
    assert "\nBcc:" not in parts.text


@pytest.mark.parametrize("name", ISSUES)
def test_the_message_is_whole_and_reads_back(name: str) -> None:
    press, issue = samples.press(), built(name)
    parts = render_email(press, issue)
    raw = message(press, issue, parts)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = read(press, issue)
    assert not found.defects
    plain, html = found.iter_parts()
    assert found.get_content_type() == "multipart/alternative"
    assert plain.get_content_type() == "text/plain"
    assert plain["Content-Type"].params["format"] == "flowed"
    assert html.get_content().replace("\r\n", "\n") == parts.html
    unstuffed = [re.sub(r"^ (?=[ >]|From )", "", line).rstrip() for line in plain.get_content().splitlines()]
    assert "\n".join(unstuffed) + "\n" == parts.text


def test_headers_are_fixed_by_the_issue() -> None:
    found = read(samples.press(), samples.issue())
    assert found["From"] == "Lantern Letter <letter@lantern.example>"
    assert found["Reply-To"] == "people@lantern.example"
    assert found["Subject"] == "The charter goes to a vote; Wick 4; a fault in Shelf"
    assert found["Date"] == "Fri, 16 Apr 2027 08:00:00 +0000"
    assert re.fullmatch(r"<issue-57\.[0-9a-f]{16}@lantern\.example>", found["Message-ID"])
    assert found["To"] is None


def test_the_same_issue_gives_the_same_bytes() -> None:
    press, issue = samples.press(), samples.issue()
    first = message(press, issue, render_email(press, issue))
    assert first == message(samples.press(), samples.issue(), render_email(samples.press(), samples.issue()))
    other = replace(issue, note="Another note.")
    assert first != message(press, other, render_email(press, other))


def test_no_header_can_be_slipped_in() -> None:
    press = samples.press(
        name="A\r\nBcc: x@y.example", sender="A\r\nBcc: x@y.example <a@lantern.example>", reply_to=None
    )
    found = read(press, samples.hostile_issue())
    assert found["Bcc"] is None
    assert found["Reply-To"] is None
    assert found["From"].addresses[0].addr_spec == "a@lantern.example"
    assert found["Subject"].startswith("Hello Bcc: everybody@lantern.example")


def test_names_in_other_scripts_survive() -> None:
    press = samples.press(sender="Ørsted & “Şen” <a@lantern.example>")
    issue = replace(samples.issue(), title="Größe und 図書館")
    found = read(press, issue)
    assert found["From"].addresses[0].display_name == "Ørsted & “Şen”"
    assert found["Subject"] == "Größe und 図書館"


def test_a_sender_without_a_name_gets_the_newsletters() -> None:
    assert (
        read(samples.press(sender="a@lantern.example"), samples.issue())["From"] == "Lantern Letter <a@lantern.example>"
    )


@pytest.mark.parametrize("sender", ["", "nobody", "a@", "@b", "a b@c@d", "Ä <ä@lantern.example>", "a@b <"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    press = samples.press(sender=sender)
    with pytest.raises(UsageError, match="is not a mail address"):
        message(press, samples.issue(), render_email(press, samples.issue()))


@pytest.mark.slow
def test_sixty_entries_are_rendered_in_time() -> None:
    press, issue = samples.press(), samples.large_issue(60)
    render_email(press, issue)
    start = time.process_time()
    message(press, issue, render_email(press, issue))
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize("host", ["videos.example", "letter.lantern.example"])
def test_a_picture_is_a_link_with_its_words_in_both_halves_of_the_mail(host: str) -> None:
    url = f"https://{host}/lamp.jpg"
    entry = samples.entry(
        "video", "How to trim a wick", show_as="picture with link", picture=Picture(url, "A tall lamp")
    )
    made = render_email(samples.press(), samples.issue(sections=(samples.section("general", (entry,)),)))
    assert re.search(rf'<a [^>]*href="{re.escape(url)}"[^>]*>Picture: A tall lamp</a>', made.html)
    assert "<img" not in made.html
    (number,) = re.findall(r"-> Picture: A tall lamp \[(\d+)\]", made.text)
    assert f"[{number}] {url}" in made.text


def test_a_class_stays_only_where_a_rule_in_the_head_asks_for_it() -> None:
    html = render_email(samples.press(), samples.issue()).html
    head, body = html.split("</head>")
    named = {name for found in re.findall(r' class="([^"]*)"', body) for name in found.split()}
    assert {"m", "due", "num"} <= named
    assert all(f".{name}" in head for name in named)
    assert ' class=""' not in body
    assert inlined('<p class="a"></p>') == "<html><head></head><p></p></html>\n"
