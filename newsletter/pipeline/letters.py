"""The mail of each reader: the pinned edition of the mailing with what is the reader's own."""

from datetime import datetime, timedelta

from newsletter.deliver.message import Edition
from newsletter.deliver.verp import envelope_sender
from newsletter.deliver.work import Compose, Letter, Work
from newsletter.errors import StoreFault
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editions import edition_name
from newsletter.pipeline.mailing import sender_of
from newsletter.pipeline.personal import own_parts
from newsletter.pipeline.signing import signer_of
from newsletter.store.approvals import hash_of
from newsletter.store.mailings import Mailing, edition_keys

_ON_TIME = timedelta(minutes=15)
"""What begins so soon after its hour has the hour for its date; anything else the moment at which it began."""


def composer(app: Newsletter, mailing: Mailing) -> Compose:
    """Makes the mail of a mailing for each reader. Raises StoreFault when an edition is not what was approved."""
    sender, back = sender_of(app)[1], app.config.delivery.bounces.to
    host = sender.rpartition("@")[2].lower()
    with app.database.transaction() as db:
        own = own_parts(db, mailing.issue_number, mailing.kind, host=host, on=app.now().date())
        known = edition_keys(db, mailing.id)
    signer, at = signer_of(app), date_of(mailing)
    editions = {
        key: Edition.read(read_edition(app, mailing, key, sha256), signer=signer, at=at)
        for key, sha256 in known.items()
    }

    def compose(work: Work) -> Letter:
        personal = own.of(address=work.address, subscriber_id=work.subscriber_id, epoch=work.epoch)
        pieces = editions[work.edition].pieces(personal)
        mail_from = envelope_sender(back, personal.bounce_token) if back else sender
        return Letter(mail_from, personal.address, pieces, personal.message_id)

    return compose


def date_of(mailing: Mailing) -> datetime:
    """The date of its mails, which stays the same however often one is sent.

    A mail that says it is of another day lies far down in its reader's folder, and filters think badly of it.
    """
    began = mailing.started_at or mailing.send_at
    return mailing.send_at if timedelta() <= began - mailing.send_at <= _ON_TIME else began.replace(microsecond=0)


def read_edition(app: Newsletter, mailing: Mailing, key: str, sha256: str) -> bytes:
    """The file of an edition as it was approved. Raises StoreFault when it is not."""
    path = app.issue_folder(mailing.issue_number) / edition_name(key)
    data = path.read_bytes() if path.is_file() else b""
    if hash_of(data) != sha256:
        text = f"{path} is not what was approved, so it is not sent."
        raise StoreFault(f"{text} Put the folder back from a backup, or take the issue back and approve it again.")
    return data
