"""Mail that comes back: who is counted, who is asked, who is removed, and who cannot be."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from newsletter.deliver.subscription import left
from newsletter.deliver.tokens import Purpose, make_token
from newsletter.deliver.verp import envelope_sender
from newsletter.errors import MailFault
from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline import bounces
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bounce_mailbox import read_bounces
from newsletter.pipeline.bounces import send_probes, settle_probes, take_reports
from newsletter.store import subscribers
from newsletter.store.bounces import bounces_of
from newsletter.store.secrets import secret
from tests.deliver.reports import complaint, delivery_report
from tests.pipeline.conftest import Home

DELIVERY = "delivery:\n  bounces to: back@example.org\n  bounce mailbox: back.mbox\n"
SOURCES = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
FULL = {"status": "5.2.2", "said": "smtp; 552 5.2.2 Mailbox full"}


def opened(home: Home) -> Home:
    home.write(SOURCES + DELIVERY)
    return home


def reader(app: Newsletter, address: str = "ada@example.net") -> Subscriber:
    with app.database.transaction() as db:
        made = subscribers.add_waiting(db, address, Choice(), source="form", at=app.now())
        subscribers.save(db, replace(made, state="active", confirmed_at=app.now()))
    return made


def back(app: Newsletter, who: Subscriber, errand: str = "bounce") -> str:
    """The sender of an issue that was mailed to ``who``."""
    with app.database.transaction() as db:
        key = secret(db, bounces.LINKS)
    token = make_token(key, "bounce", subscriber_id=who.id, epoch=who.epoch, on=app.now().date())
    return envelope_sender("back@example.org", token, errand=errand)  # type: ignore[arg-type]


def taken(app: Newsletter, data: bytes) -> list[str]:
    return [each.taken for each in take_reports(app, data)]


def state(app: Newsletter, who: Subscriber) -> str:
    with app.database.reading() as db:
        found = subscribers.by_id(db, who.id)
        return found.state if found else "gone"


def is_suppressed(app: Newsletter, address: str = "ada@example.net") -> bool:
    with app.database.reading() as db:
        return subscribers.is_suppressed(db, address)


def mails(home: Home) -> list[str]:
    folder = home.folder / "data" / "outbox"
    return [str(message_from_bytes(each.read_bytes(), policy=default)["Subject"]) for each in folder.glob("*.eml")]


def farewell(app: Newsletter, who: Subscriber, *, purpose: Purpose = "unsubscribe") -> bytes:
    """What a mail program sends when its button is pressed."""
    with app.database.transaction() as db:
        key = secret(db, bounces.LINKS)
    token = make_token(key, purpose, subscriber_id=who.id, epoch=who.epoch, on=app.now().date())
    return f"From: {who.address}\r\nTo: back@example.org\r\nSubject: unsubscribe {token}\r\n\r\n".encode()


def test_who_writes_unsubscribe_is_out_at_once_and_only_they(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        ada, bob = reader(app), reader(app, "bob@example.net")
        assert taken(app, farewell(app, ada)) == ["left"]
        assert (state(app, ada), state(app, bob)) == ("left", "active")
        assert taken(app, farewell(app, ada)) == ["left"], "twice is once"
        with app.database.reading() as db:
            assert [each.what for each in subscribers.consents_of(db, ada.id)] == ["left"]


def test_a_token_of_another_kind_or_of_nobody_ends_no_subscription(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        ada = reader(app)
        assert taken(app, farewell(app, ada, purpose="preferences")) == ["of nobody we mailed to"]
        assert taken(app, farewell(app, replace(ada, id=99))) == ["of nobody we mailed to"]
        assert taken(app, farewell(app, replace(ada, epoch=1))) == ["ignored"]
        assert state(app, ada) == "active"


def test_a_dead_address_is_asked_once_and_removed_when_the_question_comes_back(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        assert taken(app, delivery_report(back(app, who))) == ["asked"]
        assert state(app, who) == "bouncing"
        assert send_probes(app) == 0, "not before a day has passed"
        any_home.clock.move(days=1)
        assert (send_probes(app), send_probes(app)) == (1, 0)
        assert len(mails(any_home)) == 1
        assert taken(app, delivery_report(back(app, who, "probe"))) == ["removed"]
        assert (state(app, who), is_suppressed(app)) == ("removed", True)
        assert taken(app, delivery_report(back(app, who, "probe"))) == ["ignored"]


def test_who_does_not_come_back_for_a_week_is_a_reader_again(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        taken(app, delivery_report(back(app, who)))
        any_home.clock.move(days=1)
        send_probes(app)
        any_home.clock.move(days=6)
        assert settle_probes(app) == 0
        any_home.clock.move(days=1)
        assert (settle_probes(app), state(app, who)) == (1, "active")
        with app.database.reading() as db:
            assert bounces_of(db, who.id) == [], "what was before counts no more"


def test_three_days_with_a_full_mailbox(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who, said = reader(app), []
        for _ in range(3):
            data = delivery_report(back(app, who), **FULL)
            said += taken(app, data) + taken(app, data)
            any_home.clock.move(days=7)
        again = "counted today already"
        assert said == ["counted", again, "counted", again, "asked", again]


def test_a_report_counts_once_however_often_it_is_read(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        data = delivery_report(back(app, reader(app)), **FULL, date="Thu, 15 Oct 2026 10:00:00 +0000")
        assert taken(app, data) == ["counted"]
        any_home.clock.move(days=3)
        assert taken(app, data) == ["counted today already"]


def test_what_is_older_than_sixty_days_counts_no_more(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        for _ in range(4):
            assert taken(app, delivery_report(back(app, who), **FULL)) == ["counted"]
            any_home.clock.move(days=31)


def test_one_complaint_is_enough_and_outdoes_the_bounce_of_the_day(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        taken(app, delivery_report(back(app, who), **FULL))
        assert taken(app, complaint(back(app, who))) == ["removed"]
        assert (state(app, who), is_suppressed(app)) == ("removed", True)


@pytest.mark.parametrize("status", ["5.7.1", "5.3.4", "4.7.0"])
def test_what_is_ours_to_mend_counts_against_nobody(any_home: Home, status: str) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        data = delivery_report(back(app, who), status=status, said=f"smtp; 550 {status} Not like this")
        assert (taken(app, data), state(app, who)) == (["ignored"], "active")


def test_nobody_can_have_others_removed(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who, other = reader(app), reader(app, "bob@example.net")
        right = back(app, who)
        forged = envelope_sender(
            "back@example.org", make_token(b"x" * 32, "bounce", subscriber_id=who.id, epoch=0, on=app.now().date())
        )
        other_letter = f"{right[:30]}{'a' if right[30] != 'a' else 'b'}{right[31:]}"
        for address in ("ada@example.net", forged, other_letter):
            assert taken(app, delivery_report(address)) == ["of nobody we mailed to"]
        assert (state(app, who), state(app, other)) == ("active", "active")


def test_a_mail_of_a_person_is_left_alone(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        assert taken(app, b"From: Ada <ada@example.net>\nTo: back@example.org\n\nHello!\n") == ["no report"]


def test_a_question_that_no_server_takes_is_asked_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        is_final = False

        def send(self, *_: object, **__: object) -> None:
            raise MailFault("not now", is_final=self.is_final)

    with opened(home).opened() as app:
        who = reader(app)
        taken(app, delivery_report(back(app, who)))
        home.clock.move(days=1)
        refusing = Refusing()
        monkeypatch.setattr(bounces, "transport_of", lambda _: refusing)
        assert (send_probes(app), state(app, who)) == (0, "bouncing")
        refusing.is_final = True
        home.clock.move(hours=1)
        assert (send_probes(app), state(app, who)) == (0, "removed")


def test_who_left_meanwhile_is_not_asked(any_home: Home) -> None:
    with opened(any_home).opened() as app:
        who = reader(app)
        taken(app, delivery_report(back(app, who)))
        with app.database.transaction() as db:
            found = subscribers.by_id(db, who.id)
            assert found
            subscribers.save(db, left(found, app.now()))
        any_home.clock.move(days=1)
        assert (send_probes(app), state(app, who)) == (0, "left")


def in_mbox(path: Path, *mails: bytes) -> None:
    with path.open("ab") as file:
        for mail in mails:
            file.write(b"From MAILER-DAEMON Fri Mar  4 10:00:00 2011\n" + mail + b"\n\n")


def test_the_mailbox_is_read_on_from_where_it_was_read(home: Home) -> None:
    with opened(home).opened() as app:
        ada, bob = reader(app), reader(app, "bob@example.net")
        path = home.folder / "back.mbox"
        in_mbox(path, delivery_report(back(app, ada)), b"From: Ada <ada@example.net>\nSubject: Hi\n\nHello!\n")
        found = read_bounces(app)
        assert found
        assert (found.mails_count, dict(found.taken)) == (2, {"asked": 1, "no report": 1})
        again = read_bounces(app)
        assert again
        assert again.mails_count == 0
        in_mbox(path, complaint(back(app, bob)))
        later = read_bounces(app)
        assert later
        assert later.taken["removed"] == 1
        assert state(app, bob) == "removed"
        assert state(app, ada) == "bouncing"


def test_without_a_mailbox_nothing_is_read(home: Home) -> None:
    home.write(SOURCES)
    with home.opened() as app:
        assert read_bounces(app) is None
