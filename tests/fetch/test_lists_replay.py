"""Archives of lists over the real client and a web that plays recorded ones: what is asked for twice."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter.fetch.http import Http
from newsletter.fetch.hyperkitty import message_url
from newsletter.fetch.kinds import Kind
from newsletter.fetch.kinds.hyperkitty import Hyperkitty
from newsletter.fetch.kinds.pipermail import Pipermail
from newsletter.model.codec import time_text
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import expected, needs_corpus
from tests.replaying import replayed

pytestmark = [needs_corpus, pytest.mark.slow]

SHARE = 0.05
NOW = datetime(2021, 10, 2, 12, tzinfo=UTC)
SINCE = datetime(2021, 7, 2, tzinfo=UTC)
NEW_YEAR = datetime(2004, 12, 31, 20, tzinfo=UTC)
ARCHIVES = {
    "pipermail": ("/pipermail/twisted-web/", datetime(2020, 9, 15, tzinfo=UTC), NOW, 3),
    "hyperkitty": ("/hyperkitty/list/ksummit@lists.example/", SINCE, NOW, 3),
    "hyperkitty, a busy list": ("/hyperkitty/list/twisted-web@x/", datetime(2004, 10, 2, tzinfo=UTC), NEW_YEAR, 3),
}


@pytest.fixture(params=ARCHIVES)
def archive(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[type[Any], str, datetime, int]:
    path, since, now, months = ARCHIVES[request.param]
    monkeypatch.setattr("newsletter.fetch.kinds.hyperkitty._now", lambda: now)
    return (Pipermail if request.param == "pipermail" else Hyperkitty), path, since, months


async def gathered(
    kind: Kind, state: FetchState, http: Http, *, most: int = 10**6
) -> tuple[list[Item], dict[str, Any]]:
    """The items of at most so many batches, and the cursor that stands for them."""
    items: list[Item] = []
    cursor: Any = state.cursor
    async with contextlib.aclosing(kind.fetch(http, state)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            items += batch.items
            cursor = batch.cursor
            most -= 1
            if not most:
                break
    return items, cursor


def months_of(rows: list[dict[str, Any]]) -> set[str]:
    """The texts that were given, not those of which it was said that they are unchanged."""
    given = [row for row in rows if row["status"] == 200 and row["path"].endswith((".txt", ".txt.gz", ".mbox.gz"))]
    return {f"{row['path']}?{row['query']}" for row in given}


async def test_a_second_gather_asks_for_what_can_have_changed(archive: Any) -> None:
    cls, path, since, months = archive
    async with replayed() as web:
        items, cursor = await gathered(cls(f"{web.base}{path}"), FetchState("list", since=since), web.http)
        first = web.taken()
        again, _ = await gathered(cls(f"{web.base}{path}"), FetchState("list", cursor=cursor, since=since), web.http)
        second = web.taken()

    spread = {(item.published_at.year, item.published_at.month) for item in items if item.published_at}
    assert len(spread) >= months
    assert again == []
    share = sum(row["bytes"] for row in second) / sum(row["bytes"] for row in first)
    assert share <= SHARE
    asked = [f"{row['path']}?{row['query']}" for row in first]
    assert len(asked) == len(set(asked))
    finished = months_of(first) - months_of(second)
    assert len(months_of(second)) <= 1
    assert len(finished) >= 2


async def test_killed_in_the_middle_it_goes_on_where_it_was(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.mbox_split.MAILS_A_PACK", 20)
    cls, path, since, _ = archive
    async with replayed() as web:
        kind = cls(f"{web.base}{path}")
        whole, _ = await gathered(kind, FetchState("list", since=since), web.http)
        web.taken()
        before, cursor = await gathered(kind, FetchState("list", since=since), web.http, most=3)
        done = months_of(web.taken())
        rest, _ = await gathered(kind, FetchState("list", cursor=cursor, since=since), web.http)
        later = months_of(web.taken())

    assert {item.id for item in before} | {item.id for item in rest} == {item.id for item in whole}
    # One mail stands on either side of the cut: the last one is read again, as it may have been cut off.
    assert len(before) + len(rest) <= len(whole) + 1
    assert len(done & later) <= 1


async def test_a_whole_archive_on_mailman_3() -> None:
    """Without the page of the list every year is asked for; all mails of the recorded list come, each once."""
    facts = expected("mail/mbox")["ksummit.mbox.gz"]["expect"]
    async with replayed() as web:
        url = f"{web.base}/hyperkitty/list/ksummit@lists.example/"
        items, cursor = await gathered(Hyperkitty(url), FetchState("ksummit"), web.http)
        web.taken()
        await gathered(Hyperkitty(url), FetchState("ksummit", cursor=cursor), web.http)
        second = web.taken()

    by_key = {item.native_keys[0]: item for item in items}
    assert len(by_key) == facts["distinct_message_ids"]
    assert {item.url for item in items if item.url} <= {message_url(url, key) for key in by_key}
    dates = [item.published_at for item in items if item.published_at]
    assert time_text(min(dates)) == facts["first_date_utc"]
    assert time_text(max(dates)) == facts["last_date_utc"]
    assert len(second) == 1


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Of the server that plays, not of the program."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
