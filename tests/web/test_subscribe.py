"""The form to subscribe and the link that confirms, over HTTP."""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.model.address import read_address
from newsletter.model.subscriber import Choice
from newsletter.pipeline import subscribing
from newsletter.store import subscribers
from newsletter.web.subscribe import HONEYPOT
from tests.corpus import CORPUS, needs_corpus
from tests.web.desk import FEEDS as WITHOUT_SITE
from tests.web.desk import OWN, Desk, running_desk
from tests.web.readers import FEEDS, SITE, fill_in, link_in, mails, newest_link, path_for, reader_at, subscribed


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "home", FEEDS) as running:
        yield running


def test_from_the_form_to_being_a_reader(desk: Desk) -> None:
    answer = fill_in(desk, "Rita@Example.org", sections=["events", "news"], rhythm="monthly")
    assert (answer.status_code, answer.headers["location"]) == (303, "/subscribe?sent")
    assert "Look into your mail" in desk.browser(base=SITE).get("/subscribe?sent").text
    reader = reader_at(desk.app, "rita@example.org")
    assert (reader.state, reader.choice) == ("waiting", Choice("monthly", ("events", "news")))
    (mail,) = mails(desk.app)
    assert (mail["To"], mail["Auto-Submitted"]) == ("Rita@example.org", "auto-generated")
    assert "Events and In the News, once a month" in " ".join(mail.get_content().split())
    path, browser = link_in(mail), desk.browser(base=SITE)
    page = browser.get(path)
    assert (page.status_code, "Yes, send it" in page.text) == (200, True)
    assert reader_at(desk.app, "rita@example.org").state == "waiting", "a scanner that follows links confirms nothing"
    for _ in range(2):
        answer = browser.post(path, headers=OWN)
        assert (answer.status_code, "You are subscribed" in answer.text) == (200, True)
    with desk.app.database.reading() as db:
        consents = subscribers.consents_of(db, reader.id)
    assert [each.what for each in consents] == ["asked", "confirmed"]
    assert "Send me Test weekly by mail" in consents[0].wording
    assert reader_at(desk.app, "rita@example.org").state == "active"


def test_the_answer_is_the_same_whoever_it_is(desk: Desk) -> None:
    """Known, left, erased and unknown addresses: page, headers and cookies tell nothing, the mail says what is so."""
    subscribed(desk, "known@example.org")
    for name, end in (("left@example.org", subscribing.leave), ("erased@example.org", subscribing.erase)):
        end(desk.app, subscribed(desk, name).id, way="test")  # type: ignore[operator]
    before, answers = len(mails(desk.app)), set()
    for at, name in enumerate(("known", "left", "erased", "unknown")):
        answer = fill_in(desk, f"{name}@example.org", peer=f"192.0.2.{at + 1}")
        assert not answer.cookies
        answers.add((answer.status_code, answer.text, tuple(sorted(answer.headers.items()))))
    assert len(answers) == 1
    found = [(mail["Subject"], link_in(mail)[:3]) for mail in mails(desk.app)[before:]]
    ask = ("Confirm your subscription to Test weekly", "/c/")
    assert found == [("You are subscribed to Test weekly already", "/r/"), ask, ask, ask]
    assert reader_at(desk.app, "left@example.org").state == "left", "until it is confirmed"


@pytest.mark.slow
def test_the_time_tells_nothing_either(desk: Desk) -> None:
    subscribed(desk, "known@example.org")
    took: dict[str, list[float]] = {"known": [], "new": []}
    for at in range(12):
        for kind in took:
            desk.web.state.subscribing.__init__()
            name = "known@example.org" if kind == "known" else f"new{at}@example.org"
            start = time.perf_counter()
            subscribing.ask(desk.app, name, Choice(), base=SITE)
            took[kind].append(time.perf_counter() - start)
    known, new = (statistics.median(took[kind]) for kind in ("known", "new"))
    assert 1 / 3 < known / new < 3


def test_coming_back_always_works(desk: Desk) -> None:
    reader = subscribed(desk)
    subscribing.leave(desk.app, reader.id, way="test")
    with desk.app.database.reading() as db:
        assert subscribers.is_suppressed(db, "RITA@example.org")
    old = newest_link(desk.app)
    assert desk.browser(base=SITE).post(old, headers=OWN).status_code == 403, "an old link brings nobody back"
    desk.clock.move(minutes=1)
    fill_in(desk, "rita@example.org")
    desk.browser(base=SITE).post(newest_link(desk.app), headers=OWN)
    again = reader_at(desk.app, "rita@example.org")
    assert (again.id, again.state) == (reader.id, "active")
    with desk.app.database.reading() as db:
        assert not subscribers.is_suppressed(db, "rita@example.org")
    subscribing.erase(desk.app, reader.id, way="test")
    desk.clock.move(minutes=1)
    fill_in(desk, "rita@example.org")
    desk.browser(base=SITE).post(newest_link(desk.app), headers=OWN)
    newer = reader_at(desk.app, "rita@example.org")
    assert (newer.id != reader.id, newer.state) == (True, "active")


def test_limits_by_network_and_by_address(desk: Desk) -> None:
    codes = [fill_in(desk, f"r{at}@example.org").status_code for at in range(11)]
    assert codes == [303] * 10 + [429]
    assert fill_in(desk, "other@example.org", peer="192.0.2.9").status_code == 303
    for at in range(5):
        assert fill_in(desk, "Many@example.org", peer=f"198.51.100.{at}").status_code == 303
    assert sum(mail["To"] == "Many@example.org" for mail in mails(desk.app)) == 3


def test_programs_learn_nothing(desk: Desk) -> None:
    assert fill_in(desk, "r@example.org", **{HONEYPOT: "x"}).headers["location"] == "/subscribe?sent"
    assert fill_in(desk, "r@example.org", stamp="1.x").status_code == 400
    assert mails(desk.app) == []


def test_what_was_chosen_stays_when_something_is_to_be_mended(desk: Desk) -> None:
    answer = fill_in(desk, "no<b>body", sections=["news"], rhythm="highlights")
    assert answer.status_code == 400
    assert "not a mail address" in answer.text
    assert 'value="no&lt;b&gt;body"' in answer.text
    assert answer.text.count(" checked") == 2
    assert fill_in(desk, "r@example.org", sections=[]).status_code == 400
    assert fill_in(desk, "r@example.org", rhythm="hourly").status_code == 400


def test_a_form_on_another_site_shows_ours_and_does_nothing(desk: Desk) -> None:
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    answer = desk.browser(base=SITE).post("/subscribe", data={"address": "r@example.org"}, headers=foreign)
    assert answer.status_code == 200
    assert 'value="r@example.org"' in answer.text
    assert mails(desk.app) == []
    browser = desk.browser(base=SITE)
    page = browser.get("/subscribe").text
    data = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "stamp")}
    data |= {"address": "r@example.org", "rhythm": "weekly", "section": "news"}
    desk.clock.move(seconds=20)
    assert browser.post("/subscribe", data=data, headers=foreign).status_code == 200
    assert mails(desk.app) == [], "with the right token, but from elsewhere"


def test_other_forms_still_must_come_from_our_pages(desk: Desk) -> None:
    reader = subscribed(desk)
    foreign = {"sec-fetch-site": "cross-site"}
    browser = desk.browser(base=SITE)
    for path in ("/tip", newest_link(desk.app), path_for(desk.app, "preferences", reader), "/useful/1/yes", "/desk/me"):
        assert browser.post(path, headers=foreign).status_code == 403, path


def test_links_are_bound_to_person_and_purpose(desk: Desk) -> None:
    reader, other = subscribed(desk), subscribed(desk, "olaf@example.org")
    browser = desk.browser(base=SITE)
    token = path_for(desk.app, "preferences", reader).rpartition("/")[2]
    assert browser.get(f"/r/{token}").status_code == 200
    for wrong in (f"/c/{token}", f"/u/{token}", f"/r/{token[:-1]}", f"/r/{token}A", f"/r/{token.swapcase()}", "/r/x"):
        assert browser.get(wrong).status_code == 404, wrong
    theirs = path_for(desk.app, "preferences", other).rpartition("/")[2]
    assert browser.get(f"/r/{theirs[:11]}{token[11:]}").status_code == 404
    desk.clock.move(days=61)
    assert browser.get(f"/r/{token}").status_code == 200, "valid for at least 60 days"
    desk.clock.move(days=400)
    assert browser.get(f"/r/{token}").status_code == 404


def test_wishes_nobody_confirms_are_forgotten(desk: Desk) -> None:
    fill_in(desk, "old@example.org")
    path = newest_link(desk.app)
    desk.clock.move(days=61)
    assert desk.browser(base=SITE).get(path).status_code == 404
    fill_in(desk, "new@example.org")
    with desk.app.database.reading() as db:
        assert subscribers.by_address(db, "old@example.org") is None


def test_without_a_site_nothing_breaks(tmp_path: Path) -> None:
    with running_desk(tmp_path / "home", WITHOUT_SITE) as desk:
        away = desk.browser(base="https://weekly.example.org")
        page = away.get("/subscribe")
        assert page.status_code == 200
        assert "Write to test@example.org instead" in page.text
        here = desk.client.get("/subscribe").text
        hidden = {name: here.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "stamp")}
        desk.clock.move(seconds=20)
        data = {**hidden, "address": "r@example.org", "rhythm": "weekly", "section": "news"}
        assert desk.client.post("/subscribe", data=data, headers=OWN).status_code == 303
        assert "http://127.0.0.1:8000/c/" in mails(desk.app)[0].get_content()


def test_a_mail_server_that_is_away_is_said(desk: Desk, tmp_path: Path) -> None:
    away = f"{FEEDS}delivery: {{server: 127.0.0.1, port: 9}}\n"
    with running_desk(tmp_path / "other", away) as other:
        answer = fill_in(other, "r@example.org")
        assert answer.status_code == 503
        assert "No mail can go out at this moment" in answer.text


def _cases(name: str) -> list[str]:
    path = CORPUS / "hostile" / "text" / f"{name}.jsonl"
    return [json.loads(line)["value"] for line in path.read_text(encoding="utf-8").splitlines()]


@needs_corpus
def test_hostile_addresses_are_one_address_or_refused(desk: Desk) -> None:
    for at, value in enumerate([*_cases("addresses"), *_cases("header_injection")]):
        before = len(mails(desk.app))
        answer = fill_in(desk, value, peer=f"2001:db8:{at:x}::1")
        made = mails(desk.app)[before:]
        wanted = read_address(value)
        assert answer.status_code == (303 if wanted else 400), value
        assert len(made) == (1 if wanted else 0), value
        for mail in made:
            assert [each.addr_spec for each in mail["To"].addresses] == [wanted]
            assert not {"Bcc", "Cc"} & set(mail.keys())


@needs_corpus
def test_a_hostile_name_adds_no_header(desk: Desk) -> None:
    """feeds.yaml refuses such a name; should one come through all the same, the mail is still one mail."""
    config = desk.app.config
    for at, value in enumerate(_cases("header_injection")):
        named = replace(desk.app, config=replace(config, newsletter=replace(config.newsletter, name=value)))
        subscribing.ask(named, f"r{at}@example.org", Choice(), base=SITE)
        mail = mails(desk.app)[-1]
        assert set(mail.keys()) == {
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
            *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
        }
        assert [each.addr_spec for each in mail["To"].addresses] == [f"r{at}@example.org"]
        assert [each.addr_spec for each in mail["From"].addresses] == ["test@example.org"]
