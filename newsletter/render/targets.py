"""Targets of other packages: further files beside an issue, each made from what the templates may use of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from newsletter.errors import PluginFault
from newsletter.plugins import TARGETS, Outside, Plugin, check_name, load_plugins, not_installed, said_by

if TYPE_CHECKING:
    from newsletter.model.settings import NewsletterSettings
    from newsletter.render.contexts import IssueContext

OWN_NAMES = ("web page", "feed", "calendar file", "mail")
"""What an issue becomes without other packages."""
_OWN_FILE = re.compile(r"issue\..*|email\..*|events\.ics|figures\.html|erratum-.*|snapshot|editions", re.IGNORECASE)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Target(Protocol):
    """Makes one more file of an issue. Its name is that of its entry point in the group ``newsletter.targets``."""

    file_name: str
    """What the file is called, beside issue.html."""

    def render(self, issue: "IssueContext", settings: "NewsletterSettings") -> bytes:
        """The file; the same issue gives the same bytes. Asks nobody, writes nothing."""


@dataclass(frozen=True, slots=True)
class TargetFiles:
    """The files that targets made, by name, and what there is to say about those that made none."""

    files: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()


@cache
def outside_targets() -> Outside[Target]:
    """The targets of other packages by name; they are imported for it."""
    named: dict[str, str] = {}

    def accept(plugin: Plugin, thing: Any) -> Target:
        check_name(plugin.name, OWN_NAMES)
        target = thing() if isinstance(thing, type) else thing
        file = getattr(target, "file_name", None)
        if not callable(getattr(target, "render", None)) or not isinstance(file, str):
            raise PluginFault("a target has a file_name and a render(issue, settings)")
        if not _FILE.fullmatch(file):
            raise PluginFault(f"“{file}” cannot be the name of its file: letters, digits, “.”, “_” and “-”")
        if _OWN_FILE.fullmatch(file) or file.casefold() in named:
            whose = named.get(file.casefold(), "the newsletter itself")
            raise PluginFault(f"{whose} writes {file} already")
        named[file.casefold()] = str(plugin)
        made: Target = target
        return made

    return load_plugins(TARGETS, accept)


def render_targets(names: Iterable[str], issue: "IssueContext", settings: "NewsletterSettings") -> TargetFiles:
    """The files of the targets ``names``; one that fails leaves out its own file alone."""
    files: dict[str, bytes] = {}
    remarks = []
    for name in names:
        found = outside_targets().found.get(name)
        if found is None:
            remarks.append(f"{why_no_target(name)} Its file is not written.")
            continue
        plugin, target = found
        try:
            data = target.render(issue, settings)
            if not isinstance(data, bytes):
                raise TypeError(f"render gave {type(data).__name__} and has to give bytes")
        except Exception as fault:
            said = f"The {plugin} failed ({said_by(fault)}), so {target.file_name} is not written."
            remarks.append(f"{said} Tell who makes it.")
        else:
            files[target.file_name] = data
    return TargetFiles(files, tuple(remarks))


def why_no_target(name: str) -> str:
    """What to say when there is no target of that name."""
    trouble = outside_targets().trouble_of(name)
    return str(trouble or f"{not_installed(TARGETS, name)}.")


def target_files(names: Iterable[str]) -> tuple[str, ...]:
    """The names of the files that those of ``names`` write that can be used."""
    found = outside_targets().found
    return tuple(found[name][1].file_name for name in names if name in found)
