import io
from itertools import pairwise

import pytest

from newsletter.fetch import mbox_split
from newsletter.fetch.mbox_split import Trace, is_mail, is_mbox, split_mails


def mails_of(data: bytes, *, is_pipermail: bool = False) -> list[bytes]:
    found = []
    for pack in split_mails(io.BytesIO(data), is_pipermail=is_pipermail):
        ends = (*pack.starts, len(pack.data))[1:]
        found += [pack.data[start:end] for start, end in zip(pack.starts, ends, strict=True)]
    return found


def mail(
    number: int, body: str = "Hello.\n", *, envelope: str = "From ada@tide.example Mon Mar  2 10:00:00 2026"
) -> bytes:
    return f"{envelope}\nFrom: ada@tide.example\nSubject: {number}\n\n{body}\n".encode()


@pytest.mark.parametrize(
    "envelope",
    [
        "From ada@tide.example Mon Mar  2 10:00:00 2026",
        "From ada at tide.example  Mon Mar  2 10:00:00 2026",
        "From - Mon Mar 02 10:00:00 2026",
        "From MAILER-DAEMON Mon Mar  2 10:00 2026",
        "From 16230@xxx Mon Mar 02 10:00:00 +0000 2026",
        "From ada@tide.example Mon Mar  2 10:00:00 CET 2026",
        "From ada@tide.example Mon Mar  2 10:00:00 2026 +0100",
        "From ada@tide.example Mon, 2 Mar 2026 10:00:00 +0100",
        "From christian at “tide.example”  Mon Mar  2 10:00:00 2026",
        "From =?utf-8?q?b=C3=A9a?= at tide.example  Mon Mar  2 10:00:00 2026",
        "From tide!ada Mon Mar  2 10:00:00 2026 remote from tide",
        "From " + "x" * 350 + " Mon Mar  2 10:00:00 2026",
    ],
)
def test_takes_every_form_of_the_line_that_begins_a_mail(envelope: str) -> None:
    data = mail(1) + mail(2, envelope=envelope)

    assert mails_of(data) == [mail(1), mail(2, envelope=envelope)]


@pytest.mark.parametrize(
    "body",
    [
        "From here on it rains.\n",
        "From Mon Mar  2 10:00:00 2026 on it rains.\nDay: and night\n",
        "From ada@tide.example Mon Mar  2 10:00:00 2026\nthat is how a mail begins\n",
        "From ada@tide.example Mon Mar  2 10:00:00 2026\n\nFrom: nobody\n",
        "From ada@tide.example\nFrom: nobody\n",
        ">From ada@tide.example Mon Mar  2 10:00:00 2026\nFrom: nobody\n",
        " From ada@tide.example Mon Mar  2 10:00:00 2026\nFrom: nobody\n",
        "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: Ada\nSubject: [PATCH]\n",
    ],
)
def test_leaves_lines_in_bodies_alone(body: str) -> None:
    data = mail(1, body) + mail(2, body) + mail(3)

    assert mails_of(data) == [mail(1, body), mail(2, body), mail(3)]


def test_a_series_of_patches_is_an_mbox_of_its_own() -> None:
    patch = "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001"
    data = mail(1, envelope=patch) + mail(2, envelope=patch)

    assert mails_of(data) == [mail(1, envelope=patch), mail(2, envelope=patch)]


def test_needs_no_blank_line_between_mails() -> None:
    data = mail(1).rstrip() + b"\n" + mail(2)

    assert len(mails_of(data)) == 2


def test_a_pipermail_mail_begins_with_its_writer() -> None:
    quoted = "From ada@tide.example Mon Mar  2 10:00:00 2026\nReceived: by tide\n\nQuoted.\n"
    data = mail(1, quoted) + mail(2)

    assert len(mails_of(data)) == 3
    assert mails_of(data, is_pipermail=True) == [mail(1, quoted), mail(2)]


def test_windows_line_ends() -> None:
    data = (mail(1) + mail(2)).replace(b"\n", b"\r\n")

    assert len(mails_of(data)) == 2
    assert b"".join(mails_of(data)) == data


def test_leaves_out_what_stands_before_the_first_mail() -> None:
    assert mails_of(b"\r\n\n# an export\n" + mail(1)) == [mail(1)]
    assert mails_of(b"no mail at all\n") == []
    assert mails_of(b"") == []


@pytest.mark.parametrize("piece", [64, 1_000, 4_096])
def test_pieces_may_end_anywhere(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "_PIECE", piece)
    monkeypatch.setattr(mbox_split, "_LOOK_AHEAD", 300)
    monkeypatch.setattr(mbox_split, "_PACK_SIZE", 2_000)
    whole = [mail(number, "From what we know\n" * (number % 7) + "word " * (number % 50)) for number in range(80)]

    assert mails_of(b"".join(whole)) == whole


def test_packs_are_small_and_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "MAILS_A_PACK", 10)
    data = b"".join(mail(number) for number in range(25))

    packs = list(split_mails(io.BytesIO(data)))

    assert max(len(pack.starts) for pack in packs) == 10
    assert sum(len(pack.starts) for pack in packs) == 25
    assert all(first.offset + len(first.data) == second.offset for first, second in pairwise(packs))
    assert b"".join(pack.data for pack in packs) == data


def test_a_mail_too_large_to_hold_is_cut_and_the_next_ones_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "_PIECE", 5_000)
    monkeypatch.setattr(mbox_split, "_LARGEST_MAIL", 20_000)
    monkeypatch.setattr(mbox_split, "_KEPT", 1_000)
    large = mail(2, "x" * 70 + "\n" * 2_000 + "y" * 100_000 + "\n")
    data = mail(1) + large + mail(3)

    packs = [pack for pack in split_mails(io.BytesIO(data)) if pack.starts]

    assert [(pack.is_cut, len(pack.starts)) for pack in packs] == [(False, 1), (True, 1), (False, 1)]
    assert packs[1].data == large[:1_000]
    assert packs[2].data == mail(3)
    assert packs[2].offset == len(mail(1) + large)


def test_what_follows_can_be_read_alone() -> None:
    data = mail(1) + mail(2)
    [pack] = split_mails(io.BytesIO(data))

    longer = io.BytesIO(data + mail(3))
    trace = Trace.of(longer, pack.last)
    assert str(trace) == pack.before_last
    [rest] = split_mails(longer, trace=trace)

    assert rest.data == mail(2) + mail(3)
    assert rest.offset == len(mail(1))


def test_a_trace_notices_every_change_near_the_beginning_and_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_split, "_HASHED", 1_000)
    monkeypatch.setattr(mbox_split, "_NEAR", 100)
    data = bytes(range(256)) * 8
    size = 2_000

    def trace(data: bytes) -> str:
        return str(Trace.of(io.BytesIO(data), size))

    grown = Trace()
    for at in range(0, size, 7):
        grown.add(data[at : min(at + 7, size)])
    changed = [data[:at] + b"!" + data[at + 1 :] for at in (0, 999, 1_900, 1_999)]
    assert str(grown) == trace(data)
    assert trace(data + b"more") == trace(data)
    assert all(trace(each) != trace(data) for each in changed)
    assert Trace.of(io.BytesIO(data[:500]), size).size == 500


def test_knows_an_mbox_and_a_single_mail_by_their_beginning() -> None:
    assert is_mbox(b"\n" + mail(1))
    assert not is_mbox(b"From here on it rains.\n")
    assert is_mail(b"Subject: one\nFrom: ada\n\n")
    assert not is_mail(mail(1))
    assert not is_mail(b"<html><body>a: b</body></html>")
