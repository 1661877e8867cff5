"""Kill -9 in the middle of a gather or a draft: the next run completes, nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.model.period import Period
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.pinned import approved_files, repair_approved
from newsletter.store import issues, items
from tests.loopback import atom, serving

pytestmark = pytest.mark.slow

ALL = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
# The command, killed like by "kill -9" when a function is called for the N-th time.
KILLED = """
import importlib, os, sys
module, name, count, *words = sys.argv[1:]
holder = importlib.import_module(module)
original, left = getattr(holder, name), [int(count)]
def deadly(*args, **options):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), 9)
    return original(*args, **options)
setattr(holder, name, deadly)
sys.argv = ["newsletter", *words]
from newsletter.cli import main
main()
"""


def killed(*words: str | Path, at: tuple[str, str, int]) -> bool:
    """Run a command in a process of its own that ends at ``at`` (module, function, call); whether it did."""
    program = [sys.executable, "-c", KILLED, *map(str, at), *map(str, words)]
    environ = {**os.environ, "NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
    return subprocess.run(program, env=environ, capture_output=True, timeout=60).returncode == -signal.SIGKILL


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command here and gives its exit code."""

    def call(*words: str | Path) -> int:
        monkeypatch.setenv("NEWSLETTER_ALLOW_NETWORKS", "127.0.0.0/8")
        monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return call


def write_home(folder: Path, base: str, count: int = 6) -> None:
    sources = "".join(f"  - name: S{n}\n    kind: feed\n    url: {base}/{n}.xml\n" for n in range(count))
    (folder / "feeds.yaml").write_text(f"newsletter:\n  name: T\n  from: T <t@example.org>\nsources:\n{sources}")


def post(source: int, number: int) -> tuple[str, str, str, str]:
    day = f"2026-10-{10 + number % 4}T09:00:00Z"
    return (
        f"{source}-{number}",
        f"Story {source} of part {number}",
        day,
        f"Words about {source} and {number} follow here.",
    )


def stored_titles(home: Path) -> list[str]:
    with open_newsletter(home, environ={}) as app, app.database.reading() as db:
        return sorted(each.item.title for each in items.items_between(db, ALL))


@pytest.mark.parametrize(
    "kill_at",
    [
        ("newsletter.pipeline.gather", "save_items", 1),
        ("newsletter.pipeline.gather", "save_items", 4),
        ("newsletter.pipeline.gather", "save_cursor", 3),
        ("newsletter.pipeline.gather", "save_state", 2),
    ],
)
def test_a_gather_that_was_killed_goes_on_where_it_was(
    tmp_path: Path, run: Callable[..., int], kill_at: tuple[str, str, int]
) -> None:
    with serving() as web:
        for source in range(6):
            web[f"/{source}.xml"] = atom(*(post(source, number) for number in range(5)))
        write_home(tmp_path, web.base)
        assert killed("gather", "--home", tmp_path, at=kill_at)
        assert run("gather", "--home", tmp_path) == 0
    assert stored_titles(tmp_path) == sorted(post(source, number)[1] for source in range(6) for number in range(5))


@pytest.mark.parametrize(
    "kill_at",
    [
        ("newsletter.pipeline.draft", "make_issue", 1),
        ("newsletter.store.stories", "save_stories", 1),
        ("newsletter.store.stories", "mark_told", 1),
        ("newsletter.pipeline.draft", "write_snapshot", 1),
        ("newsletter.pipeline.snapshot", "write_whole", 3),
        ("newsletter.pipeline.publish", "write_whole", 2),
        ("newsletter.pipeline.publish", "write_rendered", 1),
        ("newsletter.pipeline.publish", "write_whole", 12),
    ],
)
def test_a_draft_that_was_killed_is_made_whole_by_the_next_run(
    tmp_path: Path, run: Callable[..., int], kill_at: tuple[str, str, int]
) -> None:
    with serving() as web:
        for source in range(2):
            web[f"/{source}.xml"] = atom(*(post(source, number) for number in range(3)))
        write_home(tmp_path, web.base, 2)
        assert run("gather", "--home", tmp_path) == 0
    build = ("build", "--offline", "--home", tmp_path, "--week", "2026-W42")
    assert killed(*build, at=kill_at)
    assert run(*build) == 0
    assert run("rebuild", "1", "--home", tmp_path) == 0
    with open_newsletter(tmp_path, environ={}) as app, app.database.reading() as db:
        assert issues.numbers(db) == [1]
        told = [entry.title for entry in issues.issue(db, 1).issue.entries]
        assert len(told) == len(set(told)) == 6
    assert not list((tmp_path / "data").rglob(".*.new"))


@pytest.mark.parametrize(
    ("kill_at", "is_approved"),
    [
        (("newsletter.pipeline.pinned", "write_snapshot", 1), False),
        (("newsletter.pipeline.approval", "pin_files", 1), False),
        (("newsletter.store.stories", "mark_told", 1), False),
        (("newsletter.pipeline.approval", "put_in_place", 1), True),
        (("newsletter.pipeline.pinned", "unstage", 1), True),
        (("newsletter.pipeline.approval", "publish_site", 1), True),
    ],
)
def test_an_approval_that_was_killed_leaves_a_draft_or_an_approved_issue_with_all_files(
    tmp_path: Path, run: Callable[..., int], kill_at: tuple[str, str, int], is_approved: bool
) -> None:
    with serving() as web:
        web["/0.xml"] = atom(*(post(0, number) for number in range(3)))
        write_home(tmp_path, web.base, 1)
        assert run("build", "--home", tmp_path, "--week", "2026-W42") == 0
    assert killed("approve", "1", "--no-links", "--home", tmp_path, at=kill_at)
    with open_newsletter(tmp_path, environ={}) as app:
        repair_approved(app)
        with app.database.reading() as db:
            assert issues.issue(db, 1).state == ("approved" if is_approved else "draft")
    assert run("approve", "1", "--no-links", "--home", tmp_path) == (1 if is_approved else 0)
    with open_newsletter(tmp_path, environ={}) as app:
        assert b"Story 0 of part 1" in approved_files(app, 1)["issue.eml"]
    assert run("rebuild", "1", "--home", tmp_path) == 0
