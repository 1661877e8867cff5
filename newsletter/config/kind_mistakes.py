"""What can be known of a source without asking anybody: values its kind can make nothing of, files that are missing."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from newsletter.config.kind_keys import PATHS
from newsletter.config.nodes import Listing, Text
from newsletter.config.parts import Part
from newsletter.config.problems import plain
from newsletter.errors import UsageError
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.kinds import KindInfo, Mistake, find_kinds, kinds_called
from newsletter.text import host_of, one_line

_PERHAPS_OWN = re.compile(r"[a-z]+://(?:[0-9[]|localhost)", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+|localhost", re.IGNORECASE)


def tell_mistakes(part: Part, kind: str, settings: Mapping[str, Any]) -> None:
    """What the kind of a source says about its keys (``mistakes`` of :class:`newsletter.fetch.kinds.Kind`)."""
    info = _reader(kind, settings)
    if info is None or _lacks(info, settings):
        return
    made = info.cls(**{name: value for name, value in settings.items() if name in info.keys})
    for mistake in getattr(made, "mistakes", tuple)():
        part.report.tell(_line(part, mistake), mistake.text)


def tell_missing_files(part: Part, settings: Mapping[str, Any]) -> None:
    """Files and folders on this machine that a source reads and that are not there."""
    for field in PATHS:
        path = Path(settings[field]) if field in settings else None
        is_there = path is not None and (path.is_dir() if field == "folder" else path.exists())
        if path is not None and not is_there:
            found = " It is a file." if path.exists() else ""
            part.tell(
                field,
                f"There is no {field} {one_line(str(path))}.{found} Put it there, or mend the path: it begins at the "
                "folder of feeds.yaml.",
            )
        elif path is not None and field == "file" and path.is_dir():
            part.tell(field, f"{one_line(str(path))} is a folder, not a file. Name the file in it.")


def warn_of_own_network(part: Part, settings: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """An address by numbers inside the own network, which is not read unless the environment allows it."""
    url = str(settings.get("url", ""))
    if not _PERHAPS_OWN.match(url) or not _NUMBERS.fullmatch(host := host_of(url).strip("[]")):
        return
    from newsletter.fetch.guard import Guard, allowed_networks, refusal_of  # few sources are so

    address = "127.0.0.1" if host == "localhost" else host
    with suppress(UsageError):
        if not Guard(allowed_networks(environ)).allows(address):
            part.report.warn(part.line_of("url"), refusal_of(address))


def _reader(kind: str, settings: Mapping[str, Any]) -> KindInfo | None:
    """The one reader that a source will be read by, None when that is only found by looking."""
    infos = {info.reader: info for info in kinds_called(kind)} if kind else dict(find_kinds())
    if kind and len(infos) == 1:
        return next(iter(infos.values()))
    shaped = reader_by_shape(str(settings.get("url", "")), infos)
    return infos[shaped] if shaped else None


def _lacks(info: KindInfo, settings: Mapping[str, Any]) -> bool:
    """Whether something is missing that the kind cannot be without; it was told before."""
    return any(
        each.default is MISSING and each.default_factory is MISSING and each.name not in settings
        for each in fields(info.cls)
    )


def _line(part: Part, mistake: Mistake) -> int:
    """The line of the value, which may be one of a list."""
    key = plain(mistake.field)
    node = part.node(key)
    items = node.items if isinstance(node, Listing) else ()
    return next(
        (each.line for each in items if isinstance(each, Text) and each.value == mistake.value), part.line_of(key)
    )
