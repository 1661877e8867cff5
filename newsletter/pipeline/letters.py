"""The mail of each reader: the pinned edition of the mailing with what is the reader's own."""

from newsletter.deliver.headers import mail_address
from newsletter.deliver.message import Edition, Personal, message_id
from newsletter.deliver.tokens import Purpose, make_token
from newsletter.deliver.verp import envelope_sender
from newsletter.deliver.work import Compose, Letter, Work
from newsletter.errors import StoreFault
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editions import edition_name
from newsletter.pipeline.mailing import sender_of
from newsletter.pipeline.signing import signer_of
from newsletter.store.approvals import hash_of
from newsletter.store.mailings import Mailing, edition_keys
from newsletter.store.secrets import secret


def composer(app: Newsletter, mailing: Mailing) -> Compose:
    """Makes the mail of a mailing for each reader. Raises StoreFault when an edition is not what was approved."""
    with app.database.transaction() as db:
        names, links, known = secret(db, "mail"), secret(db, "links"), edition_keys(db, mailing.id)
    signer = signer_of(app)
    editions = {key: Edition.read(_read(app, mailing, key, sha256), signer=signer) for key, sha256 in known.items()}
    sender, back = sender_of(app)[1], app.config.delivery.bounces.to
    host, today = sender.rpartition("@")[2].lower(), app.now().date()

    def compose(work: Work) -> Letter:
        def token(purpose: Purpose) -> str:
            return make_token(links, purpose, subscriber_id=work.subscriber_id, epoch=work.epoch, on=today)

        name = message_id(names, mailing.issue_number, mailing.kind, work.subscriber_id, host)
        own = (token("unsubscribe"), token("preferences"), token("bounce"))
        address = mail_address(work.address)
        pieces = editions[work.edition].pieces(Personal(address, work.subscriber_id, name, *own))
        return Letter(envelope_sender(back, own[2]) if back else sender, address, pieces, name)

    return compose


def _read(app: Newsletter, mailing: Mailing, key: str, sha256: str) -> bytes:
    """The edition as it was approved."""
    path = app.issue_folder(mailing.issue_number) / edition_name(key)
    data = path.read_bytes() if path.is_file() else b""
    if hash_of(data) != sha256:
        text = f"{path} is not what was approved, so it is not sent."
        raise StoreFault(f"{text} Put the folder back from a backup, or take the issue back and approve it again.")
    return data
