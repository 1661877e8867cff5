"""Erasures that meet: none ends another's, and none is called done while a name is still found."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsletter.model.item import Item, Person
from newsletter.pipeline import erase
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.erase import erase_person, finish_erasures
from newsletter.pipeline.erase_files import clean_files
from newsletter.store import items
from newsletter.store.erasures import add_erasure, end_erasures, is_anyone_left, open_erasures, sieve_of
from tests.pipeline.conftest import Home

ADA, BO, CLEO = "Ada Makrell", "Bo Torsk", "Cleo Sild"


@pytest.fixture
def app(any_home: Home) -> Iterator[Newsletter]:
    any_home.write("")
    with any_home.opened() as opened:
        store(opened, 1, ADA)
        store(opened, 2, BO)
        for name in (ADA, BO):
            path = opened.data / "imports" / f"{name.split()[0]}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"name\n{name} who reads\n")
        yield opened


def store(app: Newsletter, number: int, name: str) -> None:
    item = Item(f"{number:020}", "planet", "feed", "post", (f"k{number}",), f"{name} speaks", author=Person(name))
    with app.database.transaction() as db:
        items.save_items(db, [item], now=app.now())


def title(app: Newsletter, number: int) -> str:
    with app.database.reading() as db:
        return items.item(db, f"{number:020}").item.title


def ask(app: Newsletter, name: str) -> None:
    """What another program does first when it erases somebody."""
    with app.database.transaction() as db:
        add_erasure(db, [name], by="Olu", at=app.now() + timedelta(seconds=1))


def once_before(monkeypatch: pytest.MonkeyPatch, place: str, act: Callable[[], object]) -> None:
    """``act``, once, before the step of that name is done."""
    real, left = getattr(erase, place), [act]

    def first(*given: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return real(*given, **named)

    monkeypatch.setattr(erase, place, first)


def test_one_that_came_after_the_last_look_stays_open(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    once_before(monkeypatch, "forget_shelf", lambda: ask(app, BO))
    erase_person(app, [ADA], by="Ines")
    assert (title(app, 1), title(app, 2)) == ("[name removed] speaks", f"{BO} speaks")
    with app.database.reading() as db:
        assert [each.wanted for each in open_erasures(db)] == [[BO]]
    assert finish_erasures(app)
    assert title(app, 2) == "[name removed] speaks"
    assert not finish_erasures(app)


def test_the_same_person_asked_again_meanwhile_stays_open(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    def again() -> None:
        with app.database.transaction() as db:
            add_erasure(db, [ADA, CLEO], by="Olu", at=app.now())

    once_before(monkeypatch, "forget_shelf", again)
    erase_person(app, [ADA], by="Ines")
    with app.database.reading() as db:
        assert [each.wanted for each in open_erasures(db)] == [[ADA, CLEO]]


def test_files_are_gone_through_again_for_one_that_came_between(
    app: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [BO]

    def then_ask(*given: Any, **named: Any) -> Any:
        found = clean_files(*given, **named)
        if left:
            ask(app, left.pop())
        return found

    monkeypatch.setattr(erase, "clean_files", then_ask)
    erase_person(app, [ADA], by="Ines")
    with app.database.reading() as db:
        assert not is_anyone_left(db)
    assert title(app, 2) == "[name removed] speaks"
    assert [path.read_text() for path in sorted((app.data / "imports").iterdir())] == [
        "name\n[name removed] who reads\n"
    ] * 2


def test_one_that_another_program_ended_is_looked_for_all_the_same(
    app: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended() -> None:
        with app.database.transaction() as db:
            end_erasures(db, open_erasures(db), app.now())

    once_before(monkeypatch, "_sweep", ended)
    assert erase_person(app, [ADA], by="Ines").places
    assert title(app, 1) == "[name removed] speaks"
    assert sieve_of(()) is None


def test_it_is_not_done_while_a_name_is_still_found(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    path = app.data / "imports" / "again.csv"

    def stored_anew(*given: Any, **named: Any) -> Any:
        path.write_text(f"{ADA}\n")
        return clean_files(*given, **named)

    with monkeypatch.context() as busy, capture_logs() as logs:
        busy.setattr(erase, "clean_files", stored_anew)
        found = erase_person(app, [ADA], by="Ines")
    assert found.is_open
    assert "next clean-up" in found.said(is_done=True)
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == ["erasure not finished"]
    assert "person erased" not in [each["event"] for each in logs]
    with app.database.reading() as db:
        assert is_anyone_left(db)
    assert finish_erasures(app)
    assert not finish_erasures(app)
