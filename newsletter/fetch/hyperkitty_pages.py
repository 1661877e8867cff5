"""The pages that HyperKitty shows to people: the threads of a month, the mails of a thread. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.errors import NotReadable
from newsletter.fetch.dates import DATE_UNREADABLE, parse_date
from newsletter.fetch.hyperkitty_api import Row
from newsletter.fetch.mail import make_mail
from newsletter.fetch.mail_parts import html_text
from newsletter.fetch.mail_threads import Mail
from newsletter.text import one_line, without_controls

DEEPEST = 5
"""Answers to answers are shown no deeper; what one of them answers cannot be told."""
_THREAD = re.compile(r"/thread/([A-Z0-9]{20,64})(?:/|$)")
_NAME = re.compile(r"[A-Z0-9]{20,64}")
_LEVEL = re.compile(r"\breply-level-(\d)")
_STAMP = re.compile(r"\b\d{4}\b.*\d\d:\d\d|\d\d:\d\d.*\b\d{4}\b")
_BLOCKS = "p, br, blockquote, ul, ol, pre, table"
_ELLIPSIS = ("…", "...")


@dataclass(slots=True)
class Shown:
    """A mail as a page shows it. ``level`` is how deep it stands below the first one."""

    hash: str
    mail: Mail
    level: int = 0


def read_thread_list(page: bytes) -> list[Row]:
    """The threads of a month, the one that rests longest last. Raises NotReadable for another page."""
    tree = LexborHTMLParser(page)
    if tree.css_first("#thread-list, .thread-list-header, .thread") is None:
        raise NotReadable("the page shows no threads as HyperKitty does")
    rows: dict[str, Row] = {}
    for node in tree.css(".thread"):
        found = next((each for link in node.css("a[href]") if (each := _THREAD.search(_attribute(link, "href")))), None)
        if found is not None:
            rows.setdefault(found[1], _row(found[1], node))
    return list(rows.values())


def has_page(page: bytes, number: int) -> bool:
    """Whether a page of a list of threads links to the one of that ``number``."""
    return re.search(rb"[?&;]page=%d(?!\d)" % number, page) is not None


def _row(thread_id: str, node: LexborNode) -> Row:
    titles = (one_line(_attribute(each, "title")) for each in node.css("[title]"))
    stamp = next((title for title in titles if _STAMP.search(title)), "")
    icon = node.css_first(".fa-comment, .fa-comment-o")
    said = icon.parent.text() if icon is not None and icon.parent is not None else ""
    replies = re.search(r"\d+", said)
    return Row(thread_id, stamp, int(replies[0]) + 1 if replies else None, parse_date(stamp) if stamp else None)


def read_shown(page: bytes | str, base: str, list_name: str) -> list[Shown]:
    """The mails on a page of a thread, or in the answers that are loaded behind it."""
    tree = LexborHTMLParser(page)
    heading = tree.css_first(".thread-header h3, .thread-header h1, #thread-content h1, h3")
    subject = one_line(heading.text()) if heading is not None else ""
    return [shown for node in tree.css(".email") if (shown := _shown(node, subject, base, list_name))]


def in_their_thread(shown: Sequence[Shown]) -> list[Mail]:
    """The mails of a thread, each with the ones it answers, as far as their places tell."""
    above: list[str] = []
    for at, each in enumerate(shown):
        level = 0 if at == 0 else max(1, each.level)
        if level >= DEEPEST:
            above = above[:DEEPEST]
            each.mail.answered = tuple(above[:1])
        else:
            above = above[:level]
            each.mail.answered = tuple(reversed(above))
            above.append(each.mail.key)
    return [each.mail for each in shown]


def _shown(node: LexborNode, subject: str, base: str, list_name: str) -> Shown | None:
    head, body = node.css_first(".email-header"), node.css_first(".email-body")
    if head is None or body is None:
        return None
    own = _attribute(head, "id")
    message_id, own_subject = _from_reply_link(node)
    level = _level(node)
    if level == 0 and own_subject[:4].lower() == "re: ":
        # The link answers the first mail.
        own_subject = own_subject[4:]
    name = head.css_first(".name, .email-author")
    said = {"subject": own_subject or subject, "from": one_line(name.text()) if name is not None else ""}
    said["from"] = said["from"].partition("＠")[0]
    if message_id:
        said["message-id"] = f"<{message_id}>"
    try:
        mail = make_mail(said, without_controls(_text(body)), list_name)
    except NotReadable:
        return None
    if _NAME.fullmatch(own):
        mail.url = urljoin(base, f"message/{own}/")
        mail.key = mail.key if message_id else f"hash {own}"
    mail.published_at = _sent_at(head)
    if mail.published_at is None:
        mail.warnings = (DATE_UNREADABLE, *mail.warnings)
    return Shown(own, mail, level)


def _from_reply_link(node: LexborNode) -> tuple[str, str]:
    """The Message-ID and the subject in the link by which the mail can be answered from a mail program."""
    for link in node.css('a[href^="mailto:"]'):
        asked = parse_qs(_attribute(link, "href").partition("?")[2])
        named = {name.lower(): values[0] for name, values in asked.items()}
        if found := named.get("in-reply-to", "").strip().strip("<>"):
            return found, one_line(named.get("subject", ""))
    return "", ""


def _level(node: LexborNode) -> int:
    """How deep the mail stands: what its row is called says so."""
    parent = node.parent
    found = _LEVEL.search(_attribute(parent, "class")) if parent is not None else None
    is_first = "email-first" in _attribute(node, "class").split()
    return 0 if is_first else int(found[1]) if found else 1


def _sent_at(head: LexborNode) -> datetime | None:
    """When the mail was sent: the server's time of day, on the day that the sender's own time names."""
    shown = head.css_first(".time [title]")
    if shown is None:
        return None
    sender = parse_date(_clock(_attribute(shown, "title").partition(":")[2]))
    if sender is None:
        return None
    there = parse_date(_clock(f"{sender:%Y-%m-%d} {shown.text()}"))
    if there is None:
        return None
    return min((there + timedelta(days=days) for days in (-1, 0, 1)), key=lambda each: abs(each - sender))


def _clock(text: str) -> str:
    """Django writes "noon" and "10 a.m."; both are put as times of day."""
    text = one_line(text).replace("noon", "12:00").replace("midnight", "00:00")
    return re.sub(r"\b(\d{1,2}) (?=[ap]\.?m)", r"\1:00 ", text)


def _text(body: LexborNode) -> str:
    """What the mail says, with ">" before the lines that it quotes."""
    for node in body.css(".quoted-switch"):
        node.decompose()
    for link in body.css("a[href]"):
        words, href = link.text(), _attribute(link, "href")
        if href.startswith(("http://", "https://")) and words.strip().endswith(_ELLIPSIS):
            # The page cuts long addresses.
            link.replace_with(href)
    return "\n".join(_lines(body)).strip("\n")


def _lines(node: LexborNode) -> Iterator[str]:
    """The lines of a part of a mail; a page shows plain text as it is, and other text in blocks."""
    if node.css_first(_BLOCKS) is not None:
        yield from html_text(node.html or "").split("\n")
        return
    waiting = ""
    for child in node.iter(include_text=True):
        if "quoted-text" in _attribute(child, "class").split():
            yield from waiting.split("\n")
            waiting = ""
            yield from (f"> {line}" for line in "\n".join(_lines(child)).strip().split("\n"))
        else:
            waiting += child.text()
    yield from waiting.split("\n")


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
