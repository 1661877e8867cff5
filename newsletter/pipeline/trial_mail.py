"""send_test: the mail of an issue to one editor, marked as a test; it counts for nothing."""

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage

from newsletter.deliver.transport import Outbox
from newsletter.errors import UsageError
from newsletter.model.mail_policy import MAIL
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.issue_preview import preview_mail
from newsletter.pipeline.mailing import sender_of, transport_of
from newsletter.render.address import parse_address
from newsletter.text import one_line

MARK = "[TEST]"


def send_test(app: Newsletter, number: int, *, to: str) -> str:
    """Hand the mail of issue ``number`` over for ``to`` alone; where it went, in words.

    Raises NotFound, UsageError for what is no address, MailFault when it is not taken.
    """
    found = parse_address(to)
    if found is None:
        raise UsageError(f"“{one_line(to)}” is not a mail address. Write it as name@example.org.")
    transport, address = transport_of(app), found[1]
    mail = test_mail(preview_mail(app, number).eml, to=address, mark=f"{app.now():%Y%m%d%H%M%S}")
    transport.send(mail, sender=sender_of(app)[1], to=[address])
    if isinstance(transport, Outbox):
        return f"No mail server is named, so the test lies in {transport.folder}."
    return f"The test was handed over for {address}."


def test_mail(eml: bytes, *, to: str, mark: str) -> EmailMessage:
    """The mail ``eml`` for one recipient: its subject says TEST and its Message-ID is one of its own."""
    made = message_from_bytes(eml, policy=MAIL)
    assert isinstance(made, EmailMessage)
    subject, name = str(made["Subject"]), str(made["Message-ID"]).strip("<> \r\n")
    for header in ("Subject", "Message-ID", "To"):
        del made[header]
    made["To"] = Address(addr_spec=to)
    made["Subject"] = f"{MARK} {subject}"
    made["Message-ID"] = f"<test-{mark}-{name}>"
    made["X-Test"] = "yes"
    return made
