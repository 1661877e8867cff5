"""A month's page of a Mailman 2 archive: which page shows which mail, as the texts do not say it."""

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from newsletter.fetch.mail_head import decode_text
from newsletter.model.item import Item
from newsletter.text import one_line

_CHARSET = re.compile(rb"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_ROW = re.compile(
    r"(?:<!--\d{1,3} (?P<times>[\d.,-]{1,400}?)- -->\s{0,20})?"
    r"<LI><A HREF=\"(?P<page>(?P<number>\d{1,12})\.html)\">(?P<subject>[^<]{0,2000})</A>"
    r"<A NAME=\"\d{1,12}\">[^<]{0,20}</A>\s{0,20}<I>(?P<author>[^<]{0,500})</I>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(\S+)(?: at |@)\S+")


@dataclass(frozen=True, slots=True, order=True)
class _Row:
    """A mail on the page: its own page, and the second it was sent at if that is stated."""

    number: int
    page: str
    subject: str
    author: str
    at: int | None


@dataclass(slots=True)
class MonthPage:
    """The rows of a thread.html, fitted to the mails of its month.

    A mail is found by subject and author, or by its subject alone; of several the ones with the
    same second fit each other, else they stand in the same order. What is not found is shown on
    ``url``, the page of the whole month.
    """

    url: str
    rows: list[_Row] = field(default_factory=list)

    @classmethod
    def read(cls, page: bytes, url: str) -> "MonthPage":
        """The rows of ``page``, which stands at ``url``."""
        charset = _CHARSET.search(page[:2_000])
        text = decode_text(page, charset[1].decode() if charset else "")
        return cls(url, sorted(map(_row, _ROW.finditer(text))))

    def urls(self, mails: Sequence[Item], *, is_end: bool) -> dict[str, str]:
        """The address of each of ``mails`` by its id.

        ``is_end``: they are the last ones of the month, else they follow those asked for before.
        """
        waiting = {mail.id: mail for mail in mails}
        urls: dict[str, str] = {}
        for key_of_mail, key_of_row in _KEYS:
            pairs = [
                pair
                for same, rows in _alike(waiting.values(), self.rows, key_of_mail, key_of_row)
                # By the subject alone the order is no guide when some are missing.
                for pair in _pairs(same, rows, is_end=is_end, needs_all=key_of_mail is _mail_subject)
            ]
            for mail, row in pairs:
                urls[mail.id] = urljoin(self.url, row.page)
                del waiting[mail.id]
            taken = {row for _, row in pairs}
            self.rows = [row for row in self.rows if row not in taken]
        return {mail.id: urls.get(mail.id, self.url) for mail in mails}


def _row(match: re.Match[str]) -> _Row:
    last = (match["times"] or "").rpartition("-")[2].partition(".")[0]
    author = _folded(match["author"])
    address = _ADDRESS.fullmatch(author)
    return _Row(
        int(match["number"]),
        match["page"],
        _folded(match["subject"]),
        address[1] if address else author,
        int(last) if last.isdigit() else None,
    )


def _folded(text: str) -> str:
    return one_line(html.unescape(text)).casefold().strip("\"' ")


def _mail_key(mail: Item) -> str:
    return f"{_mail_subject(mail)}\0{one_line(mail.author.name).casefold() if mail.author else ''}"


def _row_key(row: _Row) -> str:
    return f"{row.subject}\0{row.author}"


def _mail_subject(mail: Item) -> str:
    return mail.title.casefold().strip("\"' ")


def _row_subject(row: _Row) -> str:
    return row.subject


_KEYS: tuple[tuple[Callable[[Item], str], Callable[[_Row], str]], ...] = (
    (_mail_key, _row_key),
    (_mail_subject, _row_subject),
)


def _alike(
    mails: Iterable[Item], rows: Iterable[_Row], key_of_mail: Callable[[Item], str], key_of_row: Callable[[_Row], str]
) -> Iterator[tuple[list[Item], list[_Row]]]:
    """Mails and rows of the same key."""
    rows_of: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        rows_of[key_of_row(row)].append(row)
    mails_of: dict[str, list[Item]] = defaultdict(list)
    for mail in mails:
        mails_of[key_of_mail(mail)].append(mail)
    return ((same, rows_of[key]) for key, same in mails_of.items())


def _pairs(
    mails: Sequence[Item], rows: Sequence[_Row], *, is_end: bool, needs_all: bool
) -> Iterator[tuple[Item, _Row]]:
    """Each mail with its row, as far as that can be told."""
    by_second = {row.at: row for row in reversed(rows) if row.at is not None}
    left = []
    for mail in mails:
        row = by_second.pop(int(mail.published_at.timestamp()), None) if mail.published_at else None
        if row is None:
            left.append(mail)
        else:
            rows = [each for each in rows if each != row]
            yield mail, row
    if is_end and len(rows) > len(left):
        rows = rows[len(rows) - len(left) :]
    if len(rows) == len(left) or not needs_all:
        yield from zip(left, rows, strict=False)
