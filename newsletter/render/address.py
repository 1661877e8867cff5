"""Mail addresses as feeds.yaml writes them: name@example.org or Name <name@example.org>."""

import re

from newsletter.text import one_line

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
# RFC 5322, 3.4.1: dot-atom "@" dot-atom; what mail servers take in fact.
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"
_MAILBOX = re.compile(rf"(?:(?P<name>[^<>]*?)\s*<(?P<named>{_ADDRESS})>|(?P<bare>{_ADDRESS}))")


def parse_address(text: str | None) -> tuple[str, str] | None:
    """Name (may be empty) and address in ``text``, each on one line; None when it holds no address."""
    found = _MAILBOX.fullmatch(one_line(text))
    if found is None:
        return None
    return (found["name"] or "").strip().strip('"').strip(), found["named"] or found["bare"]
