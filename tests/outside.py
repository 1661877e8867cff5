"""Packages of somebody else that bring something: made in a folder, found through their entry points."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from newsletter import plugins
from newsletter.config import kind_keys
from newsletter.deliver import ways
from newsletter.fetch import kinds
from newsletter.render import targets

_CACHED = (
    *(plugins._points, kinds.find_kinds, kinds.load_outside, targets.outside_targets, ways.outside_ways),
    *(kind_keys.kind_names, kind_keys.kind_keys, kind_keys._names),
)


@contextmanager
def installed(folder: Path, modules: Mapping[str, str], **points: str) -> Iterator[Path]:
    """While entered, ``modules`` (name to text) lie on the path, and ``points`` are entry points for kinds."""
    with packages(folder, {"outside": {"newsletter.kinds": points}}, modules) as site:
        yield site


@contextmanager
def packages(
    folder: Path, points: Mapping[str, Mapping[str, Mapping[str, str]]], modules: Mapping[str, str]
) -> Iterator[Path]:
    """The same with several packages, each of version 1.0: by name their groups of entry points."""
    site = folder / "site"
    for package, groups in points.items():
        info = site / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in each.items())
            for group, each in groups.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(lines))
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text)
    kinds.find_kinds()
    before = dict(kinds._REGISTERED)
    sys.path.insert(0, str(site))
    _forget()
    try:
        yield site
    finally:
        sys.path.remove(str(site))
        for name in modules:
            sys.modules.pop(name, None)
        kinds._REGISTERED.clear()
        kinds._REGISTERED.update(before)
        _forget()


def _forget() -> None:
    importlib.invalidate_caches()
    for each in _CACHED:
        each.cache_clear()
