"""Single values of feeds.yaml: text in, meaning out, or the words that say what is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from newsletter.config.problems import did_you_mean, listed, nearest, plain, shown
from newsletter.text import is_web_url

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a value, and how to mend it."""

    text: str


Reader = Callable[[str, str], _T | Wrong]
"""Takes the key (for the message) and the text."""

LONGEST = 500
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f]")
_MAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[^\s@<>\"(),:;\[\]\\]+\.[^\s@<>\"(),:;\[\]\\.]+")
_NAMED_MAIL = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>]*)>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_COLOUR = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def read_text(key: str, text: str) -> str | Wrong:
    """One line of text."""
    if _UNSEEN.search(text):
        return Wrong(f"{key} holds a line break or a character that cannot be seen. Write it on one line.")
    if len(text) > LONGEST:
        return Wrong(f"{key} is longer than {LONGEST} letters. Shorten it.")
    return text or Wrong(f'{key} is empty: "". Write something, or remove the line.')


def read_lines(key: str, text: str) -> str | Wrong:
    """Text that may have several lines."""
    lines = [line.strip() for line in text.splitlines()]
    wrong = next((found for line in lines if line and isinstance(found := read_text(key, line), Wrong)), None)
    return wrong or "\n".join(lines).strip() or Wrong(f'{key} is empty: "". Write something, or remove the line.')


def yes_or_no(key: str, text: str) -> bool | Wrong:
    """yes or no."""
    word = plain(text)
    if word in _YES or word in _NO:
        return word in _YES
    return Wrong(f'{key} must be yes or no, not "{shown(text)}".')


def whole(least: int, most: int, hint: str = "") -> Reader[int]:
    """A reader of whole numbers within bounds; ``hint`` helps to choose one."""

    def read(key: str, text: str) -> int | Wrong:
        if re.fullmatch(r"[+-]?[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        wrong = f'{key} must be a whole number from {least} to {most}, not "{shown(text)}".'
        return Wrong(f"{wrong} {hint}".strip())

    return read


def limit(least: int, most: int) -> Reader[int]:
    """As :func:`whole`; "no limit" is -1."""

    def read(key: str, text: str) -> int | Wrong:
        return -1 if plain(text) in ("no limit", "unlimited") else whole(least, most, 'Or "no limit".')(key, text)

    return read


def one_of(*choices: str) -> Reader[str]:
    """A reader of one of ``choices``, in any spelling."""
    by_plain = {plain(choice): choice for choice in choices}

    def read(key: str, text: str) -> str | Wrong:
        found = by_plain.get(plain(text))
        return found or Wrong(f'{key} cannot be "{shown(text)}".{did_you_mean(text, choices)}{_can_be(choices)}')

    return read


def _can_be(choices: tuple[str, ...]) -> str:
    return f" It can be: {listed(choices)}."


def words_of(patterns: tuple[str, ...]) -> Reader[str]:
    """A reader of words such as "merged" or "waiting more than N days", where N is a number."""
    shapes = [_shape(plain(each).split()) for each in patterns]

    def read(key: str, text: str) -> str | Wrong:
        word = plain(text)
        found = next((each for shape, each in zip(shapes, patterns, strict=True) if shape.fullmatch(word)), None)
        if found is None:
            meant = nearest(re.sub(r"\d+", "N", text), patterns)
            mean = f' Did you mean "{meant}"?' if meant else ""
            return Wrong(f'{key} cannot hold "{shown(text)}".{mean} It can hold: {listed(patterns)}.')
        return re.sub(r"\bN\b", (re.findall(r"\d+", word) or ["N"])[0], found)

    return read


def _shape(words: list[str]) -> re.Pattern[str]:
    """The words, with any number for "n" and the word after a number in the singular, too."""
    pieces = [r"\d{1,4}" if word == "n" else re.escape(word) for word in words]
    for at, word in enumerate(words[1:], 1):
        if words[at - 1] == "n" and word.endswith("s"):
            pieces[at] += "?"
    return re.compile(" ".join(pieces))


def web_address(key: str, text: str) -> str | Wrong:
    """An http or https address that holds no password."""
    if not is_web_url(text):
        hint = "Write it without spaces." if re.match("https?://", text) else "It begins with http:// or https://."
        if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", text):
            hint = f'Did you mean "https://{shown(text)}"?'
        return Wrong(f'"{shown(text)}" is not a web address. {hint}')
    if "@" in text.partition("//")[2].partition("/")[0]:
        host = text.partition("//")[2].partition("/")[0].rpartition("@")[2]
        return Wrong(
            "A password stands in this address in plain sight. Change that password now, and write the address "
            f"without it: {text.partition('//')[0]}//{shown(host)}/…"
        )
    return text if len(text) <= 2_000 else Wrong(f"{key} is longer than 2000 letters.")


def source_address(key: str, text: str) -> str | Wrong:
    """A web address to read, or one that begins with webcal:, as calendars are offered."""
    if not re.match("webcals?://", text, re.IGNORECASE):
        return web_address(key, text)
    found = web_address(key, f"https://{text.partition('//')[2]}")
    return found if isinstance(found, Wrong) else text


def mail_address(key: str, text: str) -> str | Wrong:
    """An address for mail, without a name."""
    if _MAIL.fullmatch(text) and len(text) <= 254:
        return text
    return Wrong(f'{key} must be a mail address such as news@example.org, not "{shown(text)}".')


def named_address(key: str, text: str) -> str | Wrong:
    """An address for mail, with a name or without."""
    found = _NAMED_MAIL.fullmatch(text)
    address = found["address"] if found else text
    if _UNSEEN.search(text) or isinstance(mail_address(key, address), Wrong):
        return Wrong(f'{key} must be a name and a mail address such as Me <me@example.org>, not "{shown(text)}".')
    return text


def language(key: str, text: str) -> str | Wrong:
    """A language by its short name (RFC 5646): en, pt-BR."""
    if _LANGUAGE.fullmatch(text):
        return text
    return Wrong(f'{key} must be the short name of a language such as en or pt-BR, not "{shown(text)}".')


def colour(key: str, text: str) -> str | Wrong:
    """A colour as #rrggbb."""
    found = _COLOUR.fullmatch(text)
    if found is None:
        return Wrong(f'{key} must be a colour such as "#0a6b5d", not "{shown(text)}".')
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def day(key: str, text: str) -> date | Wrong:
    """A date as 2011-12-30."""
    try:
        return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
    except ValueError:
        return Wrong(f'"{shown(text)}" is not a date. Write it as 2011-12-30.')


def word_count(key: str, text: str) -> int | Wrong:
    """A number of words: "60 words"."""
    found = re.fullmatch(r"([0-9]{1,4})( words?)?", plain(text))
    if found and int(found[1]) <= 1000:
        return int(found[1])
    return Wrong(f'{key} must be a number of words such as "60 words", at most 1000, not "{shown(text)}".')
