"""A package of somebody else that brings a kind: made in a folder, found through its entry point."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from newsletter import plugins
from newsletter.config import kind_keys
from newsletter.fetch import kinds

_CACHED = (
    plugins._points,
    kinds.find_kinds,
    kinds.load_outside,
    kind_keys.kind_names,
    kind_keys.kind_keys,
    kind_keys._names,
)


@contextmanager
def installed(folder: Path, modules: Mapping[str, str], **points: str) -> Iterator[Path]:
    """While entered, ``modules`` (name to text) lie on the path, and ``points`` are entry points for kinds."""
    site = folder / "site"
    info = site / "outside-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    lines = "".join(f"{name} = {module}\n" for name, module in points.items())
    (info / "entry_points.txt").write_text(f"[newsletter.kinds]\n{lines}")
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
