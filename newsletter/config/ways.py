"""What feeds.yaml says about packages that deliver mail, or write further files of an issue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from newsletter.config.delivery_keys import DELIVERY_KEYS, WAYS
from newsletter.config.kind_keys import PACKAGE_MISSING, KindKey, keys_of, settings_of
from newsletter.config.nodes import Block, Text
from newsletter.config.parts import AnyKey, Part, node_under
from newsletter.config.problems import did_you_mean, plain, shown
from newsletter.config.surroundings import Manner, Strictness
from newsletter.config.values import Reader, Wrong, one_of
from newsletter.deliver.ways import Way, made_way, outside_ways
from newsletter.errors import PluginFault
from newsletter.plugins import DELIVERIES, Outside, missing_keys, not_installed
from newsletter.render.targets import outside_targets, why_no_target


@dataclass(frozen=True, slots=True)
class OutsideWay:
    """A way of delivery of another package, with its settings; ``trouble`` says why it cannot be used."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trouble: str = ""

    @property
    def repeats_safely(self) -> bool:
        """Whether a mail that is handed over again is not delivered twice."""
        found = ways().found.get(self.name)
        return found is not None and getattr(found[1], "repeats_safely", False) is True

    def made(self) -> Way:
        """The way itself. Raises PluginFault."""
        found = ways().found.get(self.name)
        if found is None:
            gone = f"{not_installed(DELIVERIES, self.name)}. Install it, or name another way in feeds.yaml."
            raise PluginFault(self.trouble or gone)
        plugin, cls = found
        try:
            return made_way(cls, self.settings)
        except PluginFault as fault:
            raise PluginFault(f"The {plugin} cannot be used: {fault}.") from fault


def ways() -> Outside[type]:
    """The ways of delivery of other packages; they are imported for it."""
    return outside_ways(WAYS, DELIVERY_KEYS)


def peek_way(block: Block) -> str:
    """The way that the part "delivery" names when it is none of our own, else ""."""
    node = node_under(block, "by")
    found = plain(node.value) if isinstance(node, Text) else ""
    return "" if found in WAYS else found


def way_keys(name: str) -> Mapping[str, KindKey]:
    """The keys that the way ``name`` may have under "delivery"; none when it cannot be used."""
    found = ways().found.get(name) if name else None
    return keys_of(found[1]) if found else {}


def delivery_keys(name: str) -> Collection[str]:
    """The keys that may stand under "delivery" where the way ``name`` is named; any, where nobody knows it."""
    return (*DELIVERY_KEYS, *way_keys(name)) if not name or name in ways().found else AnyKey()


def way_reader(name: str, how: Strictness) -> Reader[str]:
    """A reader of ways of delivery; ``name`` is the one that is no way of our own, if one stands there."""
    if not name:
        return one_of(*WAYS)
    found, trouble = ways().found, ways().trouble_of(name)

    def read(key: str, text: str) -> str | Wrong:
        if name in found or how == "past" or (trouble and how == "run"):
            return name
        if trouble:
            return Wrong(f'{key} cannot be "{shown(text)}". {trouble}')
        wrong = one_of(*WAYS, *found)(key, text)
        if isinstance(wrong, Wrong) and not did_you_mean(text, (*WAYS, *found)):
            return Wrong(f"{wrong.text} {PACKAGE_MISSING}")
        return wrong

    return read


def read_way(part: Part, name: str, manner: Manner) -> OutsideWay:
    """The way ``name`` of another package, with its settings in ``part``."""
    settings = settings_of(part, name, way_keys(name), manner)
    trouble = ways().trouble_of(name)
    found = OutsideWay(name, settings, str(trouble or ""))
    if name in ways().found:
        _tell(part, found, manner.how)
    elif manner.how == "past" and not trouble:
        part.report.warn(part.line_of("by"), f"{not_installed(DELIVERIES, name)}. Mail waits until it is installed.")
    return found


def _tell(part: Part, way: OutsideWay, how: Strictness) -> None:
    """What is missing among its settings, and with "try" what it says about them itself."""
    without = missing_keys(ways().found[way.name][1], way.settings)
    missing = [f'"{key}:"' for key in without if key not in part]
    if missing and how != "past":
        part.tell("by", f'"by: {way.name}" needs {" and ".join(missing)}. Write it under "delivery:".')
    elif how == "try" and not without:
        try:
            way.made()
        except PluginFault as fault:
            part.tell("by", str(fault))


def target_reader(how: Strictness) -> Reader[str]:
    """A reader of names of targets; one that cannot be used is a mistake with "try" alone, else it writes no file."""

    def read(key: str, text: str) -> str | Wrong:
        name = plain(text)
        if how != "try" or name in outside_targets().found:
            return name
        if outside_targets().trouble_of(name) or not outside_targets().found:
            return Wrong(f"{key}: {why_no_target(name)}")
        return one_of(*outside_targets().found)(key, text)

    return read
