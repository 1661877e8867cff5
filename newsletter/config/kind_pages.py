"""The documentation of the kinds, one page each, made of what the code says: docstring, keys, addresses.

``python -m newsletter.config.kind_pages docs/kinds`` writes the pages (``./dev docs`` calls it).
"""

import inspect
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from newsletter.config.kind_keys import CHOICES, PATHS, kind_names
from newsletter.fetch.kinds import KindInfo, find_kinds
from newsletter.model.rule import Amount
from newsletter.plugins import is_secret
from newsletter.text import slug

INDEX = "README.md"
_LITERAL = re.compile(r"``(.+?)``", re.DOTALL)
_BY_NAME: Mapping[str, str] = {
    "url": "an address of the web",
    "address": "a mail address",
    "file": "a file, named from the folder of feeds.yaml on; it lies in that folder",
    "digest_threads_with": "a number such as `20 replies or more`",
}
_BY_TYPE: Mapping[Any, str] = {
    bool: "`yes` or `no`",
    int: "a whole number",
    timedelta: "a time such as `6 weeks`",
    Amount: "a number such as `20 or more`",
}
_SPANS = (("week", timedelta(weeks=1)), ("day", timedelta(days=1)), ("hour", timedelta(hours=1)))


def kind_pages() -> dict[str, str]:
    """The pages of all kinds of this project by the names of their files, with an index of them."""
    infos = [info for info in find_kinds().values() if info.cls.__module__.startswith("newsletter.")]
    infos.sort(key=lambda info: (kind_names().index(info.word), info.reader))
    return {file_name(info): kind_page(info) for info in infos} | {INDEX: _index(infos)}


def file_name(info: KindInfo) -> str:
    """The name of the page of a kind."""
    return f"{slug(info.reader)}.md"


def kind_page(info: KindInfo) -> str:
    """The page of one kind, as Markdown."""
    title = info.word if info.word == info.reader else f"{info.word}: {info.reader}"
    parts = [f"# {title}", *_states(info), *_prose(info), *_keys(info), *_found(info)]
    return "\n\n".join(parts) + "\n"


def _states(info: KindInfo) -> Iterator[str]:
    if not info.can_read:
        yield "**Not readable in this version.** The keys are checked already; nothing is read yet."
    if info.word == info.reader:
        yield f"Written as `kind: {info.word}`."
    else:
        yield (
            f"Written as `kind: {info.word}`: that this reader serves an address is found by looking. "
            f"`kind: {info.reader}` names it."
        )


def _prose(info: KindInfo) -> Iterator[str]:
    """The docstring: paragraphs as they stand, indented blocks as examples, ``key`` as editors write it."""
    keys = {name for item in fields(info.cls) for name in (item.name, item.name.replace("_", " "))}

    def literal(match: "re.Match[str]") -> str:
        text = " ".join(match[1].split())
        return f"`{text.replace('_', ' ')}`" if text in keys else f"`{text}`"

    for block in re.split(r"\n\s*\n", inspect.cleandoc(info.cls.__doc__ or "")):
        if block.startswith("  "):
            yield f"```yaml\n{inspect.cleandoc(chr(10) + block)}\n```"
            continue
        text = _LITERAL.sub(literal, block.rstrip())
        text = text[:-1].rstrip() if text.endswith("::") and text[:-2].rstrip() else text
        if text != "::":
            yield text


def _keys(info: KindInfo) -> Iterator[str]:
    hints = get_type_hints(info.cls)
    rows = [_row(info.cls, item, hints[item.name]) for item in fields(info.cls) if item.init]
    yield "## Keys"
    yield "\n".join(("| key | is | if left out |", "| --- | --- | --- |", *rows))
    group: tuple[str, ...] = getattr(info.cls, "one_of", ())
    if not group and {"url", "file"} <= set(info.keys):
        group = ("file", "url")
    if group:
        names = [f"`{_spaced(name)}`" for name in group]
        yield f"{', '.join(names[:-1])} or {names[-1]} is needed."
    yield "The keys that every source may have stand in [feeds.yaml](../feeds_yaml.md#sources)."


def _row(cls: type, item: "Field[Any]", hint: Any) -> str:
    return f"| `{_spaced(item.name)}` | {_type(cls, item.name, hint)} | {_default(item)} |"


def _type(cls: type, name: str, hint: Any) -> str:
    inner = hint
    if get_origin(inner) in (Union, types.UnionType):
        inner = next(found for found in get_args(inner) if found is not type(None))
    is_many = get_origin(inner) in (tuple, list, frozenset)
    if is_many:
        inner = get_args(inner)[0]
    words: tuple[str, ...] = getattr(cls, "choices", {}).get(name) or CHOICES.get(name) or ()
    words = get_args(inner) if get_origin(inner) is Literal else words
    if name == "take":
        words = getattr(cls, "take_words", None) or words
    if words:
        shown = ", ".join(f"`{word}`" for word in words)
        return f"{'one or several of ' if is_many else 'one of ' if len(words) > 1 else ''}{shown}"
    if is_secret(name):
        return "`from NAME`: read from the environment"
    if name in PATHS:
        return _BY_NAME.get(name, f"a {name} on this machine")
    return ("one or several: " if is_many else "") + (_BY_TYPE.get(inner) or _BY_NAME.get(name) or "text")


def _default(item: "Field[Any]") -> str:
    if item.default is MISSING and item.default_factory is MISSING:
        return "it is needed"
    value = item.default if item.default_factory is MISSING else item.default_factory()
    if isinstance(value, bool):
        return f"`{'yes' if value else 'no'}`"
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(f"`{each}`" for each in value) or "none"
    return "none" if value in (None, "") else f"`{value}`"


def _span(value: timedelta) -> str:
    for word, one in _SPANS:
        if value >= one and not value % one:
            count = value // one
            return f"`{count} {word}{'' if count == 1 else 's'}`"
    return f"`{value // timedelta(minutes=1)} minutes`"


def _found(info: KindInfo) -> Iterator[str]:
    """How a source without ``kind:`` is known to be of this one."""
    shape, looks = getattr(info.cls, "address_shape", ""), getattr(info.cls, "recognises", None)
    says = inspect.cleandoc(looks.__doc__ or "").partition("\n\n")[0].replace("\n", " ") if looks else ""
    if not (shape or says):
        return
    yield "## Found by looking"
    ways = [f"- its address, before any `?` or `#`, fits this pattern: `{shape}`"] if shape else []
    ways += [f"- what is at the address is this: {_inside(says)}"] if says else []
    yield "Where `kind:` is left out, a source is read so when\n\n" + "\n".join(ways)


def _index(infos: Iterable[KindInfo]) -> str:
    rows = [
        f"| {info.word} | [{info.reader}]({file_name(info)}) "
        f"| {_first_sentence(info)}{'' if info.can_read else ' Not readable in this version.'} |"
        for info in infos
    ]
    lead = (
        "# Kinds of source\n\nOne page for each reader, made of what its code says (`./dev docs` writes them anew). "
        "A source whose `kind:` is left out is looked at.\nHow to add one: [adding a kind](../adding_a_kind.md)."
    )
    return "\n".join((lead, "", "| `kind:` | reader | reads |", "| --- | --- | --- |", *rows)) + "\n"


def _first_sentence(info: KindInfo) -> str:
    paragraph = next(_prose(info), "").replace("\n", " ")
    return re.split(r"(?<=[.!?:])\s", paragraph)[0].rstrip(":") if paragraph else ""


def _inside(sentence: str) -> str:
    """``sentence`` as it stands inside another; an abbreviation keeps its capitals."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def write_pages(folder: Path) -> None:
    """Write all pages into ``folder``; what else is there as a page goes."""
    pages = kind_pages()
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
