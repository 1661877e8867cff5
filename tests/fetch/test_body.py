from pathlib import Path

import pytest

from newsletter.errors import TooLarge
from newsletter.fetch.body import FileSink, MemorySink, Sink
from newsletter.fetch.http import body_hash

PIECES = [bytes([number]) * 300_000 for number in range(8)]
WHOLE = b"".join(PIECES)


def fill(sink: Sink, pieces: list[bytes]) -> tuple[bytes, str, Path | None]:
    sink.clear()
    for piece in pieces:
        sink.write(piece)
    return sink.finish()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 8])
def test_memory_and_file_hold_the_same(count: int, tmp_path: Path) -> None:
    wanted = b"".join(PIECES[:count])
    memory = MemorySink(1 << 30)
    assert fill(memory, PIECES[:count]) == (wanted, body_hash(wanted), None)
    with FileSink(tmp_path / "body", 1 << 30) as sink:
        assert fill(sink, PIECES[:count]) == (b"", body_hash(wanted), tmp_path / "body")
    assert (tmp_path / "body").read_bytes() == wanted


def test_another_answer_begins_anew(tmp_path: Path) -> None:
    memory = MemorySink(1 << 30)
    for piece in PIECES:
        memory.write(piece)
    assert fill(memory, [b"second"])[0] == b"second"
    with FileSink(tmp_path / "body", 1 << 30) as sink:
        sink.write(WHOLE)
        assert fill(sink, [b"second"])[1] == body_hash(b"second")
    assert (tmp_path / "body").read_bytes() == b"second"


def test_a_body_that_never_ends_waits_in_a_file() -> None:
    memory = MemorySink(1 << 30)
    for _ in range(100):
        memory.write(PIECES[1])
        assert sum(map(len, memory._pieces)) <= 1 << 20
    memory.close()
    memory.close()


def test_the_file_of_a_failed_download_goes(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "body", 10)
    sink.write(b"x")
    sink.__exit__(TooLarge, TooLarge("x"), None)
    assert not (tmp_path / "body").exists()
