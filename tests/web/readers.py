"""Readers for tests of the web: forms filled in, mails read out of the folder they are handed to, links followed."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from httpx2 import Response

from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.subscription_mails import link
from newsletter.store import subscribers
from tests.web.desk import OWN, Desk

SITE = "https://weekly.example.org/"
FEEDS = f"""\
newsletter:
  name: Test weekly
  from: Test <test@example.org>
  site: {SITE}
schedule:
  timezone: Europe/Oslo
"""
ALL = ["highlights", "events", "developer", "general", "statistics", "news"]
LINK = re.compile(rf"{re.escape(SITE)}([cru])/([A-Za-z0-9_-]+)")


def mails(app: Newsletter) -> list[EmailMessage]:
    """What was handed over so far, the oldest first."""
    made = []
    for path in sorted((app.data / "outbox").glob("*.eml"), key=lambda each: each.stat().st_mtime_ns):
        mail = message_from_bytes(path.read_bytes(), policy=SMTP)
        assert isinstance(mail, EmailMessage)
        made.append(mail)
    return made


def link_in(mail: EmailMessage) -> str:
    """The path of the link in a mail."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return f"/{found[1]}/{found[2]}"


def newest_link(app: Newsletter) -> str:
    """The path of the link in the newest mail."""
    return link_in(mails(app)[-1])


def fill_in(desk: Desk, address: str, *, peer: str = "192.0.2.1", sections: list[str] = ALL, **fields: str) -> Response:
    """Open the form and send it."""
    browser = desk.browser(base=SITE, peer=peer)
    page = browser.get("/subscribe").text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "stamp")}
    desk.clock.now += timedelta(seconds=20)
    data = {"address": address, "rhythm": "weekly", "section": sections, **hidden, **fields}
    return browser.post("/subscribe", data=data, headers=OWN)


def subscribed(desk: Desk, address: str = "rita@example.org", choice: Choice = Choice()) -> Subscriber:  # noqa: B008
    """A reader who confirmed."""
    subscribing.ask(desk.app, address, choice, base=SITE)
    subscribing.confirm(desk.app, newest_link(desk.app).rpartition("/")[2])
    return reader_at(desk.app, address)


def reader_at(app: Newsletter, address: str) -> Subscriber:
    """The reader at an address, who must be there."""
    with app.database.reading() as db:
        found = subscribers.by_address(db, address)
    assert found is not None
    return found


def path_for(app: Newsletter, purpose: str, reader: Subscriber) -> str:
    """The path of a link for a reader, as a mail has it."""
    with app.database.transaction() as db:
        made = link(app, db, purpose, reader.id, epoch=reader.epoch, base="/")  # type: ignore[arg-type]
    return made
