from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest

from newsletter.model.mail_policy import MAIL


@pytest.mark.parametrize(
    "subject",
    [
        "The bridge opens on a sunny day and everybody who lives by the river…",
        "Größe und 図書館",
        "Lamps – new gauges for everyone who lives by the riverside, and über allem Öde, which is long",
        "🚢 " * 30 + "sails",
        "Plain words only, but many of them, so that the line has to be folded somewhere in the middle",
        "Short",
    ],
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    made = EmailMessage(policy=MAIL)
    made["Subject"] = subject
    made.set_content("Hello")
    data = made.as_bytes()
    head = data.partition(b"\r\nContent")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert message_from_bytes(data, policy=default)["Subject"] == subject
    raw = message_from_bytes(data)["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(raw))) == subject


@pytest.mark.parametrize(
    "held", ["=?utf-8?q?=0D=0A?=Bcc: evil@example.net", "a\r\nBcc: evil@example.net", "=?utf-8?b?DQo=?=B: c"]
)
def test_no_value_begins_another_header(held: str) -> None:
    made = EmailMessage(policy=MAIL)
    made["From"] = Address(display_name=held.replace("\r\n", " "), addr_spec="a@example.org")
    made["Subject"] = held
    made.set_content("Hello")
    names = [name for name, _ in message_from_bytes(made.as_bytes()).items()]
    assert names == ["From", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    assert made.as_bytes().count(b"\r\n\r\n") == 1
