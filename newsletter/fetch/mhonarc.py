"""Pages that MHonArc makes of a list: indexes with the numbers of mails, and a page for each mail."""

import html
import re
from collections.abc import Iterator

from newsletter.errors import NotReadable
from newsletter.fetch.mail import make_mail
from newsletter.fetch.mail_head import decode_text
from newsletter.fetch.mail_parts import html_text
from newsletter.fetch.mail_threads import Mail
from newsletter.text import without_controls

_MADE = re.compile(rb"<!-- MHonArc v[\d.]{1,20} -->|<!--X-TopPNI-->|<!--X-MsgBody-->|mhonarc\.org", re.IGNORECASE)
_NUMBER = re.compile(rb"""href\s*=\s*["']?(?:[^"'<>\s]{0,300}/)?msg(\d{5,9})\.html""", re.IGNORECASE)
_INDEX = re.compile(rb"""href\s*=\s*["']?(?:[^"'<>\s#]{0,300}/)?(maillist|mail(\d{1,5}))\.html""", re.IGNORECASE)
_PLACE = re.compile(r"/(?:maillist|mail(\d{1,5}))\.html$", re.IGNORECASE)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)

_COMMENT = re.compile(r"<!--X-([A-Za-z0-9-]{1,40}):[ ]?([^\n]{0,20000}?) ?-->")
_SHOWN = re.compile(
    r"<li>\s*<(?:strong|em|b|i)>\s*([A-Za-z-]{2,30})\s*</(?:strong|em|b|i)>\s*:?\s*(.{0,5000}?)\s*(?=</li>|<li>|</ul>)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]{0,1000}>")
# Where a host was, as archives hide addresses.
_HIDDEN = re.compile(r"[^\s<>()]{1,200}@x{3,}\S{0,100}")
_BODY = re.compile(r"<!--X-Body-of-Message-->(.*?)(?:<!--X-Body-of-Message-End-->|<!--X-MsgBody-End-->|\Z)", re.DOTALL)
_ATTACHED = re.compile(
    r"<p>\s*(?:<(?:strong|b|table)[^>]{0,200}>\s*)+Attachment:.{0,3000}?</p>", re.IGNORECASE | re.DOTALL
)

_UPPER = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ["
_LOWER = "abcdefghijklmnopqrstuvwxyz"
# MHonArc keeps addresses from harvesters by turning letters and "@" round, each alphabet by its half.
_TURNED = str.maketrans(_UPPER + _LOWER, _UPPER[14:] + _UPPER[:14] + _LOWER[13:] + _LOWER[:13])
_OF_COMMENT = {"subject": "subject", "from": "from", "date": "date", "message-id": "message-id"}
_OF_PAGE = frozenset(("subject", "from", "date", "message-id", "in-reply-to", "references"))


def looks_like_archive(page: bytes) -> bool:
    """Whether ``page`` is an index that MHonArc made, all mails of a list in one row of numbers."""
    return _MADE.search(page) is not None and _NUMBER.search(page) is not None


def mail_numbers(page: bytes) -> Iterator[int]:
    """The numbers of the mails that ``page`` links to."""
    return (int(number) for number in _NUMBER.findall(page))


def page_name(number: int) -> str:
    """The file that shows the mail of that number."""
    return f"msg{number:05}.html"


def index_name(number: int) -> str:
    """The file that is the page of that number of the index by date, the first one 1."""
    return "maillist.html" if number == 1 else f"mail{number}.html"


def index_place(url: str) -> int:
    """The number of the page of the index by date that stands at ``url``; 0 for any other page."""
    found = _PLACE.search(url)
    return int(found[1] or 1) if found else 0


def last_index(page: bytes) -> int:
    """The number of the last page of the index by date that ``page`` links to; 0 when it links to none."""
    return max((int(number or 1) for _, number in _INDEX.findall(page)), default=0)


def read_page(page: bytes, url: str, list_name: str = "") -> Mail:
    """The mail that the page at ``url`` shows. Raises NotReadable when it shows none."""
    charset = _CHARSET.search(page[:4_000])
    text = decode_text(page, charset[1].decode() if charset else "")
    body = _BODY.search(text)
    head = _head(text[: body.start()] if body else text[:20_000])
    if body is None or not head:
        raise NotReadable("the page shows no mail that MHonArc wrote")
    said = html_text(_ATTACHED.sub("", body[1]))
    mail = make_mail(head, without_controls(said), list_name)
    mail.url = url
    return mail


def _head(text: str) -> dict[str, str]:
    """The headers of the mail, from the comments at the beginning of its page, else from what is shown there."""
    head: dict[str, str] = {}
    references: list[str] = []
    for name, value in _COMMENT.findall(text):
        name, value = name.lower(), html.unescape(value).strip()
        if name == "from-r13":
            head.setdefault("from", value.translate(_TURNED))
        elif name == "reference":
            references.append(f"<{value.strip('<>')}>")
        elif name in _OF_COMMENT and value:
            head.setdefault(name, f"<{value.strip('<>')}>" if name == "message-id" else value)
    if references:
        head["references"] = " ".join(references)
    for name, value in _SHOWN.findall(text):
        shown = _HIDDEN.sub("", html.unescape(_TAG.sub("", value))).strip(" <>()" if "@x" in value else " ")
        if name.lower() in _OF_PAGE and shown and not (references and name.lower() == "in-reply-to"):
            head.setdefault(name.lower(), shown)
    return head
