from dataclasses import replace
from datetime import timedelta

from newsletter.model.source import FetchState, Source
from newsletter.store.database import Database
from newsletter.store.sources import (
    load_states,
    save_cursor,
    save_state,
    save_throttles,
    sync_sources,
    throttles,
)
from newsletter.text import slug
from tests.store.samples import AT


def source(name: str, url: str = "") -> Source:
    return Source(slug(name), name, "feed", {"url": url or f"https://{slug(name)}.example.org/feed"})


def sync(database: Database, *sources: Source) -> list[str]:
    with database.transaction() as db:
        return [each.id for each in sync_sources(db, sources)]


def test_new_sources_have_the_slug_of_their_name_and_an_empty_state(database: Database) -> None:
    assert sync(database, source("Planet One"), source("Dev List")) == ["planet-one", "dev-list"]
    with database.reading() as db:
        assert load_states(db) == {name: FetchState(name) for name in ("planet-one", "dev-list")}


def test_a_state_comes_back_as_it_was(database: Database) -> None:
    state = FetchState(
        "planet",
        {"documents": {"https://example.org/": {"etag": '"ä"'}}, "entries": ["a", "b"]},
        "failing",
        "the server answers 500\0",
        "feed",
        checked_at=AT,
        next_at=AT + timedelta(hours=1),
        last_new_at=AT,
        failing_since=AT,
        failures=3,
        items_count=7,
        moved_to="https://example.org/new",
        since=AT,
    )
    sync(database, source("Planet"))
    with database.transaction() as db:
        save_state(db, state)
        save_state(db, replace(FetchState("never-configured"), failures=1))
        assert load_states(db)["planet"] == replace(state, state_reason="the server answers 500�")
        assert load_states(db)["never-configured"].failures == 1


def test_a_cursor_is_saved_alone(database: Database) -> None:
    with database.transaction() as db:
        save_state(db, FetchState("planet", {"old": 1}, "ok", items_count=5))
        save_cursor(db, "planet", {"new": [1, {"two": None}]})
        save_cursor(db, "unknown", {"new": 2})
        assert load_states(db)["planet"] == FetchState("planet", {"new": [1, {"two": None}]}, "ok", items_count=5)
        assert load_states(db)["unknown"].cursor == {"new": 2}


def test_syncing_again_keeps_states(database: Database) -> None:
    sync(database, source("Planet"))
    with database.transaction() as db:
        save_state(db, FetchState("planet", {"a": 1}, "ok"))
    sync(database, source("Planet"))
    with database.reading() as db:
        assert load_states(db)["planet"] == FetchState("planet", {"a": 1}, "ok")


def test_a_renamed_source_of_the_same_address_keeps_its_id(database: Database) -> None:
    url = "https://planet.example.org/atom"
    assert sync(database, source("Planet", url)) == ["planet"]
    assert sync(database, source("Community Planet", url)) == ["planet"]
    assert sync(database, source("Community Planet", url)) == ["planet"]
    assert sync(database, source("Planet", url)) == ["planet"]


def test_a_source_with_another_address_keeps_the_id_of_its_name(database: Database) -> None:
    sync(database, source("Planet", "https://old.example.org/"))
    assert sync(database, source("Planet", "https://new.example.org/")) == ["planet"]
    assert sync(database, source("Other", "https://new.example.org/")) == ["planet"]


def test_a_new_source_under_a_name_that_was_given_away_gets_an_id_of_its_own(database: Database) -> None:
    first, second = "https://first.example.org/", "https://second.example.org/"
    sync(database, source("Blog", first))
    both = (source("Old Blog", first), source("Blog", second))
    assert sync(database, *both) == ["blog", "blog-2"]
    assert sync(database, *reversed(both)) == ["blog-2", "blog"]


def test_many_may_want_the_id_that_was_given_away(database: Database) -> None:
    first, second, third = (f"https://{name}.example.org/" for name in ("first", "second", "third"))
    sync(database, source("Blog", first))
    assert sync(database, source("Old Blog", first), source("Blog", second), source("blog!", third)) == [
        "blog",
        "blog-2",
        "blog-3",
    ]


def test_two_sources_of_one_address_stay_two(database: Database) -> None:
    url = "https://review.example.org"
    pair = (source("Nova reviews", url), source("Swift reviews", url))
    assert sync(database, *pair) == ["nova-reviews", "swift-reviews"]
    assert sync(database, *reversed(pair)) == ["swift-reviews", "nova-reviews"]
    assert sync(database, pair[0], source("Object store reviews", url)) == ["nova-reviews", "swift-reviews"]


def test_throttles_are_kept_and_replaced(database: Database) -> None:
    with database.transaction() as db:
        save_throttles(db, {})
        save_throttles(db, {"example.org": AT, "example.com": AT})
        save_throttles(db, {"example.org": AT + timedelta(days=1)})
        assert throttles(db) == {"example.com": AT, "example.org": AT + timedelta(days=1)}


def test_a_new_address_forgets_how_the_old_one_was_read(database: Database) -> None:
    with database.transaction() as db:
        sync_sources(db, [Source("planet", "Planet", "feed", {"url": "https://old.example/feed"})])
        save_state(
            db,
            FetchState(
                "planet", cursor={"a": 1}, state="gone", state_reason="410", reader="feed", items_count=7, failures=3
            ),
        )
        sync_sources(db, [Source("planet", "Planet", "feed", {"url": "https://new.example/feed"})])
        state = load_states(db)["planet"]
    assert (state.cursor, state.state, state.reader, state.failures, state.items_count) == ({}, "new", "", 0, 7)


def test_a_renamed_source_keeps_its_id_when_its_address_changes_later(database: Database) -> None:
    with database.transaction() as db:
        sync_sources(db, [Source("good", "Good", "feed", {"url": "https://old.example/feed"})])
        sync_sources(db, [Source("better", "Better", "feed", {"url": "https://old.example/feed"})])
        settled = sync_sources(db, [Source("better", "Better", "feed", {"url": "https://new.example/feed"})])
    assert [source.id for source in settled] == ["good"]
