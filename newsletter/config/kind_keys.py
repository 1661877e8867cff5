"""The keys of each kind of source, read off the dataclasses that are registered for its word."""

import os
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from newsletter.config.amounts import amount, span
from newsletter.config.environment import from_environment, secret
from newsletter.config.parts import Part
from newsletter.config.problems import listed, nearest, plain, shown
from newsletter.config.surroundings import Manner
from newsletter.config.values import (
    Reader,
    Wrong,
    mail_address,
    one_of,
    read_text,
    source_address,
    whole,
    words_of,
    yes_or_no,
)
from newsletter.fetch.kinds import KindInfo, find_kinds, kind_pairs, kinds_called
from newsletter.model.rule import Amount
from newsletter.plugins import is_secret

PACKAGE_MISSING = "A package that brought it may be missing: install it."
"""What to say of a name that nobody knows and that looks like none that is known."""
_USUAL_ORDER = (
    *(
        "feed",
        "mailing list",
        "mbox",
        "gerrit",
        "github",
        "gitlab",
        "gitea",
        "launchpad",
        "calendar",
        "chat log",
        "pad",
    ),
    *("web page", "wiki", "discourse", "questions", "mastodon", "opml"),
    *("inbox",),
)
_TOLD = (
    *("feed", "mailing list", "mbox", "gerrit", "github", "gitlab", "launchpad", "calendar", "chat log", "pad"),
    *("web page", "inbox"),
)
"""The kinds that a message lists. Others are as good, and are told when they are near to what was written."""
_FEEDS = "For RSS and Atom write"
_LISTS = "For archives of a list write"
_SAID_OTHERWISE: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("rss", "atom", "rdf", "rss feed", "atom feed", "xml"), ("feed", _FEEDS)),
    **dict.fromkeys(("blog", "planet", "podcast", "news", "json feed", "forum", "video"), ("feed", "Write")),
    **dict.fromkeys(("ical", "ics", "icalendar", "events", "caldav"), ("calendar", "For dates write")),
    **dict.fromkeys(("irc", "chat", "irc log", "meeting", "meetings", "log", "matrix"), ("chat log", "Write")),
    **dict.fromkeys(("list", "mail", "mailman", "maillist", "ml", "listserv"), ("mailing list", _LISTS)),
    **dict.fromkeys(("review", "reviews", "code review"), ("gerrit", "Write")),
    **dict.fromkeys(("forgejo", "codeberg", "gogs"), ("gitea", "For Forgejo, Codeberg and Gitea write")),
    **dict.fromkeys(("website", "page", "html", "web", "site"), ("web page", "Write")),
    **dict.fromkeys(("etherpad",), ("pad", "Write")),
    **dict.fromkeys(("recent changes", "wikipedia", "moin"), ("wiki", "For recent changes write")),
    **dict.fromkeys(("ask", "question site", "stack overflow", "q&a"), ("questions", "Write")),
    **dict.fromkeys(("fediverse", "toots", "microblog"), ("mastodon", "Write")),
    **dict.fromkeys(("blogroll", "subscriptions", "feed list"), ("opml", "Write")),
    **dict.fromkeys(("youtube", "peertube", "vimeo", "videos", "channel"), ("feed", "For video channels write")),
    **dict.fromkeys(("mailbox", "tips"), ("inbox", "Write")),
    **dict.fromkeys(("bugs", "bug tracker", "issue tracker"), ("bugzilla", "Write")),
}
CHOICES: Mapping[str, tuple[str, ...]] = {"real_author_from": ("title", "author", "body")}
ALLOW_FOLDERS = "NEWSLETTER_ALLOW_FOLDERS"
"""The environment names folders here, with ":" between them."""
PATHS = ("file", "folder", "mailbox")
_FROM_ENVIRONMENT = ("user",)
_REPLIES = re.compile(r"\d{1,4}( (replies|mails|answers))?( or more)?")


@dataclass(frozen=True, slots=True)
class KindKey:
    """A key that a source of some kind may have; ``field`` is its name in the dataclass."""

    field: str
    is_many: bool
    is_needed: bool
    reader: Reader[Any]


@dataclass(frozen=True, slots=True)
class KindKeys:
    """The keys of one word for kinds; of the groups in ``one_of`` one key must stand there."""

    word: str
    keys: Mapping[str, KindKey]
    one_of: tuple[tuple[str, ...], ...] = ()


@cache
def kind_names() -> tuple[str, ...]:
    """The editor's words for kinds, the usual ones first and in their usual order."""
    words = {word for _, word in kind_pairs()}
    return (*(word for word in _USUAL_ORDER if word in words), *sorted(words.difference(_USUAL_ORDER)))


def kind_word(key: str, text: str) -> str | Wrong:
    """A reader of kinds: an editor's word, or the name of a reader."""
    names = _names()
    found = names.get(plain(text))
    if found:
        return found
    meant, lead = _meant(text)
    hint = f' {lead} "{key}: {meant}".' if lead else f' Did you mean "{meant}"?' if meant else ""
    gone = "" if hint else f" {PACKAGE_MISSING}"
    return Wrong(f'There is no kind "{shown(text)}".{hint} Kinds: {listed(_told())}.{gone}')


def unknown_kind(text: str) -> str:
    """What to say about a kind that there is none of, outside of a file."""
    meant, lead = _meant(text)
    hint = f" {lead or 'Did you mean'} “{meant}”{'.' if lead else '?'}" if meant else ""
    return f"There is no kind “{shown(text)}”.{hint} Kinds: {listed(_told())}."


def _meant(text: str) -> tuple[str, str]:
    """The kind that ``text`` was probably meant to be, and how to say so when it is known by another name."""
    names = _names()
    meant, lead = _SAID_OTHERWISE.get(plain(text), ("", ""))
    if meant in names:
        return meant, lead
    return nearest(text, (*kind_names(), *names.values())) or "", ""


def _told() -> list[str]:
    return [word for word in _TOLD if word in kind_names()]


@cache
def _names() -> Mapping[str, str]:
    """Words for kinds and names of readers by their plain spelling; the word wins."""
    pairs = kind_pairs()
    return {plain(name): name for name in (*(reader for reader, _ in pairs), *(word for _, word in pairs))}


@cache
def kind_keys(word: str) -> KindKeys:
    """The keys for ``word``: those of all its readers together. For "" those of every kind, none of them needed."""
    infos = list(kinds_called(word) if word else find_kinds().values())
    infos.sort(key=lambda info: kind_names().index(info.word))
    keys: dict[str, KindKey] = {}
    counts: dict[str, int] = {}
    for info in infos:
        for name, key in keys_of(info.cls).items():
            keys.setdefault(name, key)
            counts[name] = counts.get(name, 0) + key.is_needed
    needed = {name for name, count in counts.items() if word and count == len(infos)}
    return KindKeys(
        word,
        {name: KindKey(key.field, key.is_many, name in needed, key.reader) for name, key in keys.items()},
        _groups(infos) if word else (),
    )


def kinds_with(key: str) -> tuple[str, ...]:
    """The words of the kinds that may have ``key``."""
    return tuple(word for word in kind_names() if key in kind_keys(word).keys)


def all_kind_keys() -> tuple[str, ...]:
    """Every key that some kind may have."""
    return tuple(kind_keys("").keys)


def _groups(infos: Iterable[KindInfo]) -> tuple[tuple[str, ...], ...]:
    found = [getattr(info.cls, "one_of", None) or _files_or_web(info) for info in infos]
    return tuple(dict.fromkeys(tuple(plain(name) for name in group) for group in found if group))


def _files_or_web(info: KindInfo) -> tuple[str, ...]:
    """A kind that reads files or the web needs one of them, whether it says so or not."""
    return ("file", "url") if {"file", "url"} <= set(info.keys) else ()


def keys_of(cls: type) -> dict[str, KindKey]:
    """The keys that a dataclass takes, read off its fields."""
    hints = get_type_hints(cls)
    return {plain(item.name): _key(cls, item, hints[item.name]) for item in fields(cls) if item.init}


def _key(cls: type, item: "Field[Any]", hint: Any) -> KindKey:
    is_needed = item.default is MISSING and item.default_factory is MISSING
    inner = _without_none(hint)
    is_many = get_origin(inner) in (tuple, list, frozenset)
    if is_many:
        inner = get_args(inner)[0]
    return KindKey(item.name, is_many, is_needed, _reader(cls, item.name, inner))


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(found for found in get_args(hint) if found is not type(None))
    return hint


_BY_TYPE: Mapping[Any, Reader[Any]] = {
    bool: yes_or_no,
    int: whole(0, 1_000_000),
    timedelta: span(timedelta(minutes=1), timedelta(days=366), "6 weeks"),
    Amount: amount("replies", "people", "words", "comments"),
}
_BY_NAME: Mapping[str, Reader[Any]] = {"url": source_address, "address": mail_address}


def _reader(cls: type, name: str, hint: Any) -> Reader[Any]:
    choices: tuple[str, ...] | None = getattr(cls, "choices", {}).get(name) or CHOICES.get(name)
    if get_origin(hint) is Literal:
        choices = get_args(hint)
    if choices:
        return one_of(*choices)
    take_words: tuple[str, ...] = getattr(cls, "take_words", None) or ()
    if name == "take" and take_words:
        return words_of(take_words)
    if hint is str and name == "digest_threads_with":
        return _replies
    return _BY_TYPE.get(hint) or _BY_NAME.get(name) or read_text


def _replies(key: str, text: str) -> str | Wrong:
    if _REPLIES.fullmatch(plain(text)):
        return text
    return Wrong(f'{key} must be a number of replies such as "20 replies or more", not "{shown(text)}".')


def settings_of(part: Part, word: str, keys: Mapping[str, KindKey], manner: Manner) -> dict[str, Any]:
    """What stands in ``part`` under the ``keys`` of ``word``, by field; wrong values are told and left out."""
    found: dict[str, Any] = {}
    for name, key in keys.items():
        if name in part:
            reader = reader_for(word, key, base=manner.base, environ=manner.environ)
            value = part.many(name, reader) if key.is_many else part.optional(name, reader)
            if value not in (None, ()):
                found[key.field] = value
    return found


def reader_for(word: str, key: KindKey, *, base: Path, environ: Mapping[str, str]) -> Reader[Any]:
    """The reader of ``key``, for a file beside feeds.yaml in ``base`` and for secrets in ``environ``."""
    if is_secret(key.field):
        variable = f"{re.sub(r'[^A-Z0-9]+', '_', (word or 'source').upper())}_{key.field.upper()}"
        return secret(key.field.replace("_", " "), variable, environ)
    if key.field in _FROM_ENVIRONMENT:
        return from_environment(environ)
    if key.field in PATHS:
        return _path_reader(base, environ)
    return key.reader


def _path_reader(base: Path, environ: Mapping[str, str]) -> Reader[str]:
    """Reads names of files and folders: what lies in ``base``, or in a folder that the environment names.

    Who may write feeds.yaml need not be one who may read every file of this machine. Links are followed first.
    """

    def read(key: str, text: str) -> str | Wrong:
        found = read_text(key, text)
        if isinstance(found, Wrong):
            return found
        try:
            path = (base / Path(found).expanduser()).absolute()
            real, allowed = path.resolve(), [each.resolve() for each in (base, *allowed_folders(environ))]
        except (OSError, RuntimeError, ValueError):
            return Wrong(f'{key} must be the name of a file or a folder, not "{shown(text)}".')
        if any(real.is_relative_to(each) for each in allowed):
            return str(path)
        return Wrong(
            f'{key} "{shown(text)}" lies outside the folder of this newsletter. Put it into that folder, or let '
            f"somebody name its own folder in the environment: {ALLOW_FOLDERS}={real.parent}."
        )

    return read


def allowed_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders outside the newsletter's own whose files may be sources; only whole paths count."""
    named = (Path(each.strip()) for each in environ.get(ALLOW_FOLDERS, "").split(os.pathsep))
    return tuple(each for each in named if each.is_absolute())
