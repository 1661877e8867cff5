"""Where kinds say that exactly what was counted can be seen; read back as the services read it."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from newsletter.fetch.kinds.gerrit import Gerrit
from newsletter.fetch.kinds.github import Github
from newsletter.fetch.kinds.public_inbox import PublicInbox
from newsletter.model.evidence import ProofAsked
from newsletter.model.item import Person
from newsletter.model.period import Period

WEEK = Period(datetime(2026, 10, 8, 16, tzinfo=UTC), datetime(2026, 10, 15, 16, tzinfo=UTC))
MERGED = ProofAsked("merged", WEEK)
ROBOTS = (Person("Zuul", "1047@review.example"), Person('The "Bot"', "bot@ci.example"))


def test_gerrit_lists_what_was_merged_without_robots() -> None:
    kind = Gerrit("https://review.example/q/status:open", ("kiln/glaze", "kiln/clay"))
    url = kind.proof_url(ProofAsked("merged", WEEK, left_out=ROBOTS))
    assert url is not None
    assert url.startswith("https://review.example/q/status:merged+")
    assert unquote_plus(url.partition("/q/")[2]) == (
        'status:merged mergedafter:"2026-10-08 16:00:00 +0000" mergedbefore:"2026-10-15 15:59:59 +0000" '
        '(project:kiln/glaze OR project:kiln/clay) -owner:1047 -owner:"bot@ci.example"'
    )
    one = kind.proof_url(ProofAsked("merged", WEEK, ("kiln/clay",)))
    assert "(project:kiln/clay)" in unquote_plus(one or "")


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Gerrit("https://review.example"), ProofAsked("put up", WEEK)),
        (Gerrit("https://review.example", take=("first-time contributor",)), MERGED),
        (Gerrit("https://review.example", tuple(f"p{at}" for at in range(21))), MERGED),
        (Github(organisation="kiln"), MERGED),
        (Github(("kiln/glaze",), take=("releases",)), MERGED),
        (Github(("kiln/glaze",)), ProofAsked("mails", WEEK)),
        (PublicInbox("https://lore.example/kiln/"), MERGED),
        (PublicInbox("https://lore.example/kiln/", ignore=("out of office",)), ProofAsked("mails", WEEK)),
    ],
)
def test_where_more_or_less_would_be_shown_there_is_none(
    kind: Gerrit | Github | PublicInbox, asked: ProofAsked
) -> None:
    assert kind.proof_url(asked) is None


def test_github_searches_the_pull_requests_of_the_repositories() -> None:
    bots = (Person("renovate", "renovate[bot]@github.com"), Person("Sweeper", "sweeper@github.com"))
    url = Github(("kiln/glaze", "kiln/clay")).proof_url(ProofAsked("merged", WEEK, left_out=bots))
    parts = urlsplit(url or "")
    assert (parts.netloc, parts.path) == ("github.com", "/search")
    assert parse_qs(parts.query) == {
        "type": ["pullrequests"],
        "q": [
            "is:pr is:merged merged:2026-10-08T16:00:00Z..2026-10-15T15:59:59Z repo:kiln/glaze repo:kiln/clay "
            "-author:app/renovate -author:sweeper"
        ],
    }


def test_github_searches_for_what_was_put_up_on_its_own_server() -> None:
    url = Github(("kiln/glaze",), url="https://git.kiln.example").proof_url(ProofAsked("put up", WEEK))
    assert (url or "").startswith("https://git.kiln.example/search?")
    assert "is:pr created:2026-10-08T16:00:00Z..2026-10-15T15:59:59Z repo:kiln/glaze" in unquote_plus(url or "")


def test_public_inbox_searches_the_mails_of_the_period() -> None:
    url = PublicInbox("https://lore.example/kiln/").proof_url(ProofAsked("mails", WEEK, left_out=ROBOTS[1:]))
    parts = urlsplit(url or "")
    assert (parts.netloc, parts.path) == ("lore.example", "/kiln/")
    assert parse_qs(parts.query) == {"q": ['dt:20261008160000..20261015155959 NOT f:"bot@ci.example"']}
