"""What a mail about sources in trouble says: who, where, since when, the last words, what to do. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.text import shorten

_WHOLE = 40
"""So many sources are told whole; the rest by name."""
_NAMES = 200
_MANY = 5
_FEEDS = "feeds.yaml"


@dataclass(frozen=True, slots=True)
class Story:
    """One source in trouble, as it is told: ``what`` is broken, gone or moved."""

    what: str
    name: str
    line: int
    address: str
    since: str
    reason: str
    said: str = ""
    """What its server said itself, where the reason does not."""
    tries: int = 0
    then: str = "tell the editor"
    new_address: str = ""
    file: str = _FEEDS


def trouble_mail(
    newsletter: str, stories: Sequence[Story], *, broken: int, asked: int, desk: str | None
) -> tuple[str, tuple[str, ...]]:
    """Subject and paragraphs; ``broken`` of the ``asked`` sources fail by now."""
    parts: list[str] = []
    if asked >= _MANY and broken * 5 >= asked * 4:
        parts.append(
            f"{broken} of {asked} sources fail. When nearly all do, look at the network of this machine first: "
            "its name server, its firewall, its clock."
        )
    for each in stories[:_WHOLE]:
        parts += _told(each)
    if more := stories[_WHOLE:]:
        names = ", ".join(each.name for each in more[:_NAMES])
        rest = f" and {len(more) - _NAMES} more" if len(more) > _NAMES else ""
        parts.append(f"The same is to be said of {len(more)} more: {names}{rest}.")
    parts.append("Each of these is told once. “newsletter sources” shows how all sources are.")
    return f"{newsletter}: {_subject(stories)}", (*parts, *([desk] if desk else []))


def _subject(stories: Sequence[Story]) -> str:
    if len(stories) == 1:
        name = f"“{shorten(stories[0].name, 60)}”"
        return {
            "broken": f"{name} cannot be read",
            "gone": f"{name} is gone for good",
            "moved": f"{name} has a new address",
        }[stories[0].what]
    said = {"broken": "cannot be read", "gone": "gone for good", "moved": "moved"}
    counts = ((sum(each.what == what for each in stories), words) for what, words in said.items())
    found = [(count, words) for count, words in counts if count]
    first = f"{found[0][0]} {'source' if found[0][0] == 1 else 'sources'} {_verb(*found[0])}"
    return ", ".join([first, *(f"{count} {words}" for count, words in found[1:])])


def _verb(count: int, words: str) -> str:
    if words == "gone for good":
        return f"{'is' if count == 1 else 'are'} {words}"
    return words


def _told(each: Story) -> Iterable[str]:
    where = f"“{each.name}” ({each.file}:{each.line})" + (f", {each.address}" if each.address else "")
    tries = f"{each.tries} {'try' if each.tries == 1 else 'tries'}"
    if each.what == "moved":
        yield f"{where} moved to {each.new_address} for good."
        yield f"It is read there meanwhile. Write “url: {each.new_address}” at {each.file}:{each.line}."
        return
    if each.what == "gone":
        yield f"{where} is gone since {each.since}."
        yield f"Its last words: {each.reason}{_said(each)}"
        yield f"It is not asked any more. If it is back, “newsletter gather '{each.name}'” asks it again."
        return
    yield f"{where} cannot be read since {each.since}; {tries}."
    yield f"Its last words: {each.reason}{_said(each)}"
    yield _then(each)


def _said(each: Story) -> str:
    return f" The server says: “{shorten(each.said, 300)}”" if each.said else ""


def _then(each: Story) -> str:
    again = f"“newsletter gather '{each.name}'” reads it again, and so does another address in {_FEEDS}."
    if each.then == "pause":
        return f"It is paused now, as {_FEEDS} says (then: pause). {again}"
    if each.then == "drop":
        return f"It is dropped, as {_FEEDS} says (then: drop): its lines can be taken out. {again}"
    return f"It is asked again at least once a day. Mend it at {each.file}:{each.line}, or write “paused: yes” there."
