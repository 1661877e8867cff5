"""The keys of "delivery" about mail that comes back: where to, and how it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.config.environment import from_environment, secret
from newsletter.config.parts import Part
from newsletter.config.problems import shown
from newsletter.config.values import Wrong, mail_address, one_of, read_text, whole

BOUNCE_KEYS = (
    *("bounces to", "bounce mailbox", "bounce server", "bounce port", "bounce encryption"),
    *("bounce user", "bounce password", "bounce listener"),
)
ENCRYPTIONS = ("tls", "starttls", "none")
_PLACE = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class BounceSettings:
    """Where mail comes back to, and by which way it is read: a ``mailbox`` on disk, IMAP, or an LMTP ``listener``.

    Without ``to`` the mail comes back to the address in "from:", and nobody counts.
    """

    to: str | None = None
    mailbox: str | None = None
    server: str | None = None
    port: int = 0
    encryption: str = "tls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    listener: tuple[str, int] | None = None

    @property
    def read_at(self) -> str | None:
        """The address whose mail the program reads; None when nobody but people read mail."""
        return self.to if self.mailbox or self.server or self.listener else None


def read_bounces(part: Part, environ: Mapping[str, str]) -> BounceSettings:
    """The keys about bounces in ``part``, the part "delivery"."""
    found = BounceSettings(
        to=part.optional("bounces to", mail_address),
        mailbox=part.text("bounce mailbox"),
        server=part.text("bounce server"),
        port=part.value("bounce port", whole(1, _LAST_PORT, "993 is usual."), 0),
        encryption=part.value("bounce encryption", one_of(*ENCRYPTIONS), "tls"),
        user=part.optional("bounce user", from_environment(environ)),
        password=part.optional("bounce password", secret("password", "BOUNCE_PASSWORD", environ)),
        listener=part.optional("bounce listener", _place),
    )
    _tell_gaps(part)
    return found


def _tell_gaps(part: Part) -> None:
    ways = [key for key in ("bounce mailbox", "bounce server", "bounce listener") if key in part]
    if ways and "bounces to" not in part:
        part.tell(ways[0], f'"{ways[0]}:" needs to know which address it is. Write "bounces to: bounces@example.org".')
    if "bounce mailbox" in part and "bounce server" in part:
        part.tell("bounce server", 'Bounces are read from one mailbox. Keep "bounce mailbox:" or "bounce server:".')
    if "bounce server" in part and "bounce password" not in part:
        part.tell("bounce server", 'A mail server asks for a password. Write "bounce password: from BOUNCE_PASSWORD".')
    for key in ("bounce port", "bounce encryption", "bounce user", "bounce password"):
        if key in part and "bounce server" not in part:
            part.tell(key, f'"{key}:" is of no use without "bounce server:" and the name of an IMAP server.')


def _place(key: str, text: str) -> tuple[str, int] | Wrong:
    said = read_text(key, text)
    found = _PLACE.fullmatch(said) if isinstance(said, str) else None
    if found is None or not 0 < int(found["port"]) <= _LAST_PORT:
        return Wrong(f'{key} must be where to listen, such as 127.0.0.1:2424, not "{shown(text)}".')
    return found["host"].strip("[]"), int(found["port"])
