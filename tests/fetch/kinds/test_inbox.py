"""The kind "inbox": a Maildir, an mbox, and a real IMAP server."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable, Unreachable
from newsletter.fetch import mail_store
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.inbox import Inbox
from newsletter.fetch.mail import NO_MAIL
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp
from tests.mail_server import PASSWORD, MailServer, mail_server


def mail(number: int, extra: str = "") -> bytes:
    return (
        f"From: Ada Example <ada@example.org>\nSubject: Tip {number}\nMessage-ID: <{number}@example.org>\n"
        f"Date: Mon, 2 Mar 2026 10:00:00 +0000\n{extra}\nThis is tip number {number}, for you.\n"
    ).encode()


def read(kind: Inbox, cursor: Any = None, *, most: int = 0, since: datetime | None = None) -> list[Batch]:
    """The batches of one reading; ``most`` ends it after so many, as if it was killed."""

    async def read_all() -> list[Batch]:
        batches: list[Batch] = []
        reading = kind.fetch(FakeHttp(), FetchState("tips", cursor or {}, since=since))
        async for batch in reading:
            batches.append(batch)
            if most and len(batches) == most:
                await reading.aclose()  # type: ignore[attr-defined]
                break
        return batches

    return asyncio.run(read_all())


def titles(batches: list[Batch]) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_a_maildir_is_read_once_and_left_as_it_is(maildir: Path) -> None:
    (maildir / "new" / "1.a.host").write_bytes(mail(1))
    (maildir / "cur" / "2.b.host:2,S").write_bytes(mail(2, "Precedence: bulk\n"))
    (maildir / "cur" / ".hidden").write_bytes(mail(9))
    kind = Inbox(mailbox=str(maildir))
    first = read(kind)
    assert titles(first) == ["Tip 1"]
    (aside,) = first[0].aside
    assert (aside.address, aside.reason) == (f"{maildir}: 2.b.host:2,S", "it was sent to many (Precedence: bulk)")
    assert aside.data == mail(2, "Precedence: bulk\n")
    (maildir / "new" / "1.a.host").rename(maildir / "cur" / "1.a.host:2,S")
    (maildir / "new" / "3.c.host").write_bytes(mail(3))
    second = read(kind, first[-1].cursor)
    assert (titles(second), second[0].aside) == (["Tip 3"], ())
    (third,) = read(kind, second[-1].cursor)
    assert (third.items, third.is_unchanged) == ((), True)
    (maildir / "cur" / "1.a.host:2,S").unlink()
    (maildir / "new" / "4.d.host").write_bytes(mail(4))
    assert len(read(kind, third.cursor)[-1].cursor["seen"]) == 3


def test_killed_in_the_middle_it_goes_on_there(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_store, "MAILS_A_PACK", 2)
    for number in range(5):
        (maildir / "new" / f"{number}.a.host").write_bytes(mail(number))
    kind = Inbox(mailbox=str(maildir))
    first = read(kind, most=1)
    assert titles(first) == ["Tip 0", "Tip 1"]
    assert titles(read(kind, first[-1].cursor)) == ["Tip 2", "Tip 3", "Tip 4"]


def test_a_first_reading_reaches_back_so_far(maildir: Path) -> None:
    for number, day in ((1, 1), (2, 20)):
        path = maildir / "new" / f"{number}.a.host"
        path.write_bytes(mail(number))
        at = datetime(2026, 2, day, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    assert titles(read(Inbox(mailbox=str(maildir)), since=datetime(2026, 2, 10, tzinfo=UTC))) == ["Tip 2"]


def test_an_mbox_is_read_on_where_it_grew(tmp_path: Path) -> None:
    path = tmp_path / "tips"
    path.write_bytes(b"")
    kind = Inbox(mailbox=str(path))
    assert read(kind)[-1].is_unchanged

    def mbox(*numbers: int) -> bytes:
        return b"".join(b"From ada@example.org Mon Mar  2 10:00:00 2026\n" + mail(each) + b"\n" for each in numbers)

    path.write_bytes(mbox(1, 2))
    first = read(kind)
    assert titles(first) == ["Tip 1", "Tip 2"]
    (unchanged,) = read(kind, first[-1].cursor)
    assert unchanged.is_unchanged
    path.write_bytes(mbox(1, 2, 3))
    assert titles(read(kind, unchanged.cursor)) == ["Tip 2", "Tip 3"]
    path.write_bytes(mbox(3, 4, 5))
    assert titles(read(kind, unchanged.cursor)) == ["Tip 3", "Tip 4", "Tip 5"]
    path.write_bytes(b"no mails here, none at all\n")
    with pytest.raises(NotReadable, match="no mbox"):
        read(kind)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="neither a Maildir"):
        read(Inbox(mailbox=str(tmp_path)))
    with pytest.raises(NotReadable, match='it needs "server:" and "password: from NAME" too'):
        read(Inbox(address="tips@example.org"))
    with pytest.raises(NotReadable, match="on this machine"):
        read(Inbox(address="tips@example.org", server="mail.example.org", password="x", encryption="none"))
    with pytest.raises(Unreachable, match="does not answer as a mail server"):
        read(Inbox(address="tips@example.org", server="127.0.0.1", port=1, password="x", encryption="none"))


def test_it_is_registered_with_its_keys() -> None:
    info = find_kinds()["inbox"]
    assert info.can_read
    assert {"address", "mailbox", "server", "port", "encryption", "user", "password", "imap_folder"} < set(info.keys)


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def trusted(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    return server


def inbox(server: MailServer, user: str, encryption: Any = "tls", password: str = PASSWORD) -> Inbox:
    port = server.tls_port if encryption == "tls" else server.port
    return Inbox(address=f"{user}@example.org", server="localhost", port=port, encryption=encryption, password=password)


@pytest.mark.slow
@pytest.mark.xdist_group("mail")
class TestImap:
    """Against Dovecot on loopback."""

    @pytest.mark.parametrize("encryption", ["tls", "starttls", "none"])
    def test_new_mails_come_once_and_nothing_is_marked(self, trusted: MailServer, encryption: str) -> None:
        user = f"tips-{encryption}"
        paths = [trusted.deliver(user, mail(1)), trusted.deliver(user, mail(2, "X-Spam-Flag: YES\n"))]
        kind = inbox(trusted, user, encryption)
        first = read(kind)
        assert titles(first) == ["Tip 1"]
        assert [(each.address, each.reason) for each in first[0].aside] == [
            (f"{user}@example.org: UID 2", "the mail server calls it spam")
        ]
        (second,) = read(kind, first[-1].cursor)
        assert (second.is_unchanged, second.cursor) == (True, first[-1].cursor)
        trusted.deliver(user, mail(3))
        assert titles(read(kind, second.cursor)) == ["Tip 3"]
        assert all(path.exists() for path in paths)

    def test_killed_in_the_middle_it_goes_on_there(self, trusted: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mail_store, "MAILS_A_PACK", 2)
        for number in range(5):
            trusted.deliver("many", mail(number))
        first = read(inbox(trusted, "many"), most=1)
        assert titles(read(inbox(trusted, "many"), first[-1].cursor)) == ["Tip 2", "Tip 3", "Tip 4"]
        anew = {**first[-1].cursor, "validity": 1}
        assert len(titles(read(inbox(trusted, "many"), anew))) == 5

    def test_a_large_mail_is_cut(self, trusted: MailServer) -> None:
        trusted.deliver("large", mail(1) + b"Much more of it.\n" * 100_000)
        (batch, _) = read(inbox(trusted, "large"))
        assert batch.items[0].warnings == ("a long mail was cut",)

    def test_who_is_not_let_in_and_what_cannot_be_trusted(
        self, trusted: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(NotReadable) as caught:
            read(inbox(trusted, "x", password="wrong words"))
        assert str(caught.value) == 'localhost does not let "x@example.org" in; look at user and password'
        with pytest.raises(NotReadable, match='no folder "Tips"'):
            read(Inbox("x@y.org", None, "localhost", trusted.tls_port, password=PASSWORD, imap_folder="Tips"))
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(Unreachable, match="certificate"):
            read(inbox(trusted, "x"))


def test_what_is_no_mail_is_set_aside_and_so_is_one_that_nobody_thought_of(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = bytes(range(128, 256)) * 1_600
    for name, data in (("1.noise", noise), ("2.words", b"root:x:0:0\nbin:x:1:1\n\nwords\n"), ("3.mail", mail(3))):
        (maildir / "new" / name).write_bytes(data)
    found = read(Inbox(mailbox=str(maildir)))
    assert titles(found) == ["Tip 3"]
    assert [each.reason for batch in found for each in batch.aside] == [NO_MAIL, NO_MAIL]

    def odd(*_: object) -> object:
        raise AttributeError("odd\nthing")

    monkeypatch.setattr("newsletter.fetch.tips.read_mail", odd)
    reasons = [each.reason for batch in read(Inbox(mailbox=str(maildir))) for each in batch.aside]
    assert reasons == [NO_MAIL, NO_MAIL, "AttributeError: odd thing"]
