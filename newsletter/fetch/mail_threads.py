"""Threads inside one document: mails that name each other by Message-ID, whatever their subjects say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.model.item import Person, Thread


@dataclass(slots=True)
class Mail:
    """One mail as it was read. ``answered`` are the Message-IDs it answers, the nearest first, the root last."""

    key: str
    title: str = ""
    text: str = ""
    author: Person | None = None
    published_at: datetime | None = None
    answered: tuple[str, ...] = ()
    url: str | None = None
    warnings: tuple[str, ...] = ()


def join_threads(mails: Sequence[Mail]) -> list[Thread]:
    """For each of ``mails`` its thread, counted over ``mails``: root, replies, people, first and last time."""
    parents = known_parents({mail.key: mail.answered for mail in mails})
    claimed = {mail.key: mail.answered[-1] for mail in mails if mail.answered}
    roots: dict[str, str] = {}
    members: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        if mail.key not in roots:
            _find_root(mail.key, parents, claimed, roots)
        members[roots[mail.key]].append(mail)
    threads = {root: _counted(root, found) for root, found in members.items()}
    return [threads[roots[mail.key]] for mail in mails]


def known_parents(answered: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each mail that answers one that is there, by Message-ID, the nearest one it answers."""
    parents: dict[str, str] = {}
    for key, others in answered.items():
        for other in others:
            if other in answered and other != key:
                parents[key] = other
                break
    return parents


def _counted(root_id: str, mails: Sequence[Mail]) -> Thread:
    if len(mails) == 1:
        return Thread(root_id, 0, 1, mails[0].published_at, mails[0].published_at)
    times = [mail.published_at for mail in mails if mail.published_at]
    people = {mail.author.identity for mail in mails if mail.author}
    replies = len({mail.key for mail in mails}) - 1
    return Thread(root_id, replies, max(1, len(people)), min(times, default=None), max(times, default=None))


def _find_root(key: str, parents: Mapping[str, str], claimed: Mapping[str, str], roots: dict[str, str]) -> None:
    """Note the root of ``key`` and of every mail on the way to it; mails that answer in a circle have the smallest."""
    path = {key: None}
    top = key
    while top not in roots and top in parents:
        top = parents[top]
        if top in path:
            circle = list(path)
            roots[top] = min(circle[circle.index(top) :])
            break
        path[top] = None
    # The highest mail that is here may itself answer one that is not: then the thread has that one's name.
    roots.update(dict.fromkeys(path, roots.get(top) or claimed.get(top, top)))
