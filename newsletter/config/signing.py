"""The keys of "delivery" about signing mails."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.config.environment import secret
from newsletter.config.nodes import Listing
from newsletter.config.parts import Part
from newsletter.config.problems import shown
from newsletter.config.values import Wrong

DKIM_KEYS = ("dkim selector", "dkim key", "dkim domain")
_DNS_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class DkimSettings:
    """What mails are signed with: a selector and a private key for each signature, and whose domain answers for it."""

    selectors: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(default=(), repr=False)
    domain: str | None = None
    """The sender's if left out."""


def read_dkim(part: Part, environ: Mapping[str, str]) -> DkimSettings:
    """What mails are signed with; a key for each selector."""
    selectors = part.many("dkim selector", _dns_name)
    keys = part.many("dkim key", secret("key", "DKIM_KEY", environ))
    domain = part.optional("dkim domain", _dns_name)
    if _written_count(part, "dkim selector") != _written_count(part, "dkim key"):
        at = "dkim key" if "dkim key" in part else "dkim selector"
        text = "Each key needs its selector, the name under which the DNS holds its public half."
        part.tell(at, f'{text} Write as many under "dkim selector:" as under "dkim key:".')
    elif domain and not selectors:
        part.tell("dkim domain", '"dkim domain:" is of no use without "dkim selector:" and "dkim key:".')
    return DkimSettings(selectors, keys, domain.lower() if domain else None)


def _written_count(part: Part, key: str) -> int:
    node = part.node(key)
    return len(node.items) if isinstance(node, Listing) else int(node is not None)


def _dns_name(key: str, text: str) -> str | Wrong:
    if _DNS_NAME.fullmatch(text) and len(text) <= 200:
        return text
    return Wrong(f'{key} must be a name in the DNS such as mail2026 or example.org, not "{shown(text)}".')
