"""Mails made to break readers: each is an item, or set aside with a reason, within its time and memory."""

import re
import time
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.kinds.pipermail import Pipermail
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Part, read_archive
from newsletter.fetch.workers import worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, needs_corpus
from tests.fakes import FakeHttp

MAILS = sorted(path for path in (CORPUS / "hostile/mail").rglob("*") if path.is_file())
BOMBS = sorted((CORPUS / "hostile/bombs").glob("*.gz"))
SETTINGS = MailSettings("hostile", "mbox")
NO_MAIL = "todo_qfile.txt.eml"
"""The queue file of a mail server, with JSON before the mail."""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

pytestmark = needs_corpus


async def parts_of(source: Path | bytes) -> list[Part]:
    return [part async for part in read_archive(source, SETTINGS)]


def check(item: Item) -> None:
    shown = [item.title, item.author.name if item.author else "", *item.native_keys, *item.in_reply_to, *item.links]
    assert not any("\n" in text or "\t" in text or CONTROLS.search(text) for text in shown[:2])
    assert not any("\n" in text or "\r" in text for text in shown)
    assert not CONTROLS.search(item.text)
    assert item.title
    assert len(item.text) <= 200_000


@pytest.mark.slow
async def test_each_is_an_item_or_set_aside_in_time() -> None:
    assert len(MAILS) == 192
    items: list[Item] = []
    unread: list[str] = []
    for path in MAILS:
        began = time.process_time()
        try:
            parts = await parts_of(path)
        except NotReadable:
            unread.append(path.name)
            continue
        assert time.process_time() - began < 5, path
        found = [item for part in parts for item in part.items]
        aside = [each for part in parts for each in part.aside]
        told = [each for part in parts for each in part.warnings]
        assert told == [f"a mail was set aside: {each.reason}" for each in aside]
        assert all(each.data and each.reason for each in aside)
        assert len(found) + len(aside) == 1 or not path.read_bytes().strip(), path
        items += found
    for item in items:
        check(item)
    assert unread == [NO_MAIL]
    assert len(items) >= 190


@pytest.mark.slow
async def test_as_texts_of_an_archive_they_are_items_or_set_aside() -> None:
    """Each as a month of its own: what is no mail is kept, with its reason and its bytes, and the others are read."""
    months = {f"{1850 + number}-March": path for number, path in enumerate(MAILS)}
    links = "".join(f'<a href="{month}.txt">{month}</a>' for month in months)
    url = "https://lists.example/pipermail/hostile/"
    http = FakeHttp(
        {url: f"<html>pipermail{links}</html>"} | {f"{url}{month}.txt": path for month, path in months.items()}
    )

    async with worker_pool(1, seconds=60, memory_mib=512):
        batches = [batch async for batch in Pipermail(url).fetch(http, FetchState("hostile"))]

    kept = {each.address: each.data for batch in batches for each in batch.aside}
    assert all(each.reason for batch in batches for each in batch.aside)
    assert all(data == months[each.rpartition("/")[2].removesuffix(".txt")].read_bytes() for each, data in kept.items())
    assert f"{url}{next(month for month, path in months.items() if path.name == NO_MAIL)}.txt" in kept
    # What Mailman did not write itself does not begin with "From:"; one file has nothing but an empty line.
    assert sum(len(batch.items) for batch in batches) + len(kept) == len(MAILS) - 1


async def test_a_mail_that_ends_its_reader_is_set_aside_whole() -> None:
    html = b"text/html" + b"<b>x" * 40_000
    data = b"From: a@b.example\nSubject: x\nContent-Type: text/html\n\n" + html
    async with worker_pool(1, seconds=0.001, memory_mib=512):
        [part] = await parts_of(data)
    assert part.items == ()
    [aside] = part.aside
    assert aside.data == data
    assert "took longer" in aside.reason
    assert part.warnings == (f"a mail was set aside: {aside.reason}",)


@pytest.mark.slow
async def test_in_an_archive_they_cost_no_other_mail() -> None:
    envelope = b"From ada@tide.example Mon Mar  2 10:00:00 2026\n"
    plain = envelope + b"From: ada@tide.example\nSubject: in between\n\nHello.\n\n"
    hostile = [path.read_bytes().replace(b"\nFrom ", b"\n>From ") for path in MAILS]
    data = b"".join(plain + envelope + b"X-Hostile: 1\n" + each.lstrip() + b"\n" for each in hostile) + plain

    async with worker_pool(1, seconds=60, memory_mib=512):
        parts = await parts_of(data)

    between = [item for part in parts for item in part.items if item.title == "in between"]
    assert len(between) == len(MAILS) + 1
    assert {item.text for item in between} == {"Hello."}


@pytest.mark.parametrize("path", BOMBS, ids=[path.name for path in BOMBS])
async def test_a_bomb_is_no_archive(path: Path) -> None:
    with pytest.raises(NotReadable):
        await parts_of(path)
