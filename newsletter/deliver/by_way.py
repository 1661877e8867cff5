"""ByWay: single mails, such as notices and confirmations, by the way of delivery of another package."""

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any, Protocol

from newsletter.deliver.transport import mail_bytes, message_id_in
from newsletter.deliver.ways import Mail, Way
from newsletter.errors import MailFault, PluginFault
from newsletter.plugins import fit_to_tell, said_by


class NamedWay(Protocol):
    """A way as feeds.yaml names it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What feeds.yaml says for it; its secrets are told to nobody."""

    def made(self) -> Way:
        """The way itself. Raises PluginFault."""


class ByWay:
    """A way of delivery as a Transport."""

    def __init__(self, way: NamedWay) -> None:
        self._way = way

    def send(self, mail: EmailMessage, *, sender: str, to: Sequence[str]) -> None:
        """Hand ``mail`` over. Raises MailFault."""
        self.send_bytes(mail_bytes(mail, sender=sender, to=to), sender=sender, to=to)

    def send_bytes(self, data: bytes, *, sender: str, to: Sequence[str]) -> None:
        """The same with a mail that is ready. Raises MailFault, whatever the way raises."""
        try:
            way = self._way.made()
        except PluginFault as fault:
            raise MailFault(str(fault)) from fault
        settings = self._way.settings
        try:
            for address in to:
                way.deliver(Mail(sender, address, data, message_id_in(data)))
        except MailFault as fault:
            raise MailFault(fit_to_tell(fault, settings), is_final=fault.is_final) from fault
        except Exception as fault:
            raise MailFault(f"The delivery “{self._way.name}” failed: {said_by(fault, settings)}.") from fault
