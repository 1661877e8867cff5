"""farewell_token: a mail that says "unsubscribe", as the List-Unsubscribe header tells mail programs to write it."""

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32

from newsletter.deliver.tokens import LENGTH

_HEADERS_BYTES = 64 << 10
_SUBJECT = re.compile(rf"\s*unsubscribe\s+([A-Za-z0-9_-]{{{LENGTH}}})\s*", re.ASCII | re.IGNORECASE)


def farewell_token(data: bytes) -> str | None:
    """The token in the subject of the mail ``data``: ``unsubscribe TOKEN`` and nothing else (RFC 2369, 3.2).

    None for every other mail, such as an answer that quotes the subject, or one that a program wrote by itself
    (RFC 3834, 5). Whose token it is, and whether it is ours, tells its signature; who wrote the mail does not matter.
    """
    mail = BytesHeaderParser(policy=compat32).parsebytes(data[:_HEADERS_BYTES])
    if str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no":
        return None
    try:
        subject = str(make_header(decode_header(str(mail.get("Subject", "")))))
    except (MessageError, ValueError, LookupError):
        return None
    found = _SUBJECT.fullmatch(subject)
    return found[1] if found else None
