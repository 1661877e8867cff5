"""The mail of each reader: the pinned edition of the mailing with what is the reader's own."""

import hashlib
import hmac
import re

from newsletter.deliver.work import Compose, Letter, Work
from newsletter.errors import MailFault, StoreFault
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.audience import edition_file
from newsletter.pipeline.mailing import sender_of
from newsletter.render.address import parse_address
from newsletter.store.approvals import hash_of
from newsletter.store.mailings import Mailing, edition_keys
from newsletter.store.secrets import secret

_OWN = re.compile(rb"^(?:To|Message-ID):(?:[^\r\n]|\r\n[ \t])*\r\n", re.IGNORECASE | re.MULTILINE)
_DOT = re.compile(rb"^\.", re.MULTILINE)


def composer(app: Newsletter, mailing: Mailing) -> Compose:
    """Makes the mail of a mailing for each reader. Raises StoreFault when an edition is not what was approved."""
    with app.database.transaction() as db:
        key, editions = secret(db, "mail"), edition_keys(db, mailing.id)
    bodies = {name: _read(app, mailing, name, sha256) for name, sha256 in editions.items()}
    sender = sender_of(app)[1]
    host = sender.rpartition("@")[2]

    def compose(work: Work) -> Letter:
        found = parse_address(work.address)
        if found is None or found[1] != work.address:
            raise MailFault("This is no mail address.", is_final=True)
        said = f"{mailing.issue_number}\0{mailing.kind}\0{work.subscriber_id}".encode()
        mark = hmac.digest(key, said, hashlib.sha256).hex()[:24]
        name = f"<{mailing.kind}-{mailing.issue_number}.{mark}@{host}>"
        own = f"To: {work.address}\r\nMessage-ID: {name}\r\n".encode()
        return Letter(sender, work.address, [own, bodies[work.edition]], name)

    return compose


def _read(app: Newsletter, mailing: Mailing, key: str, sha256: str) -> bytes:
    """The edition without the headers that are a reader's own, its dots stuffed."""
    path = app.issue_folder(mailing.issue_number) / edition_file(key, mailing.kind)
    data = path.read_bytes() if path.is_file() else b""
    if hash_of(data) != sha256:
        text = f"{path} is not what was approved, so it is not sent."
        raise StoreFault(f"{text} Put the folder back from a backup, or take the issue back and approve it again.")
    head, gap, body = re.sub(rb"\r?\n", b"\r\n", data).partition(b"\r\n\r\n")
    return _DOT.sub(b"..", _OWN.sub(b"", head + b"\r\n") + gap[2:] + body)
