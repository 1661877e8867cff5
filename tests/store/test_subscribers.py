"""Readers, consents, suppression and lists in the database, on both."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from newsletter.model.subscriber import Choice, Consent, Subscriber
from newsletter.store import imported, subscriber_lists, subscribers, suppression, usefulness
from newsletter.store.database import Database, Db
from newsletter.store.imported import NewReader
from newsletter.store.mail_tables import bounces, deliveries, delivery_events, mailings
from newsletter.store.mail_tables import subscribers as rows
from newsletter.store.subscriber_lists import Filter
from newsletter.store.tables import issues
from tests.store.samples import AT

TODAY = AT.date()


def active(db: Db, address: str, choice: Choice = Choice(), **values: object) -> Subscriber:  # noqa: B008
    made = subscribers.add_waiting(db, address, choice, source="form", at=AT)
    made = replace(made, state="active", confirmed_at=AT, **values)  # type: ignore[arg-type]
    subscribers.save(db, made)
    return made


def test_one_address_is_one_reader(database: Database) -> None:
    with database.transaction() as db:
        first = subscribers.add_waiting(db, "Rita@example.org", Choice("monthly", ("news",)), source="form", at=AT)
        again = subscribers.add_waiting(db, "rita@EXAMPLE.org", Choice(), source="form", at=AT)
        assert first == again == subscribers.by_id(db, first.id) == subscribers.by_address(db, "RITA@example.org")
        assert (first.address, first.state, first.choice) == (
            "Rita@example.org",
            "waiting",
            Choice("monthly", ("news",)),
        )
        assert subscribers.by_id(db, 99) is None


def test_what_was_agreed_is_kept_in_order(database: Database) -> None:
    told = [Consent(AT, "asked", "Yes?", "form"), Consent(AT + timedelta(hours=1), "confirmed", "Yes.", "mail")]
    with database.transaction() as db:
        reader = subscribers.add_waiting(db, "rita@example.org", Choice(), source="form", at=AT)
        assert subscribers.asked_at(db, reader.id) is None
        for each in told:
            subscribers.add_consent(db, reader.id, each)
    with database.reading() as db:
        assert subscribers.consents_of(db, reader.id) == told
        assert subscribers.asked_at(db, reader.id) == AT


def test_who_never_confirms_is_forgotten_but_not_who_was_brought_in(database: Database) -> None:
    with database.transaction() as db:
        old = subscribers.add_waiting(db, "old@example.org", Choice(), source="form", at=AT - timedelta(days=61))
        subscribers.add_consent(db, old.id, Consent(AT, "asked", "", ""))
        subscribers.add_waiting(db, "new@example.org", Choice(), source="form", at=AT)
        subscribers.add_waiting(db, "list@example.org", Choice(), source="a file", at=AT - timedelta(days=61))
        assert subscribers.drop_unconfirmed(db, source="form", before=AT - timedelta(days=60)) == 1
        assert subscribers.by_address(db, "old@example.org") is None
        assert subscribers.by_address(db, "list@example.org") is not None


def test_suppression_knows_addresses_only_by_their_hash(database: Database) -> None:
    with database.reading() as db:
        assert not suppression.is_suppressed(db, "rita@example.org")
    with database.transaction() as db:
        suppression.suppress(db, "Rita@example.org", "left", AT)
        suppression.suppress(db, "rita@example.org", "erased", AT)
        assert suppression.suppressed_count(db) == 1
        assert suppression.is_suppressed(db, "RITA@example.org")
        assert suppression.suppressed_keys(db, ["rita@example.org", "olaf@example.org"]) == {"rita@example.org"}
        stored = repr(list(db.execute(suppression.suppressed.select())))
        assert "rita" not in stored
        suppression.lift(db, "rita@example.org")
        assert not suppression.is_suppressed(db, "rita@example.org")


def test_erasing_takes_the_address_out_of_every_row(database: Database) -> None:
    with database.transaction() as db:
        reader = active(db, "Rita@example.org")
        subscribers.add_move(db, reader.id, "other@example.org", at=AT)
        _delivery(db, reader.id, answer="550 <rita@example.org> unknown")
        words = {"subscriber_id": reader.id, "mailing_id": 1, "at": AT, "kind": "hard", "status": "5.1.1"}
        db.execute(bounces.insert(), [{**words, "day": TODAY, "words": "no RITA@example.org here"}])
        event = {"mailing_id": 1, "subscriber_id": reader.id, "at": AT, "state": "deferred", "code": 450, "said_by": ""}
        db.execute(delivery_events.insert(), [{**event, "answer": "rita@example.org: later"}])
        subscribers.erase(db, reader)
        subscribers.erase(db, replace(reader, address=None))
        left = repr([list(db.execute(table.select())) for table in rows.metadata.sorted_tables]).lower()
        assert "rita" not in left
        assert "other@" not in left
        gone = subscribers.by_id(db, reader.id)
        assert gone is not None
        assert (gone.state, gone.address, gone.epoch) == ("erased", None, reader.epoch + 1)
        assert subscribers.add_waiting(db, "rita@example.org", Choice(), source="form", at=AT).id != reader.id


def test_only_the_newest_wish_for_another_address_stands(database: Database) -> None:
    with database.transaction() as db:
        reader = active(db, "rita@example.org")
        first = subscribers.add_move(db, reader.id, "a@example.org", at=AT)
        second = subscribers.add_move(db, reader.id, "b@example.org", at=AT)
        assert second != first
        assert subscribers.find_move(db, first) is None
        found = subscribers.find_move(db, second)
        assert found == subscribers.Move(second, reader.id, "b@example.org", AT)
        subscribers.drop_moves(db, reader.id)
        assert subscribers.find_move(db, second) is None


def test_distinct_choices_of_those_who_get_it(database: Database) -> None:
    with database.transaction() as db:
        for at, choice in enumerate((Choice(), Choice(), Choice("monthly"), Choice("weekly", ("a", "b")))):
            active(db, f"r{at}@example.org", choice)
        subscribers.add_waiting(db, "w@example.org", Choice("highlights"), source="form", at=AT)
        assert subscribers.choices_of_active(db) == (Choice("monthly"), Choice(), Choice("weekly", ("a", "b")))


def test_counts_and_filters(database: Database) -> None:
    with database.transaction() as db:
        events = active(db, "e@example.org", Choice("monthly", ("events",)))
        paused = active(db, "p@example.org", paused_until=TODAY + timedelta(days=1))
        over = active(db, "o@example.org", Choice("weekly", ("news",)), paused_until=TODAY)
        new = [NewReader("i@example.org", Choice())]
        imported.add_imported(db, new, source="a file", wording="", at=AT)
        asked = subscribers.add_waiting(db, "w_1@example.org", Choice(), source="form", at=AT)
        row = {"subscriber_id": events.id, "day": TODAY, "at": AT, "kind": "soft", "status": "4.2.2"}
        db.execute(bounces.insert(), [{**row, "words": "mailbox full"}])
    with database.reading() as db:
        found = subscriber_lists.counts(db, TODAY)
        assert (found.active, found.waiting, found.paused, found.imported, found.bouncing) == (3, 2, 1, 1, 1)
        assert found.all == 5

        def ids(**wanted: str) -> list[int]:
            return [each.id for each in subscriber_lists.page(db, Filter(**wanted), today=TODAY)[0]]

        assert ids(state="paused") == [paused.id]
        assert ids(state="bouncing") == [events.id]
        assert len(ids(state="imported")) == 1
        assert ids(state="active") == [over.id, paused.id, events.id]
        assert ids(rhythm="monthly") == [events.id]
        assert ids(section="events", state="active") == [paused.id, events.id], "who wants all gets it, too"
        assert ids(text="W_") == [asked.id], "a sign that SQL would take for any letter is itself"
        assert ids(text="%") == []
        assert subscriber_lists.bounced(db, [events.id])[events.id].words == "mailbox full"


def test_pages_follow_each_other(database: Database) -> None:
    with database.transaction() as db:
        made = [active(db, f"r{at}@example.org").id for at in range(5)]
    with database.reading() as db:
        first, more = subscriber_lists.page(db, Filter(), today=TODAY, count=3)
        last, end = subscriber_lists.page(db, Filter(), today=TODAY, count=3, before=first[-1].id)
        assert [each.id for each in (*first, *last)] == made[::-1]
        assert (more, end) == (True, False)
        assert [each.id for each, _ in subscriber_lists.everybody(db, Filter(), today=TODAY)] == made


def test_what_was_received(database: Database) -> None:
    with database.transaction() as db:
        reader = active(db, "r@example.org")
        _delivery(db, reader.id, answer="250 ok")
        assert [each.issue_number for each in subscriber_lists.received(db, [reader.id])] == [1]
        (newest,) = subscriber_lists.received(db, [reader.id], newest_only=True)
        assert (newest.kind, newest.state, newest.answer) == ("issue", "accepted", "250 ok")


def test_many_at_once_and_a_word_said_later(database: Database) -> None:
    new = [NewReader(f"r{at}@example.org", Choice(), AT - timedelta(days=at)) for at in range(3)]
    with database.transaction() as db:
        imported.add_imported(db, new, source="old list", wording="", at=AT)
        imported.add_imported(db, new, source="old list", wording="", at=AT)
        assert imported.waiting_sources(db) == [("old list", 3)]
        ids = imported.waiting_from(db, "old list")
        subscribers.add_consent(db, ids[0], Consent(AT, "asked", "", "form"))
        assert imported.agreeing_count(db, [*ids, 99]) == 3
        assert imported.agree(db, [*ids, 99], wording="by a form", at=AT) == 3
        assert imported.agree(db, ids, wording="again", at=AT) == 0
        second = subscribers.by_address(db, "r1@example.org")
        assert second is not None
        assert (second.state, second.confirmed_at) == ("active", AT - timedelta(days=1))
        assert [each.what for each in subscribers.consents_of(db, ids[0])] == ["imported", "asked", "imported"]
        assert imported.waiting_sources(db) == []


def test_useful_is_a_number(database: Database) -> None:
    with database.transaction() as db:
        _issue(db)
        for answer in ("yes", "no", "yes"):
            usefulness.count_answer(db, 1, answer)
        assert usefulness.answers(db, 1) == {"yes": 2, "no": 1}
        assert usefulness.answers(db, 2) == {}


def _issue(db: Db) -> None:
    times = dict.fromkeys(("period_start", "period_end", "created_at", "drafted_at", "state_at"), AT)
    db.execute(
        issues.insert(), [{"number": 1, "publish_on": TODAY, "title": "", "state": "sent", "draft": {}, **times}]
    )


def _delivery(db: Db, reader: int, *, answer: str) -> None:
    _issue(db)
    times = {"send_at": AT, "frozen_at": AT}
    mailing = {"id": 1, "issue_number": 1, "kind": "issue", "state": "done", "reason": "", "said_by": "", **times}
    db.execute(mailings.insert(), [mailing])
    row = {"mailing_id": 1, "subscriber_id": reader, "edition": "k", "domain": "example.org", "state": "accepted"}
    row |= {"attempts": 1, "first_at": AT, "changed_at": AT, "holder": "", "code": 250, "answer": answer}
    db.execute(deliveries.insert(), [row])


@pytest.mark.parametrize("day", [date(2026, 3, 6)])
def test_a_day_is_stored_as_a_day(database: Database, day: date) -> None:
    with database.transaction() as db:
        reader = active(db, "r@example.org", paused_until=day)
        found = subscribers.by_id(db, reader.id)
        assert found is not None
        assert found.paused_until == day
