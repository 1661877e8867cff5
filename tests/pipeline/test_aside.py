"""From a document that cannot be read to its items after a fix: stored, listed, read again, dropped."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import NotFound
from newsletter.model.aside import SetAside
from newsletter.pipeline.aside import drop_from_aside, everything_aside, replay_aside
from newsletter.pipeline.sources import source_health
from newsletter.store import sources as stored_sources
from tests.loopback import atom
from tests.outside import installed
from tests.pipeline.conftest import Home
from tests.pipeline.test_gather import ONE, PLANET, titles

BULLETIN = '''
from dataclasses import dataclass, replace
from pathlib import Path
from newsletter.errors import NotReadable
from newsletter.fetch.http import Document
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.model.item import Item, item_id

IS_FIXED = Path(__file__).with_name("fixed").exists()

@kind("bulletin")
@dataclass(frozen=True, slots=True)
class Bulletin:
    """A line is an item; one with a tab in it could not be read before the fix."""

    url: str

    async def fetch(self, http, state):
        reply = await http.get(self.url)
        if reply.body.startswith(b"!") and not IS_FIXED:
            raise NotReadable("it begins with a shout")
        for line in reply.body.decode().splitlines():
            yield self._batch(line, state)

    async def replay(self, aside, state):
        yield self._batch(aside.data.decode(), state)

    def _batch(self, line, state):
        if line.startswith("crash"):
            raise ZeroDivisionError("odd")
        if "\\t" in line and not IS_FIXED:
            return Batch(cursor={"at": line}, aside=(Aside(self.url, "a tab", line.encode()),))
        key = line.split()[0]
        item = Item(item_id(state.source_id, key), state.source_id, "bulletin", "post", (key,), " ".join(line.split()))
        return Batch((item,), {"at": line})
'''
SOURCE = "sources:\n  - name: Notices\n    kind: bulletin\n    url: {web}/notices.txt\n"


@pytest.fixture
def fix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file whose being there mends the reader of bulletins."""
    with installed(tmp_path_factory.mktemp("outside"), {"bulletin_kind": BULLETIN}, bulletin="bulletin_kind") as site:
        yield site / "fixed"


def listed(home: Home) -> list[SetAside]:
    with home.opened() as app:
        return [each for each, _ in everything_aside(app)]


@pytest.mark.slow
def test_a_record_is_kept_with_the_cursor_and_read_again_after_a_fix(any_home: Home, fix: Path) -> None:
    home = any_home
    home.write(SOURCE)
    home.web["/notices.txt"] = "one plain\ntwo\twith a tab\nthree plain\nfour\ttabs"
    report = home.gather()["Notices"]
    assert (report.state.state, report.new_count, report.aside_count) == ("ok", 2, 2)
    first = listed(home)[0]
    assert {first.aside.reason, first.aside.reader, first.aside.is_document} == {"a tab", "bulletin", False}
    with home.opened() as app:
        [still] = replay_aside(app, [first.id])
        assert (still.reason, still.source_name) == ("a tab", "Notices")
    assert sorted((each.tries, each.state) for each in listed(home)) == [(0, "waiting"), (1, "failed")]
    fix.touch()
    with home.opened() as app:
        reports = replay_aside(app, [], is_all=True)
        [(_, state)] = source_health(app)
    assert [(each.new_count, each.reason) for each in reports] == [(1, ""), (1, "")]
    assert state is not None
    assert state.items_count == 4
    assert listed(home) == []
    assert sorted(titles(home)) == ["four tabs", "one plain", "three plain", "two with a tab"]


@pytest.mark.slow
def test_a_document_that_ends_its_source_is_one_row_however_often_it_comes(home: Home, fix: Path) -> None:
    home.write(SOURCE)
    home.web["/notices.txt"] = "!shouted first\nsecond\ttabbed"
    for _ in range(4):
        report = home.gather("Notices")["Notices"]
        assert (report.state.state, report.state.state_reason) == ("failing", "it begins with a shout")
        assert report.aside_count == 1
        home.clock.move(hours=2)
    [found] = listed(home)
    assert (found.seen_count, found.aside.is_document) == (4, True)
    assert found.aside.reason == "it begins with a shout"
    del home.web.bodies["/notices.txt"]
    fix.touch()
    with home.opened() as app:
        [report] = replay_aside(app, [found.id[:8]])
    assert (report.new_count, report.reason) == (2, "")
    assert listed(home) == []


@pytest.mark.slow
def test_what_is_newer_in_the_store_stays(home: Home, fix: Path) -> None:
    home.write(SOURCE)
    home.web["/notices.txt"] = "! is old\none old words\nonly there"
    home.gather()
    home.clock.move(hours=3)
    home.web["/notices.txt"] = "one new words"
    home.gather()
    home.clock.move(hours=3)
    fix.touch()
    with home.opened() as app:
        [report] = replay_aside(app, [], is_all=True)
    assert (report.new_count, report.changed_count) == (2, 0)
    assert sorted(titles(home)) == ["! is old", "one new words", "only there"]


@pytest.mark.slow
def test_a_reader_that_fails_over_it_costs_no_other(home: Home, fix: Path) -> None:
    home.write(SOURCE)
    home.web["/notices.txt"] = "one plain\ntwo\ttab\ncrash here"
    report = home.gather()["Notices"]
    assert report.state.state_reason == "the reader failed: ZeroDivisionError: odd"
    fix.touch()
    with home.opened() as app:
        reports = {each.reason: each.new_count for each in replay_aside(app, [], is_all=True)}
    assert reports == {"the reader failed: ZeroDivisionError: odd": 0, "": 1}


def test_a_page_instead_of_a_feed_waits_with_its_bytes(home: Home) -> None:
    home.write(PLANET)
    page = b"<!DOCTYPE html><html><body>We moved the feed.</body></html>"
    home.web["/planet.xml"] = page
    home.gather()
    [found] = listed(home)
    with home.opened() as app:
        [(_, name)] = everything_aside(app)
        assert name == "Planet"
        [report] = replay_aside(app, [found.id])
        assert "is a web page, not a feed" in report.reason
    home.write(PLANET.replace("Planet", "Comet").replace("planet.xml", "comet.xml"))
    with home.opened() as app:
        assert everything_aside(app)[0][1] == "planet"
        [report] = replay_aside(app, [found.id])
        assert report.reason == "its source is not in feeds.yaml any more; put it back, or drop this"
        assert drop_from_aside(app, [found.id]) == 1
        with pytest.raises(NotFound):
            replay_aside(app, [found.id])
    assert [each.tries for each in listed(home)] == []


def test_an_empty_document_is_asked_for_again_by_a_gather(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = ""
    home.gather()
    assert [each.aside.reason for each in listed(home)] == ["the document is empty"]
    with home.opened() as app:
        [report] = replay_aside(app, [], is_all=True)
    assert report.reason == "none of its bytes are kept; gather the source to ask for it again"


def test_what_was_cut_is_not_read_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.store.aside.LARGEST", 10)
    monkeypatch.setattr("newsletter.store.aside.BEGINNING", 5)
    home.write(PLANET)
    home.web["/planet.xml"] = "<html>far too much</html>"
    home.gather()
    with home.opened() as app:
        [report] = replay_aside(app, [], is_all=True)
    assert report.reason.startswith("it is not kept whole (only the first")


def test_nothing_is_set_aside_that_the_cursor_does_not_stand_for(
    home: Home, fix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write(SOURCE)
    home.web["/notices.txt"] = "two\ttab\nthree plain"
    real = stored_sources.save_cursor

    def killed(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("newsletter.pipeline.gather.save_cursor", killed)
    with pytest.raises(KeyboardInterrupt):
        home.gather()
    assert listed(home) == []
    monkeypatch.setattr("newsletter.pipeline.gather.save_cursor", real)
    home.gather()
    assert [each.seen_count for each in listed(home)] == [1]


def test_a_look_online_sets_nothing_aside(home: Home) -> None:
    from newsletter.pipeline.gather import check_online

    home.write(PLANET)
    home.web["/planet.xml"] = "<html></html>"
    with home.opened() as app:
        [report] = check_online(app)
    assert report.aside_count == 1
    assert listed(home) == []


def test_a_feed_that_comes_back_needs_no_replay(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = "{"
    home.gather()
    home.web["/planet.xml"] = atom(ONE)
    assert home.gather("Planet")["Planet"].new_count == 1
    assert json.dumps([each.aside.address for each in listed(home)]) == json.dumps([f"{home.web.base}/planet.xml"])
