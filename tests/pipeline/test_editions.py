"""What each reader gets: by rhythm and sections, whole, small, with the headers of a list and no trace of tracking."""

import html as entities
import re
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.deliver.message import Edition
from newsletter.model.subscriber import Choice
from newsletter.pipeline.editions import (
    EditionMaker,
    MadeEdition,
    edition_files,
    edition_key,
    edition_name,
    make_editions,
)
from newsletter.render.email import SIZE_LIMIT
from newsletter.store.mail_tables import subscribers
from newsletter.store.subscribers import choices_of_active
from tests.pipeline.letters import ADA, FEEDS, april, made_of, mail_of, opened, store, subscribe, text_of
from tests.render import samples

SITE = "https://letter.lantern.example/"
EVENTS_ONLY = Choice(sections=("events",))
CHOICES = (
    Choice(),
    EVENTS_ONLY,
    Choice("highlights"),
    Choice("monthly"),
    Choice("monthly", ("general", "events")),
    Choice("highlights", ("events",)),
)
NO_SITE = FEEDS.replace("  site: https://letter.lantern.example\n", "")


def made(folder: Path, choice: Choice, feeds: str = FEEDS) -> MadeEdition:
    """The edition for ``choice`` of the last issue of April."""
    told = april()
    with opened(folder, feeds) as app:
        store(app, told)
        return EditionMaker(app, made_of(told[-1], feeds)).edition(choice)


def test_a_choice_has_one_name_whatever_its_order() -> None:
    assert edition_key(Choice(sections=("a", "b"))) == edition_key(Choice(sections=("b", "a", "b")))
    keys = {edition_key(each) for each in (*CHOICES, Choice(sections=()), Choice(sections=("a,b",)))}
    assert len(keys) == len(CHOICES) + 2
    assert all(re.fullmatch(r"[0-9a-f]{16}", key) for key in keys)
    assert edition_key(Choice()) == "15d635a1f9a744e9"


def test_a_reader_of_some_sections_gets_those(tmp_path: Path) -> None:
    found = made(tmp_path, EVENTS_ONLY)
    mail = mail_of(found.data)
    for kind in ("plain", "html"):
        said = text_of(mail, kind)
        assert "Lantern Days (5)" in said
        assert "Barcode drivers" not in said
        assert "school in Tarn" not in said
        assert "because you chose these sections of Lantern Letter: Events." in said
    assert mail["Subject"] == "The charter goes to a vote; Wick 4; a fault in Shelf"


def test_a_reader_of_the_highlights_gets_those_and_the_dates(tmp_path: Path) -> None:
    mail = mail_of(made(tmp_path, Choice("highlights")).data)
    for kind in ("plain", "html"):
        said = text_of(mail, kind)
        assert "Wick 4 reads a whole catalogue" in said
        assert "Lantern Days (5)" in said
        assert "Barcode drivers" not in said
        assert "the highlights of Lantern Letter only" in said


def test_a_monthly_mail_tells_the_issues_of_the_month(tmp_path: Path) -> None:
    found = made(tmp_path, Choice("monthly"))
    mail = mail_of(found.data)
    assert mail["Subject"] == "Lantern Letter, April 2027; The charter goes to a vote; Wick 4"
    text, html = text_of(mail), text_of(mail, "html")
    for said in (text, html):
        assert "Issues 1 to 5" in said
        assert "26 March – 29 April" in said
        assert "once a month" in said
        places = [said.index(f"Barcode drivers leave the core ({number})") for number in (5, 4, 3, 2, 1)]
        assert places == sorted(places)
        assert [f"{SITE}issues/{number}/" in said for number in range(1, 6)] == [True] * 5
        assert "Lantern Days (1)" in said
        for over in ("Open evening in Northholm (1)", "Bug day (5)"):
            assert over not in said
        assert "merged changes" not in said
        assert said.count("Rosa Quint") == 5
    assert text.count("* A school in Tarn lends its own books (") == 5
    assert "* A school in Tarn lends its own books (1)" in text
    assert len(found.parts.html.encode()) <= SIZE_LIMIT
    assert "Vote on the charter" not in text
    assert "Last day for Lantern Days at €80" in text


def test_a_monthly_mail_of_sections_holds_those_of_each_issue(tmp_path: Path) -> None:
    said = text_of(mail_of(made(tmp_path, Choice("monthly", ("general", "events"))).data))
    assert said.count("* A school in Tarn lends") == 5
    assert "Barcode drivers" not in said
    assert "these sections of Lantern Letter, once a month: Events, General Community." in said


def test_monthly_mails_are_made_with_the_last_issue_of_the_month_alone(tmp_path: Path) -> None:
    told = april()
    with opened(tmp_path) as app:
        store(app, told)
        last, other = (make_editions(app, made_of(each), CHOICES) for each in (told[-1], told[-2]))
    assert set(last) == set(CHOICES)
    assert set(other) == {each for each in CHOICES if each.rhythm != "monthly"}


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("feeds", [FEEDS, NO_SITE], ids=["site", "no site"])
def test_every_edition_is_whole(tmp_path: Path, choice: Choice, feeds: str) -> None:
    found = made(tmp_path, choice, feeds)
    mail = mail_of(found.data)
    names = [name for name, _ in mail.items()]
    assert len(names) == len(set(names))
    assert {"From", "To", "Message-ID", "Date", "List-Id", "List-Unsubscribe", "List-Post", "List-Help"} <= set(names)
    assert "Precedence" not in names
    assert "Auto-Submitted" not in names
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text = text_of(mail)
    for issue in found.issues:
        for entry in issue.entries:
            assert entry.title in text
            assert not entry.url or entry.url in text
    assert len(found.parts.html.encode()) <= SIZE_LIMIT
    assert b"X-Placeholders" not in Edition.read(found.data).for_reader(ADA)


def test_one_leaves_at_the_top_and_changes_at_the_foot(tmp_path: Path) -> None:
    mail = mail_of(made(tmp_path, Choice()).data)
    leave, prefer = f"{SITE}u/{ADA.unsubscribe_token}", f"{SITE}r/{ADA.preferences_token}"
    for kind, top in (("plain", "LANTERN LETTER"), ("html", "<h1")):
        said = text_of(mail, kind)
        assert said.count(leave) == 2
        assert said.index(leave) < (said.index("<h1") if kind == "html" else said.index("DO THIS SOON"))
        assert said.index(prefer) > said.index("Radio Tarn")
        assert f"{prefer}#pause" in said
        assert f"{SITE}useful/5/yes" in said
        assert f"{SITE}useful/5/no" in said
        assert top in said


def test_without_a_site_one_answers(tmp_path: Path) -> None:
    mail = mail_of(made(tmp_path, Choice(), NO_SITE).data)
    leave = f"mailto:people@lantern.example?subject=unsubscribe%20{ADA.unsubscribe_token}"
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert leave in text_of(mail, "html")
    assert 'answer this mail with the word "unsubscribe"' in text_of(mail)
    for kind in ("plain", "html"):
        assert "useful" not in text_of(mail, kind)
        assert "Change what you get" not in text_of(mail, kind)


def without_tokens(mail: bytes, *tokens: str) -> bytes:
    """``mail`` with a zero octet for each of ``tokens``, also where a soft line end cuts one."""
    for token in tokens:
        mail = re.sub(rb"(?:=\r\n)?".join(re.escape(letter.encode()) for letter in token), b"\0", mail)
    return mail


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_two_readers_mails_differ_by_their_links_for_leaving_and_changing_alone(tmp_path: Path, choice: Choice) -> None:
    data = made(tmp_path, choice).data
    other = replace(ADA, address="bo@example.net", message_id="<b@b>", unsubscribe_token="L" * 32)
    other = replace(other, preferences_token="C" * 32, bounce_token="B" * 32, subscriber_id=8)
    mine = without_tokens(Edition.read(data).for_reader(ADA), ADA.unsubscribe_token, ADA.preferences_token)
    his = without_tokens(Edition.read(data).for_reader(other), "L" * 32, "C" * 32)
    assert mine == his.replace(b"bo@example.net", b"ada@example.net").replace(b"<b@b>", ADA.message_id.encode())
    assert mine.count(b"\0") == 2 + 2 * 4


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_nothing_is_fetched_and_no_link_is_rewritten(tmp_path: Path, choice: Choice) -> None:
    found = made(tmp_path, choice)
    mail = mail_of(found.data)
    html, text = text_of(mail, "html"), text_of(mail)
    assert not re.search(r"<(img|script|link|iframe|object|video|audio|source|svg|form)\b", html, re.IGNORECASE)
    assert not re.search(r"\b(src|srcset|background|poster)\s*=|url\(|@import", html, re.IGNORECASE)
    entries = [entry for issue in found.issues for entry in issue.entries]
    told = {url for each in entries for url in [each.url, *(place.url for place in each.places)]}
    told |= {each.proof for each in samples.STATISTICS} | {each.url for each in found.issues[0].deadlines}
    told |= {"https://lantern.example/charter"}
    led_to = {entities.unescape(url) for url in re.findall(r'href="([^"]*)"', html)}
    led_to |= {url.rstrip(").") for url in re.findall(r"https?://\S+", text)}
    assert {url for url in led_to - told if not url.startswith(SITE)} == set()
    tokens = (ADA.unsubscribe_token, ADA.preferences_token)
    personal = {f"{SITE}u/{tokens[0]}", f"{SITE}r/{tokens[1]}", f"{SITE}r/{tokens[1]}#pause"}
    assert {url for url in led_to if any(token in url for token in tokens)} == personal
    assert not [url for url in led_to if "?" in url and url.startswith(SITE)]


def test_dates_come_as_a_file_where_feeds_yaml_says_so(tmp_path: Path) -> None:
    attaching = f"{FEEDS}delivery:\n  attach: calendar file\n"
    with_dates = mail_of(made(tmp_path, EVENTS_ONLY, attaching).data)
    (part,) = with_dates.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "events.ics")
    assert part.get_payload(decode=True).count(b"BEGIN:VEVENT") == 4
    (tmp_path / "other").mkdir()
    without = mail_of(made(tmp_path / "other", Choice(sections=("general",)), attaching).data)
    assert not list(without.iter_attachments())


def test_two_choices_of_the_same_sections_are_rendered_once(tmp_path: Path) -> None:
    told = april()
    with opened(tmp_path) as app:
        store(app, told)
        maker = EditionMaker(app, made_of(told[-1]))
        first = maker.edition(Choice(sections=("events", "general")))
        assert maker.edition(Choice(sections=("general", "events", "no such section"))) is first


def test_readers_words_decide_what_is_approved(tmp_path: Path) -> None:
    """The choices of those who are active alone, each once."""
    with opened(tmp_path) as app:
        with app.database.transaction() as db:
            subscribe(db, 1)
            subscribe(db, 2)
            subscribe(db, 3, sections=["events", "general"])
            subscribe(db, 4, rhythm="monthly")
            db.execute(subscribers.update().where(subscribers.c.id == 4).values(state="left"))
        store(app, april())
        with app.database.reading() as db:
            assert choices_of_active(db) == (Choice(), Choice(sections=("events", "general")))
        names = set(edition_files(app, made_of(april()[-1])))
    assert names == {edition_name(edition_key(each)) for each in (Choice(), Choice(sections=("general", "events")))}
