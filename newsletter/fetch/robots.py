"""robots.txt (RFC 9309): which addresses of a host programs may read, and how slowly. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, urlsplit, urlunsplit

TOKEN = "newsletter"
"""The product token that groups of rules may name us by."""

_LONGEST = 512 << 10
_MOST_RULES = 5_000
_MOST_DELAY = 86_400.0
_TOKEN_CHARS = re.compile(r"[A-Za-z_-]+")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What a path may hold as it stands; everything else is compared as %XX.
_KEPT = "/:@!$&'()*+,;=-._~%?#[]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a group: whether paths that begin like ``path`` may be read."""

    is_allowed: bool
    path: str

    def __str__(self) -> str:
        return f"{'Allow' if self.is_allowed else 'Disallow'}: {self.path}"


@dataclass(frozen=True)
class Robots:
    """The rules of a host that are for us, and how many seconds it wants between two requests."""

    rules: tuple[Rule, ...] = ()
    delay: float | None = None

    def rule_for(self, url: str) -> Rule | None:
        """The rule that decides about ``url``: the longest that matches, Allow before Disallow (2.2.2)."""
        path = path_of(url)
        if path == ROBOTS:
            return None
        return next((rule for rule in self._by_length if matches(rule.path, path)), None)

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be read."""
        rule = self.rule_for(url)
        return rule is None or rule.is_allowed

    @cached_property
    def _by_length(self) -> tuple[Rule, ...]:
        return tuple(sorted(self.rules, key=lambda rule: (-len(rule.path), not rule.is_allowed)))


EVERYTHING = Robots()
"""What a host without robots.txt allows (2.3.1.3)."""
NOTHING = Robots((Rule(False, "/"),))
"""What a host whose robots.txt cannot be reached allows (2.3.1.4)."""


ROBOTS = "/robots.txt"
"""Where the rules of a host lie."""


def robots_url(url: str) -> str:
    """Where the robots.txt for ``url`` lies: at the root of its scheme, host and port."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], ROBOTS, "", ""))


def path_of(url: str) -> str:
    """The part of ``url`` that rules are about, path and query, in one spelling."""
    parts = urlsplit(url)
    return _spelt((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def matches(pattern: str, path: str) -> bool:
    """Whether ``path`` begins like ``pattern``; "*" stands for anything, "$" for the end (2.2.3).

    Each piece between stars is looked for once, from left to right, so that no pattern takes long.
    """
    is_whole = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    if len(pieces) == 1:
        return not is_whole or at == len(path)
    middle, last = pieces[1:-1], pieces[-1]
    for piece in middle if is_whole else pieces[1:]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not is_whole or (path.endswith(last) and len(path) - len(last) >= at)


def parse_robots(body: bytes, token: str = TOKEN) -> Robots:
    """The rules in ``body`` for ``token``: all groups that name it together, else those for "*"."""
    own, others = _Group(), _Group()
    named: list[str] = []
    is_naming = False
    for key, value in _lines(body):
        if key == "user-agent":
            named = [*named, _agent(value)] if is_naming else [_agent(value)]
            is_naming = True
            for group, agent in ((own, token.lower()), (others, "*")):
                group.is_there = group.is_there or agent in named
            continue
        if key in ("allow", "disallow", "crawl-delay"):
            is_naming = False
            for group, agent in ((own, token.lower()), (others, "*")):
                if agent in named:
                    group.add(key, value)
    chosen = own if own.is_there else others
    return Robots(tuple(chosen.rules), chosen.delay)


@dataclass(slots=True)
class _Group:
    """What was found for one name."""

    is_there: bool = False
    rules: list[Rule] = field(default_factory=list)
    delay: float | None = None

    def add(self, key: str, value: str) -> None:
        if key == "crawl-delay":
            self.delay = _seconds(value) if self.delay is None else self.delay
        # A rule without a path says nothing: "Disallow:" allows everything.
        elif value.startswith(("/", "*", "$")) and len(self.rules) < _MOST_RULES:
            self.rules.append(Rule(key == "allow", _spelt(value)))


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    text = body[:_LONGEST].decode("utf-8-sig", "replace")
    for line in re.split(r"\r\n|\r|\n", text):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _agent(value: str) -> str:
    """The token of a user-agent line; a version behind it does not count."""
    found = _TOKEN_CHARS.match(value)
    return found.group().lower() if found else "*" if value.startswith("*") else ""


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return min(seconds, _MOST_DELAY) if seconds > 0 else None


def _spelt(path: str) -> str:
    """``path`` as it is compared: what need not be escaped is not, everything else is, in capitals (2.2.2)."""

    def plain(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if letter in _PLAIN else found.group().upper()

    return _ESCAPED.sub(plain, quote(path, safe=_KEPT, errors="replace"))
