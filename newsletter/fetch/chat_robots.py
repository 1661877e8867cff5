"""Robots in chats: known by name, or by what only robots say."""

import re
from collections.abc import Iterable

from newsletter.fetch.chat_lines import Line
from newsletter.model.robots import is_robot_name

_NICKS = frozenset(("openstack",))
"""Robots in chats alone; elsewhere it is the name of a whole community."""
_SAYS = re.compile(r"Meeting started \w{3} \w{3} .{5,40}\. +The chair is |Minutes \(text\): |Useful Commands: #action ")


def is_robot(nick: str) -> bool:
    """Whether the nick is one of a robot; signs behind it are there when the plain one was taken."""
    nick = nick.strip("`_|")
    return nick.lower() in _NICKS or is_robot_name(nick)


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
