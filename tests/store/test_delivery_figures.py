"""Figures of many deliveries, on both kinds of database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from newsletter.model.subscriber import Choice
from newsletter.store import delivery_figures as figures
from newsletter.store.database import Database
from newsletter.store.delivery_figures import Decision, Refusals, Waiting
from newsletter.store.mail_tables import bounces, deliveries, subscribers
from newsletter.store.mailings import Made, Mailing, add_audience, add_mailing, count_of_audience
from newsletter.store.outbox import resolve
from tests.mailed import NOW, add_issue, add_readers

STATES = (
    ("accepted", 250, "2.0.0 Ok"),
    ("accepted", 250, "2.0.0 Ok"),
    ("deferred", 451, "4.7.1 too many"),
    ("deferred", 451, "4.7.1 too many"),
    ("deferred", None, "the connection broke"),
    ("failed", 550, "5.7.1 not you, r5@b.example"),
    ("failed", 550, "5.7.1 not you, r6@a.example"),
    ("failed", 451, "gave up after 48 h: 4.7.1 too many, r7@b.example"),
    ("suppressed", 550, "5.1.1 <r8@a.example> is nobody here"),
    ("suppressed", None, "left after approval"),
    ("unknown", None, "the server may have taken it"),
    ("unknown", None, "the server may have taken it"),
)


@pytest.fixture
def mailing(database: Database) -> Mailing:
    add_readers(database, [f"r{at}@{'ab'[at % 2]}.example" for at in range(14)] + ["q@c.example"])
    add_issue(database, 1)
    add_issue(database, 2)
    made = Made("whole", "0" * 64, 1)
    with database.transaction() as db:
        for number in (1, 2):
            found = add_mailing(db, number, "issue", send_at=NOW, now=NOW)
            add_audience(db, found.id, {Choice(): made}, on=NOW.date(), with_monthly=False, now=NOW)
        ids = db.execute(select(subscribers.c.id).order_by(subscribers.c.id)).scalars().all()
        for at, (reader, (state, code, answer)) in enumerate(zip(ids, STATES, strict=False)):
            here = (deliveries.c.mailing_id == found.id, deliveries.c.subscriber_id == reader)
            row = {"state": state, "code": code, "answer": answer, "changed_at": NOW + timedelta(seconds=at)}
            db.execute(deliveries.update().where(*here).values(**row))
    return found


def test_counts_of_several(database: Database, mailing: Mailing) -> None:
    with database.reading() as db:
        assert figures.mailed_issues(db, before=None, count=5) == (2, 1)
        assert figures.mailed_issues(db, before=2, count=5) == (1,)
        assert [each.issue_number for each in figures.mailings_about(db, (1, 2))] == [2, 1]
        found = figures.counts_of(db, [mailing.id, mailing.id - 1])
        assert figures.counts_of(db, []) == {}
    assert found[mailing.id - 1] == {"queued": 15}
    counts = {"accepted": 2, "deferred": 3, "failed": 3, "suppressed": 2, "unknown": 2, "queued": 3}
    assert found[mailing.id] == counts


def test_domains_with_trouble_stand_before_larger_ones(database: Database, mailing: Mailing) -> None:
    with database.transaction() as db:
        db.execute(deliveries.update().where(deliveries.c.domain == "a.example").values(state="accepted"))
    with database.reading() as db:
        (only,) = figures.largest_domains(db, mailing.id, 1)
        assert (only.domain, only.total) == ("b.example", 7)
        assert only.counts == {"accepted": 1, "deferred": 1, "failed": 2, "suppressed": 1, "unknown": 1, "queued": 1}
        assert [each.domain for each in figures.largest_domains(db, mailing.id, 9)] == [
            "a.example",
            "b.example",
            "c.example",
        ]
        assert figures.domain_count(db, mailing.id) == 3


def test_refusals_by_how_their_answers_begin(database: Database, mailing: Mailing) -> None:
    with database.reading() as db:
        found = figures.refusals(db, mailing.id)
        waits = figures.waits_for(db, mailing.id)
        assert figures.waits_for(db, mailing.id - 1) is None
        assert figures.done_since(db, mailing.id, NOW + timedelta(seconds=6)) == 5
    assert found[0] == Refusals("failed", 550, "5.7.1 ", 2)
    assert set(found[1:]) == {
        Refusals("failed", 451, "gave up after 48 h: 4.7.1 too many, r7@b"[:40], 1),
        Refusals("suppressed", 550, "5.1.1 ", 1),
        Refusals("suppressed", None, "left after approval", 1),
    }
    assert waits in (
        Waiting("a.example", 451, "4.7.1 too many", 1),
        Waiting("a.example", None, "the connection broke", 1),
    )


def test_uncertain_ones_a_page_at_a_time_and_what_was_decided(database: Database, mailing: Mailing) -> None:
    with database.transaction() as db:
        first, second = figures.uncertain_ones(db, mailing.id, count=5)
        assert (first.address, second.address) == ("r10@a.example", "r11@b.example")
        assert figures.uncertain_ones(db, mailing.id, after=first.subscriber_id, count=5) == (second,)
        one = {"reader": second.subscriber_id, "said_by": "Ines", "now": NOW}
        assert resolve(db, mailing.id, again=True, **one) == 1
        assert resolve(db, mailing.id, again=True, **one) == 0
        assert resolve(db, mailing.id, again=False, said_by="Bo", now=NOW) == 1
        assert set(figures.decisions(db, mailing.id)) == {
            Decision(NOW, "Ines", "queued", 1),
            Decision(NOW, "Bo", "accepted", 1),
        }


def test_those_who_got_it_and_mail_that_came_back(database: Database, mailing: Mailing) -> None:
    with database.transaction() as db:
        assert count_of_audience(db, mailing.id) == 4
        db.execute(subscribers.update().where(subscribers.c.address == "r0@a.example").values(state="left"))
        assert count_of_audience(db, mailing.id) == 3
        reader = db.execute(select(func.min(subscribers.c.id))).scalar_one()
        row = {"subscriber_id": reader, "mailing_id": mailing.id, "day": NOW.date(), "at": NOW, "kind": "hard"}
        db.execute(bounces.insert(), [{**row, "status": "5.1.1", "words": ""}])
        assert figures.came_back(db, mailing.id) == 1
        assert figures.came_back(db, mailing.id - 1) == 0
