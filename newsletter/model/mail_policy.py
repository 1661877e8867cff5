"""MAIL: how our mails are written as bytes. Python's own way doubles a space where a long subject leaves ASCII."""

from email.header import Header
from email.policy import EmailPolicy
from typing import Any

_END = "\r\n"


class _MailPolicy(EmailPolicy):
    def fold_binary(self, name: str, value: Any) -> bytes:
        """A subject beyond ASCII as encoded words alone (RFC 2047): the space between two of them does not count."""
        text = str(value)
        if name.lower() != "subject" or text.isascii():
            return super().fold_binary(name, value)
        encoded = Header(text, "utf-8", header_name=name).encode(linesep=_END)
        return f"{name}: {encoded}{_END}".encode("ascii")


MAIL = _MailPolicy(linesep=_END)
"""As email.policy.SMTP, with subjects that arrive as they were written."""
