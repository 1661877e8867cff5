"""Sources in trouble are told once, many in one mail, to the editors; what feeds.yaml lets rest is not asked."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from newsletter.deliver.transport import Outbox
from newsletter.errors import MailFault
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.sources import source_health
from newsletter.pipeline.trouble import outbreaks, tell_trouble
from newsletter.pipeline.trouble_words import Story, trouble_mail
from newsletter.store.trouble import notices_since
from tests.jobs.test_schedule import service
from tests.loopback import atom
from tests.pipeline.conftest import Home

ONE = ("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers.")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
STEP = 3
pytestmark = pytest.mark.slow


def write(home: Home, *names: str, more: str = "", defaults: str = "") -> None:
    sources = "".join(
        f"  - name: {name}\n    kind: feed\n    url: {{web}}/{name.lower()}.xml\n{more}" for name in names
    )
    home.write(f"{defaults}sources:\n{sources}")
    for name in names:
        home.web[f"/{name.lower()}.xml"] = atom(ONE, title=name)


def break_(home: Home, *names: str, status: int = 503) -> None:
    for name in names:
        home.web.statuses[f"/{name.lower()}.xml"] = (status, {})


def look(home: Home) -> tuple[str, ...]:
    """What the service does every minute, as far as sources are concerned."""
    home.gather()
    with home.opened() as app:
        return tell_trouble(app)


def days(home: Home, count: float) -> list[tuple[str, ...]]:
    """So many days go by, looked at every few hours; who was written to."""
    told = []
    for _ in range(round(count * 24 / STEP)):
        home.clock.move(hours=STEP)
        if written := look(home):
            told.append(written)
    return told


def mails(home: Home) -> list[tuple[str, str]]:
    read = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((home.folder / "data" / "outbox").glob("*.eml"))
    ]
    return [(str(each["Subject"]), " ".join(each.get_content().split())) for each in read]


def state(home: Home, name: str) -> tuple[str, str]:
    with home.opened() as app:
        return next((s.state, s.state_reason) for source, s in source_health(app) if s and source.name == name)


def test_what_is_broken_for_three_days_is_told_once(any_home: Home) -> None:
    home = any_home
    write(home, "Planet", "Well")
    break_(home, "Planet")
    assert look(home) == ()
    assert days(home, 2.75) == []
    assert days(home, 4) == [("test@example.org",)]
    ((subject, text),) = mails(home)
    assert subject == "Test weekly: “Planet” cannot be read"
    assert f"“Planet” (feeds.yaml:7), {home.web.base}/planet.xml cannot be read since" in text
    assert "Thursday 15 October 2026, 18:35 UTC" in text
    assert "503 Service Unavailable" in text
    assert " tries. " in text
    assert "Mend it at feeds.yaml:7" in text
    home.web.statuses.clear()
    assert days(home, 2) == []
    assert state(home, "Planet")[0] in ("ok", "unchanged")


def test_a_second_outbreak_is_told_again_and_each_source_has_its_own_patience(home: Home) -> None:
    write(home, "Planet", more="    when broken for: 6 hours\n")
    break_(home, "Planet")
    look(home)
    assert len(days(home, 1)) == 1
    home.web.statuses.clear()
    assert days(home, 2) == []
    break_(home, "Planet")
    assert len(days(home, 2)) == 1


def test_many_that_break_one_after_the_other_are_one_mail(home: Home) -> None:
    names = [f"Feed{at}" for at in range(8)]
    write(home, *names, defaults="defaults:\n  when broken for: 1 day\n  check every: 30 minutes\n")
    look(home)
    for name in names:
        break_(home, name)
        home.clock.move(minutes=30)
        look(home)
    assert len(days(home, 3)) == 1
    ((subject, text),) = mails(home)
    assert subject == "Test weekly: 8 sources cannot be read"
    assert all(f"“{name}” (feeds.yaml:" in text for name in names)
    assert "8 of 8 sources fail. When nearly all do, look at the network of this machine first" in text


def test_what_breaks_after_a_mail_stands_in_the_next_a_day_later(home: Home) -> None:
    write(home, "A", "B", "C", more="    when broken for: 1 hour\n")
    break_(home, "A")
    look(home)
    home.clock.move(hours=2)
    assert look(home) == ("test@example.org",)
    break_(home, "B", "C")
    assert len(days(home, 0.8)) == 0
    assert len(days(home, 0.5)) == 1
    assert sorted(subject for subject, _ in mails(home)) == [
        "Test weekly: 2 sources cannot be read",
        "Test weekly: “A” cannot be read",
    ]


def test_every_editor_is_told_and_who_could_not_be_gets_the_same_later(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, "A", "B", more="    when broken for: 1 hour\n")
    with home.opened() as app:
        add_editor(app, "Ines", role="manager", address="ines@example.org")
        add_editor(app, "Ben", role="editor", address="ben@example.org")
    break_(home, "A")
    look(home)
    home.clock.move(hours=2)
    send = Outbox.send

    def refuse_ben(outbox: Outbox, mail: object, *, sender: str, to: list[str]) -> None:
        if to == ["ben@example.org"]:
            raise MailFault("busy")
        send(outbox, mail, sender=sender, to=to)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "send", refuse_ben)
        assert look(home) == ("ines@example.org",)
    break_(home, "B")
    home.clock.move(minutes=11)
    assert look(home) == ("ben@example.org",)
    home.clock.move(minutes=11)
    assert look(home) == ()
    assert [subject for subject, _ in mails(home)] == ["Test weekly: “A” cannot be read"] * 2


@pytest.mark.parametrize(("then", "words"), [("pause", "It is paused now"), ("drop", "It is dropped")])
def test_what_is_to_rest_is_not_asked_any_more_until_an_editor_says_so(home: Home, then: str, words: str) -> None:
    write(home, "Planet", more=f"    then: {then}\n    when broken for: 6 hours\n")
    break_(home, "Planet")
    look(home)
    days(home, 1)
    assert state(home, "Planet")[0] == "paused"
    assert state(home, "Planet")[1].startswith(f"{then}{'d' if then == 'pause' else 'ped'}, as feeds.yaml says: ")
    ((_, text),) = mails(home)
    assert words in text
    count = len(home.web.asked)
    days(home, 2)
    assert len(home.web.asked) == count
    assert home.gather("Planet")["Planet"].state.state == "failing"
    look(home)
    assert (state(home, "Planet")[0], len(mails(home))) == ("paused", 1)
    home.web.statuses.clear()
    assert home.gather("Planet")["Planet"].state.state == "ok"
    assert state(home, "Planet")[0] == "ok"
    count = len(home.web.asked)
    days(home, 1)
    assert len(home.web.asked) > count


def test_what_is_gone_is_told_at_once_and_comes_back_by_name_or_by_another_address(home: Home) -> None:
    write(home, "Planet")
    look(home)
    break_(home, "Planet", status=410)
    home.clock.move(hours=3)
    assert look(home) == ("test@example.org",)
    ((subject, text),) = mails(home)
    assert subject == "Test weekly: “Planet” is gone for good"
    assert "410" in text
    count = len(home.web.asked)
    assert days(home, 2) == []
    assert len(home.web.asked) == count
    home.web.statuses.clear()
    assert home.gather("Planet")["Planet"].state.state == "unchanged"
    break_(home, "Planet", status=410)
    assert home.gather("Planet")["Planet"].state.state == "gone"
    home.web["/new.xml"] = atom(ONE)
    (home.folder / "feeds.yaml").write_text((home.folder / "feeds.yaml").read_text().replace("planet.xml", "new.xml"))
    assert home.gather()["Planet"].state.state == "ok"


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_move_is_shown_at_once_and_mailed_after_some_readings(home: Home, status: int) -> None:
    write(home, "Planet")
    home.web["/new.xml"] = atom(ONE)
    home.web.statuses["/planet.xml"] = (status, {"Location": "/new.xml"})
    new = f"{home.web.base}/new.xml"
    assert look(home) == ()
    assert state(home, "Planet")[0] == "moved"
    home.clock.move(hours=3)
    assert look(home) == ()
    home.clock.move(hours=3)
    assert look(home) == ("test@example.org",)
    assert state(home, "Planet") == ("moved", f"moved to {new} for good; write url: {new} at feeds.yaml:7")
    assert [path for path, _ in home.web.asked] == ["/planet.xml", "/new.xml", "/new.xml", "/new.xml"]
    ((subject, text),) = mails(home)
    assert subject == "Test weekly: “Planet” has a new address"
    assert f"Write “url: {new}” at feeds.yaml:7" in text
    assert days(home, 2) == []


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_move_proposes_nothing(home: Home, status: int) -> None:
    write(home, "Planet")
    home.web["/new.xml"] = atom(ONE)
    home.web.statuses["/planet.xml"] = (status, {"Location": "/new.xml"})
    look(home)
    assert days(home, 1) == []
    assert state(home, "Planet") == ("unchanged", "")


def test_what_the_file_pauses_is_nobodys_trouble(home: Home) -> None:
    write(home, "Planet")
    break_(home, "Planet")
    look(home)
    text = (home.folder / "feeds.yaml").read_text()
    (home.folder / "feeds.yaml").write_text(text + "    paused: yes\n")
    assert days(home, 4) == []
    with home.opened() as app:
        assert outbreaks(app) == []


def test_the_service_tells_by_itself(home: Home) -> None:
    write(home, "Planet", more="    when broken for: 1 hour\n")
    break_(home, "Planet")
    with service(home.folder, home.clock) as look_around:
        for _ in range(4):
            look_around()
            home.clock.move(hours=2)
    assert [subject for subject, _ in mails(home)] == ["Test weekly: “Planet” cannot be read"]
    with home.opened() as app, app.database.reading() as db:
        assert len(notices_since(db, LONG_AGO)) == 1


def test_very_many_are_told_by_name() -> None:
    stories = [
        Story("broken", f"Feed {at}", at, "https://x.example/", "Monday", "It answers 500.", said="Try later", tries=1)
        for at in range(300)
    ]
    stories[1:3] = [
        Story("gone", "Old", 3, "", "Monday", "410"),
        Story("moved", "Moved", 4, "", "", "", new_address="https://n.example/"),
    ]
    subject, paragraphs = trouble_mail("Weekly", stories, broken=300, asked=400, desk="https://desk.example/")
    assert subject == "Weekly: 298 sources cannot be read, 1 gone for good, 1 moved"
    text = "\n".join(paragraphs)
    assert "The same is to be said of 260 more: Feed 40, " in text
    assert " and 60 more." in text
    assert "The server says: “Try later”" in text
    assert len(text) < 20_000
    assert paragraphs[-1] == "https://desk.example/"
