"""Benches are run by hand and seldom: what they take from the program must still be there."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"


def taken(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything a bench imports from the program and its tests, inside functions as well."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("newsletter", "tests"):
            for each in node.names:
                yield node.module or "", each.name


def is_there(module: str, name: str) -> bool:
    found = importlib.import_module(module)
    if hasattr(found, name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


@pytest.mark.parametrize("path", sorted(BENCH.glob("*.py")), ids=lambda path: path.stem)
def test_a_bench_takes_what_is_there(path: Path) -> None:
    missing = [f"from {module} import {name}" for module, name in taken(path) if not is_there(module, name)]
    assert missing == []
