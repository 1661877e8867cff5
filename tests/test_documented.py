"""Every command and every kind of source is documented."""

import re
from pathlib import Path

import pytest

from newsletter.cli import COMMANDS
from newsletter.config.kind_pages import kind_pages
from newsletter.fetch.kinds import find_kinds

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`newsletter {name}" in (ROOT / "docs" / "commands.md").read_text()


@pytest.mark.parametrize("reader", find_kinds())
def test_every_kind_says_what_it_reads(reader: str) -> None:
    info = find_kinds()[reader]
    assert len((info.cls.__doc__ or "").split()) >= 8
    assert re.search(rf"\b{re.escape(info.word)}\b", (ROOT / "docs" / "feeds_yaml.md").read_text())


def test_each_kind_has_its_page_and_no_page_is_stale() -> None:
    folder = ROOT / "docs" / "kinds"
    assert sorted(path.name for path in folder.iterdir()) == sorted(kind_pages()), "run ./dev docs"
    for name, text in kind_pages().items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name} is stale: run ./dev docs"


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine it was made on, and no address of a package registry, gets into what is shipped."""
    forbidden = re.compile("/" + r"work/|pypi\.org|" + "registry" + r"\.npmjs|files\.pythonhosted", re.IGNORECASE)
    for folder in ("newsletter", "templates", "docs", "bench", "tests", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in (".png", ".pyc", ".gz"):
                assert not forbidden.search(path.read_text(encoding="utf-8", errors="replace")), path
