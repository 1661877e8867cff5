"""Mails made to break readers: each is an item, or set aside with a reason, within its time and memory."""

import re
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Part, read_archive
from newsletter.fetch.workers import worker_pool
from newsletter.model.item import Item
from tests.corpus import CORPUS, needs_corpus

MAILS = sorted(path for path in (CORPUS / "hostile/mail").rglob("*") if path.is_file())
BOMBS = sorted((CORPUS / "hostile/bombs").glob("*.gz"))
SETTINGS = MailSettings("hostile", "mbox")
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
async def test_each_is_an_item_or_set_aside() -> None:
    assert len(MAILS) == 192
    counts = {"items": 0, "aside": 0}
    async with worker_pool(1, seconds=5, memory_mib=512):
        for path in MAILS:
            try:
                parts = await parts_of(path)
            except NotReadable:
                counts["aside"] += 1
                continue
            items = [item for part in parts for item in part.items]
            warnings = [warning for part in parts for warning in part.warnings]
            assert not any("took longer" in warning or "needed more" in warning for warning in warnings), path
            assert len(items) == 1 or warnings or path.stat().st_size <= 2, path
            for item in items:
                check(item)
            counts["items" if items else "aside"] += 1
    assert counts["items"] >= 180


@pytest.mark.slow
async def test_in_an_archive_they_cost_no_other_mail() -> None:
    envelope = b"From ada@tide.example Mon Mar  2 10:00:00 2026\n"
    plain = envelope + b"From: ada@tide.example\nSubject: in between\n\nHello.\n\n"
    hostile = [path.read_bytes().replace(b"\nFrom ", b"\n>From ") for path in MAILS]
    data = b"".join(plain + envelope + b"X-Hostile: 1\n" + each.lstrip() + b"\n" for each in hostile) + plain

    async with worker_pool(1, seconds=20, memory_mib=512):
        parts = await parts_of(data)

    between = [item for part in parts for item in part.items if item.title == "in between"]
    assert len(between) == len(MAILS) + 1
    assert {item.text for item in between} == {"Hello."}


@pytest.mark.parametrize("path", BOMBS, ids=[path.name for path in BOMBS])
async def test_a_bomb_is_no_archive(path: Path) -> None:
    with pytest.raises(NotReadable):
        await parts_of(path)
