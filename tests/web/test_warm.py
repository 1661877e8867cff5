from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import pytest
import structlog

from newsletter.classify import alike
from newsletter.pipeline import alike as alike_entries
from newsletter.web.warm import warm_up
from tests.web.desk import FEEDS, Desk, running_desk
from tests.web.drafted_cards import SOURCES, drafted_desk

OWN = FEEDS.replace("  name: Test weekly\n", "  name: Test weekly\n  templates: own\n")


@contextmanager
def started_again(home: Path, *, own: dict[str, str] | None = None) -> Iterator[Desk]:
    """The desk of a home with a draft, with templates that nobody has used yet."""
    with drafted_desk(home):
        pass
    for name, text in {"desk/none.txt": "", **(own or {})}.items():
        (home / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "own" / name).write_text(text, encoding="utf-8")
    with running_desk(home, OWN + SOURCES) as desk:
        yield desk


def test_the_first_page_finds_everything_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with started_again(tmp_path / "home") as desk:
        assert desk.app.template_folder is not None
        warm_up(desk.app)
        compiled: list[str] = []
        compared: list[int] = []
        compile_one = jinja2.Environment.compile

        def counting(self: jinja2.Environment, source: Any, name: str | None = None, *more: Any, **named: Any) -> Any:
            compiled.append(name or "")
            return compile_one(self, source, name, *more, **named)

        monkeypatch.setattr(jinja2.Environment, "compile", counting)
        monkeypatch.setattr(alike_entries, "alike_items", lambda found: compared.append(1) or alike.alike_items(found))
        page = desk.signed_in().get("/desk/issues/1/")
        assert page.status_code == 200
        assert 'id="card"' in page.text
        assert (compiled, compared) == ([], [])


def test_a_home_without_issues_is_warm_at_once(tmp_path: Path) -> None:
    with running_desk(tmp_path / "home") as desk, structlog.testing.capture_logs() as told:
        warm_up(desk.app)
    assert told == []


def test_a_broken_template_of_ones_own_stops_nothing(tmp_path: Path) -> None:
    with started_again(tmp_path / "home", own={"desk/_row.html": "{% if %}"}) as desk:
        with structlog.testing.capture_logs() as told:
            warm_up(desk.app)
        assert [each["event"] for each in told] == ["the desk is not warm"]
        assert "_row.html" in told[0]["trouble"]
        assert desk.client.get("/healthz").status_code == 200


def test_a_mistake_of_our_own_is_logged_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with drafted_desk(tmp_path / "home") as desk:
        monkeypatch.setattr("newsletter.web.warm.open_desk", lambda app, number: 1 / 0)
        with structlog.testing.capture_logs() as told:
            warm_up(desk.app)
    assert [(each["event"], each["log_level"]) for each in told] == [("the desk is not warm", "error")]
