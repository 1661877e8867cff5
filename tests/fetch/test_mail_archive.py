import gzip
import os
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch import mail_archive, mbox_split
from newsletter.fetch.mail import MailSettings, ParsedMails, parse_mails
from newsletter.fetch.mail_archive import MAIL_CUT, Part, Progress, read_archive
from newsletter.fetch.packed import CUT

HTML = "Content-Type: text/html\n" + "x" * 70_000
SETTINGS = MailSettings("tide", "mbox")


def mail(number: int, body: str = "Hello.\n") -> bytes:
    head = f"From ada@tide.example Mon Mar  2 10:00:00 2026\nFrom: ada@tide.example\nMessage-ID: <{number}@x>\n"
    return f"{head}Subject: {number}\n\n{body}\n".encode()


async def parts_of(source: Path | bytes, progress: Progress | None = None) -> list[Part]:
    return [part async for part in read_archive(source, SETTINGS, progress=progress)]


async def titles_of(source: Path | bytes, progress: Progress | None = None) -> list[str]:
    return [item.title for part in await parts_of(source, progress) for item in part.items]


async def test_plain_and_packed(tmp_path: Path) -> None:
    data = mail(1) + mail(2)
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "packed").write_bytes(gzip.compress(mail(1)) + gzip.compress(mail(2)))

    assert await titles_of(data) == ["1", "2"]
    assert await titles_of(gzip.compress(data)) == ["1", "2"]
    assert await titles_of(tmp_path / "plain") == ["1", "2"]
    assert await titles_of(tmp_path / "packed") == ["1", "2"]


async def test_what_was_added_is_read_and_the_mail_before_it_once_more() -> None:
    data = b"".join(map(mail, range(5)))
    [part] = await parts_of(data)
    longer = data + mail(5) + mail(6)

    assert part.is_last
    assert await titles_of(longer, part.progress) == ["4", "5", "6"]
    assert await titles_of(gzip.compress(longer), part.progress) == ["4", "5", "6"]


async def test_a_mail_that_was_not_whole_is_whole_the_next_time() -> None:
    data = mail(1) + mail(2, "First line.\nSecond line.\n")
    [part] = await parts_of(data[:-15])

    [again] = await parts_of(data, part.progress)

    assert [item.text for item in again.items] == ["First line.\nSecond line."]


@pytest.mark.parametrize(
    "changed",
    [mail(1, "Other") + mail(2) + mail(3), mail(2) + mail(3), mail(2), b"\n" + mail(1) + mail(2) + mail(3)],
)
async def test_an_archive_that_is_another_one_is_read_whole(changed: bytes) -> None:
    [part] = await parts_of(mail(1) + mail(2))

    assert await titles_of(changed, part.progress) == await titles_of(changed)


async def test_each_pack_tells_how_far_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "MAILS_A_PACK", 10)
    data = b"".join(map(mail, range(35)))

    parts = await parts_of(data)

    assert max(len(part.items) for part in parts) == 10
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    for number, part in enumerate(parts):
        rest = [item.title for later in parts[number + 1 :] for item in later.items]
        assert await titles_of(data, part.progress) == [part.items[-1].title, *rest]


async def test_progress_survives_as_json() -> None:
    [part] = await parts_of(mail(1))

    assert Progress.from_json(part.progress.as_json()) == part.progress
    assert Progress.from_json(None) == Progress()


async def test_a_single_mail_is_never_split() -> None:
    single = mail(1).partition(b"\n")[2]

    [part] = await parts_of(single.rstrip() + b"\n\n" + mail(2))

    assert [item.title for item in part.items] == ["1"]


async def test_a_packed_archive_that_ends_early_gives_what_is_there() -> None:
    data = gzip.compress(b"".join(mail(number, os.urandom(1_000).hex()) for number in range(300)))

    parts = await parts_of(data[: len(data) // 2])

    assert 0 < sum(len(part.items) for part in parts) < 300
    assert parts[-1].warnings == (CUT,)
    with pytest.raises(NotReadable, match="ends in the middle"):
        await parts_of(gzip.compress(mail(1))[:20])


async def test_what_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="no archive of mails"):
        await parts_of(b"<html><body>Not found</body></html>")
    with pytest.raises(NotReadable, match="cannot be read"):
        await parts_of(tmp_path / "not there")
    with pytest.raises(NotReadable, match="cannot be read"):
        await parts_of(tmp_path)
    assert await titles_of(b"") == []
    assert await titles_of(b"\n\n") == []


async def test_a_large_mail_is_cut_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "_PIECE", 5_000)
    monkeypatch.setattr(mbox_split, "_LARGEST_MAIL", 20_000)
    monkeypatch.setattr(mbox_split, "_KEPT", 1_000)

    parts = await parts_of(mail(1) + mail(2, "x" * 50_000) + mail(3))

    assert [item.title for part in parts for item in part.items] == ["1", "2", "3"]
    assert [warning for part in parts for warning in part.warnings] == [MAIL_CUT]


def _cannot_bear_seven(data: bytes, starts: tuple[int, ...], settings: MailSettings, offset: int) -> ParsedMails:
    if b"Subject: 7\n" in data:
        raise NotReadable("reading the document took longer than 30 s")
    return parse_mails(data, starts, settings, offset)


async def test_one_mail_that_cannot_be_read_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_archive, "parse_mails", _cannot_bear_seven)
    data = b"".join(mail(number, HTML) for number in range(10))

    [part] = await parts_of(data)

    assert [item.title for item in part.items] == [str(number) for number in range(10) if number != 7]
    at = 7 * len(mail(0, HTML))
    assert part.warnings == (f"a mail was set aside: reading the document took longer than 30 s (byte {at})",)
    assert [(aside.address, aside.data) for aside in part.aside] == [(f"#byte={at}", mail(7, HTML))]


async def test_a_packed_archive_that_became_shorter_is_read_whole() -> None:
    data = b"".join(mail(number, os.urandom(1_000).hex()) for number in range(20))
    [part] = await parts_of(gzip.compress(data))

    cut = await parts_of(gzip.compress(data)[:10_000], part.progress)

    assert cut[0].items[0].title == "0"
    assert cut[-1].warnings == (CUT,)
    with pytest.raises(NotReadable, match="ends in the middle"):
        await parts_of(gzip.compress(data)[:11])


async def test_a_file_that_breaks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(mail_archive, "split_mails", broken)

    with pytest.raises(NotReadable, match="Input/output error"):
        await parts_of(mail(1))
