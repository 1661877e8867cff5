import json
from pathlib import Path

import pytest

from newsletter.errors import FileFault
from newsletter.pipeline.pairs import agreement, judge_pairs
from tests.corpus import SHARED

PAIRS = SHARED / "data" / "dedupe" / "pairs.jsonl"


def line(title: str, other: str, **more: object) -> str:
    a = {"title": title, "url": "https://a.example/x", "date": "2024-05-01"}
    b = {"title": other, "url": "https://a.example/x", "date": "2024-05-03T10:00:00Z"}
    return json.dumps({"a": a, "b": b, **more}) + "\n"


def test_verdicts_and_how_they_fit(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        line("Doors", "Doors", same=True, kind="x") + line("Drum 1.2", "Drum 1.3", same=True) + line("D", "D")
    )
    pairs = judge_pairs(path)
    assert [pair.as_json() for pair in pairs] == [
        {"same": True, "why": "the same address"},
        {"same": False, "why": "one address, but another version, number or state"},
        {"same": True, "why": "the same address"},
    ]
    found = agreement(pairs)
    assert (found.right, found.count, found.wrong_merges, found.missed) == (1, 2, 0, 1)
    assert found.f1 == pytest.approx(2 / 3)
    assert agreement(pairs[2:]).f1 is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": {"title": "x"}}\n', r':1: "b" must be an object, \{…\}, not null'),
        ('{"a": {"title": "x", "date": "May"}, "b": {"title": "x"}}\n', ':1: "date" must be a day or a time'),
        ('\n{"a": {"url": "x"}, "b": {"title": "x"}}\n', ':2: "title" must be a text, not null'),
    ],
)
def test_mistakes_are_told_at_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(text)
    with pytest.raises(FileFault, match=said):
        judge_pairs(path)


@pytest.mark.skipif(not PAIRS.is_file(), reason=f"the labelled pairs are not at {PAIRS}")
@pytest.mark.slow
def test_labelled_pairs_of_five_newsletters() -> None:
    pairs = judge_pairs(PAIRS)
    whole = agreement(pairs)
    assert whole.f1 is not None
    assert whole.f1 >= 0.9
    assert whole.wrong_merges <= 1
    for kind in ("repost", "living-page"):
        assert (
            agreement([pair for pair in pairs if pair.kind == kind]).right >= {"repost": 10, "living-page": 118}[kind]
        )
