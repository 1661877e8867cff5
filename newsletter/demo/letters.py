"""Mails of the sample community, read from the files they are written in.

A file holds threads: ``### Subject``, then mails, each under a line
``== id | writer | 10-09 07:48 | id it answers | flags``, of which the last two may be missing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources.abc import Traversable

from newsletter.demo.clock import DAYS, MONTHS, written_at
from newsletter.demo.people import DOCUMENTS, Member, members, read_document

_MONTHS_FR = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: ``body`` as written, without the line above a quote and without the signature."""

    key: str
    subject: str
    writer: Member
    sent_at: datetime
    body: str
    answers: "Letter | None" = None
    flags: frozenset[str] = frozenset()

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets."""
        return f"<{self.key}.{self.sent_at:%m%d%H%M}@{self.writer.domain}>"

    @property
    def references(self) -> tuple[str, ...]:
        """The Message-IDs of all mails before this one in its line, the first of the thread first."""
        if self.answers is None:
            return ()
        return (*self.answers.references, self.answers.message_id)

    @property
    def text(self) -> str:
        """The whole body: who is quoted, the words, the signature."""
        parts = [self.body]
        if self.answers and self.body.startswith(">"):
            parts.insert(0, attribution(self.writer, self.answers) + "\n")
        if self.writer.signature and "bare" not in self.flags:
            parts.append(f"\n\n-- \n{self.writer.signature}")
        return "".join(parts) + "\n"


def attribution(writer: Member, quoted: Letter) -> str:
    """The line above a quote, as the writer's mail program puts it."""
    at = quoted.sent_at.astimezone(writer.zone)
    name = quoted.writer.name
    if writer.quotes == "de":
        return f"Am {at.day:02}.{at.month:02}.{at.year} um {at:%H:%M} schrieb {name}:"
    if writer.quotes == "fr":
        return f"Le {at.day} {_MONTHS_FR[at.month - 1]} {at.year} à {at:%H:%M}, {name} a écrit :"
    if writer.quotes == "short":
        return f"{name} wrote:"
    return f"On {DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1][:3]} {at.year} at {at:%H:%M}, {name} wrote:"


@cache
def letters(folder: str) -> tuple[Letter, ...]:
    """All mails of one list, oldest first; ``folder`` holds its files."""
    found: dict[str, Letter] = {}
    for file in sorted((DOCUMENTS / folder).iterdir(), key=lambda item: item.name):
        for letter in _read(folder, file, found):
            if letter.key in found:
                raise ValueError(f"{file.name}: the mail {letter.key} stands twice")
            found[letter.key] = letter
    return tuple(sorted(found.values(), key=lambda item: (item.sent_at, item.key)))


def _read(folder: str, file: Traversable, before: dict[str, Letter]) -> Iterator[Letter]:
    """The mails of ``file``; what they answer may stand in a file before it."""
    here = dict(before)
    for thread in re.split(r"(?m)^### ", read_document(f"{folder}/{file.name}"))[1:]:
        subject, _, rest = thread.partition("\n")
        for part in re.split(r"(?m)^== ", rest)[1:]:
            letter = _letter(subject.strip(), part, here)
            here[letter.key] = letter
            yield letter


def _letter(subject: str, part: str, before: dict[str, Letter]) -> Letter:
    head, _, body = part.partition("\n")
    key, writer, at, *more = (word.strip() for word in head.split("|"))
    answers, flags = (*more, "", "")[:2]
    if body.startswith("Subject: "):
        line, _, body = body.partition("\n")
        subject = line.removeprefix("Subject: ")
    return Letter(
        key=key,
        subject=subject,
        writer=members()[writer],
        sent_at=written_at(at),
        body=body.strip(),
        answers=before[answers] if answers else None,
        flags=frozenset(flags.split()),
    )
