"""Ways of delivery that other packages bring: each mail is handed to one of them instead of a mail server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from newsletter.errors import PluginFault
from newsletter.plugins import DELIVERIES, Outside, Plugin, check_keys, check_name, load_plugins, missing_keys, said_by


@dataclass(frozen=True, slots=True)
class Mail:
    """A whole mail to one reader, as it is to arrive."""

    sender: str
    """Where it comes back to when it cannot be delivered."""
    to: str
    data: bytes = field(repr=False)
    """Header and body (RFC 5322), signed where that is set up: not a byte of it may change."""
    message_id: str
    """The same whenever this very mail is handed over again."""


class Way(Protocol):
    """A dataclass whose fields are the keys under ``delivery:``, named by its entry point in ``newsletter.deliveries``.

    With ``repeats_safely = True`` it promises that a mail with a Message-ID that it was given before is not delivered
    twice. Without, nobody knows after a crash whether the last mail went out, and a person is asked.
    """

    def deliver(self, mail: Mail) -> str:
        """Hand ``mail`` over; what it answers is kept. When it returns, somebody else answers for the mail.

        Raises MailFault: with ``is_final`` when the same mail would be refused again, else it is tried later. Anything
        else that it raises pauses the mailing, and so does taking longer than its own time limit: it has to have one.
        """


@cache
def outside_ways(own_names: tuple[str, ...], own_keys: tuple[str, ...]) -> Outside[type]:
    """The ways of delivery of other packages by name; they are imported for it. What is our own stays with us."""

    def accept(plugin: Plugin, thing: Any) -> type:
        check_name(plugin.name, own_names)
        check_keys(thing, taken=own_keys)
        if not callable(getattr(thing, "deliver", None)):
            raise PluginFault("a delivery has a deliver(mail)")
        found: type = thing
        return found

    return load_plugins(DELIVERIES, accept)


def made_way(cls: type, settings: Mapping[str, Any]) -> Way:
    """The way of delivery with its settings. Raises PluginFault."""
    if missing := missing_keys(cls, settings):
        raise PluginFault(f"it needs “{missing[0]}:” under “delivery:”")
    try:
        made: Way = cls(**settings)
    except Exception as fault:
        raise PluginFault(f"it does not take its settings ({said_by(fault, settings)})") from fault
    return made
