"""Every proof of the demo's newest issue, opened over loopback and counted again."""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.cli.demo import make_demo
from newsletter.demo.server import DemoWeb
from newsletter.model.issue import Issue
from newsletter.web.app import make_web
from tests.web.live import live

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
SITE = "https://weekly.drumlin.example/"


@dataclass(frozen=True)
class Running:
    """The demo's newest issue, with all its hosts on loopback."""

    issue: Issue
    web: DemoWeb
    site: str

    def open(self, url: str) -> LexborHTMLParser:
        """The page that a reader gets who follows ``url``."""
        parts = urlsplit(url)
        if url.startswith(SITE):
            local = f"{self.site}/" + url.removeprefix(SITE).partition("#")[0]
        else:
            address, port = self.web.hosts[parts.netloc]
            local = f"http://{address}:{port}{parts.path}{'?' + parts.query if parts.query else ''}"
        with urllib.request.urlopen(local, timeout=20) as reply:
            assert reply.status == 200
            return LexborHTMLParser(reply.read())

    def part(self, url: str) -> LexborNode:
        """The section of figures.html that ``url`` leads to."""
        found = self.open(url).css_first(f"section#{urlsplit(url).fragment}")
        assert found is not None, url
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with DemoWeb(by_name=True, slow_seconds=0.05) as web:
        home = tmp_path_factory.mktemp("proofs")
        published, _ = make_demo(home, web)
        with live(make_web(home, environ={})) as site:
            yield Running(published.issue, web, site)


def counted(running: Running, name: str, url: str) -> int:
    """What a reader counts at ``url`` for the figure ``name``."""
    if url.startswith(SITE):
        return len(running.part(url).css("li"))
    page = running.open(url)
    if name == "contributors":
        return len({row.css("td")[1].text() for row in page.css("tr.change")})
    if name == "merged changes":
        return len(page.css("tr.change"))
    if name == "most files in one change":
        return len(page.css("li.file"))
    if name == "most lines removed":
        removed = page.css_first("del")
        assert removed is not None
        return int(removed.text().removeprefix("-"))
    assert name == "longest waiting review"
    created = page.css_first("time")
    assert created is not None
    at = re.sub("Z$", "+00:00", created.attributes["datetime"] or "")
    return (running.issue.period.end - datetime.fromisoformat(at)).days


def test_each_proof_leads_to_as_many_things_as_its_figure_says(running: Running) -> None:
    shown = running.issue.figures
    assert len(shown) >= 10
    assert all(each.proof for each in running.issue.statistics)
    found = {each.name: counted(running, each.name, each.proof or "") for each in shown}
    assert found == {each.name: each.value for each in shown}


def test_a_held_figure_of_one_thing_is_proved_there_and_in_no_page_of_readers(running: Running) -> None:
    (held,) = (each for each in running.issue.statistics if each.is_held)
    assert counted(running, held.name, held.proof or "") == held.value == 216
    page = running.open(f"{SITE}issues/{running.issue.number}/figures.html")
    assert page.css_first("section#most-files-in-one-change") is None


def test_each_project_is_proved_by_the_server_and_by_the_page(running: Running) -> None:
    assert len(running.issue.projects) == 8
    for project in running.issue.projects:
        rows = running.open(project.proof or "").css("tr.change")
        assert len(rows) == project.merged
        assert len({row.css("td")[1].text() for row in rows}) == project.contributors
        own = running.part(f"{SITE}issues/{running.issue.number}/figures.html#project-{project.project}")
        assert len(own.css("li")) == project.merged


def test_what_a_figure_counts_can_be_opened(running: Running) -> None:
    page = running.open(f"{SITE}issues/{running.issue.number}/figures.html")
    links = {link.attributes["href"] or "" for link in page.css("section li a")}
    hosts = set(running.web.hosts)
    ours = [link for link in sorted(links) if urlsplit(link).netloc in hosts and "/pipermail/" in link]
    assert len(ours) > 30
    for link in ours[:40]:
        running.open(link)
