"""What can be put right in a text that lost something on its way: hidden addresses, doubles, code broken out."""

import re
from dataclasses import dataclass

from newsletter.text import without_controls

HIDDEN = "(address hidden)"
"""Stands where a page hid an address from programs."""

_PROTECTED = re.compile(r"\[email(?:\s|\xa0|&nbsp;|&#160;)*protected\]", re.IGNORECASE)
_PROTECTED_LINK = re.compile(
    r'<a(?: [^>]*)? href="[^"]*/cdn-cgi/l/email-protection[^"]*"[^>]*>(.*?)</a>', re.IGNORECASE | re.DOTALL
)
_PROTECTION = "/cdn-cgi/l/email-protection"
_HALF = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\w+")
_FEWEST_WORDS = 8
"""A shorter line may stand twice on purpose: a refrain, a name, a command."""
_BLOCK = re.compile(r"<(p|li|blockquote|h[1-6])(?: [^>]*)?>(?:(?!</?\1\b).)*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# What a program is told: no sentence, and a sign in it that prose does not have between letters.
_CODE = re.compile(r"(?=\S{3,80}$)(?!https?:)(?:\S*\w(?:_|=|::|\(\)|->|--)\S*|--?\w[\w=-]*|\S*\w\(\S*\)\S*)$")
_ENDS_OPEN = re.compile(r"[\w,’'\"”)]$")
_GOES_ON = re.compile(r"[a-zà-öø-ÿ(]")


@dataclass(frozen=True, slots=True)
class Mended:
    """A text put right, and what was put right in it."""

    text: str
    repeated_count: int = 0
    code: tuple[str, ...] = ()
    """Pieces of code that stood on lines of their own in the middle of a sentence."""


def hide_addresses(text: str) -> str:
    """``text``, plain or HTML, with words instead of the sign that a page puts in place of an address."""
    if _PROTECTION in text:
        text = _PROTECTED_LINK.sub(r"\1", text)
    return _PROTECTED.sub(HIDDEN, text) if "rotected]" in text or "ROTECTED]" in text else text


def has_half_letters(text: str) -> bool:
    """Whether half of a letter (a lone surrogate, or the sign that stands for one) is in ``text``."""
    return not text.isascii() and ("\ufffd" in text or _HALF.search(text) is not None)


def mend_lines(text: str) -> Mended:
    """Flat ``text``, a paragraph a line: doubles left out, code put back into its sentence, addresses hidden."""
    lines = hide_addresses(without_controls(text)).split("\n")
    kept, repeated = _without_doubles(lines)
    joined, code = _with_code(kept)
    return Mended("\n".join(joined).strip("\n"), repeated, code)


def without_double_blocks(clean: str) -> tuple[str, int]:
    """Sanitised HTML without the blocks of it that stood there before, and how many those were."""
    seen: set[str] = set()
    count = 0

    def once(found: re.Match[str]) -> str:
        nonlocal count
        said = _said(_TAG.sub(" ", found.group()))
        if said and said in seen:
            count += 1
            return ""
        seen.add(said)
        return found.group()

    text = _BLOCK.sub(once, clean)
    return (text, count) if count else (clean, 0)


def has_doubles(text: str) -> bool:
    """Whether a paragraph of ``text`` may stand in it twice; quick."""
    said = [line for line in text.split("\n") if len(line) > 40]
    return len(set(said)) < len(said)


def _said(line: str) -> str:
    """The words of a paragraph; "" for one that is too short to be told from a refrain."""
    words = _WORD.findall(line.casefold())
    return " ".join(words) if len(words) >= _FEWEST_WORDS else ""


def _without_doubles(lines: list[str]) -> tuple[list[str], int]:
    seen: set[str] = set()
    kept: list[str] = []
    for line in lines:
        said = _said(line)
        if not said or said not in seen:
            kept.append(line)
        seen.add(said)
    return kept, len(lines) - len(kept)


def _with_code(lines: list[str]) -> tuple[list[str], tuple[str, ...]]:
    joined: list[str] = []
    code: list[str] = []
    at = 0
    while at < len(lines):
        after = lines[at + 1] if at + 1 < len(lines) else ""
        if joined and _is_broken_out(joined[-1], lines[at].strip(), after):
            code.append(lines[at].strip())
            joined[-1] = f"{joined[-1].rstrip()} {lines[at].strip()} {after.lstrip()}"
            at += 1
        else:
            joined.append(lines[at])
        at += 1
    return joined, tuple(code)


def _is_broken_out(before: str, line: str, after: str) -> bool:
    return bool(_CODE.match(line) and _ENDS_OPEN.search(before.rstrip()) and _GOES_ON.match(after.lstrip()))
