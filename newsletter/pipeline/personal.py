"""What is a reader's own in the mails of one mailing."""

from dataclasses import dataclass, field
from datetime import date

from newsletter.deliver.headers import mail_address
from newsletter.deliver.message import Personal, message_id
from newsletter.deliver.tokens import Purpose, make_token
from newsletter.store.database import Db
from newsletter.store.secrets import secret


@dataclass(frozen=True, slots=True)
class Own:
    """Makes the own parts of each reader: tokens of a day, and a Message-ID that is always the same."""

    issue_number: int
    kind: str
    host: str
    """The part behind "@" of the sender's address."""
    on: date
    links: bytes = field(repr=False)
    mail: bytes = field(repr=False)

    def of(self, *, address: str, subscriber_id: int, epoch: int) -> Personal:
        """The own parts of one reader. Raises MailFault, for good, for what is no address."""

        def token(purpose: Purpose) -> str:
            return make_token(self.links, purpose, subscriber_id=subscriber_id, epoch=epoch, on=self.on)

        return Personal(
            address=mail_address(address),
            subscriber_id=subscriber_id,
            message_id=message_id(self.mail, self.issue_number, self.kind, subscriber_id, self.host),
            unsubscribe_token=token("unsubscribe"),
            preferences_token=token("preferences"),
            bounce_token=token("bounce"),
        )


def own_parts(db: Db, issue_number: int, kind: str, *, host: str, on: date) -> Own:
    """The own parts in a mailing, signed with what this installation signs with; asked in a writing transaction."""
    return Own(issue_number, kind, host, on, links=secret(db, "links"), mail=secret(db, "mail"))
