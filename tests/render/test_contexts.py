"""docs/templates.md names every template, block and field; templates use nothing else."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from newsletter.render import (
    contexts,
    erratum_contexts,
    figure_contexts,
    river_contexts,
    search_contexts,
    subscription_contexts,
    why_contexts,
)
from newsletter.render.environment import BUILT_IN

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
FILES = sorted(path for path in BUILT_IN.rglob("*") if path.is_file() and path.parts[-2] in ("email", "web"))
MODULES = (contexts, erratum_contexts, figure_contexts, river_contexts, search_contexts, subscription_contexts)
MODULES += (why_contexts,)
FOUND = [each for module in MODULES for each in vars(module).values() if isinstance(each, type) and is_dataclass(each)]
VIEWS = list(dict.fromkeys(FOUND))


def documented() -> Iterator[tuple[str, str, str]]:
    """Class, field and doc line of everything in contexts.py and the modules beside it."""
    trees = [ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for module in MODULES]
    for node in (each for tree in trees for each in tree.body if isinstance(each, ast.ClassDef)):
        for one, after in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                assert isinstance(after, ast.Expr), f"{node.name}.{one.target.id} has no doc line"
                assert isinstance(after.value, ast.Constant)
                yield node.name, one.target.id, str(after.value.value)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_field_is_documented_with_its_line(view: type) -> None:
    part = DOCUMENT[DOCUMENT.index(f"### {view.__name__}\n") :]
    part = part[: part.index("\n### ", 1)] if "\n### " in part[1:] else part
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", part, re.MULTILINE))
    assert rows == {name: line for owner, name, line in documented() if owner == view.__name__}
    assert list(rows) == [each.name for each in fields(view)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_and_block_is_documented(path: Path) -> None:
    (row,) = re.findall(rf"^\| `{path.parent.name}/{path.name}` \|.*$", DOCUMENT, re.MULTILINE)
    text = path.read_text(encoding="utf-8")
    own = [name for name in re.findall(r"\{% block (\w+) %\}", text) if name != "main" or path.name == "layout.html"]
    assert row.rsplit("|", 2)[1].strip() == ", ".join(own)


def test_every_field_is_used_or_meant_for_others() -> None:
    used = {name for path in FILES for name in re.findall(r"\.(\w+)", path.read_text(encoding="utf-8"))}
    unused = {f"{owner}.{name}" for owner, name, _ in documented() if name not in used}
    by_code = {"IssueContext.has_dates", "IssueContext.subject", "ErratumContext.subject"}
    assert unused == {"EntryView.labels", "EntryView.show_as", *by_code}
