"""What the program writes elsewhere fits the shapes that the API promises; and who does not need them imports none."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from newsletter.model.item import Event, Item, Person, Review, Thread
from newsletter.model.source import FetchState, Source
from newsletter.render.records import item_record, source_record
from newsletter.web import api_shapes

AT = datetime(2026, 10, 15, 18, 35, 1, 5, tzinfo=UTC)
FULL = Item(
    *("i" * 20, "planet", "feed", "event", ("k",), "Title"),
    url="https://x.example/",
    author=Person("Ada"),
    published_at=AT,
    updated_at=AT,
    text="Text",
    html="<p>Text</p>",
    links=("https://y.example/",),
    thread=Thread("r", 3, 2, AT, AT),
    review=Review("merged", "core", 7, AT, AT, 1, 2, 3, True),
    warnings=("cut",),
)
EVENTS = (
    Event(date(2026, 10, 16), date(2026, 10, 17), place="Oslo", late_from=date(2026, 10, 1), seats=3),
    Event(datetime(2026, 10, 16, 9, 30), deadline_at=date(2026, 10, 1), is_guess=True, title="Two", words="soon"),
    Event(AT, AT, timezone="Europe/Oslo", cost="free", url="https://z.example/"),
)


def fits(shape: Any, value: Any) -> None:
    assert TypeAdapter(shape).validate_python(value, strict=True) == value


@pytest.mark.parametrize("event", [None, *EVENTS])
def test_an_item_fits(event: Event | None) -> None:
    fits(api_shapes.Item, item_record(replace(FULL, event=event), source_name="Planet", events=EVENTS if event else ()))
    bare = Item("i" * 20, "planet", "feed", "post", ("k",), "", event=event)
    fits(api_shapes.Item, item_record(bare, source_name="Planet"))


@pytest.mark.parametrize(
    "state",
    ["new", "ok", "unchanged", "failing", "gone", "moved", "throttled", "paused", "not readable in this version"],
)
def test_the_health_of_a_source_fits(state: Any) -> None:
    for paused in (True, False):
        source = Source("planet", "Planet", paused=paused)
        for known in (None, FetchState("planet", state=state, state_reason="x", checked_at=AT, next_at=AT)):
            fits(api_shapes.SourceHealth, source_record(source, known))


@pytest.mark.slow
def test_a_server_that_nobody_sends_anything_needs_no_pydantic() -> None:
    code = (
        "import sys, newsletter.cli, newsletter.cli.service, newsletter.cli.tokens, newsletter.web.app;"
        "print({'pydantic', 'pydantic_core'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
