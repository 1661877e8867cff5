"""Tokens of the API: made, used, withdrawn, and gone after a restore."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter.errors import NotFound, UsageError
from newsletter.pipeline.api_tokens import PREFIX, add_token, all_tokens, remove_token, token_of
from newsletter.pipeline.logins import token_hash
from newsletter.store.token_tables import api_tokens
from newsletter.store.tokens import Answered, answered, forget_answers, keep_answer
from tests.pipeline.conftest import Home


def test_a_token_is_shown_once_and_kept_as_a_hash(any_home: Home) -> None:
    any_home.write("")
    with any_home.opened() as app:
        secret = add_token(app, " Release  bot ", scopes=["tip", "read"], by="Ines")
        assert secret.startswith(PREFIX)
        with app.database.reading() as db:
            (row,) = db.execute(select(api_tokens)).all()
        assert secret not in str(row)
        assert row.token_hash == token_hash(secret)
        (made,) = all_tokens(app)
        assert (made.name, made.scopes, made.created_by, made.used_at) == ("Release bot", ("read", "tip"), "Ines", None)
        found = token_of(app, secret)
        assert found is not None
        assert found.id == made.id
        assert all_tokens(app)[0].used_at == app.now()


def test_a_token_ends_by_itself_or_by_somebodys_word(home: Home) -> None:
    home.write("")
    with home.opened() as app:
        short = add_token(app, "short", scopes=["tip"], expires_at=app.now() + timedelta(days=1))
        gone = add_token(app, "gone", scopes=["hot"])
        remove_token(app, "GONE")
        assert token_of(app, gone) is None
        assert token_of(app, short) is not None
        home.clock.move(days=1)
        assert token_of(app, short) is None
        assert [each.name for each in all_tokens(app)] == ["short"]
        with pytest.raises(NotFound, match="newsletter tokens list"):
            remove_token(app, "gone")


@pytest.mark.parametrize("secret", ["", "x", PREFIX, PREFIX + "a" * 43, PREFIX + "ä" * 43, "\udc80"])
def test_what_is_no_token_opens_nothing(home: Home, secret: str) -> None:
    home.write("")
    with home.opened() as app:
        add_token(app, "one", scopes=["read"])
        assert token_of(app, secret) is None


def test_what_cannot_be_meant_is_refused(home: Home) -> None:
    home.write("")
    with home.opened() as app:
        add_token(app, "one", scopes=["read"])
        for name, scopes, words in (
            ("One", ["read"], "There is a token"),
            ("", ["read"], "A name has 1 to 60"),
            ("x" * 61, ["read"], "A name has 1 to 60"),
            ("two", [], "Say what the token allows"),
            ("two", ["write"], "is nothing a token allows"),
        ):
            with pytest.raises(UsageError, match=words):
                add_token(app, name, scopes=scopes)
        with pytest.raises(UsageError, match="later day"):
            add_token(app, "two", scopes=["read"], expires_at=app.now())


def test_an_answer_is_kept_for_its_key(any_home: Home) -> None:
    any_home.write("")
    with any_home.opened() as app:
        add_token(app, "bot", scopes=["tip"])
        (bot,) = all_tokens(app)
        with app.database.transaction() as db:
            for words in ("first", "second"):
                keep_answer(db, bot.id, "a key", Answered("f", 201, {"id": words}), now=app.now())
            assert answered(db, bot.id, "a key", since=app.now()) == Answered("f", 201, {"id": "first"})
            assert answered(db, "other", "a key", since=app.now()) is None
            forget_answers(db, before=app.now())
            assert answered(db, bot.id, "a key", since=app.now()) is not None
        remove_token(app, "bot")
        with app.database.reading() as db:
            assert answered(db, bot.id, "a key", since=app.now()) is None
