"""Python reads this at its start where the tests put this folder first: their own processes meet the same database."""

import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

_MODULE = "newsletter.store.database"


class _After(Loader):
    """Loads the module as usual, and puts the stand-in into it."""

    def __init__(self, usual: Any) -> None:
        self._usual = usual

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._usual.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        self._usual.exec_module(module)
        # A worker of the tests has another path than it was started with.
        spec = spec_from_file_location("stand_in", Path(__file__).with_name("stand_in.py"))
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(stand_in := module_from_spec(spec))
        stand_in.put_into(module)


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != _MODULE or (spec := PathFinder.find_spec(name, path, target)) is None:
            return None
        spec.loader = _After(spec.loader)
        return spec


if "NEWSLETTER_TEST_TOUCHED" in os.environ or "NEWSLETTER_TEST_POSTGRES" in os.environ:
    sys.meta_path.insert(0, _Finder())
