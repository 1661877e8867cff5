from datetime import date

import pytest

from newsletter.fetch.chat_places import LogPlace, day_in, filled, is_pattern, list_logs, name_of, pattern_days

BASE = "https://meetings.kiln.example/firing/2026/"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("firing.2026-11-24-18.01.log.txt", date(2026, 11, 24)),
        ("kiln_20261124.log", date(2026, 11, 24)),
        ("kiln_2026_11_24.log", date(2026, 11, 24)),
        ("/2026/11/24/%23kiln.txt", date(2026, 11, 24)),
        ("ClayDays/24112026/Glazes (last edited 2026-11-30 17:03:58 by jo)", date(2026, 11, 24)),
        ("003_f440a802e6fa4a1d.txt", None),
        ("2026-02-30.log", None),
        ("kiln.log", None),
    ],
)
def test_the_day_in_a_name(name: str, day: date | None) -> None:
    assert day_in(name) == day


def test_a_log_has_one_name_in_all_its_forms() -> None:
    forms = (".log.txt", ".log.html", ".txt", ".html", ".log")
    assert {name_of(f"{BASE}a.2026-11-24-18.01{each}") for each in forms} == {f"{BASE}a.2026-11-24-18.01"}


def test_addresses_with_a_date() -> None:
    assert is_pattern("https://x.example/%Y/%m/%d.log")
    assert not is_pattern("https://x.example/%23kiln.log")
    assert (
        filled("https://x.example/%Y/%m/%23kiln.%d-%b-%a.txt", date(2026, 11, 4))
        == "https://x.example/2026/11/%23kiln.04-Nov-Wed.txt"
    )


def test_the_days_of_a_pattern() -> None:
    days = list(pattern_days("https://x.example/%Y%m%d", date(2026, 11, 29), date(2026, 12, 1)))
    assert [(url[-8:], first, last) for url, first, last in days] == [
        (f"{day:%Y%m%d}", day, day) for day in (date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1))
    ]
    months = list(pattern_days("https://x.example/%Y-%m", date(2026, 11, 29), date(2026, 12, 1)))
    assert [(url[-7:], last) for url, _, last in months] == [
        ("2026-11", date(2026, 11, 30)),
        ("2026-12", date(2026, 12, 31)),
    ]


def test_the_logs_that_a_page_lists() -> None:
    page = b"""<a href="../">up</a><a href="?C=M">sorted</a><a href="2025/">2025</a><a href="12/">12</a>
    <a href="media/">x</a><a href="b.2026-11-24-18.01.html">minutes</a><a href="b.2026-11-24-18.01.log.txt">log</a>
    <a href="a.2026-11-17.html">x</a>
    <a href="/firing/2026/c.log">c</a><a href="https://other.example/d.log">d</a><a href="http://[">e</a><a>f</a>
    <a href="about.html">about</a>"""
    logs, folders = list_logs(page, BASE)
    assert logs == [
        LogPlace(f"{BASE}c.log", f"{BASE}c", None),
        LogPlace(f"{BASE}a.2026-11-17.html", f"{BASE}a.2026-11-17", date(2026, 11, 17)),
        LogPlace(f"{BASE}b.2026-11-24-18.01.log.txt", f"{BASE}b.2026-11-24-18.01", date(2026, 11, 24)),
    ]
    assert folders == [f"{BASE}12/", f"{BASE}2025/"]
