"""What a mail server answers (RFC 5321, 4.2), and what follows from it for a reader, a domain and the whole mailing."""

import re
from dataclasses import dataclass
from typing import Literal

Phase = Literal["rset", "mail", "rcpt", "data", "dot", "quit"]
Verdict = Literal["ok", "later", "too many", "busy", "refused", "bad address", "not us"]
"""``later`` is about this reader, ``too many`` about the domain, ``busy`` about the connection (421); ``refused`` is
final, ``bad address`` says there is no such reader, ``not us`` that the server wants no mail of ours at all."""

LONGEST_LINE, MOST_LINES = 2_048, 100
WORDS = 1_000
"""So many letters of an answer are kept."""

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_SINGLE = re.compile(rb"([2-5][0-9]{2}) ([^\r\n]{0,2000})\r\n")
"""An answer of one line, as nearly all are."""
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_TOO_MANY = re.compile(
    r"too (?:many|fast|much)|rate.?limit|throttl|slow down|unusual rate|(?:limit|rate|quota) (?:was |is )?exceeded"
    r"|exceeded .{0,40}(?:limit|rate)|deferred due to .{0,40}volume",
    re.IGNORECASE,
)
_WAIT = re.compile(r"(?:wait|again|retry|after|in)\D{0,20}?(\d{1,5})\s*(s\b|sec|m\b|min|h\b|hour)", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3_600}
_NO_SUCH = frozenset({1, 2, 3, 6, 10})
"""RFC 3463, 3.2 and RFC 7505: no such mailbox, no such host, bad syntax, moved without address, takes no mail.
5.1.7 and 5.1.8 are about the sender."""


class NoSmtp(Exception):
    """What came is no answer of a mail server."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its code, and its words on one line."""

    code: int
    words: str

    def __str__(self) -> str:
        return f"{self.code} {self.words}".strip()

    @property
    def status(self) -> tuple[int, int, int] | None:
        """The enhanced status code (RFC 3463) at the beginning of its words."""
        found = _STATUS.match(self.words)
        return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def take_answer(buffer: bytearray) -> Answer | None:
    """The first whole answer in ``buffer``, which is taken out of it; None while it is not whole. Raises NoSmtp."""
    if (single := _SINGLE.match(buffer)) is not None:
        answer = Answer(int(single[1]), _printable(single[2].decode("utf-8", "replace").strip())[:WORDS])
        del buffer[: single.end()]
        return answer
    lines: list[bytes] = []
    at, code = 0, b""
    while (end := buffer.find(b"\n", at)) >= 0:
        found = _LINE.fullmatch(bytes(buffer[at:end]).rstrip(b"\r"))
        if found is None or end - at > LONGEST_LINE or (code and found[1] != code) or len(lines) >= MOST_LINES:
            raise NoSmtp(_shown(bytes(buffer[:end])))
        code, at = found[1], end + 1
        lines.append(found[3] or b"")
        if found[2] != b"-":
            del buffer[:at]
            return Answer(int(code), _words(lines))
    if len(buffer) - at > LONGEST_LINE:
        raise NoSmtp(_shown(bytes(buffer[at:])))
    return None


def _words(lines: list[bytes]) -> str:
    """The lines in one, a status code that each of them repeats once."""
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    if len(texts) == 1:
        return _printable(texts[0])[:WORDS]
    first = _STATUS.match(texts[0])
    if first is not None:
        texts[1:] = [text.removeprefix(first[0]).strip() for text in texts[1:]]
    return _printable(" ".join(filter(None, texts)))[:WORDS]


def _shown(data: bytes) -> str:
    return _printable(data[:200].decode("utf-8", "replace"))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def judge(phase: Phase, answer: Answer) -> Verdict:
    """What an answer means at that point of a mail."""
    if answer.code == 421:
        return "busy"
    if answer.code == (354 if phase == "data" else 250) or (answer.code in (251, 252) and phase == "rcpt"):
        return "ok"
    if phase == "mail":
        return "not us" if answer.code >= 500 else "busy"
    if 400 <= answer.code < 500:
        return "too many" if _TOO_MANY.search(answer.words) and not _is_full(answer) else "later"
    if phase == "rcpt" and _is_bad_address(answer):
        return "bad address"
    return "refused"


def wait_named(answer: Answer) -> int | None:
    """How many seconds the answer asks to wait, at most a day; None when it does not say."""
    found = _WAIT.search(answer.words)
    return None if found is None else min(int(found[1]) * _SECONDS[found[2][0].lower()], 86_400) or None


def _is_full(answer: Answer) -> bool:
    return answer.status is not None and answer.status[1:] == (2, 2)


def _is_bad_address(answer: Answer) -> bool:
    status = answer.status
    return status is not None and status[:2] == (5, 1) and status[2] in _NO_SUCH
