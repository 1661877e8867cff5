"""metrics_text: what a watching program (Prometheus) reads: counts out of the database, none per item or address."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from newsletter import __version__
from newsletter.model.subscriber import DeliveryState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due_jobs import NAMES
from newsletter.pipeline.reading_times import due_now
from newsletter.pipeline.sources import source_health
from newsletter.store.checkup import condition
from newsletter.store.metering import SPANS, amounts, queue_depth, readings
from newsletter.store.restored import is_restored
from newsletter.store.rights import right

if TYPE_CHECKING:
    from prometheus_client import Metric

_JOB_STATES = ("waiting", "running", "aside")
TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STATES: tuple[DeliveryState, ...] = (
    *("queued", "sending", "accepted", "deferred", "failed", "suppressed", "unknown"),
)


def metrics_text(app: Newsletter) -> bytes:
    """All metrics in Prometheus' text format."""
    # It takes 0.1 s to import, and only who is watched needs it.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(app))
    return generate_latest(registry)


class _Collector:
    """Asks when it is asked."""

    def __init__(self, app: Newsletter) -> None:
        self._app = app

    def collect(self) -> "Iterable[Metric]":
        """Every metric."""
        yield from _of_sources(self._app)
        yield from _of_readings(self._app)
        yield from _of_queue(self._app)
        yield from _of_database(self._app)


def _of_sources(app: Newsletter) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    known = [(source.kind or (state.reader if state else ""), state) for source, state in source_health(app)]
    found = Counter((kind or "any", state.state if state else "new") for kind, state in known)
    by_state = GaugeMetricFamily("newsletter_sources", "Sources by kind and state.", labels=("kind", "state"))
    for (kind, state), count in sorted(found.items()):
        by_state.add_metric((kind, state), count)
    yield by_state
    yield GaugeMetricFamily("newsletter_feeds_mistakes", "Mistakes in feeds.yaml now.", value=app.problems_total)


def _of_readings(app: Newsletter) -> "Iterator[Metric]":
    """By whatever process they were: each writes its own down with the state of the source."""
    from prometheus_client.core import HistogramMetricFamily

    with app.database.reading() as db:
        found = readings(db)
    words = "Seconds that readings of sources took, by kind and outcome."
    family = HistogramMetricFamily("newsletter_fetch_seconds", words, labels=("kind", "outcome"))
    for (kind, outcome), each in found.items():
        names = [*(f"{span:g}" for span in SPANS), "+Inf"]
        buckets = list(zip(names, accumulate(each.counts), strict=True))
        family.add_metric((kind, outcome), buckets=buckets, sum_value=each.seconds)
    yield family


def _of_queue(app: Newsletter) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    now = app.now()
    with app.database.reading() as db:
        depth = queue_depth(db, now=now)
    found = Counter({(name, state): 0 for name in NAMES for state in _JOB_STATES})
    for (name, state), count in depth.counts.items():
        found[name if name in NAMES else "other", state] += count
    family = GaugeMetricFamily("newsletter_queue_jobs", "Jobs that are not done.", labels=("job", "state"))
    for key, count in found.items():
        family.add_metric(key, count)
    yield family
    waits = max(0.0, (now - depth.ready_since).total_seconds()) if depth.ready_since else 0.0
    words = "How long the first job that could be begun waits."
    yield GaugeMetricFamily("newsletter_queue_oldest_seconds", words, value=waits)


def _of_database(app: Newsletter) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

    now, state = app.now(), condition(app.database)
    with app.database.reading() as db:
        found, known = amounts(db), right(db)
    yield InfoMetricFamily("newsletter", "The program.", value={"version": __version__, "schema": state.schema})
    yield GaugeMetricFamily("newsletter_items", "Items stored.", value=found.items)
    yield GaugeMetricFamily("newsletter_set_aside", "Documents and records set aside.", value=found.aside)
    yield GaugeMetricFamily("newsletter_sources_due", "Sources that should be read by now.", value=len(due_now(app)))
    yield GaugeMetricFamily("newsletter_database_bytes", "Size of the database.", value=state.size)
    yield GaugeMetricFamily(
        "newsletter_put_back", "1 when this was restored and sends nothing.", value=is_restored(known)
    )
    sent = GaugeMetricFamily("newsletter_deliveries", "Mails to readers by state.", labels=("state",))
    for each in _STATES:
        sent.add_metric((each,), found.deliveries.get(each, 0))
    yield sent
    if found.drafted_at is not None:
        age = max(0.0, (now - found.drafted_at).total_seconds())
        yield GaugeMetricFamily("newsletter_draft_age_seconds", "Age of the draft that waits.", value=age)
    if found.sent_at is not None:
        at = found.sent_at.timestamp()
        yield GaugeMetricFamily(
            "newsletter_last_sent_timestamp_seconds", "When an issue was last sent whole.", value=at
        )
