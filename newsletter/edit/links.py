"""The addresses that an issue leads to, and another one in the place of one of them."""

import re
from dataclasses import dataclass, replace

from newsletter.model.issue import Deadline, Entry, Issue
from newsletter.model.story import Place
from newsletter.text import is_web_url

_IN_TEXT = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Link:
    """An address, and the ids of the entries that lead there; none for the note, a figure or a deadline."""

    url: str
    entries: tuple[str, ...] = ()


def links_of(issue: Issue) -> tuple[Link, ...]:
    """Every web address that readers of ``issue`` can follow, once each, in reading order."""
    found: dict[str, list[str]] = {}
    for url in _in_text(issue.note):
        found.setdefault(url, [])
    for deadline in issue.deadlines:
        if deadline.url:
            found.setdefault(deadline.url, [])
    for entry in issue.entries:
        for url in _of_entry(entry):
            ids = found.setdefault(url, [])
            if entry.id not in ids:
                ids.append(entry.id)
    for figure in issue.figures:
        for address in (figure.proof, figure.note_url):
            if address:
                found.setdefault(address, [])
    return tuple(Link(url, tuple(ids)) for url, ids in found.items() if is_web_url(url))


def _of_entry(entry: Entry) -> list[str]:
    urls = [entry.url, *(place.url for place in entry.places), entry.event.url if entry.event else None]
    return [url for url in dict.fromkeys([*urls, entry.picture.url if entry.picture else None]) if url]


def _in_text(text: str) -> list[str]:
    """The addresses in a note as it is read: the end of a sentence, and of brackets, is not part of one."""
    return [found.rstrip(".,;:!?)") for found in _IN_TEXT.findall(text)]


def replace_link(issue: Issue, old: str, new: str) -> Issue:
    """``issue`` with the address ``new`` wherever it led to ``old``; one that is no web address changes nothing."""
    if not is_web_url(new) or not old:
        return issue

    def entries(found: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(_led_on(entry, old, new) for entry in found)

    sections = tuple(
        replace(each, entries=entries(each.entries), runners_up=entries(each.runners_up)) for each in issue.sections
    )
    deadlines: tuple[Deadline, ...] = tuple(
        replace(each, url=new) if each.url == old else each for each in issue.deadlines
    )
    note = re.sub(rf"{re.escape(old)}(?![^\s<>\").,;:!?\]]|[.,;:!?][^\s<>\"])", lambda _: new, issue.note)
    return replace(issue, sections=sections, deadlines=deadlines, note=note)


def _led_on(entry: Entry, old: str, new: str) -> Entry:
    if old not in _of_entry(entry):
        return entry
    places: dict[str, Place] = {}
    for place in entry.places:
        url = new if place.url == old else place.url
        places.setdefault(url, Place(place.label, url))
    event, picture = entry.event, entry.picture
    return replace(
        entry,
        url=new if entry.url == old else entry.url,
        places=tuple(places.values()),
        event=replace(event, url=new) if event and event.url == old else event,
        picture=replace(picture, url=new) if picture and picture.url == old else picture,
    )
