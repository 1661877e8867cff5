"""Every kind: what it could not understand is set aside, and gives the same items when read again after a fix."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import time_machine

from newsletter.errors import BadStatus, FetchError, NotReadable
from newsletter.fetch.added import tell_additions
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Aside, find_kinds
from newsletter.fetch.overheard import Overheard
from newsletter.fetch.replay import read_again
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from tests.fakes import FakeHttp
from tests.fetch.kinds import (
    test_bugzilla,
    test_chat_log,
    test_inbox,
    test_opml,
    test_pad,
    test_web_page,
)
from tests.fetch.replay_cases import DOCUMENTS, FETCH, MAILS, NOW, PARSERS, RECORDS, Case


class Broken(ValueError):
    """What a parser raises that meets something nobody thought of."""


def gathered(case: Case, before: dict[str, Any] | None = None) -> tuple[dict[str, Item], list[Aside], dict[str, Any]]:
    """The items of a first reading, what was set aside, and the last cursor."""
    kind = find_kinds()[case.reader].cls(**case.settings)
    http = Overheard(case.http())
    items: dict[str, Item] = {}
    aside: list[Aside] = []
    cursor: dict[str, Any] = {}

    async def gather() -> None:
        async for batch in kind.fetch(http, FetchState("a", before or {}, since=case.since, reader=case.reader)):
            items.update((item.id, item) for item in batch.items)
            aside.extend(batch.aside)
            cursor.update(batch.cursor)

    try:
        asyncio.run(gather())
    except (FetchError, Broken) as fault:
        document = http.aside(str(fault))
        assert document is not None
        aside.append(replace(document, is_document=True))
    return items, aside, json.loads(json.dumps(cursor))


def again(case: Case, aside: list[Aside], cursor: dict[str, Any]) -> dict[str, Item]:
    """The items in what was set aside."""
    source = Source("a", "A", find_kinds()[case.reader].word, case.settings)
    cls = find_kinds()[case.reader].cls
    read = [read_again(cls, source, each, cursor) for each in aside if b"/broken" not in each.data]
    return {item.id: item for each in read for item in each.items}


def facts(case: Case, items: dict[str, Item]) -> dict[str, tuple[Any, ...]]:
    return {each: tuple(getattr(item, name) for name in case.facts) for each, item in items.items()}


def check(case: Case, monkeypatch: pytest.MonkeyPatch, *, least: int = 2) -> None:
    """What is not understood for a while is there afterwards, the same as if it had been understood at once."""
    with time_machine.travel(case.now, tick=False):
        whole, nothing, _ = gathered(case)
        assert len(whole) >= least
        assert [each for each in nothing if b"/broken" not in each.data] == []
        with monkeypatch.context() as patched:
            for name in case.parsers:
                patched.setattr(FETCH + name, failing(FETCH + name, case.fails))
            items, aside, cursor = gathered(case)
        assert aside
        assert len(items) < len(whole)
        assert facts(case, {**items, **again(case, aside, cursor)}) == facts(case, whole)


def failing(name: str, fails: Callable[[tuple[Any, ...]], bool]) -> Callable[..., Any]:
    """The function of that name, which fails for a while."""
    module, _, found = name.rpartition(".")
    real: Any = getattr(resolve_name(module), found)

    def call(*args: Any, **named: Any) -> Any:
        if fails(args):
            raise Broken("not understood")
        return real(*args, **named)

    return call


def each_of(cases: list[Case]) -> list[Any]:
    return [pytest.param(case, id=case.name or case.reader) for case in cases]


@pytest.mark.parametrize("case", each_of([*RECORDS, *MAILS, *DOCUMENTS]))
def test_what_could_not_be_read_is_read_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    check(case, monkeypatch, least=1 if case in DOCUMENTS else 2)


def test_tips_and_logs_in_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = tmp_path / "tips.mbox"
    box.write_bytes(b"".join(b"From ada Mon Mar  2 10:00:00 2026\n" + test_inbox.mail(each) for each in (1, 2)))
    check(Case("inbox", FakeHttp, {"mailbox": str(box)}, ("tips.read_mail",), since=None), monkeypatch)
    for name in ("kiln.2026-03-01.log", "kiln.2026-03-02.log"):
        (tmp_path / name).write_text(test_chat_log.chat("a", "b"))
    check(Case("chat log", FakeHttp, {"folder": str(tmp_path)}, ("kinds.chat_log.read_chat",)), monkeypatch)


PAGE = "<title>Parts</title><ul><li>Old part of it</li></ul>"
GREW = PAGE.replace("</ul>", "<li>New part</li></ul>")
ETHERPAD = "https://etherpad.example.org"
PAD = "https://pads.example.org/Topics"
NO_EXPORT = BadStatus(404, "none")
GROWING = [
    Case(
        "pad",
        lambda: test_pad.FakeHttp({test_pad.EXPORT: [test_pad.START + "New line\n"], f"{ETHERPAD}/robots.txt": ""}),
        {"url": test_pad.URL},
        ("kinds.pad.read_pad",),
    ),
    Case(
        # HedgeDoc is asked at one address, Etherpad at another: here the first one has nothing.
        "pad",
        lambda: FakeHttp(
            {
                f"{PAD}/download": NO_EXPORT,
                "https://pads.example.org/p/Topics/export/txt": [test_pad.START + "New line\n"],
                "https://pads.example.org/robots.txt": "",
            }
        ),
        {"url": PAD},
        ("kinds.pad.read_pad",),
        name="pad at its second address",
    ),
    Case(
        "web page",
        lambda: FakeHttp({test_web_page.URL: GREW, test_web_page.ROBOTS: ""}),
        {"url": test_web_page.URL, "watch": "li"},
        ("page.parse_page",),
    ),
    Case(
        "web page",
        lambda: Moved({test_web_page.URL: GREW}),
        {"url": test_web_page.URL, "watch": "li"},
        ("page.parse_page",),
        name="web page that moved to another host",
    ),
]


class Moved(FakeHttp):
    """Every page is found at another host, whose rules are asked for behind it."""

    async def get(self, url: str, **asked: Any) -> Reply:
        if url.endswith("/robots.txt"):
            return Reply(url, 200, b"User-agent: *\nAllow: /\n")
        return replace(await super().get(url, **asked), url=url.replace("wiki.", "www."))


def known(case: Case) -> dict[str, Any]:
    """What a source of the case remembers that was read when nothing new stood in it."""
    if case.reader == "pad":
        lines = tell_additions(test_pad.START.split("\n"), None, case.now).additions
        return {"lines": lines.as_json()}
    http = FakeHttp({test_web_page.URL: PAGE, test_web_page.ROBOTS: ""})
    return gathered(replace(case, http=lambda: http))[2]


@pytest.mark.parametrize("case", each_of(GROWING))
def test_what_was_added_is_told_beside_what_is_known(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(case.now, tick=False):
        before = known(case)
        whole, _, _ = gathered(case, before)
        assert [item.text.removeprefix("- ") for item in whole.values()] in (["New line"], ["New part"])
        with monkeypatch.context() as patched:
            patched.setattr(FETCH + case.parsers[0], failing(FETCH + case.parsers[0], case.fails))
            items, aside, _ = gathered(case, before)
        assert items == {}
        assert facts(case, again(case, aside, before)) == facts(case, whole)


def test_a_pad_that_nothing_is_known_of_says_what_will_happen() -> None:
    aside = Aside(test_pad.EXPORT, "torn", test_pad.START.encode(), "text/plain; charset=utf-8", "pad", True)
    source = Source("a", "A", "pad", {"url": test_pad.URL})
    read = read_again(find_kinds()["pad"].cls, source, aside)
    assert read.items == ()
    assert "the next gather asks for it" in read.notes[0]
    lines = tell_additions(test_pad.START.split("\n"), None, NOW).additions
    read = read_again(find_kinds()["pad"].cls, source, aside, {"lines": lines.as_json()})
    assert "every line of it is known" in read.notes[0]
    with pytest.raises(NotReadable, match="not the text of a pad"):
        read_again(find_kinds()["pad"].cls, source, replace(aside, data=b"<html>"))


def test_a_feed_of_a_list_is_read_again_and_a_list_says_that_its_feeds_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = Case(
        "opml",
        lambda: test_opml.web("ada", "bo"),
        {"url": test_opml.LIST},
        PARSERS,
        since=None,
        fails=lambda args: b"bo one" in args[0],
    )
    check(case, monkeypatch)
    listed = Aside(test_opml.LIST, "torn", test_opml.listing(test_opml.row("ada")).encode(), "", "opml", True)
    source = Source("a", "A", "opml", case.settings)
    read = read_again(find_kinds()["opml"].cls, source, listed)
    assert read.notes == ("the list can be read and names 1 feed; gather the source to ask for them",)
    with pytest.raises(NotReadable, match="does not name it any more"):
        read_again(find_kinds()["opml"].cls, source, replace(listed, address="https://other.example.org/rss"))


def test_a_bug_that_is_only_counted_says_where() -> None:
    aside = Aside("https://x.example/", "torn", json.dumps(test_bugzilla.bug(1)).encode(), "", "bugzilla")
    source = Source("a", "A", "bugzilla", {"url": test_bugzilla.LIST, "take": ("bug summary",)})
    cls = find_kinds()["bugzilla"].cls
    [told, *_] = read_again(cls, source, aside, {"weeks": "2099-01-05"}).notes
    [to_come, *_] = read_again(cls, source, aside, {"weeks": "2001-01-01"}).notes
    assert told.endswith("was told without it")
    assert to_come.endswith("counts it when that week is told")
    assert read_again(cls, source, aside).items == ()


def test_no_kind_is_forgotten() -> None:
    tried = {case.reader for case in (*RECORDS, *MAILS, *DOCUMENTS, *GROWING)} | {"inbox", "opml"}
    assert tried == set(find_kinds())
