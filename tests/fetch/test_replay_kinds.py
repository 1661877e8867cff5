"""Every kind: what it could not understand is set aside, and gives the same items when read again after a fix."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import time_machine

from newsletter.errors import BadStatus, FetchError, NotReadable
from newsletter.fetch.added import tell_additions
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, find_kinds
from newsletter.fetch.overheard import Overheard
from newsletter.fetch.replay import read_again
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from tests.fakes import FakeHttp
from tests.fetch.kinds import (
    test_askbot,
    test_bugzilla,
    test_calendar,
    test_chat_log,
    test_discourse,
    test_gerrit,
    test_gitea,
    test_github,
    test_gitlab,
    test_hyperkitty,
    test_inbox,
    test_launchpad,
    test_launchpad_list,
    test_list_feed,
    test_mastodon,
    test_mbox,
    test_mediawiki,
    test_meetup,
    test_moinmoin,
    test_opml,
    test_pad,
    test_pagure,
    test_phabricator,
    test_pipermail,
    test_public_inbox,
    test_stackexchange,
    test_web_page,
)

FETCH = "newsletter.fetch."
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
SINCE = datetime(2026, 2, 26, 18, 0, tzinfo=UTC)
WINTER = datetime(2026, 12, 1, 12, tzinfo=UTC)
FEED = "https://blog.example.org/rss"


@dataclass(frozen=True)
class Case:
    """A source of one reader, the web behind it, and the functions that do not understand it for a while."""

    reader: str
    http: Callable[[], Http]
    settings: dict[str, Any]
    parsers: tuple[str, ...]
    name: str = ""
    now: datetime = NOW
    since: datetime | None = SINCE
    fails: Callable[[tuple[Any, ...]], bool] = lambda args: True
    """With which arguments they fail."""
    facts: tuple[str, ...] = ("id", "title", "url", "author", "published_at")
    """What a record alone tells as its place in the whole does."""


def launchpad() -> Http:
    http = test_launchpad.SmallLaunchpad(
        all_specifications=test_launchpad.data("specifications"),
        all_milestones=test_launchpad.data("milestones"),
        releases=test_launchpad.data("releases"),
        proposals=test_launchpad.data("proposals"),
        tasks=[test_launchpad.task(1), test_launchpad.task(2)],
    )
    for number, count in ((1, 4), (2, 6)):
        http.entries[f"/1.0/bugs/{number}"] = test_launchpad.bug(number, count)
        http.collections["messages"] = test_launchpad.messages(number, 4)
    return http


class BugzillaWithTwo(test_bugzilla.OldBugzilla):
    """An old one with a bug more."""

    async def get(self, url: str, **asked: Any) -> Reply:
        reply = await super().get(url, **asked)
        if "show_bug" not in url:
            return reply
        first = reply.body[reply.body.index(b"<bug>") : reply.body.index(b"</bug>") + 6]
        other = first.replace(b"<bug_id>31<", b"<bug_id>35<")
        return replace(reply, body=reply.body.replace(first, first + other))


def public_inbox() -> Http:
    return test_public_inbox.Archive([test_public_inbox.Sent(0), test_public_inbox.Sent(1, 0)])


def phabricator() -> Http:
    http = test_phabricator.SmallPhabricator(test_phabricator.task(1), test_phabricator.task(2))
    http.comments["1"] = test_phabricator.said(1, 2)
    return http


def pagure() -> Http:
    pulls = [{**each, "status": "Merged"} for each in test_pagure.data("pulls")["requests"]]
    return test_pagure.SmallPagure(test_pagure.issue(1, count=2), test_pagure.issue(2), pulls=pulls)


ICS = test_calendar.document(
    test_calendar.TALK,
    "UID:zoned|DTSTART;TZID=Odd zone:20261212T180000|SUMMARY:Zoned",
    "UID:weekly|DTSTART:20261201T180000Z|RRULE:FREQ=WEEKLY|SUMMARY:Weekly",
).replace(
    b"BEGIN:VEVENT",
    b"BEGIN:VTIMEZONE\nTZID:Odd zone\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\n"
    b"END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT",
    1,
)
NIGHTS = [
    {"id": f"30{at}", "name": f"Raku {at}", "time": 1_796_671_800_000 + at, "yes_rsvp_count": 3} for at in range(3)
]
MAIL = ("mail.read_mail",)
ISSUE = test_gitlab.issue(2, 3, user_notes_count=4)
OF_A_LIST = ("id", "title", "url", "author")
OF_A_MAIL = ("id", "title", "author", "published_at")
GROUP, BUILDERS = test_list_feed.GROUP, test_list_feed.feed(*test_list_feed.MAILS)

RECORDS = [
    Case(
        "askbot",
        lambda: test_askbot.Site(test_askbot.row(1), test_askbot.row(2, 3)),
        {"url": test_askbot.BASE},
        ("kinds.askbot.read_askbot",),
    ),
    Case(
        "bugzilla",
        lambda: test_bugzilla.SmallBugzilla(test_bugzilla.bug(1), test_bugzilla.bug(2)),
        {"url": test_bugzilla.LIST, "take": ("bugs",)},
        ("bugzilla_server.bug_ticket",),
    ),
    Case(
        "bugzilla",
        BugzillaWithTwo,
        {"url": test_bugzilla.LIST, "take": ("bugs",)},
        ("bugzilla_xml.ElementTree.fromstring",),
        name="bugzilla pages",
        since=None,
        fails=lambda args: b"<bugzilla" in args[0] or b"<bug_id>31<" in args[0],
    ),
    Case(
        "calendar",
        lambda: FakeHttp({test_calendar.URL: ICS}),
        {"url": test_calendar.URL},
        ("ical.read_record",),
        now=WINTER,
        since=None,
    ),
    Case(
        "calendar",
        lambda: FakeHttp({test_calendar.URL: ICS}),
        {"url": test_calendar.URL},
        ("ical.occurrence_item",),
        name="calendar items",
        now=WINTER,
        since=None,
    ),
    Case(
        "meetup",
        lambda: FakeHttp({test_meetup.API: {"results": NIGHTS}}),
        {"url": test_meetup.API},
        ("meetup._event_item",),
        now=WINTER,
        since=None,
        fails=lambda args: args[0].line("name") != "Raku 0",
    ),
    Case(
        "chat log",
        lambda: FakeHttp({test_chat_log.day(22): test_chat_log.chat("a"), test_chat_log.day(24): "[18:01] <jo> b"}),
        {"url": test_chat_log.PATTERN},
        ("kinds.chat_log.read_chat",),
        now=test_chat_log.NOW,
        since=datetime(2026, 11, 22, tzinfo=UTC),
    ),
    Case(
        "discourse",
        lambda: test_discourse.Forum(test_discourse.row(1), test_discourse.row(2, hours=3)),
        {"url": test_discourse.BASE},
        ("discourse.listed_topic",),
    ),
    Case(
        "gerrit",
        lambda: test_gerrit.SmallGerrit(test_gerrit.row(1), test_gerrit.row(2)),
        {"url": test_gerrit.BASE},
        ("gerrit._change",),
    ),
    Case(
        "gitea",
        test_gitea.small,
        {"repositories": ("lantern/wick",), "take": ("releases", "merged", "issues with 3 comments")},
        ("gitea.GiteaApi.read_ticket", "gitea.GiteaApi.read_release"),
        since=None,
        facts=OF_A_LIST,
    ),
    Case(
        "github",
        lambda: test_github.small(
            test_github.pull(1, 5, merged=4),
            test_github.issue(2, 9, comments=3),
            releases=(test_github.release(1, "v2"),),
        ),
        {"repositories": ("kiln/glaze",), "take": ("releases", "merged", "issues with 3 comments")},
        ("github.GithubApi.read_ticket", "github.GithubApi.read_release"),
        since=None,
        facts=OF_A_LIST,
    ),
    Case(
        "gitlab",
        lambda: test_gitlab.small(test_gitlab.merge(1, 5, merged=4), issues=(ISSUE,)),
        {"repositories": ("kiln/tools/wheel",), "take": ("merged", "issues with 3 comments")},
        ("gitlab.GitlabApi.read_ticket",),
        since=None,
        facts=OF_A_LIST,
    ),
    Case(
        "launchpad",
        launchpad,
        {
            "projects": ("lantern",),
            "take": ("new blueprints", "milestones", "releases", "merge proposals", "bugs with 4 comments"),
        },
        (
            *("launchpad_plans.blueprint_item", "launchpad_plans.milestone_item", "launchpad_plans.release_item"),
            *("launchpad_proposals.proposal_item", "launchpad_bugs.bug_ticket"),
        ),
    ),
    Case(
        "launchpad list",
        lambda: test_launchpad_list.archive(2),
        {"url": test_launchpad_list.URL},
        ("kinds.launchpad_list.read_page",),
        since=None,
    ),
    Case(
        "mastodon",
        lambda: test_mastodon.Server(test_mastodon.status(1), test_mastodon.status(2)),
        {"url": test_mastodon.URL},
        ("mastodon.read_status",),
    ),
    Case(
        "mediawiki",
        lambda: test_mediawiki.Wiki(test_mediawiki.row(1, 0), test_mediawiki.row(2, 3, "Wicks")),
        {"url": test_mediawiki.PAGE},
        ("mediawiki.read_edit",),
    ),
    Case(
        "pagure",
        pagure,
        {"repositories": ("lantern",), "take": ("issues", "merged")},
        ("pagure_parts.issue_ticket", "pagure_parts.pull_item"),
        since=None,
    ),
    Case(
        "phabricator",
        phabricator,
        {"url": test_phabricator.BASE, "take": ("tasks",), "token": test_phabricator.TOKEN},
        ("phabricator_server.task_ticket",),
    ),
    Case(
        "stackexchange",
        lambda: test_stackexchange.Api(test_stackexchange.row(1), test_stackexchange.row(2, 3)),
        {"url": test_stackexchange.URL},
        ("kinds.stackexchange.read_stack_exchange",),
    ),
]
MAILS = [
    Case("mbox", lambda: FakeHttp({test_mbox.URL: test_mbox.DATA}), {"url": test_mbox.URL}, MAIL, facts=OF_A_MAIL),
    Case("pipermail", test_pipermail.archive, {"url": test_pipermail.URL}, MAIL, since=None, facts=OF_A_MAIL),
    Case("hyperkitty", test_hyperkitty.Archive, {"url": test_hyperkitty.URL}, MAIL, since=None, facts=OF_A_MAIL),
    Case("public-inbox", public_inbox, {"url": test_public_inbox.URL}, MAIL, since=None, facts=OF_A_MAIL),
]
PARSERS = ("kinds.feed.parse_feed", "kinds.feed.parse_quickly")
WIKI_PAGE = FakeHttp({test_web_page.URL: test_web_page.ELECTIONS, test_web_page.ROBOTS: ""})
DOCUMENTS = [
    Case("feed", lambda: FakeHttp({FEED: BUILDERS}), {"url": FEED}, PARSERS),
    Case(
        "list feed",
        lambda: FakeHttp({f"{GROUP}/rss": BUILDERS}),
        {"url": GROUP},
        PARSERS,
    ),
    Case(
        "moinmoin",
        lambda: FakeHttp({test_moinmoin.FEED: test_moinmoin.DATA}),
        {"url": test_moinmoin.BASE},
        ("kinds.moinmoin.read_moin_changes",),
    ),
    Case("web page", lambda: WIKI_PAGE, {"url": test_web_page.URL}, ("page.parse_page",)),
]


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
        aside.append(Aside(document.address, document.reason, document.data, document.content_type, "", True))
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
        facts=("id", "title", "published_at"),
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
