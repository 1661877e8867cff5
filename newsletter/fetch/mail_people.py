"""Who wrote a mail: a name to show and an address to tell people apart, out of every form of From:."""

import re
from collections.abc import Mapping
from functools import lru_cache

from newsletter.fetch.mail_head import decode_words
from newsletter.model.item import Person
from newsletter.text import one_line

_LONGEST = 1_000
# name at host (Full Name), as pipermail writes; name@host (Full Name), as old programs do.
_NAME_LAST = re.compile(r"\s*([^\s()<>,]+(?: (?:at|AT) |@)[^\s()<>,]+)\s+\((.*)\)\s*\Z")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"""([^\s()<>,;:"']+)(?:\s+at\s+|\s*@\s*)([^\s()<>,;:"']+)""", re.IGNORECASE)
_COMMENT = re.compile(r"\(([^()]*)\)")
_ESCAPE = re.compile(r"\\(.)")
_VIA = re.compile(r"\s+via\s+.+\Z", re.IGNORECASE)
_LIST_ADDRESS = re.compile(r"mailto:([^\s<>?]+)")
# Mailman's name for the sender of a mail that had none.
_NOBODY = "bogus@does.not.exist.com"


def author(head: Mapping[str, str], list_name: str = "") -> Person | None:
    """Who wrote the mail. ``list_name`` is the list's own: its address stands for many people, and so for none."""
    post = head.get("list-post", "")
    found = _LIST_ADDRESS.search(post[:_LONGEST]) if post else None
    return _person(head.get("from", "")[:_LONGEST], found[1].lower() if found else list_name.lower())


@lru_cache(maxsize=4096)
def _person(value: str, list_name: str) -> Person | None:
    found = _NAME_LAST.match(value)
    address, name = found.groups() if found else _taken_apart(value)
    key = _key(address)
    if key == _NOBODY:
        return None
    name = _shown(name)
    if " via " in name:
        name, key = _VIA.sub("", name), ""
    elif list_name and list_name in (key, key.partition("@")[0]):
        if name.lower() == key.partition("@")[0]:
            return None
        key = ""
    name = name or one_line(key).partition("@")[0]
    return Person(name, key) if name else None


def _taken_apart(value: str) -> tuple[str, str]:
    """Address and name of ``Name <address>``, ``address`` and what people make of them."""
    found = _IN_BRACKETS.search(value)
    if found:
        return found[1], value[: found.start()].strip() or value[found.end() :]
    if "=?" in value and "@" not in value:
        decoded = decode_words(value)
        return _taken_apart(decoded) if "=?" not in decoded else ("", decoded)
    comment = _COMMENT.search(value)
    if comment:
        return _COMMENT.sub(" ", value), comment[1]
    if _ADDRESS.search(value):
        return value, ""
    return "", value


def _key(address: str) -> str:
    """The address in lower case; "name at host" is put right."""
    if "," not in address and address.count("@") == 1 and " " not in (plain := address.strip()):
        return plain.lower()
    found = _ADDRESS.search(address)
    return f"{found[1]}@{found[2]}".lower() if found else ""


def _shown(name: str) -> str:
    """``name`` as a person is called: no quotes, no escapes, and of an address only what stands before the "at"."""
    name = name.strip()
    if "=?" in name:
        name = decode_words(name)
    name = one_line(name).strip(" \"'")
    if "\\" in name:
        name = _ESCAPE.sub(r"\1", name)
    if "@" in name or (" at " in name and "." in name):
        found = _ADDRESS.search(name)
        if found:
            name = (name[: found.start()] + name[found.end() :]).strip(" \"'()<>") or found[1]
    return name
