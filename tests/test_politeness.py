"""The request log of the recorded web, after all its areas were gathered twice by one home."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from newsletter.fetch.client import WebSettings
from newsletter.pipeline.gather import SourceReport
from tests.corpus import needs_corpus
from tests.fakes import FixedClock
from tests.recorded import NOW, gather, recorded_home, recorded_web

pytestmark = [needs_corpus, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("real")]

PER_HOST = WebSettings().per_host
SHARE = 0.05
"""So many bytes of the first gather a second one may need, when nothing has changed."""
EXPECTED = {
    "Busy for two seconds": "throttled",
    "Busy for a day": "throttled",
    "In maintenance": "throttled",
    "Page behind a wall": "failing",
    "Gone": "gone",
    "Moved": "moved",
}
"""The states of those that misbehave; the others are read."""

SISTER = "Sister of a busy one"
"""Read or left alone, as the answer of the other host comes later or earlier."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What two gathers came to, and what was asked in each."""

    first: dict[str, SourceReport]
    second: dict[str, SourceReport]
    first_rows: list[Row]
    rows: list[Row]
    report: dict[str, dict[str, Any]]

    @property
    def second_rows(self) -> list[Row]:
        return self.rows[len(self.first_rows) :]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    clock = FixedClock(NOW)
    with recorded_web() as web, recorded_home(tmp_path_factory.mktemp("polite"), web, clock) as app:
        first = gather(app)
        first_rows = web.rows()
        clock.move(hours=3)
        second = gather(app)
        return Run(first, second, first_rows, web.rows(), web.report())


def documents(rows: Iterable[Row]) -> Counter[tuple[str, str, str]]:
    """How often each document was asked for."""
    return Counter((row["headers"]["Host"], row["path"], row["query"]) for row in rows)


def test_every_source_is_read_or_says_why(run: Run) -> None:
    states = {name: report.state.state for name, report in run.first.items()}
    odd = {
        name: (state, run.first[name].state.state_reason)
        for name, state in states.items()
        if state != EXPECTED.get(name, "ok") and name != SISTER
    }
    assert odd == {}
    assert sum(report.new_count for report in run.first.values()) > 9_000


def test_each_area_brings_something(run: Run) -> None:
    read = {name: report for name, report in run.first.items() if report.state.state == "ok"}
    assert [name for name, report in read.items() if not report.new_count + report.aside_count] == []
    assert sum(report.aside_count for report in read.values()) < len(read) / 10


def test_robots_are_asked_about_web_pages_alone(run: Run) -> None:
    """Feeds and APIs are made for programs; what somebody does not want read of his pages is not."""
    asked = {row["headers"]["Host"].partition(":")[0] for row in run.rows if row["path"].endswith("/robots.txt")}
    assert asked == {"feeds.test", "walled.test"}
    assert "robots.txt" in run.first["Page behind a wall"].state.state_reason
    assert not [row for row in run.rows if row["path"] == "/hostile/soft-404"]
    assert run.first["Feed behind the wall"].new_count > 0


def test_patience_with_one_host_is_patience_with_its_domain(run: Run) -> None:
    """Two hosts of it may be asked at the same time; three hours after the answer of the busy one neither is."""
    asked, later = (
        [row["path"] for row in rows if row["headers"]["Host"].partition(":")[0].endswith("never.test")]
        for rows in (run.first_rows, run.second_rows)
    )
    assert "/hostile/429-forever" in asked
    assert later == []
    assert run.second[SISTER].state.state == "throttled"


def test_no_document_is_asked_for_twice_in_a_run(run: Run) -> None:
    for rows in (run.first_rows, run.second_rows):
        assert {document: count for document, count in documents(rows).items() if count > 1} == {}


def test_no_host_sees_more_than_its_connections(run: Run) -> None:
    for host in {row["headers"]["Host"] for row in run.rows}:
        steps = []
        for row in run.rows:
            if row["headers"]["Host"] == host:
                steps += [(row["t"], 1), (row["t"] + row["seconds"] - 0.0002, -1)]
        most = open_now = 0
        for _, step in sorted(steps):
            open_now += step
            most = max(most, open_now)
        assert most <= PER_HOST, host
    named = {host: found for host, found in run.report.items() if "." in host}
    assert len(named) >= 4
    assert all(found["max_in_flight"] <= PER_HOST for found in named.values()), named


def test_what_servers_say_is_heeded(run: Run) -> None:
    for host, found in run.report.items():
        assert found["sooner_than_retry_after"] == 0, host
        assert found["after_410"] == 0, host
        assert found["after_301_308"] == 0, host
        assert found["refetched_without_validator"] == 0, host
    asked = documents(run.rows)
    assert {count for (host, _, _), count in asked.items() if host.startswith(("never.", "gone."))} == {1}
    assert "canary" not in run.report


def test_a_second_gather_asks_only_for_what_can_have_changed(run: Run) -> None:
    assert len(run.second_rows) < len(run.first_rows) / 2
    names = {name: report.new_count for name, report in run.second.items() if report.new_count}
    assert set(names) <= {"Busy for two seconds", "In maintenance"}
    first, second = (sum(row["bytes"] for row in rows) for rows in (run.first_rows, run.second_rows))
    assert second / first <= SHARE
