"""No reader of files is kept waiting: by a pipe, a device, a folder, or a disk that does not answer."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import NotReadable, TooLarge, Unreachable
from newsletter.fetch import on_disk
from newsletter.fetch.kinds import Batch, Kind
from newsletter.fetch.kinds.calendar import Calendar
from newsletter.fetch.kinds.chat_log import ChatLog
from newsletter.fetch.kinds.inbox import Inbox
from newsletter.fetch.kinds.mbox import Mbox
from newsletter.fetch.kinds.opml import Opml
from newsletter.fetch.kinds.web_page import WebPage
from newsletter.fetch.local import LocalFile
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp


async def batches(kind: Kind) -> list[Batch]:
    return [batch async for batch in kind.fetch(FakeHttp(), FetchState("a"))]


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody writes into."""
    os.mkfifo(tmp_path / "pipe.log")
    return tmp_path / "pipe.log"


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """Set at the end: what hangs goes on only then."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("device", [None, "/dev/zero"])
async def test_a_pipe_or_a_device_is_no_file(pipe: Path, device: str | None) -> None:
    name = device or str(pipe)
    kinds: list[Kind] = [Mbox(file=name), Calendar(file=name), Opml(file=name), WebPage(file=name), Inbox(mailbox=name)]
    for kind in kinds:
        with pytest.raises(NotReadable, match=r"not a file|neither a Maildir"):
            await batches(kind)
    with pytest.raises(NotReadable, match="not a file"):
        await LocalFile(Path(name)).get(Path(name).as_uri())


async def test_a_pipe_in_a_folder_is_passed_over(pipe: Path, tmp_path: Path) -> None:
    (tmp_path / "a.2026-03-01.log").write_text("[10:00] <ada> Shall we meet?\n[10:01] <jo> ada: yes, let us do that.\n")
    (tmp_path / "link.log").symlink_to("/dev/zero")
    found = await batches(ChatLog(folder=str(tmp_path)))
    assert [len(batch.items) for batch in found] == [1, 0]
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    os.mkfifo(tmp_path / "box" / "new" / "1.pipe")
    (tmp_path / "box" / "cur" / "2.null").symlink_to("/dev/zero")
    assert [batch.items for batch in await batches(Inbox(mailbox=str(tmp_path / "box")))] == [()]


async def test_a_disk_that_does_not_answer_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hanging: threading.Event
) -> None:
    monkeypatch.setattr(on_disk, "SECONDS", 0.01)
    with pytest.raises(Unreachable, match=r"does not answer within 0.01 s. Look whether"):
        await on_disk.on_disk(hanging.wait)
    (tmp_path / "a.mbox").write_bytes(b"From a@b Mon Mar  2 10:00:00 2026\nFrom: a@b.example\nSubject: a\n\nb\n")

    def slow(*_: object, **__: object) -> object:
        return hanging.wait()

    monkeypatch.setattr(Path, "is_file", slow)
    for kind in (Mbox(file=str(tmp_path / "a.mbox")), Calendar(file=str(tmp_path / "a.mbox"))):
        with pytest.raises(Unreachable):
            await batches(kind)
    with pytest.raises(Unreachable):
        await batches(Inbox(mailbox=str(tmp_path / "a.mbox")))


async def test_what_is_taken_one_by_one_is_closed_at_the_end() -> None:
    closed: list[str] = []

    def numbers() -> Iterator[int]:
        try:
            yield from (1, 2, 3)
        finally:
            closed.append("closed")

    assert [each async for each in on_disk.each_on_disk(numbers())] == [1, 2, 3]
    taken = on_disk.each_on_disk(numbers())
    assert await anext(taken) == 1
    await taken.aclose()
    assert closed == ["closed", "closed"]
    assert [each async for each in on_disk.each_on_disk(iter([4]))] == [4]


async def test_what_the_function_raises_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await on_disk.on_disk(lambda: 1 // 0)
    with pytest.raises(NotReadable, match="cannot be read: No such file"):
        await on_disk.on_disk(on_disk.read_file, tmp_path / "none", 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(TooLarge):
        on_disk.read_file(tmp_path / "large", 10)
    assert on_disk.read_file(tmp_path / "large", 11) == b"x" * 11
