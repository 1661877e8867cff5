from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.edit.desk import desk_of
from newsletter.edit.draft import draft_issue
from newsletter.model.codec import to_json
from newsletter.model.issue import Change
from newsletter.web.history_views import history
from tests.edit.samples import judged, plan

AT = datetime(2026, 10, 15, 19, tzinfo=UTC)
DRAFT = draft_issue([judged("a"), judged("b", score=40)], plan())
ENTRIES = {entry.title: entry for entry in DRAFT.entries}
A, B = ENTRIES["a"].id, ENTRIES["b"].id


def told(*made: tuple[str, str, str, Any]) -> list[str]:
    changes = [
        Change(number, who, AT + timedelta(minutes=number), action, target, value)
        for number, (who, action, target, value) in enumerate(made, 1)
    ]
    rows = history(desk_of(DRAFT, changes), clock=lambda at: f"{at:%A %H:%M}")
    return [" ".join(filter(None, (row.who, row.what, row.title, row.where, row.words))) for row in reversed(rows)]


def test_a_line_reads_as_a_person_would_say_it() -> None:
    general = next(section.title for section in DRAFT.sections if A in {each.id for each in section.entries})
    news = next(section for section in DRAFT.sections if section.title != general)
    moved = {"section": news.id, "from": "elsewhere", "entry": to_json(ENTRIES["a"])}
    assert told(
        ("Ada", "keep", A, moved),
        ("Ada", "merge", A, {"entry": B, "other": to_json(ENTRIES["b"])}),
        ("Ada", "send at", "issue", {"at": "2026-10-17T09:00:00+00:00", "on": "2026-10-17"}),
        ("Ada", "link", "https://old.example/", "https://new.example/"),
        ("Ada", "decline tip", "0123456789", "not ours"),
        ("Ada", "say quiet", news.id, {"project": "nova", "say": True}),
        ("Ada", "show figure", "Changes merged", False),
    ) == [
        f"Ada moved a to {news.title}",
        "Ada joined another story to a b",
        "Ada moved the hour of the issue to Saturday 09:00",
        "Ada mended the link https://old.example/ https://new.example/",
        "Ada declined a tip not ours",
        f"Ada named a quiet project in {news.title} nova",
        "Ada held back Changes merged",
    ]


def test_an_undoing_says_what_it_took_back() -> None:
    lines = told(
        ("Ben", "drop", A, "old"),
        ("Ada", "undo", "1", "1"),
        ("Ben", "undo", "2", "2"),
        ("Ada", "title", "issue", "All new"),
        ("Ben", "undo", "4", "4"),
    )
    assert lines[1:3] == [
        "Ada took back that Ben dropped “a”",
        "Ben took back that Ada took back that Ben dropped “a”",
    ]
    assert lines[4] == "Ben took back that Ada changed the subject of the issue"
