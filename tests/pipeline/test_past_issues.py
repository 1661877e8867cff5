import gzip
import json
from pathlib import Path

import pytest

from newsletter.errors import FileFault, NotFound
from newsletter.pipeline.past_issues import PastItem, read_past_issues

GOOD = {"newsletter": "kiln", "issue": "1", "date": "2026-10-01", "section": "events", "title": "Potters meet"}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "past.jsonl"
    texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(FileFault) as caught:
        read_past_issues(path)
    return [f"{each.line}: {each.text}" for each in caught.value.problems]


def test_items_are_gathered_into_issues_in_their_order(tmp_path: Path) -> None:
    more = {"url": "https://kiln.example/", "text": "Potters meet\nagain", "pos": 4, "section_raw": "x"}
    second = GOOD | {"issue": 2, "date": "2026-10-08"}
    first, other = read_past_issues(written(tmp_path, GOOD | more, b"", GOOD | {"url": None}, second))
    assert (first.key, len(first.items), other.key) == ("kiln 1", 2, "kiln 2")
    assert first.items[0] == PastItem(
        "kiln", "1", "2026-10-01", "events", "Potters meet", "https://kiln.example/", "Potters meet\nagain"
    )
    assert (first.items[1].url, first.items[1].text) == ("", "")


def test_gzip_is_read_whatever_the_name(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_past_issues(path)[0].items[0].title == "Potters meet"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "The line is not JSON at character 3. Write one JSON object a line."),
        (b"\xff{}", "The line is not UTF-8. Save the file as UTF-8."),
        (b"[" * 100_000, "The line holds JSON in too many layers. Write one flat JSON object a line."),
        ([1], "The line is no JSON object. Write {…} with the fields of one item."),
        (
            GOOD | {"section": " "},
            "“section” is missing or no text. Every line needs newsletter, issue, section, title.",
        ),
        (GOOD | {"title": None}, "“title” is missing or no text. Every line needs newsletter, issue, section, title."),
        (GOOD | {"issue": True}, "“issue” is missing or no text. Every line needs newsletter, issue, section, title."),
        (GOOD | {"url": ["x"]}, "“url” must be text, or left out."),
        (
            GOOD | {"date": "2026-09-30"},
            "The date 2026-09-30 comes after 2026-10-01. Sort the lines by date, issue and place.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_how_to_mend_it(tmp_path: Path, line: object, said: str) -> None:
    assert problems(written(tmp_path, GOOD, b"", line)) == [f"3: {said}"]


def test_ten_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems(written(tmp_path, *[b"{"] * 30))) == 10


def test_an_empty_and_a_damaged_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert problems(path) == ["1: The file holds no line. Write one JSON object a line, one for each item."]
    path.write_bytes(gzip.compress(b'{"newsletter": "x"}\n' * 1000)[:40])
    assert "the file is damaged" in problems(path)[0]
    with pytest.raises(NotFound, match="cannot be read"):
        read_past_issues(tmp_path / "absent.jsonl")
    with pytest.raises(NotFound, match="cannot be read"):
        read_past_issues(tmp_path)
