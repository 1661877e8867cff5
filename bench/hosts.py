"""How many documents of code hosts are read in a second of CPU time: from the bytes of an answer to Items.

    python bench/hosts.py [--pages 40]

The documents are recorded ones, varied in number, title and time: pages of 100 issues and pull requests and documents
of single pull requests of GitHub, pages of merge requests of GitLab, pages of 200 changes of Gerrit. Every document
has to become an Item of its own. No limit is held; the figures stand in README.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from newsletter.fetch.code_host import Place
from newsletter.fetch.code_host_api import CodeHost
from newsletter.fetch.code_host_document import items_of
from newsletter.fetch.gerrit import change_item, read_page
from newsletter.fetch.github import GithubApi
from newsletter.fetch.gitlab import GitlabApi
from newsletter.fetch.http import Reply
from newsletter.fetch.rest import Answer, read_json
from newsletter.model.item import Item

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
GITHUB = GithubApi.at("https://github.com", None)
GITLAB = GitlabApi.at("https://gitlab.com", None)
Read = Callable[[bytes], Iterable[Item]]


def recorded(*patterns: str) -> list[dict[str, Any]]:
    """The recorded objects in the documents of these names, those of lists one by one."""
    found = []
    for pattern in patterns:
        for path in sorted(CORPUS.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            value = json.loads(text.removeprefix(")]}'"))
            found += value if isinstance(value, list) else [value]
    return found


def varied(rows: list[dict[str, Any]], key: str, title: str, count: int) -> list[dict[str, Any]]:
    """``count`` objects made of ``rows``, each with a number of its own."""
    made = []
    for number in range(1, count + 1):
        row = rows[number % len(rows)]
        made.append({**row, key: number, title: f"{row[title]} ({number})"})
    return made


def in_pages(rows: list[dict[str, Any]], size: int) -> list[bytes]:
    return [json.dumps(rows[at : at + size]).encode() for at in range(0, len(rows), size)]


def read_host(api: CodeHost, body: bytes) -> Iterable[Item]:
    items, aside = items_of(api, Answer(read_json(body), Reply("https://a.example/", 200, body)), Place("s", api.kind))
    assert not aside
    return items


def read_gerrit(body: bytes) -> Iterable[Item]:
    changes = read_page(body, "review.openstack.org").changes
    return [change_item(each, "s", "https://review.openstack.org") for each in changes]


def measured(name: str, bodies: list[bytes], count: int, read: Read) -> None:
    """Reads all of ``bodies`` and prints what it cost."""
    began = time.process_time()
    ids = {item.id for body in bodies for item in read(body)}
    seconds = time.process_time() - began
    assert len(ids) == count, f"{len(ids)} of {count}"
    size = sum(map(len, bodies))
    print(f"{name:36}{count:8}{size / 1e6:8.1f}{seconds:8.2f}{count / seconds:14,.0f}{size / 1e6 / seconds:8.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=40)
    pages = parser.parse_args().pages
    issues = varied(
        recorded("github/perceval/github_issue_[12]", "github/perceval/github_request"), "number", "title", 100 * pages
    )
    pulls = varied(recorded("github/perceval/github_request_pull_request_[12]"), "number", "title", 50 * pages)
    merges = varied(recorded("gitlab/perceval/merge_[123]"), "iid", "title", 100 * pages)
    changes = varied(recorded("gerrit/rest/*.response"), "_number", "subject", 200 * pages)
    for row in (*issues, *pulls):
        row["html_url"] = (
            f"https://github.com/kiln/glaze/{'pull' if 'pull_request' in row else 'issues'}/{row['number']}"
        )
    print(f"{'':36}{'items':>8}{'MB':>8}{'CPU s':>8}{'items/CPU s':>14}{'MB/s':>8}")
    measured("GitHub, pages of 100 issues", in_pages(issues, 100), len(issues), partial(read_host, GITHUB))
    single = [json.dumps(each).encode() for each in pulls]
    measured("GitHub, single pull requests", single, len(pulls), partial(read_host, GITHUB))
    measured("GitLab, pages of 100 merge requests", in_pages(merges, 100), len(merges), partial(read_host, GITLAB))
    answers = [b")]}'\n" + body for body in in_pages(changes, 200)]
    measured("Gerrit, pages of 200 changes", answers, len(changes), read_gerrit)


if __name__ == "__main__":
    main()
