"""Editors, links and logins in the database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.errors import NotFound
from newsletter.model.editor import Editor, Login
from newsletter.store import editors
from newsletter.store.database import Database
from tests.store.samples import AT

INES = Editor("Ines Vale", "manager", "IV", AT, "ines@example.org")
OMAR = Editor("Omar", "editor", "O", AT)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.transaction() as db:
        assert editors.add_editor(db, OMAR)
        assert editors.add_editor(db, INES)
    return database


def login(name: str, editor: Editor, **values: object) -> Login:
    return replace(Login(name, editor, AT, AT, AT + timedelta(days=60), "Firefox"), **values)  # type: ignore[arg-type]


def test_a_name_has_one_spelling(filled: Database) -> None:
    with filled.transaction() as db:
        assert not editors.add_editor(db, replace(INES, name=" INES\t vale "))
        assert not editors.add_editor(db, replace(INES, name="Ｉnes Vale"))
        assert editors.editor(db, "ines  VALE") == INES
        assert editors.all_editors(db) == [INES, OMAR]
        assert editors.count_editors(db) == 2
        assert editors.editors_at(db, "Ines@EXAMPLE.org") == [INES]
        assert editors.editors_at(db, "") == []
        with pytest.raises(NotFound):
            editors.editor(db, "Ines")


def test_secrets_are_kept_apart_from_the_editor(filled: Database) -> None:
    with filled.transaction() as db:
        editors.set_secrets(db, "Ines Vale", {"password": "hash", "totp_secret": "s", "recovery": ["a", "b"]})
        found = editors.editor(db, "Ines Vale")
        assert (found.has_password, found.has_totp, found.recovery_count) == (True, True, 2)
        assert editors.secrets_of(db, "ines vale") == editors.Secrets("hash", "s", None, ("a", "b"))
        assert editors.secrets_of(db, "Omar") == editors.Secrets(None, None, None, ())
        assert editors.secrets_of(db, "Nobody") is None


def test_a_step_is_used_once_and_time_goes_on(filled: Database) -> None:
    with filled.transaction() as db:
        assert [editors.use_totp_step(db, "Omar", step) for step in (5, 5, 4, 6)] == [True, False, False, True]


def test_links_are_used_once_and_replaced(filled: Database) -> None:
    with filled.transaction() as db:
        until = AT + timedelta(days=3)
        editors.add_link(db, "one", "Omar", purpose="password", expires_at=until)
        editors.add_link(db, "other", "Omar", purpose="sign in", expires_at=until)
        editors.add_link(db, "two", "Omar", purpose="password", expires_at=until)
        assert editors.find_link(db, "one", now=AT) is None
        found = editors.find_link(db, "two", now=AT)
        assert found is not None
        assert (found.editor, found.purpose, found.expires_at) == (OMAR, "password", until)
        assert editors.find_link(db, "two", now=until) is None
        assert [editors.use_link(db, name) for name in ("two", "two", "none")] == [True, False, False]
        assert editors.find_link(db, "other", now=AT) is not None


def test_logins_begin_and_end(filled: Database) -> None:
    later = AT + timedelta(hours=1)
    with filled.transaction() as db:
        for name in ("a", "b", "c"):
            editors.add_login(db, login(name, INES))
        editors.add_login(db, login("d", OMAR))
        assert editors.find_login(db, "a") == login("a", INES)
        editors.touch_login(db, "b", seen_at=later)
        assert [each.id for each in editors.logins_of(db, "ines vale")] == ["b", "a", "c"]
        editors.end_login(db, "a")
        assert editors.end_logins(db, "Ines Vale", but="b") == 1
        assert editors.end_logins(db, "Ines Vale") == 1
        assert [each.id for each in editors.logins_of(db, "Omar")] == ["d"]


def test_old_logins_go_when_a_new_one_begins(filled: Database) -> None:
    with filled.transaction() as db:
        editors.add_login(db, login("old", INES, expires_at=AT - timedelta(seconds=1)))
        editors.add_login(db, login("new", INES))
        assert editors.find_login(db, "old") is None


def test_who_is_removed_leaves_nothing_to_enter_with(filled: Database) -> None:
    with filled.transaction() as db:
        editors.add_login(db, login("a", INES))
        editors.add_link(db, "one", "Ines Vale", purpose="password", expires_at=AT + timedelta(days=3))
        editors.remove_editor(db, "INES VALE")
        assert editors.find_login(db, "a") is None
        assert editors.find_link(db, "one", now=AT) is None
        assert editors.all_editors(db) == [OMAR]
        with pytest.raises(NotFound):
            editors.remove_editor(db, "Ines Vale")
