"""Two homes on one database: the second service says so, doctor does, and so does a draft that is not here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.errors import NotFound
from newsletter.jobs.service import _tell_others, make_queue
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import DATABASE_VARIABLE
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.doctor import quick_looks
from newsletter.pipeline.holding import LEASE, new_worker
from newsletter.pipeline.other_runs import announce, snapshot_at
from tests.pipeline.conftest import Home

MOVED = "is not there. The issue was made in another home"


def two_homes(home: Home, folder: Path) -> tuple[Home, Home]:
    """Two homes with one database."""
    url = home.environ.get(DATABASE_VARIABLE, f"sqlite:///{folder / 'one.db'}")
    both = []
    for name in ("two1", "two2"):
        (folder / name).mkdir()
        made = replace(home, folder=folder / name, environ={**home.environ, DATABASE_VARIABLE: url})
        made.write("schedule:\n  timezone: Europe/Oslo\n")
        both.append(made)
    return both[0], both[1]


@contextmanager
def service(home: Home) -> Iterator[Workshop]:
    shop, _, _ = make_queue(Surroundings(home.folder, home.environ, home.clock, {}))
    with shop.opened():
        yield shop


def told(shop: Workshop) -> list[str]:
    with capture_logs() as logs:
        _tell_others(shop)
    return [each["home"] for each in logs if each["event"] == "another run is alive on this database"]


def doctors_word(home: Home) -> tuple[str, str]:
    look = dict(quick_looks(home.folder, home.environ))["runs"]()
    return look.standing, look.text


def as_now(home: Home, now: Callable[[], datetime]) -> Home:
    return replace(home, clock=now)  # type: ignore[arg-type]


def test_the_second_service_on_a_database_says_so(any_home: Home, tmp_path: Path) -> None:
    one, two = (as_now(each, lambda: datetime.now().astimezone()) for each in two_homes(any_home, tmp_path))
    with service(one) as first:
        assert told(first) == []
        assert told(first) == [], "of itself it says nothing"
        assert doctors_word(one)[0] == "ok"
        with service(two) as second:
            assert told(second) == [str(one.folder.resolve())]
            standing, text = doctors_word(one)
            assert standing == "warning"
            assert text.startswith("Another run is alive on this database: ")
            assert f", {two.folder.resolve()}." in text
        assert doctors_word(one)[0] == "ok", "that one has ended"


def test_who_was_killed_is_not_alive_for_long(home: Home, tmp_path: Path) -> None:
    one, two = two_homes(home, tmp_path)
    with one.opened() as app:
        announce(app, "elsewhere:1:4-abc")
    with two.opened() as app:
        assert [str(each) for each in announce(app, new_worker())] == [f"elsewhere, {one.folder.resolve()}"]
    home.clock.now += LEASE
    with two.opened() as app:
        assert announce(app, new_worker()) == []


def test_a_draft_of_another_home_is_told_as_such(home: Home, tmp_path: Path) -> None:
    one, two = two_homes(home, tmp_path)
    folder = two.folder / "data" / "issues" / "0001" / "snapshot"
    with two.opened() as app:
        with pytest.raises(NotFound, match=MOVED) as alone:
            snapshot_at(app, folder)
        assert "another run" not in str(alone.value).lower()
        assert f"copy {folder.parent} from there" in str(alone.value)
        with one.opened() as other:
            announce(other, "elsewhere:1:4-abc")
        with pytest.raises(NotFound, match=MOVED) as told_by:
            snapshot_at(app, folder)
    assert f"Another run is alive on this database: elsewhere, {one.folder.resolve()}." in str(told_by.value)


def test_a_snapshot_that_lacks_a_file_is_another_matter(home: Home, tmp_path: Path) -> None:
    _, two = two_homes(home, tmp_path)
    folder = two.folder / "data" / "issues" / "0001" / "snapshot"
    folder.mkdir(parents=True)
    with two.opened() as app, pytest.raises(NotFound, match=r"cannot be read.*Draft and render the issue again"):
        snapshot_at(app, folder)
