"""Robots in chats: known by name, or by what only robots say."""

import re
from collections.abc import Iterable

from newsletter.fetch.chat_lines import Line

_NAMED = re.compile(
    r"(?i:(?:chan|nick|memo|bot|host)serv|openstack|opendevmeet|opendevreview|openstackgerrit|openstackstatus|zuul|jenkins|"
    r"travis-ci|travisci|ubottu|ubot\d|limnoria|hubot|(?:class|meet|supy|lightning|status|log|info|egg|err|empty|git|irc|"
    r"karma|news|rss|test|build|release|review|commit|bug|zod|hydra)bot\d{0,3}|irker\d{0,4}|kgb-\d|CIA-\d{1,3}|[\w-]+-git-spam)"
    r"|.*[a-z0-9]Bot\d{0,3}|.*[_-][Bb]ot\d{0,3}|.*\[bot\]"
)
_SAYS = re.compile(r"Meeting started \w{3} \w{3} .{5,40}\. +The chair is |Minutes \(text\): |Useful Commands: #action ")


def is_robot(nick: str) -> bool:
    """Whether the name is one of a robot."""
    return _NAMED.fullmatch(nick.strip("`_|")) is not None


def robots_in(lines: Iterable[Line]) -> tuple[str, ...]:
    """The robots that said or did something, each once, in their order."""
    found: dict[str, None] = {}
    for line in lines:
        nick = line.nick or (line.text.split() or [""])[0 if not line.text.startswith(("=", "-!-", "***")) else -1]
        if line.sort == "notice" and not line.nick:
            words = line.text.split()
            nick = words[1] if len(words) > 1 else ""
        if nick and (is_robot(nick) or (line.sort == "said" and _SAYS.search(line.text))):
            found.setdefault(nick)
    return tuple(found)
