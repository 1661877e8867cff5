"""MAIL: how our mails are written as bytes.

Python's own way doubles a space where a long subject leaves ASCII, and writes out the line break that an encoded word
in a subject or a name may hold, which begins another header.
"""

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

_END = "\r\n"


class _MailPolicy(EmailPolicy):
    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A header as it is set: one line, in which nothing reads as an encoded word."""
        if isinstance(value, Address):
            value = Address(_harmless(value.display_name), value.username, value.domain)
        elif isinstance(value, str):
            value = _harmless(value)
        return super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A subject beyond ASCII as encoded words alone (RFC 2047): the space between two of them does not count."""
        text = str(value)
        if name.lower() != "subject" or text.isascii():
            return super().fold_binary(name, value)
        encoded = Header(text, "utf-8", header_name=name).encode(linesep=_END)
        return f"{name}: {encoded}{_END}".encode("ascii")


def _harmless(text: str) -> str:
    """``text`` on one line, in which Python's email package finds no encoded word (RFC 2047) to write out."""
    return " ".join(text.split()).replace("=?", "= ?")


MAIL = _MailPolicy(linesep=_END)
"""As email.policy.SMTP, with subjects that arrive as they were written."""
