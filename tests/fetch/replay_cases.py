"""A source of every reader, the web behind it, and the functions that may not understand it for a while."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from newsletter.fetch.http import Http, Reply
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
    test_launchpad,
    test_launchpad_list,
    test_list_feed,
    test_mastodon,
    test_mbox,
    test_mediawiki,
    test_meetup,
    test_moinmoin,
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
