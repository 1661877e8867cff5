"""The page that erases a person: it looks first, asks, and is for managers alone."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from newsletter.model.item import Item, Person
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.erase import Erasure, look_for_person
from newsletter.pipeline.erase_files import Telling
from newsletter.store import items
from newsletter.store.subscribers import by_address
from newsletter.web import erase
from tests.web.desk import Desk, running_desk
from tests.web.readers import FEEDS, subscribed

PATH = "/desk/subscribers/erase-person"
WHO = "Ada Måkrell\nada@example.org\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "home", FEEDS) as running:
        item = Item("1" * 20, "planet", "feed", "post", ("k",), "Ada Måkrell speaks", author=Person("Ada Måkrell"))
        with running.app.database.transaction() as db:
            items.save_items(db, [item], now=running.app.now())
        yield running


def title(desk: Desk) -> str:
    with desk.app.database.reading() as db:
        return items.item(db, "1" * 20).item.title


def test_it_looks_first_and_erases_when_asked(desk: Desk) -> None:
    subscribed(desk, "ada@example.org")
    ines = desk.signed_in()
    assert "All they go by" in ines.get(PATH).text
    assert "/desk/subscribers/erase-person" in ines.get("/desk/subscribers").text
    seen = ines.post(PATH, do="look", who=WHO)
    assert seen.status_code == 200
    assert "So much names them." in seen.text
    assert "versions of items" in seen.text
    assert "reader" in seen.text
    assert title(desk) == "Ada Måkrell speaks"
    assert ines.post(PATH, do="erase", who=WHO).status_code == 400
    done = ines.post(PATH, do="erase", sure="yes", who=WHO)
    assert done.status_code == 200
    assert "Erased: names are replaced" in done.text
    assert "Måkrell" not in done.text
    assert title(desk) == "[name removed] speaks"
    with desk.app.database.reading() as db:
        assert by_address(db, "ada@example.org") is None
    again = ines.post(PATH, do="erase", sure="yes", who=WHO)
    assert "They are named nowhere here." in again.text


def test_it_is_for_managers_and_says_what_is_wrong(desk: Desk) -> None:
    editor = desk.signed_in("Bo", role="editor")
    assert editor.get(PATH).status_code == 403
    assert editor.post(PATH, do="erase", sure="yes", who=WHO).status_code == 403
    ines = desk.signed_in()
    for wrong in ("", "a", "a@b", "x" * 5_000):
        answer = ines.post(PATH, do="look", who=wrong)
        assert answer.status_code == 400
        assert "aria-invalid" in answer.text
    own = ines.post(PATH, do="erase", sure="yes", who="Bo\nBo Editor")
    assert title(desk) == "Ada Måkrell speaks"
    assert own.status_code == 400


def test_what_takes_long_says_how_far_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_end = threading.Event(), threading.Event()

    def slow(app: Newsletter, texts: Sequence[str], *, told: Telling) -> Erasure:
        told("versions of items")
        began.set()
        assert may_end.wait(20)
        return look_for_person(app, texts)

    monkeypatch.setattr(erase, "look_for_person", slow)
    desk.web.state.erasures.patience = 0
    ines = desk.signed_in()
    sent = ines.post(PATH, do="look", who=WHO)
    assert sent.status_code == 303
    page = sent.headers["location"]
    assert began.wait(20)
    seen = ines.get(page)
    assert "Being gone through: versions of items." in seen.text
    assert seen.headers["refresh"] == "2"
    assert desk.signed_in("Tuva", role="manager").get(page).text.count("not kept any more") == 1
    may_end.set()
    for _ in range(400):
        if "So much names them." in (seen := ines.get(page)).text:
            break
    assert "Erase 1 person" in seen.text
    assert "refresh" not in seen.headers
