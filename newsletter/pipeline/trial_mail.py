"""send_test: the mail of an issue to one editor, marked as a test; it counts for nothing."""

import secrets
from collections.abc import Iterator

from newsletter.deliver.headers import mail_address
from newsletter.deliver.message import Edition, Personal
from newsletter.deliver.transport import Outbox
from newsletter.errors import UsageError
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.issue_preview import EVERYONE, SAMPLE_TOKEN, edition_data
from newsletter.pipeline.mailing import sender_of, transport_of
from newsletter.pipeline.signing import signer_of
from newsletter.render.address import parse_address
from newsletter.text import one_line

MARK = "[TEST]"


def send_test(app: Newsletter, number: int, *, to: str, choice: Choice = EVERYONE) -> str:
    """Hand the mail of issue ``number`` over for ``to`` alone; where it went, in words.

    It is the edition that readers of ``choice`` get, signed as theirs. Raises NotFound, UsageError for what is no
    address or no key, MailFault when it is not taken.
    """
    found = parse_address(to)
    if found is None:
        raise UsageError(f"“{one_line(to)}” is not a mail address. Write it as name@example.org.")
    transport, address = transport_of(app), mail_address(found[1])
    sender = sender_of(app)[1]
    mail = test_mail(app, edition_data(app, number, choice), to=address, number=number)
    transport.send_bytes(mail, sender=sender, to=[address])
    if isinstance(transport, Outbox):
        return f"No mail server is named, so the test lies in {transport.folder}."
    return f"The test was handed over for {address}."


def send_tests(app: Newsletter, number: int, *, to: str = "") -> Iterator[str]:
    """A test to the address ``to``, or without one to each of feeds.yaml's ``test readers``; raises as send_test."""
    readers = (to,) if to.strip() else app.config.delivery.test_readers
    if not readers:
        raise UsageError(
            "Where should the test go? Name an address, or write “test readers: [you@example.org]” under “delivery:”."
        )
    for each in readers:
        yield send_test(app, number, to=each)


def test_mail(app: Newsletter, data: bytes, *, to: str, number: int) -> bytes:
    """The edition ``data`` for one recipient: its subject says TEST, its Message-ID and its date are its own."""
    host = sender_of(app)[1].rpartition("@")[2].lower()
    name = f"<test-{number}.{app.now():%Y%m%d%H%M%S}.{secrets.token_hex(4)}@{host}>"
    personal = Personal(to, 0, name, SAMPLE_TOKEN, SAMPLE_TOKEN, SAMPLE_TOKEN)
    return Edition.read(data, signer=signer_of(app), at=app.now(), mark=MARK).for_reader(personal)
