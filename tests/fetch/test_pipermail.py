from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.fetch.pipermail import archive_link, find_volumes, looks_like_archive, make_volume

INDEX = (Path(__file__).parents[1] / "data/pipermail/index.html").read_bytes()


def test_the_texts_of_an_index_oldest_first() -> None:
    assert [volume.file for volume in find_volumes(INDEX)] == [
        "2025-December.txt.gz",
        "2026-February.txt.gz",
        "2026-March.txt",
    ]


@pytest.mark.parametrize(
    ("name", "begins_on", "ends_on"),
    [
        ("2025-December", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025q4", date(2025, 10, 1), date(2026, 1, 1)),
        ("2025q1", date(2025, 1, 1), date(2025, 4, 1)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("Week-of-Mon-20251229", date(2025, 12, 29), date(2026, 1, 5)),
        ("20251231", date(2025, 12, 31), date(2026, 1, 1)),
    ],
)
def test_how_long_a_text_is(name: str, begins_on: date, ends_on: date) -> None:
    volume = make_volume(name, f"{name}.txt")

    assert volume is not None
    assert (volume.begins_on, volume.ends_on) == (begins_on, ends_on)


@pytest.mark.parametrize(
    "name", ["2025-Smarch", "robots", "20251399", "Week-of-Mon-20251399", "0000", "2025q5", "9999"]
)
def test_names_of_no_time(name: str) -> None:
    assert make_volume(name, f"{name}.txt") is None


def test_a_month_ends_a_day_later_for_those_far_west() -> None:
    month = make_volume("2025-December", "2025-December.txt")

    assert month is not None
    assert not month.ends_before(datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert month.ends_before(datetime(2026, 1, 2, tzinfo=UTC))


def test_an_index_is_known_when_it_is_seen() -> None:
    empty = (
        b"<html><title>The Kites Archives</title><p>No messages have been posted to this list yet</p>thread.html</html>"
    )

    assert looks_like_archive(INDEX)
    assert looks_like_archive(empty)
    assert not looks_like_archive(b"<html><a href='2025-December.txt'>robots</a></html>")
    assert not looks_like_archive(b"<html><h1>Mailman archives</h1></html>")
    assert not looks_like_archive(b"From ada Mon Mar  2 10:00:00 2026")


def test_the_archive_of_a_list_from_the_page_about_it() -> None:
    page = b'<html>To see the archives, visit the <a href="/pipermail/kites-dev/">Kites-dev Archives</a>.</html>'

    found = archive_link(page, "https://lists.kites.example/mailman/listinfo/kites-dev")

    assert found == "https://lists.kites.example/pipermail/kites-dev/"
    assert archive_link(b"<html></html>", "https://x.example/") is None
