"""Approving pins a mail for each choice of the readers, with the issue or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.errors import StoreFault
from newsletter.model.correction import Correction
from newsletter.model.subscriber import Choice
from newsletter.pipeline import approval, audience, editions
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.editions import edition_key, edition_name
from newsletter.pipeline.issue_preview import edition_data
from newsletter.pipeline.pinned import approved_files
from newsletter.store import issues, subscribers
from newsletter.store.approvals import pinned_files
from newsletter.store.mail_tables import deliveries
from tests.conftest import ON_POSTGRES
from tests.loopback import atom
from tests.pipeline.conftest import NOW, Home, gather_due
from tests.pipeline.letters import mail_of, subscribe, text_of

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
EVERYTHING, SHORT = edition_name(edition_key(Choice())), edition_name(edition_key(Choice("highlights")))


@pytest.fixture
def app(any_home: Home) -> Iterator[Newsletter]:
    """A newsletter with a draft and two readers."""
    any_home.write(PLANET)
    any_home.web["/planet.xml"] = atom(ONE)
    with any_home.opened() as opened:
        gather_due(opened)
        assert draft_if_due(opened)
        with opened.database.transaction() as db:
            subscribe(db, 1)
            subscribe(db, 2, rhythm="highlights")
        yield opened


def mails(app: Newsletter) -> set[str]:
    return {path.relative_to(app.issue_folder(1)).as_posix() for path in app.issue_folder(1).glob("editions/*")}


def test_each_choice_has_its_mail_and_it_is_pinned(app: Newsletter) -> None:
    approve(app, 1, editor="Ines")
    assert mails(app) == {EVERYTHING, SHORT}
    files = approved_files(app, 1)
    assert files[EVERYTHING] != files[SHORT]
    assert "The bridge opens" in text_of(mail_of(files[EVERYTHING]))
    assert edition_data(app, 1, Choice()) == files[EVERYTHING]
    (app.issue_folder(1) / SHORT).write_bytes(b"another")
    with pytest.raises(StoreFault, match="does not hold what was approved"):
        approved_files(app, 1)


def test_a_reader_who_chooses_between_making_and_approving_is_not_forgotten(
    app: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = approval.stage

    def slow(*given: object, **named: object) -> Path:
        with app.database.transaction() as db:
            subscribe(db, 3, sections=["general"])
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(approval, "stage", slow)
    approve(app, 1, editor="Ines")
    late = edition_name(edition_key(Choice(sections=("general",))))
    assert mails(app) == {EVERYTHING, SHORT, late}
    assert "because you chose these sections" in text_of(mail_of(approved_files(app, 1)[late]))


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=ON_POSTGRES)], indirect=True)
def test_a_reader_who_chooses_while_the_audience_is_fixed_is_in_it_once(
    app: Newsletter, any_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody writes while another one does."""
    real, wishes = audience.choices_reached, iter([["general"], ["events"], ["news", "events"]])

    def interrupted(*given: Any, **named: Any) -> tuple[Choice, ...]:
        found = real(*given, **named)
        if (wish := next(wishes, None)) is not None:
            with any_home.opened() as other, other.database.transaction() as db:
                ada = subscribers.by_address(db, "reader1@example.net")
                assert ada is not None
                subscribers.save(db, replace(ada, choice=Choice(sections=tuple(wish))))
        return found

    monkeypatch.setattr(audience, "choices_reached", interrupted)
    approve(app, 1, editor="Ines")
    with app.database.reading() as db:
        found = [row.edition for row in db.execute(select(deliveries).order_by(deliveries.c.subscriber_id))]
    chosen = edition_key(Choice(sections=("news", "events")))
    assert found == [chosen, edition_key(Choice("highlights"))]
    assert edition_name(chosen) in approved_files(app, 1)


def test_a_mail_that_cannot_be_made_approves_nothing(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(editions, "pin_files", broken)
    with pytest.raises(OSError, match="no room"):
        approve(app, 1, editor="Ines")
    with app.database.reading() as db:
        assert issues.issue(db, 1).state == "draft"
        assert pinned_files(db, 1) == {}
    assert mails(app) == set()
    assert not list(app.issue_folder(1).parent.glob(".0001-*"))


def test_taking_back_lets_go_of_the_mails(app: Newsletter) -> None:
    approve(app, 1, editor="Ines")
    take_back(app, 1, editor="Ines")
    assert mails(app) == set()
    approve(app, 1, editor="Ines")
    assert mails(app) == {EVERYTHING, SHORT}


def test_the_erratum_is_an_edition_of_its_own(app: Newsletter, any_home: Home) -> None:
    approve(app, 1, editor="Ines")
    any_home.clock.move(days=2)
    with app.database.reading() as db:
        entry = issues.issue(db, 1).issue.entries[0]
    correction = Correction(0, "", NOW, "Ines", "It opens on Tuesday.", title="The bridge opens late")
    correct_entry(app, 1, entry=entry.id, correction=correction)
    data = approved_files(app, 1)[edition_name("erratum-1")]
    mail = mail_of(data)
    assert str(mail["Subject"]) == "Correction to issue 1: The bridge opens late"
    assert mail["Date"].datetime == any_home.clock()
    for kind in ("plain", "html"):
        said = text_of(mail, kind)
        assert "It opens on Tuesday." in said
        assert "because you got issue 1" in said
    assert mail["List-Unsubscribe"] is not None
