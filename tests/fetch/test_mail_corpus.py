"""Every recorded mail archive gives the facts that are known of it, as far as an Item or a Thread can hold them."""

import asyncio
import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newsletter.fetch.kinds.pipermail import Pipermail
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import read_archive
from newsletter.fetch.mail_threads import Mail, join_threads, known_parents
from newsletter.fetch.pipermail import find_volumes
from newsletter.fetch.pipermail_month import MonthPage
from newsletter.model.codec import time_text
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import FakeHttp

SKIPPED = json.loads((Path(__file__).parent / "skipped_mails.json").read_text())
DOCUMENTS = {
    f"{folder}/{path}": document["expect"]
    for folder in ("mail/pipermail", "mail/mbox")
    for path, document in expected(folder).items()
}
ARCHIVES = sorted(path for path, facts in DOCUMENTS.items() if "message_count" in facts)
SINGLE = sorted(path for path, facts in DOCUMENTS.items() if "mail" in facts or "article" in facts)
PAGES = sorted(path for path, facts in DOCUMENTS.items() if "links" in facts or "months_listed" in facts)
MONTH_PAGES = sorted(path for path in DOCUMENTS if path.endswith("/thread.html"))
READING = [pytest.param(path, marks=[pytest.mark.slow] if "ksummit" in path else []) for path in ARCHIVES]
TWISTED = CORPUS / "mail/pipermail/twisted-web"
CHECKED = {
    *("message_count", "distinct_message_ids", "without_message_id", "without_parsable_date", "first_date_utc"),
    *("last_date_utc", "thread_count_by_headers", "largest_threads", "threads", "messages", "archive_states_messages"),
    *("archive_thread_list", "mail", "article", "links", "months_listed", "downloads", "messages_stated", "rows"),
}

pytestmark = needs_corpus


async def _read(path: Path) -> tuple[Item, ...]:
    is_pipermail = path.parent.name == "twisted-web"
    settings = MailSettings("list", "mbox", "twisted-web" if is_pipermail else "")
    parts = [part async for part in read_archive(path, settings, is_pipermail=is_pipermail)]
    assert [warning for part in parts for warning in part.warnings] == []
    return tuple(item for part in parts for item in part.items)


@cache
def mails_of(path: str) -> tuple[Item, ...]:
    return asyncio.run(_read(CORPUS / path))


def facts_of(path: str) -> dict[str, Any]:
    """What is known of a document, without what is skipped."""
    skipped = {*SKIPPED["fields"], *SKIPPED["facts"].get(path, ())}
    return {name: fact for name, fact in DOCUMENTS[path].items() if name not in skipped}


def message_ids(mails: Sequence[Item]) -> list[str]:
    return [item.native_keys[0] for item in mails if not item.native_keys[0].startswith("mail ")]


def test_every_document_is_read_or_skipped_for_a_reason() -> None:
    read = {*ARCHIVES, *SINGLE, *PAGES, *MONTH_PAGES}

    assert set(DOCUMENTS) - read == set(SKIPPED["documents"])
    assert all(SKIPPED["documents"].values())
    unchecked = {name for path in read for name in facts_of(path)} - CHECKED
    assert unchecked == set()
    assert len(DOCUMENTS) == 218


@pytest.mark.parametrize("path", READING)
def test_mails_ids_and_dates(path: str) -> None:
    facts, mails = facts_of(path), mails_of(path)
    dates = [item.published_at for item in mails if item.published_at]

    assert len(mails) == facts["message_count"]
    assert len(set(message_ids(mails))) == facts["distinct_message_ids"]
    assert len(mails) - len(message_ids(mails)) == facts["without_message_id"]
    assert len(mails) - len(dates) == facts["without_parsable_date"]
    assert (time_text(min(dates)), time_text(max(dates))) == (facts["first_date_utc"], facts["last_date_utc"])
    if "archive_states_messages" in facts:
        # Three months hold a mail twice, under one id; in two of them the archive counts it once.
        assert facts["archive_states_messages"] in (len(mails), len({item.id for item in mails}))
    for mail, known in zip(mails, facts.get("messages", ()), strict="messages" in facts):
        check_mail(mail, known)


@pytest.mark.parametrize("path", SINGLE)
def test_single_mails(path: str) -> None:
    facts = facts_of(path)
    [mail] = mails_of(path)

    check_mail(mail, facts.get("mail") or facts["article"])


def check_mail(mail: Item, known: dict[str, Any]) -> None:
    if known["message_id"]:
        assert mail.native_keys == (known["message_id"].strip("<>"),)
    if known["subject"]:
        assert mail.title == " ".join(known["subject"].split())
    assert time_text(mail.published_at) == known["date_utc"]
    answered = [known["in_reply_to"], *reversed(known["references"])]
    assert mail.in_reply_to == tuple(dict.fromkeys(each.strip("<>") for each in answered if each))
    check_author(mail, known["from"])


def check_author(mail: Item, known: str) -> None:
    """Name and address stand in the header; "\\ufffd" there is a letter that its reader could not read."""
    assert mail.author is not None
    said = known.replace(" at ", "@").casefold()
    if "\ufffd" not in said:
        assert mail.author.name.casefold() in said
        assert mail.author.key in said
    assert "@" not in mail.author.name


@pytest.mark.parametrize("path", READING)
def test_threads(path: str) -> None:
    facts, mails = facts_of(path), mails_of(path)
    parents = known_parents({item.native_keys[0]: item.in_reply_to for item in mails})
    if "thread_count_by_headers" in facts:
        roots = [item for item in mails if item.native_keys[0] not in parents]
        assert len(roots) == facts["thread_count_by_headers"]
    members: dict[str, list[Item]] = defaultdict(list)
    roots_of: dict[str, set[str]] = defaultdict(set)
    joined = join_threads([Mail(item.native_keys[0], answered=item.in_reply_to) for item in mails])
    for item, thread in zip(mails, joined, strict=True):
        top = top_of(item.native_keys[0], parents)
        members[top].append(item)
        roots_of[top].add(thread.root_id)
    assert all(len(roots) == 1 for roots in roots_of.values())
    for known in (*facts.get("largest_threads", ()), *facts.get("threads", ())):
        found = members[known["root"].strip("<>")]
        assert len(found) == known["messages"]
        assert " ".join(known["subject"].split()) in {item.title for item in found}
        if path not in SKIPPED["authors"]:
            # Counted by what stands in From:, of which one person may have several.
            assert len({item.author for item in found}) == known["authors"]


def top_of(key: str, parents: dict[str, str]) -> str:
    seen = set()
    while key in parents and key not in seen:
        seen.add(key)
        key = parents[key]
    return key


def test_threads_of_a_month_are_counted() -> None:
    """A month of which no mail answers one of another month: what the headers say is what an item holds."""
    mails = mails_of("mail/pipermail/perceval/pipermail_2016_april.mbox")
    facts = facts_of("mail/pipermail/perceval/pipermail_2016_april.mbox")

    threads = {item.thread for item in mails if item.thread}

    known = {(each["root"].strip("<>"), each["messages"] - 1, each["authors"]) for each in facts["threads"]}
    assert {(each.root_id, each.reply_count, each.people_count) for each in threads} == known


@pytest.mark.parametrize("path", PAGES)
def test_index_pages(path: str) -> None:
    facts = facts_of(path)
    files = [volume.file for volume in find_volumes((CORPUS / path).read_bytes())]

    assert files[::-1] == facts.get("downloads", facts.get("links"))
    assert len(files) == facts.get("months_listed", len(files))


@pytest.mark.parametrize("path", MONTH_PAGES)
def test_which_page_shows_which_mail(path: str) -> None:
    month = path.split("/")[-2]
    text = next(each for each in DOCUMENTS if each.startswith(f"mail/pipermail/twisted-web/{month}.txt"))
    mails, facts = mails_of(text), facts_of(path)

    page = MonthPage.read((CORPUS / path).read_bytes(), f"https://lists.example/{month}/thread.html")
    assert len(page.rows) == facts["messages_stated"] == facts["rows"]
    urls = page.urls(mails, is_end=False)

    assert len(set(urls.values())) == len({item.id for item in mails})
    numbers = {row["message_id"]: row["number"] for row in facts_of(text)["archive_thread_list"] if row["message_id"]}
    known = {item.native_keys[0]: urls[item.id] for item in mails if item.native_keys[0] in numbers}
    assert known == {key: f"https://lists.example/{month}/{numbers[key]:06}.html" for key in known}


@pytest.mark.slow
def test_the_whole_archive_as_a_source() -> None:
    """163 months, 5,374 mails; three of them stand there twice, of which the archive counts two once."""
    url = "https://lists.example/pipermail/twisted-web/"
    files = {f"{url}{path.relative_to(TWISTED)}": path for path in TWISTED.rglob("*") if path.is_file()}
    http = FakeHttp({**files, url: TWISTED / "index.html"})

    async def fetched(state: FetchState) -> list[Any]:
        return [batch async for batch in Pipermail(url).fetch(http, state)]

    batches = asyncio.run(fetched(FetchState("twisted-web")))
    again = asyncio.run(fetched(FetchState("twisted-web", cursor=batches[-1].cursor)))

    items = [item for batch in batches for item in batch.items]
    assert len(items) == 5_374
    assert len({item.id for item in items}) == 5_371
    assert sum(facts.get("archive_states_messages", 0) for facts in DOCUMENTS.values()) == 5_372
    assert all(len(batch.items) <= 1_000 and not batch.warnings for batch in batches)
    assert [batch.is_unchanged for batch in again] == [True]
    assert not any("\n" in item.title or "\r" in item.title for item in items)
    assert all(item.url and item.url.startswith(url) for item in items)


def test_packed_and_plain_are_the_same() -> None:
    path = TWISTED / "2015-November.txt.gz"
    settings = MailSettings("list", "mbox", "twisted-web")

    async def read(data: bytes) -> list[Any]:
        return [part async for part in read_archive(data, settings, is_pipermail=True)]

    assert asyncio.run(read(path.read_bytes())) == asyncio.run(read(gzip.decompress(path.read_bytes())))
