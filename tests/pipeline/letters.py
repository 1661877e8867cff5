"""A home whose issues stand in the store, and its readers: for tests of what is mailed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from newsletter.config.load import read_config
from newsletter.deliver.message import Edition, Personal
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter, open_newsletter
from newsletter.pipeline.publish import Rendering, press_of
from newsletter.render.environment import Templates
from newsletter.store import issues
from newsletter.store.database import Db
from newsletter.store.mail_tables import subscribers
from tests.fakes import FixedClock
from tests.render import samples

TEMPLATES = Templates()
WEEK = timedelta(days=7)
LAST_OF_APRIL = date(2027, 4, 30)
FEEDS = """\
newsletter:
  name: Lantern Letter
  from: Lantern Letter <letter@lantern.example>
  reply to: people@lantern.example
  site: https://letter.lantern.example
  postal address: Lantern Society, Quay 9, 2044 Northholm
schedule:
  timezone: Europe/Oslo
  collect until: Thursday 18:00
  send: Friday 10:00
"""
ADA = Personal(
    "ada@example.net", 7, "<issue-4.aa@lantern.example>", "ada-leaves--" + "u" * 20, "ada-changes-" + "p" * 20, "b" * 32
)


def weekly(number: int, publish_on: date, **values: Any) -> Issue:
    """A usual issue of that week; its stories are its own."""
    made = samples.issue(**values)
    back = publish_on - samples.PUBLISH_ON
    named = tuple(
        replace(
            section,
            entries=tuple(
                replace(
                    each,
                    id=f"{number}-{each.id}",
                    story_id=f"{number}-{each.story_id}",
                    title=f"{each.title} ({number})",
                    url=f"{each.url}?{number}" if each.url else None,
                )
                for each in section.entries
            ),
        )
        for section in made.sections
    )
    local = (each.astimezone(samples.SCHEDULE.zone) + back for each in (made.period.start, made.period.end))
    period = Period(*(each.astimezone(UTC) for each in local))
    return replace(made, number=number, publish_on=publish_on, period=period, sections=named)


def april() -> list[Issue]:
    """The issues 1 to 5 of the Fridays 2 to 30 April."""
    return [weekly(number, LAST_OF_APRIL - WEEK * (5 - number)) for number in range(1, 6)]


@contextmanager
def opened(folder: Path, feeds: str = FEEDS) -> Iterator[Newsletter]:
    """The newsletter of that home."""
    (folder / "feeds.yaml").write_text(feeds)
    with open_newsletter(folder, environ={}, now=FixedClock(datetime(2027, 4, 29, 18, tzinfo=UTC))) as app:
        yield app


def store(app: Newsletter, told: Sequence[Issue]) -> None:
    """Put ``told`` into the store, approved but for the last one."""
    with app.database.transaction() as db:
        for each in told:
            issues.save_draft(db, each, now=app.now())
            if each is not told[-1]:
                issues.step(db, each.number, "approved", now=app.now())


def made_of(issue: Issue, feeds: str = FEEDS) -> Rendering:
    """``issue`` as editions are made of it; no file of it is there."""
    config = read_config(feeds.encode(), file="feeds.yaml", environ={}, base=Path())
    none = cast(Any, None)
    return Rendering(none, issue, {}, none, press_of(TEMPLATES, config), none, config)


def subscribe(db: Db, number: int, *, rhythm: str = "weekly", sections: Sequence[str] | None = None) -> None:
    """A reader who agreed."""
    address = f"reader{number}@example.net"
    at = datetime(2027, 1, 1, tzinfo=UTC)
    row = {"address": address, "address_key": address, "state": "active", "rhythm": rhythm, "source": "test"}
    chosen = None if sections is None else list(sections)
    db.execute(subscribers.insert(), [{**row, "sections": chosen, "created_at": at, "confirmed_at": at, "epoch": 0}])


def mail_of(data: bytes, personal: Personal = ADA) -> EmailMessage:
    """What a reader of the edition ``data`` gets, as programs read it; it has no fault."""
    found = message_from_bytes(Edition.read(data).for_reader(personal), policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert [part.defects for part in found.walk() if part.defects] == []
    return found


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text or the HTML of a mail, its white space folded."""
    part = mail.get_body((kind,))
    assert part is not None
    return " ".join(part.get_content().split())
