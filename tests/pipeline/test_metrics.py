"""What a watching program reads: well formed, named as it is usual, bounded, and of all processes together."""

import math
import re
import threading
from itertools import pairwise

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from newsletter.fetch.kinds import find_kinds
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.due_jobs import NAMES
from newsletter.pipeline.metrics import metrics_text
from newsletter.pipeline.readings_aside import READ
from newsletter.store.metering import SPANS, Reading, count_readings, readings
from newsletter.store.queue import Job, claim_ready, put, set_aside
from tests.loopback import atom
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import any_home as any_home
from tests.pipeline.conftest import home as home

FEEDS = "sources:\n" + "".join(
    f"  - name: {name}\n    kind: feed\n    url: {{web}}/{name}.xml\n" for name in ("Planet", "Blog", "Gone")
)
STATES = {"ok", "unchanged", "failing", "gone", "moved", "throttled", "paused", "new", "not readable in this version"}
JOB_STATES = {"waiting", "running", "aside"}
MAIL_STATES = {"queued", "sending", "accepted", "deferred", "failed", "suppressed", "unknown"}


def families(home: Home) -> dict[str, Metric]:
    with home.opened() as app:
        return {each.name: each for each in text_string_to_metric_families(metrics_text(app).decode())}


def ready(home: Home) -> Home:
    home.write(FEEDS)
    for name in ("Planet", "Blog"):
        home.web[f"/{name}.xml"] = atom((name, f"Words of {name}", "2026-10-12T09:00:00Z", "Hello there."))
    return home


def counts(family: Metric) -> dict[tuple[str, str], float]:
    return {
        (each.labels["kind"], each.labels["outcome"]): each.value
        for each in family.samples
        if each.name.endswith("_count")
    }


def test_readings_by_hand_and_by_workers_are_counted_together(any_home: Home) -> None:
    home = ready(any_home)
    home.gather("Planet")
    shop, queue, asked = make_queue(Surroundings(home.folder, home.environ, home.clock, {}))
    with shop.opened(), capture_logs():
        Runner(shop.current, asked).look()
        queue.drain()
        home.clock.move(hours=4)
        Runner(shop.current, asked).look()
        queue.drain()
    found = families(home)["newsletter_fetch_seconds"]
    assert (found.type, counts(found)) == (
        "histogram",
        {("feed", "ok"): 2, ("feed", "unchanged"): 2, ("feed", "failing"): 2},
    )
    for outcome in ("ok", "failing"):
        of_one = [each for each in found.samples if each.labels["outcome"] == outcome]
        buckets = [(float(each.labels["le"]), each.value) for each in of_one if each.name.endswith("_bucket")]
        assert [at for at, _ in buckets] == [*SPANS, math.inf]
        assert all(one <= two for (_, one), (_, two) in pairwise(buckets)), "each bucket holds those before it"
        [total] = [each.value for each in of_one if each.name.endswith("_sum")]
        assert 0 < total < 2 * 60
        assert buckets[-1][1] == 2


def test_who_is_left_alone_because_its_host_asked_for_it_was_not_read(any_home: Home) -> None:
    one = "  - name: {0}\n    kind: feed\n    url: {{web}}/{0}.xml\n"
    any_home.write("sources:\n" + "".join(one.format(each) for each in ("busy", "b", "c", "d")))
    any_home.web.statuses["/busy.xml"] = (429, {"Retry-After": "3600"})
    any_home.gather("busy")
    assert {each.state.state for each in any_home.gather("b", "c", "d").values()} == {"throttled"}
    assert [path for path, _ in any_home.web.asked] == ["/busy.xml"]
    assert counts(families(any_home)["newsletter_fetch_seconds"]) == {("feed", "throttled"): 1}


def test_two_processes_count_at_once_without_waiting_crosswise(any_home: Home) -> None:
    home = ready(any_home)
    rows = [Reading("feed", outcome, seconds) for outcome in ("ok", "failing") for seconds in (0.05, 3.0, 900.0)]

    def count(wanted: list[Reading]) -> None:
        with home.opened() as app:
            for _ in range(15):
                with app.database.transaction() as db:
                    count_readings(db, wanted)

    threads = [threading.Thread(target=count, args=(each,)) for each in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with home.opened() as app, app.database.reading() as db:
        found = readings(db)
    assert {key: sum(each.counts) for key, each in found.items()} == {("feed", "ok"): 90, ("feed", "failing"): 90}
    assert found["feed", "ok"].counts[-1] == 30
    assert found["feed", "ok"].seconds == pytest.approx(30 * 903.05)


def test_the_queue_by_job_and_state(any_home: Home) -> None:
    home = ready(any_home)
    with home.opened() as app, app.database.transaction() as db:
        for number in range(4):
            put(db, Job(READ, f"{number}", {"id": "x"}), now=home.clock())
        put(db, Job("of another version", "1", {}), now=home.clock())
        one, _ = claim_ready(db, [READ], worker="a", now=home.clock(), limit=2)
        set_aside(db, one, worker="a", reason="no", now=home.clock())
    home.clock.move(seconds=12)
    found = families(home)
    depth = {tuple(each.labels.values()): each.value for each in found["newsletter_queue_jobs"].samples}
    assert {key: count for key, count in depth.items() if count} == {
        (READ, "waiting"): 2,
        (READ, "running"): 1,
        (READ, "aside"): 1,
        ("other", "waiting"): 1,
    }
    assert {job for job, _ in depth} == {*NAMES, "other"}
    assert found["newsletter_queue_oldest_seconds"].samples[0].value == 12


def test_a_source_without_kind_is_counted_under_the_reader_that_was_found(home: Home) -> None:
    home.write("sources:\n  - name: Planet\n    url: {web}/Planet.xml\n")
    home.web["/Planet.xml"] = atom(("one", "News", "2026-10-12T09:00:00Z", "Words about it."))
    kinds = [each.labels["kind"] for each in families(home)["newsletter_sources"].samples]
    assert kinds == ["any"], "nobody looked yet"
    home.gather()
    [found] = families(home)["newsletter_sources"].samples
    assert found.labels == {"kind": "feed", "state": "ok"}


def test_names_are_as_usual_and_no_label_grows_without_end(home: Home) -> None:
    ready(home).gather()
    allowed = {
        "kind": {*find_kinds(), *(each.word for each in find_kinds().values()), "any"},
        "outcome": STATES,
        "job": {*NAMES, "other"},
        "le": {f"{span:g}" for span in SPANS} | {"+Inf"},
    }
    states = {"newsletter_sources": STATES, "newsletter_queue_jobs": JOB_STATES, "newsletter_deliveries": MAIL_STATES}
    with home.opened() as app:
        text = metrics_text(app).decode()
    assert text.endswith("\n")
    for family in text_string_to_metric_families(text):
        assert re.fullmatch(r"newsletter(_[a-z]+)*", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket", "_milliseconds", "_minutes", "_mib"))
        keys = [(each.name, *sorted(each.labels.items())) for each in family.samples]
        assert len(set(keys)) == len(keys), "no series comes twice"
        for sample in family.samples:
            assert math.isfinite(sample.value)
            for label, value in sample.labels.items():
                known = states.get(family.name) if label == "state" else allowed.get(label)
                assert known is None or value in known, (family.name, label, value)
                assert known is not None or family.name == "newsletter_info", (family.name, label)
