"""What other packages bring, and what is wrong with it: for `newsletter check` and `newsletter doctor`."""

from dataclasses import dataclass
from typing import Any

from newsletter.config.ways import ways
from newsletter.fetch.kinds import find_kinds, load_outside
from newsletter.plugins import DELIVERIES, KINDS, TARGETS, Outside, Plugin, Trouble, plugins_in
from newsletter.render.targets import outside_targets


@dataclass(frozen=True, slots=True)
class KnownPlugin:
    """A plug-in that is installed: in words what feeds.yaml calls it, and why it cannot be used if it cannot."""

    plugin: Plugin
    words: str
    trouble: Trouble | None = None


def every_plugin() -> tuple[KnownPlugin, ...]:
    """All plug-ins, those that cannot be used among them; they are imported for it."""
    loaded: dict[str, Outside[Any]] = {KINDS: load_outside(), TARGETS: outside_targets(), DELIVERIES: ways()}
    return tuple(
        KnownPlugin(plugin, _words(plugin, loaded[group]), _trouble(plugin, loaded[group]))
        for group in loaded
        for plugin, _ in plugins_in(group)
    )


def troubles() -> tuple[Trouble, ...]:
    """What is wrong with plug-ins; nothing is imported where none is installed."""
    return tuple(each.trouble for each in every_plugin() if each.trouble is not None)


def _trouble(plugin: Plugin, loaded: Outside[Any]) -> Trouble | None:
    return next((each for each in loaded.troubles if each.plugin == plugin), None)


def _words(plugin: Plugin, loaded: Outside[Any]) -> str:
    """By which line of feeds.yaml it is used."""
    if plugin.group == TARGETS:
        return f"also write: {plugin.name}"
    if plugin.group == DELIVERIES:
        return f"by: {plugin.name}"
    readers = load_outside().found.get(plugin.name)
    words = dict.fromkeys(find_kinds()[reader].word for reader in readers[1]) if readers else ()
    return ", ".join(f"kind: {word}" for word in words)
