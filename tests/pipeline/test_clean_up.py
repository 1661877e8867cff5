"""What was kept long enough is let go of, in small batches; what somebody still needs stays."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from newsletter.model.aside import Aside
from newsletter.model.item import Item, Person
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.clean_up import clean_up, let_go
from newsletter.pipeline.doctor_here import keep_check
from newsletter.pipeline.tips import API, FORM
from newsletter.store import items, letting_go, subscribers
from newsletter.store.aside import keep_aside
from newsletter.store.database import Db
from newsletter.store.delivery_figures import counts_of
from newsletter.store.erasures import add_erasure
from newsletter.store.mail_tables import bounces, deliveries, delivery_events, mailings
from newsletter.store.tables import aside, editor_sessions, editors, issues, item_revisions, told
from tests.pipeline.conftest import Home

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
FEEDS = "keep:\n  items: 1 year\n"


@pytest.fixture
def app(any_home: Home) -> Iterator[Newsletter]:
    any_home.write(FEEDS)
    with any_home.opened() as opened:
        yield opened


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def rows(app: Newsletter, table: object) -> int:
    with app.database.reading() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def item(number: int, days: int, *, source: str = "planet", author: str = "Bo") -> Item:
    kind = "inbox" if source in (API, FORM) else "feed"
    key = f"k{number}"
    text = f"The text of {number}."
    who = Person(author) if author else None
    return Item(
        f"{number:020}", source, kind, "post", (key,), f"T{number}", author=who, published_at=ago(days), text=text
    )


def add_issue(db: Db, number: int, days: int) -> None:
    at = ago(days)
    row = {"number": number, "period_start": at, "period_end": at + timedelta(days=7), "publish_on": at.date()}
    row |= {"title": "T", "state": "sent", "draft": {}, "created_at": at, "drafted_at": at, "state_at": at}
    db.execute(issues.insert().values(**row))


def contents(app: Newsletter) -> dict[str, dict[str, object]]:
    with app.database.reading() as db:
        return {row.item_id: json.loads(row.content) for row in db.execute(select(item_revisions))}


def test_nothing_is_let_go_of_before_its_time(app: Newsletter) -> None:
    with app.database.transaction() as db:
        items.save_items(db, [item(1, 300)], now=ago(300))
    assert let_go(app) == {}
    assert "The text" in str(contents(app))


def test_texts_of_old_items_that_no_issue_told_go_and_do_not_come_back(app: Newsletter) -> None:
    old, used, young = item(1, 400), item(2, 400), item(3, 10)
    with app.database.transaction() as db:
        items.save_items(db, [old, used, young], now=ago(400))
        add_issue(db, 1, 400)
        db.execute(told.insert().values(issue_number=1, story_id="s", item_id=used.id, section="general"))
    assert let_go(app) == {"texts of items": 1}
    found = contents(app)
    assert "text" not in found[old.id]
    assert found[old.id]["title"] == "T1"
    assert all(found[each.id]["text"] for each in (used, young))
    assert let_go(app) == {}
    with app.database.transaction() as db:
        saved = items.save_items(db, [old], now=NOW)
    assert saved.same_count == 1
    assert "text" not in contents(app)[old.id]


def test_the_next_day_looks_only_at_what_grew_old_since(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.database.transaction() as db:
        items.save_items(db, [item(n, 400) for n in range(1, 8)], now=ago(400))
    monkeypatch.setattr(letting_go, "BATCH", 2)
    assert let_go(app) == {"texts of items": 7}
    with app.database.transaction() as db:
        items.save_items(db, [item(8, 366)], now=ago(366))
        assert letting_go.empty_items(db, before=ago(365)) == (1, 1)
        assert letting_go.empty_items(db, before=ago(365)) == (0, 0)


@pytest.mark.parametrize("way", [FORM, API])
def test_who_sent_an_old_tip_is_let_go_of(app: Newsletter, way: str) -> None:
    with app.database.transaction() as db:
        items.save_items(db, [item(1, 370, source=way), item(2, 10, source=way), item(3, 370)], now=ago(370))
    assert let_go(app)["senders of tips"] == 1
    with app.database.reading() as db:
        assert items.item(db, f"{1:020}").item.author is None
        assert items.item(db, f"{2:020}").item.author == Person("Bo")
        assert items.item(db, f"{3:020}").item.author == Person("Bo")


def test_addresses_of_those_who_left_long_ago_go_and_stay_out(app: Newsletter) -> None:
    for name in ("old", "new", "here"):
        with app.database.transaction() as db:
            reader = subscribers.add_waiting(db, f"{name}@example.org", Choice(), source="form", at=ago(900))
            state = {"old": "left", "new": "left", "here": "active"}[name]
            left_at = {"old": ago(800), "new": ago(30)}.get(name)
            subscribers.save(db, replace(reader, state=state, left_at=left_at))  # type: ignore[arg-type]
    assert let_go(app)["readers who left"] == 1
    with app.database.reading() as db:
        assert subscribers.by_address(db, "old@example.org") is None
        assert subscribers.is_suppressed(db, "old@example.org")
        assert subscribers.by_address(db, "new@example.org")
        assert subscribers.by_address(db, "here@example.org")


def sent(app: Newsletter, number: int, days: int, readers: int) -> int:
    """A mailing that was sent to so many readers."""
    at = ago(days)
    with app.database.transaction() as db:
        add_issue(db, number, days)
        values = {"issue_number": number, "kind": "issue", "state": "done", "send_at": at, "frozen_at": at}
        values |= {"finished_at": at, "reason": "", "said_by": ""}
        made = int(db.execute(mailings.insert().values(**values).returning(mailings.c.id)).scalar_one())
        for reader in range(readers):
            one = subscribers.add_waiting(db, f"r{reader}@example.org", Choice(), source="form", at=NOW)
            row = {"mailing_id": made, "subscriber_id": one.id, "edition": "e", "domain": "example.org", "attempts": 1}
            state = "failed" if reader == 0 else "accepted"
            db.execute(deliveries.insert().values(**row, state=state, changed_at=at, holder="", answer="250 r@x taken"))
            event = {"mailing_id": made, "subscriber_id": one.id, "at": at, "state": "deferred", "answer": "later"}
            db.execute(delivery_events.insert().values(**event, said_by=""))
            back = {"subscriber_id": one.id, "mailing_id": made, "day": at.date(), "at": at, "kind": "hard"}
            db.execute(bounces.insert().values(**back, status="5.1.1", words="no r@x"))
    return made


def test_deliveries_go_and_their_numbers_stay(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "BATCH", 2)
    old, middle, new = sent(app, 1, 1_200, 5), sent(app, 2, 400, 3), sent(app, 3, 10, 3)
    numbers = [{"accepted": 4, "failed": 1}, {"accepted": 2, "failed": 1}, {"accepted": 2, "failed": 1}]

    def counted() -> list[dict[str, int]]:
        with app.database.reading() as db:
            found = counts_of(db, [old, middle, new])
        return [found[each] for each in (old, middle, new)]

    assert counted() == numbers
    assert let_go(app)["deliveries"] == 5
    assert counted() == numbers
    assert rows(app, deliveries) == 6
    assert (rows(app, delivery_events), rows(app, bounces)) == (3, 3)
    with app.database.reading() as db:
        asked = select(deliveries.c.answer).where(deliveries.c.mailing_id == middle)
        assert set(db.execute(asked).scalars()) == {""}
        asked = select(deliveries.c.answer).where(deliveries.c.mailing_id == new)
        assert set(db.execute(asked).scalars()) == {"250 r@x taken"}
    assert let_go(app) == {}


def test_each_day_only_mailings_that_grew_old_lose_their_answers_and_once_a_month_all(app: Newsletter) -> None:
    first, second = sent(app, 1, 400, 2), sent(app, 2, 364, 2)

    def answered() -> set[int]:
        with app.database.reading() as db:
            asked = select(deliveries.c.mailing_id).where(deliveries.c.answer != "")
            return set(db.execute(asked).scalars())

    def forget(days: int) -> None:
        with app.database.transaction() as db:
            while letting_go.forget_answers(db, before=ago(days)):
                pass

    forget(365)
    assert answered() == {second}
    with app.database.transaction() as db:
        db.execute(update(deliveries).where(deliveries.c.mailing_id == first).values(answer="left as it is"))
    forget(365)
    forget(363)
    assert answered() == {first}, "what was clean is not read every day"
    forget(400)
    assert answered() == {first}, "kept for longer than before: nothing more is old"
    forget(335)
    assert answered() == set()


def test_documents_and_sign_ins_go_and_doctor_says_so(app: Newsletter) -> None:
    assert "Nothing was let go of yet" in keep_check(lambda: nullcontext(app.database)).text
    with app.database.transaction() as db:
        keep_aside(db, "planet", [Aside("https://planet.example/1", "broken", b"x")], now=ago(91))
        who = {"key": "bo", "name": "Bo", "role": "editor", "initials": "B", "created_at": NOW, "recovery": []}
        db.execute(editors.insert().values(**who))
        for name, days in (("old", 100), ("new", 10)):
            row = {"id": name, "editor": "bo", "created_at": ago(200), "seen_at": ago(days), "agent": ""}
            db.execute(editor_sessions.insert().values(**row, expires_at=ago(days)))
    clean_up(app)
    assert (rows(app, aside), rows(app, editor_sessions)) == (0, 1)
    said = keep_check(lambda: nullcontext(app.database)).text
    assert said == (
        "What was older than “keep:” of feeds.yaml says was let go of, last on 2026-10-15: 1 documents set aside, "
        "1 sign-ins."
    )
    with app.database.transaction() as db:
        add_erasure(db, ["Ada Nobody"], by="Ines", at=NOW)
    assert "broken off" in keep_check(lambda: nullcontext(app.database)).text
    clean_up(app)
    assert "broken off" not in keep_check(lambda: nullcontext(app.database)).text
