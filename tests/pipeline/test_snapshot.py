"""A snapshot gives back what was written, and what is not asked for is not read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.errors import NotFound
from newsletter.model.item import Item
from newsletter.model.period import Period
from newsletter.pipeline.snapshot import Candidate, DraftInput, Snapshot, read_snapshot, write_snapshot

AT = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)


def test_without_its_items_it_is_read_without_their_file(tmp_path: Path) -> None:
    item = Item("1", "source", "feed", "post", ("1",), "Title", published_at=AT)
    made = DraftInput(1, Period(AT, AT + timedelta(days=7)), AT, candidates=(Candidate(item, "1", AT),))
    write_snapshot(tmp_path, Snapshot(made, b"newsletter: {}\n", templates={}))
    assert read_snapshot(tmp_path).draft_input.candidates == made.candidates
    (tmp_path / "items.jsonl.gz").unlink()
    found = read_snapshot(tmp_path, with_items=False)
    assert (found.draft_input.number, found.draft_input.candidates, found.feeds) == (1, (), b"newsletter: {}\n")
    with pytest.raises(NotFound, match="Draft and render the issue again"):
        read_snapshot(tmp_path)
