import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.errors import FetchError, NotFound, NotReadable, UsageError
from newsletter.model.item import Event, Form, Item
from newsletter.pipeline.preview import Previewed, preview_address
from tests.loopback import atom, serving

ENVIRON = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens.")
MAILS = b"""From ada at example.org  Mon Oct 12 09:00:00 2026
From: ada at example.org (Ada Obi)
Date: Mon, 12 Oct 2026 09:00:00 +0000
Subject: [dev] A question
Message-ID: <one@example.org>

Shall we build a bridge?

From bo at example.org  Mon Oct 12 10:00:00 2026
From: bo at example.org (Bo Lind)
Date: Mon, 12 Oct 2026 10:00:00 +0000
Subject: [dev] A question
In-Reply-To: <one@example.org>
Message-ID: <two@example.org>

Yes.
"""
CHANGE = {
    "_number": 7, "id": "core~7", "change_id": "I1", "project": "org/core", "branch": "main", "subject": "Mend it",
    "status": "MERGED", "created": "2026-10-10 08:00:00.000000000", "updated": "2026-10-11 08:00:00.000000000",
    "submitted": "2026-10-11 08:00:00.000000000", "insertions": 3, "deletions": 1,
    "owner": {"_account_id": 5, "name": "Ada"},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["", "feed", "FEED"])
def test_a_feed_in_a_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "planet.xml"
    path.write_text(atom(ONE))
    found = preview_address(str(path), kind=kind)
    assert [(item.title, item.author.name if item.author else "") for item in found.items] == [
        ("The bridge opens", "Ada Obi")
    ]
    assert (found.reader, found.name) == ("feed", "planet.xml")


@pytest.mark.parametrize("kind", ["", "mbox", "mailing list", "mailing-list", "pipermail"])
@pytest.mark.parametrize("name", ["2026-October.txt", "2026-October.txt.gz"])
def test_a_month_of_an_archive_in_a_file(tmp_path: Path, kind: str, name: str) -> None:
    folder = tmp_path / "pipermail" / "dev"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(gzip.compress(MAILS) if name.endswith(".gz") else MAILS)
    found = preview_address(str(folder / name), kind=kind)
    assert [item.title for item in found.items] == ["[dev] A question"] * 2
    assert {item.thread.root_id.strip("<>") for item in found.items if item.thread} == {"one@example.org"}


def test_answers_of_a_gerrit_server_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "changes.json"
    path.write_text(")]}'\n" + json.dumps([CHANGE, {**CHANGE, "_number": 8, "id": "core~8", "status": "NEW"}]))
    found = preview_address(str(path), kind="gerrit")
    assert [(item.review.number, item.review.state) for item in found.items if item.review] == [
        (7, "merged"),
        (8, "open"),
    ]


def test_an_address_is_read_once_and_nothing_is_stored() -> None:
    with serving() as web:
        web["/planet.xml"] = atom(ONE)
        found = preview_address(f"{web.base}/planet.xml", environ=ENVIRON)
        assert len(found.items) == 1
        assert len(web.asked) == 1
        with pytest.raises(FetchError, match="inside your network"):
            preview_address(f"{web.base}/planet.xml", environ={})


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing in particular\n")
    with pytest.raises(FetchError):
        preview_address(str(path))
    with pytest.raises(NotReadable, match="kind “inbox” is not read from an address"):
        preview_address("https://example.org/tips", kind="inbox")
    with pytest.raises(UsageError, match="There is no kind"):
        preview_address(str(path), kind="rss")
    with pytest.raises(NotFound):
        preview_address(str(tmp_path / "none"))
    (tmp_path / "cut.xml.gz").write_bytes(gzip.compress(atom(ONE).encode())[:40])
    with pytest.raises(FetchError, match="cannot be read"):
        preview_address(str(tmp_path / "cut.xml.gz"), kind="feed")


def test_a_calendar_in_a_file_with_all_its_dates(tmp_path: Path) -> None:
    events = "".join(
        f"BEGIN:VEVENT\nUID:{year}\nDTSTART:{year}0301\nSUMMARY:Fair\nEND:VEVENT\n" for year in (1999, 2090)
    )
    path = tmp_path / "fair.ics"
    path.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    found = preview_address(str(path))
    assert (found.reader, [item.native_keys[0] for item in found.items]) == ("calendar", ["1999", "2090"])


def test_a_chat_in_a_file_with_all_that_can_be_taken(tmp_path: Path) -> None:
    path = tmp_path / "kiln.2026-11-24.log"
    path.write_text("[18:00] <a> #startmeeting x\n[18:01] <a> #action bo to bring wood\n[18:02] <a> #endmeeting")
    [item] = preview_address(str(path)).items
    assert "Action items:\n- bo to bring wood" in item.text


def mail(number: int) -> bytes:
    return f"From: Ada <a@x.example>\nSubject: Tip {number}\nMessage-ID: <{number}@x>\n\nWords.\n".encode()


def test_a_maildir(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    for number in range(1_100):
        (tmp_path / "cur" / f"{number:04d}.here:2,S").write_bytes(mail(number))
    found = preview_address(str(tmp_path))
    assert (found.reader, len(found.items), found.items[0].title) == ("inbox", 1_100, "Tip 0")


def test_a_folder_of_chat_logs(tmp_path: Path) -> None:
    for day in (24, 25):
        name = f"kiln.2026-11-{day}.log"
        (tmp_path / name).write_text("[18:00] <a> #startmeeting x\n[18:01] <a> #action bo\n[18:02] <a> #endmeeting")
    for kind in ("", "chat log"):
        found = preview_address(str(tmp_path), kind=kind)
        assert (found.reader, len(found.items)) == ("chat log", 2)


def test_what_cannot_be_read_in_a_folder_is_counted(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("nothing in particular\n")
    found = preview_address(str(tmp_path))
    assert (found.items, len(found.warnings)) == ((), 1)
    assert found.warnings[0].startswith(f"2 that cannot be read, the first: {tmp_path}/a.txt: ")


def test_a_folder_that_nothing_reads(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match=r"nothing in it that is read from folders.*Name a file in it\."):
        preview_address(str(tmp_path))
    with pytest.raises(NotReadable, match="kind “feed” is not read from a folder"):
        preview_address(str(tmp_path), kind="feed")


OPML = """<opml version="2.0"><body><outline text="People">
<outline type="rss" text="Ada" xmlUrl="https://ada.example/feed.xml"/>
<outline type="rss" text="Bo" xmlUrl="https://bo.example/feed.xml"/></outline></body></opml>"""


def test_a_list_of_feeds_tells_its_sources_and_asks_none(tmp_path: Path) -> None:
    path = tmp_path / "team.opml"
    path.write_text(OPML)
    found = preview_address(str(path))
    with serving() as web:
        web["/team.opml"] = OPML
        same = preview_address(f"{web.base}/team.opml", environ=ENVIRON)
        assert len(web.asked) == 1
    for each in (found, same):
        assert each.lists_sources
        assert [(item.title, item.url, item.labels) for item in each.items] == [
            ("Ada", "https://ada.example/feed.xml", ("People",)),
            ("Bo", "https://bo.example/feed.xml", ("People",)),
        ]


def calendar(*days: str) -> str:
    events = "".join(f"BEGIN:VEVENT\nUID:{day}\nDTSTART:{day}\nSUMMARY:Fair\nEND:VEVENT\n" for day in days)
    return f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n"


def test_a_calendar_on_the_web_says_what_it_does_not_show() -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=3):%Y%m%d}"
    with serving() as web:
        web["/fair.ics"] = calendar("19990301", soon, "20900301")
        found = preview_address(f"{web.base}/fair.ics", environ=ENVIRON)
        assert len(web.asked) == 1
        assert [item.native_keys[0] for item in found.items] == [soon]
        assert found.warnings[-1].startswith("2 events are not shown: over, or more than 6 weeks away.")
        web["/fair.ics"] = calendar(soon)
        assert preview_address(f"{web.base}/fair.ics", environ=ENVIRON).warnings == ()


def test_the_newest_are_the_last_ones_and_of_dates_the_next_ones() -> None:
    now = datetime(2026, 10, 15, tzinfo=UTC)

    def post(day: int | None, form: Form = "post") -> Item:
        at = now + timedelta(days=day) if day is not None else None
        event = Event(at) if form == "event" and at else None
        return Item(str(day), "s", "k", form, (str(day),), str(day), published_at=None if event else at, event=event)

    def shown(*items: Item) -> list[str]:
        return [item.title for item in Previewed("", "", items).newest(2, now=now)]

    assert shown(post(-3), post(-1), post(-2)) == ["-2", "-1"]
    assert shown(post(-3), post(-2), post(None)) == ["-2", "None"]
    dates = [post(day, "event") for day in (-2, -1, 5, 6, 900)]
    assert shown(*dates) == ["5", "6"]
    assert shown(*dates[:2]) == ["-2", "-1"]
