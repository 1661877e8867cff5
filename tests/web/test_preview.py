"""The preview: the mail in every view, for every reader; in Chromium: nothing runs, dark is dark, titles lead on."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from newsletter.pipeline.issue_preview import EVERYONE, edition_data, for_nobody
from newsletter.pipeline.review import act, open_desk
from tests.web.desk import Desk, Signed
from tests.web.issues import drafted_desk

PREVIEW = "/desk/issues/1/preview"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with drafted_desk(tmp_path_factory.mktemp("preview") / "home") as (desk, _):
        desk.ines = desk.signed_in("Ines")  # type: ignore[attr-defined]
        yield desk


@pytest.fixture
def ines(drafted: Desk) -> Signed:
    found: Signed = drafted.ines  # type: ignore[attr-defined]
    return found


def whole(ines: Signed, path: str = PREVIEW) -> str:
    """The page once the mail is made."""
    ines.get(f"{PREVIEW}/mail{path.removeprefix(PREVIEW)}")
    page = ines.get(path)
    assert page.status_code == 200
    return str(page.text)


def test_the_page_shows_what_the_mail_weighs_and_says(ines: Signed) -> None:
    text = whole(ines)
    assert "3 entries" in text
    assert "of 80 KB" in text
    assert f'src="{PREVIEW}/mail"' in text
    assert "General Community" in text
    assert "No note from the editor" in text
    assert "checks are good" in text


def test_the_framed_mail_may_do_nothing(ines: Signed) -> None:
    frame = ines.get(f"{PREVIEW}/mail")
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "sandbox " in policy
    assert "allow-scripts" not in policy + whole(ines)
    assert "allow-same-origin" not in policy + whole(ines)
    shown = ines.get(f"{PREVIEW}/mail?pictures=shown")
    assert "img-src data: https: http:;" in shown.headers["content-security-policy"]
    assert frame.headers["cache-control"] == "no-store"


def test_titles_lead_to_cards_in_the_frame_and_nowhere_else(drafted: Desk, ines: Signed) -> None:
    entry = open_desk(drafted.app, 1).issue.entries[0]
    card = f"/desk/issues/1/items/{entry.id}"
    assert card in ines.get(f"{PREVIEW}/mail").text
    eml = ines.get(f"{PREVIEW}/issue.eml")
    assert "attachment" in eml.headers["content-disposition"]
    assert card.encode() not in eml.content
    assert eml.content == for_nobody(edition_data(drafted.app, 1, EVERYONE), 1)
    parts = [each.get_content_type() for each in message_from_bytes(eml.content).walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_plain_text_and_reading_order(ines: Signed) -> None:
    text = whole(ines, f"{PREVIEW}?view=text")
    assert "<pre" in text
    assert ines.get(f"{PREVIEW}/text").headers["content-type"].startswith("text/plain")
    heard = whole(ines, f"{PREVIEW}?view=reading")
    assert "heading 1" in heard
    assert "The bridge opens" in heard
    assert "heading 3, link" in heard


def test_as_a_reader_of_some_sections_or_of_the_highlights(ines: Signed) -> None:
    only = whole(ines, f"{PREVIEW}?only=events")
    assert "a reader of Events only" in only
    assert "0 entries" in only
    mail = ines.get(f"{PREVIEW}/mail?only=events").text
    assert "you chose these sections of Test weekly: Events" in mail
    short = ines.get(f"{PREVIEW}/mail?as=highlights").text
    assert "you wished for the highlights" in short
    monthly = ines.get(f"{PREVIEW}/mail?as=monthly").text
    assert "once a month" in monthly
    assert "Issue 1 " in " ".join(monthly.split())
    assert "one mail a month" in whole(ines, f"{PREVIEW}?as=monthly")
    assert ines.get(f"{PREVIEW}?as=nobody").status_code == 400
    assert ines.get(f"{PREVIEW}?view=sideways").status_code == 400
    assert "no section" in whole(ines, f"{PREVIEW}?only=none-such")


def test_what_is_not_there_and_who_may_not_look(drafted: Desk, ines: Signed) -> None:
    assert ines.get("/desk/issues/99/preview").status_code == 404
    assert ines.get("/desk/issues/99999999999999/preview").status_code == 404
    assert drafted.browser().get(f"{PREVIEW}/mail").status_code == 303
    assert ines.get("/desk/preview").headers["location"] == PREVIEW


def test_a_change_is_seen_at_once(drafted: Desk, ines: Signed) -> None:
    assert "Two sentences on top" in whole(ines)
    act(drafted.app, 1, [("note", "issue", {"text": "Hello readers.", "by": "Ines"})], editor="Ines")
    assert "Hello readers." in ines.get(f"{PREVIEW}/mail").text
    assert "No note from the editor" not in whole(ines)


def test_while_it_is_built_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.web import preview

    with drafted_desk(tmp_path / "home") as (desk, _):
        ines = desk.signed_in()
        monkeypatch.setattr(preview, "_PATIENCE", 0.0)
        page = ines.get(PREVIEW)
        assert "Building, 1 s" in page.text
        assert page.headers["refresh"] == "1"


def test_a_fault_in_an_own_template_is_named_with_its_line(tmp_path: Path) -> None:
    with drafted_desk(tmp_path / "home") as (desk, _):
        ines = desk.signed_in()
        own = desk.app.home / "templates" / "email"
        own.mkdir(parents=True)
        (own / "issue.html").write_text("<p>\n{{ itm.title }}\n", encoding="utf-8")
        feeds = desk.app.home / "feeds.yaml"
        feeds.write_text(feeds.read_text(encoding="utf-8") + "\n# templates now\n", encoding="utf-8")
        text = whole(ines)
        assert "email/issue.html:2" in text
        assert "the last good design" in text


def test_a_mail_that_is_too_large_says_which_items_to_shorten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.pipeline import issue_preview
    from newsletter.render import email

    with drafted_desk(tmp_path / "home") as (desk, _):
        ines = desk.signed_in()
        monkeypatch.setattr(email, "SIZE_LIMIT", 5_000)
        monkeypatch.setattr(issue_preview, "SIZE_LIMIT", 5_000)
        text = whole(ines)
        assert "Too large." in text
        assert "Shorten these: Lamps for the quay (48 letters); The bridge opens (47 letters)" in text
