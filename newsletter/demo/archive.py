"""The archives of the sample community's lists: pages as Mailman 2 makes them, and one mbox file."""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import default
from html import escape

from newsletter.demo.clock import MONTHS, asctime, rfc822_date
from newsletter.demo.letters import Letter
from newsletter.demo.pages import HTML, Page

_ADDRESS = re.compile(r"(?<=[\w.+-])@(?=[\w-]+\.\w)")
_FROM = re.compile(rb"(?m)^(>*From )")
ARCHIVE = "https://lists.drumlin.example/users"
_DEEPEST = 3
_POLICY = default.clone(linesep="\n", max_line_length=76)


def pipermail(title: str, tag: str, letters: Sequence[Letter], first_number: int) -> dict[str, Page]:
    """The archive of a list as a Mailman 2 server shows it, by path below the list's folder.

    ``tag`` is what the list puts before each subject, "" for nothing.
    """
    numbers = {letter.key: first_number + count for count, letter in enumerate(letters)}
    months: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        months[f"{letter.sent_at.year}-{MONTHS[letter.sent_at.month - 1]}"].append(letter)
    pages: dict[str, Page] = {}
    for month, found in months.items():
        modified = found[-1].sent_at
        text = b"".join(_archived(tag, letter) for letter in found)
        pages[f"{month}.txt.gz"] = Page(gzip.compress(text, 6, mtime=0), "application/x-gzip", modified)
        pages[f"{month}/thread.html"] = _listing(f"{title} by thread", _by_thread(tag, found, numbers), modified)
        pages[f"{month}/date.html"] = _listing(f"{title} by date", _by_date(tag, found, numbers), modified)
        for letter in found:
            pages[f"{month}/{numbers[letter.key]:06}.html"] = _page(tag, letter)
    pages[""] = _index(title, pages)
    return pages


def mbox(letters: Sequence[Letter]) -> Page:
    """One mbox file with all mails, whole MIME messages in it."""
    return Page(b"".join(map(_raw, letters)), "application/mbox", letters[-1].sent_at)


def _archived(tag: str, letter: Letter) -> bytes:
    """The mail as it stands in a month's text: few headers, addresses taken apart."""
    address = _ADDRESS.sub(" at ", letter.writer.address)
    at = letter.sent_at.astimezone(letter.writer.zone)
    who = Header(letter.writer.name, None if letter.writer.name.isascii() else "utf-8").encode()
    subject = Header(tag + letter.subject, None if letter.subject.isascii() else "utf-8").encode(linesep="\n")
    lines = [
        f"From {address}  {asctime(letter.sent_at)}",
        f"From: {address} ({who})",
        f"Date: {rfc822_date(at)}",
        f"Subject: {subject}",
    ]
    if letter.answers:
        references = "\n\t".join(letter.references)
        lines += [f"In-Reply-To: {letter.answers.message_id}", f"References: {references}"]
    lines += [f"Message-ID: {letter.message_id}", "", ""]
    body = _FROM.sub(rb">\1", _ADDRESS.sub(" at ", letter.text).encode())
    return "\n".join(lines).encode() + body + b"\n"


def _raw(letter: Letter) -> bytes:
    """The mail as it was sent, behind a "From " line."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = f'"{letter.writer.name}" <{letter.writer.address}>'
    message["To"] = "drumlin-users@lists.drumlin.example"
    message["Subject"] = f"Re: {letter.subject}" if letter.answers and "auto" not in letter.flags else letter.subject
    message["Date"] = letter.sent_at.astimezone(letter.writer.zone)
    message["Message-ID"] = letter.message_id
    if letter.answers:
        message["In-Reply-To"] = letter.answers.message_id
        message["References"] = " ".join(letter.references)
    if "auto" in letter.flags:
        message["Auto-Submitted"] = "auto-replied"
    # RFC 5064: where the mail can be read.
    message["Archived-At"] = f"<{ARCHIVE}/{letter.key}>"
    message["List-Id"] = "Drumlin users <drumlin-users.lists.drumlin.example>"
    charset = "iso-8859-1" if "latin-1" in letter.flags else "utf-8"
    transfer = "base64" if "base64" in letter.flags else "quoted-printable"
    message.set_content(letter.text, charset=charset, cte=transfer)
    if "html" in letter.flags:
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in letter.text.split("\n\n"))
        message.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{letter.key}")
    head = f"From {letter.writer.address} {asctime(letter.sent_at)}\n".encode()
    return head + _FROM.sub(rb">\1", message.as_bytes()) + b"\n"


def _entry(tag: str, letter: Letter, number: int) -> str:
    return (
        f'<LI><A HREF="{number:06}.html">{escape(tag + letter.subject)}\n</A><A NAME="{number}">&nbsp;</A>\n'
        f"<I>{escape(letter.writer.name)}\n</I>\n"
    )


def _by_date(tag: str, letters: Iterable[Letter], numbers: Mapping[str, int]) -> str:
    return "<ul>\n" + "\n".join(_entry(tag, letter, numbers[letter.key]) for letter in letters) + "</ul>\n"


def _by_thread(tag: str, letters: Sequence[Letter], numbers: Mapping[str, int]) -> str:
    """Nested lists of one month; like the original, no deeper than three."""
    here = {letter.key for letter in letters}
    answers: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        parent = letter.answers.key if letter.answers and letter.answers.key in here else ""
        answers[parent].append(letter)

    def listed(parent: str, depth: int) -> str:
        found = []
        for letter in answers[parent]:
            below = listed(letter.key, depth + 1) if answers[letter.key] else ""
            if below and depth < _DEEPEST:
                below = f"<UL>\n{below}</UL>\n"
            found.append(_entry(tag, letter, numbers[letter.key]) + "\n" + below)
        return "".join(found)

    return f"<ul>\n{listed('', 0)}</ul>\n"


def _html(title: str, body: str) -> bytes:
    head = f'<HTML>\n<HEAD>\n<TITLE>{escape(title)}</TITLE>\n<META http-equiv="Content-Type" content="{HTML}">\n</HEAD>'
    doctype = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">'
    return f"{doctype}\n{head}\n<BODY>\n<h1>{escape(title)}</h1>\n{body}</BODY>\n</HTML>\n".encode()


def _listing(title: str, body: str, modified: datetime) -> Page:
    return Page(_html(title, body), HTML, modified)


def _page(tag: str, letter: Letter) -> Page:
    """The page of one mail."""
    address = _ADDRESS.sub(" at ", letter.writer.address)
    at = letter.sent_at.astimezone(letter.writer.zone)
    body = (
        f"<B>{escape(letter.writer.name)}</B>\n{escape(address)}\n<I>{rfc822_date(at)}</I>\n<HR>\n<!--beginarticle-->\n"
        f"<PRE>{escape(_ADDRESS.sub(' at ', letter.text))}</PRE>\n<!--endarticle-->\n"
    )
    return Page(_html(tag + letter.subject, body), HTML, letter.sent_at)


def _index(title: str, pages: Mapping[str, Page]) -> Page:
    """The list of months, the newest first."""
    texts = {path.removesuffix(".txt.gz"): page for path, page in pages.items() if path.endswith(".txt.gz")}
    rows = ""
    for month, page in reversed(texts.items()):
        year, name = month.split("-")
        size = max(1, len(page.body) // 1024)
        rows += (
            f"<tr>\n<td>{name} {year}:</td>\n<td>\n"
            f'<A href="{month}/thread.html">[ Thread ]</a>\n<A href="{month}/date.html">[ Date ]</a>\n</td>\n'
            f'<td><A href="{month}.txt.gz">[ Gzip\'d Text {size} KB ]</a></td>\n</tr>\n'
        )
    table = f'<table border="3">\n<tr><td>Archive</td>\n<td>View by:</td>\n<td>Downloadable version</td></tr>\n{rows}'
    newest = max(page.modified for page in pages.values())
    return Page(_html(f"The {title} Archives", f"{table}</table>\n"), HTML, newest)
