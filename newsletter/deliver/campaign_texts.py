"""What stands in an edition of a campaign where a reader's own links would, and what makes foreign signs harmless."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.errors import StoreFault
from newsletter.text import one_line

LEAVE, CHANGE = "https://unsubscribe.invalid/", "https://preferences.invalid/"
"""The links of such an edition, with a token behind them; no such host can be (RFC 6761, 6.4)."""
_TAG = re.compile(r"(<[^>]*>)")
_STYLE = re.compile(r"(<style\b.*?</style>)", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
JOINER = "\u2060"
"""A sign without width at which no line breaks: it keeps two signs apart that would mean something together."""


@dataclass(frozen=True, slots=True)
class Language:
    """A service's own signs: its links to leave and to change, and how texts keep clear of them."""

    leave: str
    change: str
    subject: Callable[[str], str]
    text: Callable[[str], str]
    markup: Callable[[str], str]
    """For HTML that is neither a style nor a comment."""
    style: Callable[[str], str]
    comment: Callable[[str], str]


def in_html(html: str, token: str, language: Language) -> str:
    """``html`` in the language of a service; a reader's links become its own. Raises StoreFault."""
    made = "".join(_piece(piece, language) for part in _STYLE.split(html) for piece in _pieces(part))
    return _linked(made, token, language)


def in_text(text: str, token: str, language: Language) -> str:
    """The same with plain text."""
    return _linked(language.text(text), token, language)


def in_subject(subject: str, language: Language) -> str:
    """The same with a subject or a name."""
    return language.subject(one_line(subject))


def kept_apart(sign: re.Pattern[str], replaced: str, octet: str) -> Callable[[str], str]:
    """For markup: ``sign`` becomes ``replaced`` and a JOINER in what is read, ``octet`` in tags, where addresses are.

    A character reference would do less: whoever reads the HTML and writes it anew makes a sign of it again.
    """

    def apart(markup: str) -> str:
        parts = _TAG.split(markup)
        return "".join(sign.sub(octet if at % 2 else f"{replaced}{JOINER}", part) for at, part in enumerate(parts))

    return apart


def _pieces(part: str) -> list[str]:
    return [part] if _STYLE.fullmatch(part) else _COMMENT.split(part)


def _piece(piece: str, language: Language) -> str:
    if _STYLE.fullmatch(piece):
        return language.style(piece)
    return language.comment(piece) if _COMMENT.fullmatch(piece) else language.markup(piece)


def _linked(made: str, token: str, language: Language) -> str:
    can_leave = f"{LEAVE}{token}" in made
    for url, placeholder in (
        (f"{CHANGE}{token}#pause", language.change),
        (f"{CHANGE}{token}", language.change),
        (f"{LEAVE}{token}", language.leave),
    ):
        made = made.replace(url, placeholder)
    if not can_leave or token in made:
        # A template of the newsletter's own may do that.
        raise StoreFault(
            "The mail has no link to unsubscribe that a service could fill in. Look at the templates, take the issue "
            "back and approve it again."
        )
    return made
