"""The import rule: a module imports from lower floors only, a stage never from another stage."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "newsletter"
FLOORS = {
    **dict.fromkeys(("model", "errors", "text"), 0),
    **dict.fromkeys(("prose", "plugins"), 0.5),
    **dict.fromkeys(("fetch", "store", "classify", "edit", "render", "deliver"), 1),
    "config": 2,
    "pipeline": 3,
    **dict.fromkeys(("web", "jobs", "cli", "demo"), 4),
}
HOMES = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "feedparser": {"fetch"},
    "aiohttp": {"fetch"},
    "jinja2": {"render"},
    "css_inline": {"render"},
    "apscheduler": {"jobs"},
    "dramatiq": {"jobs"},
    "ruamel": {"config"},
    "click": {"cli"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "itsdangerous": {"web"},
    "limits": {"web"},
    "segno": {"web"},
    "pydantic": {"web"},
    "authlib": {"pipeline"},
    "joserfc": {"pipeline"},
    "httpx2": {"pipeline"},
    "argon2": {"pipeline"},
    "pyotp": {"pipeline"},
    "numpy": {"classify"},
    "dns": {"deliver"},
    "prometheus_client": {"pipeline"},
}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            if node.module == "newsletter":
                yield from (f"newsletter.{name.name}" for name in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(path)
    if part == "__main__":
        return
    floor = FLOORS[part]
    for name in imports(path):
        if not name.startswith("newsletter."):
            continue
        other = name.split(".")[1]
        if other in ("__version__", part):
            continue
        allowed = FLOORS[other] < floor or (part == "cli" and FLOORS[other] == 4)
        assert allowed, f"{part} (floor {floor}) may not import {name} (floor {FLOORS[other]})"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_library_lives_in_one_stage(path: Path) -> None:
    for name in imports(path):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or part_of(path) in homes, f"{path} imports {name}, which belongs to {homes}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_door_reaches_into_a_stage_that_pipeline_owns(path: Path) -> None:
    if FLOORS.get(part_of(path)) != 4:
        return
    for name in imports(path):
        assert not name.startswith(("newsletter.fetch", "newsletter.classify", "newsletter.deliver")), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_fetch_is_asynchronous(path: Path) -> None:
    if part_of(path) == "fetch":
        return
    allowed = {"pipeline": {"gather.py"}, "web": {"app.py"}, "jobs": {"bounce_listener.py"}}.get(part_of(path), set())
    names = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.AsyncFunctionDef)]
    assert not names or path.name in allowed, f"{path}: async {names}"


def test_files_stay_small() -> None:
    large = {str(path): count for path in MODULES if (count := len(path.read_text().splitlines())) > 400}
    assert not large
