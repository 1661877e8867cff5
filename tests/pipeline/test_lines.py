import gzip
from pathlib import Path

import pytest

from newsletter.errors import FileFault, NotFound
from newsletter.pipeline.lines import read_lines


def test_packed_and_plain_files_read_alike(tmp_path: Path) -> None:
    data = b'{"a": "x", "n": 3}\n\n{"l": ["y"], "b": true}\n'
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "packed").write_bytes(gzip.compress(data))
    for name in ("plain", "packed"):
        first, second = read_lines(tmp_path / name)
        assert (first.text("a"), first.text("n"), first.count("n"), first.count("m", 7)) == ("x", "3", 3, 7)
        assert (second.texts("l"), second.is_true("b"), second.is_true("a"), second.number) == (("y",), True, False, 3)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1}\nnot json\n', ":2: The line is not JSON at character 1. Write one JSON object a line."),
        (b"[1]\n", ":1: The line is no JSON object. Write {…} with the fields of one item."),
        (b"\n" + b"[" * 9_000, ":2: The line holds JSON in too many layers"),
    ],
)
def test_a_line_that_is_no_object_is_told(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(data)
    with pytest.raises(FileFault) as told:
        list(read_lines(path))
    assert f"{path}{said}" in str(told.value)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (("text", "l"), '"l" must be a text'),
        (("number_of", "a"), '"a" must be a number, not "x".'),
        (("texts", "a"), '"a" must be a list of texts'),
        (("is_true", "n"), '"n" must be true or false, not 3.'),
    ],
)
def test_a_field_of_another_type_is_told_at_its_line(tmp_path: Path, ask: tuple[str, str], said: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(b'{"a": "x", "n": 3, "l": ["y"]}\n')
    (line,) = read_lines(path)
    with pytest.raises(FileFault, match=r"file\.jsonl:1: ") as told:
        getattr(line, ask[0])(ask[1])
    assert said in str(told.value)


def test_files_that_are_not_there_and_files_cut_short(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing cannot be read: No such file"):
        list(read_lines(tmp_path / "nothing"))
    (tmp_path / "cut").write_bytes(gzip.compress(b'{"a": 1}\n' * 999)[:-9])
    with pytest.raises(FileFault, match="the file is damaged"):
        list(read_lines(tmp_path / "cut"))
