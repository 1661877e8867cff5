"""An issue that is well, and what the checks look at, for the tests of the checks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.check import Check, CheckInput, MailFacts, Shown
from newsletter.model.issue import Entry, Issue, Section
from newsletter.model.item import Event
from newsletter.model.link import LinkReport, LinkResult
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.edit.samples import PERIOD

NOW = datetime(2026, 10, 15, 22, tzinfo=UTC)
SEND = datetime(2026, 10, 16, 10, tzinfo=UTC)
SETTINGS = {each.id: each for each in DEFAULT_SECTIONS}
AHEAD = Event(datetime(2026, 10, 20, 18, tzinfo=UTC), timezone="UTC")
ONE = Entry("one", "s1", "The bridge opens", "https://a.example/one", "It opens on Monday.")
TWO = Entry("two", "s2", "Open evening", "https://a.example/two", "", event=AHEAD)


def issue_of(*entries: Entry, **values: object) -> Issue:
    sections = (Section("highlights", "Highlights", PERIOD, entries, settings=SETTINGS["highlights"]),)
    given: dict[str, object] = {"note": "Hello.", "sections": sections}
    return Issue(7, "The bridge opens; open evening", PERIOD, date(2026, 10, 16), **(given | values))  # type: ignore[arg-type]


def facts(issue: Issue, **values: object) -> MailFacts:
    shown = tuple(Shown(each.id, each.title, each.url) for each in issue.entries)
    text = "\n".join(f"{each.title}\n{each.url}" for each in shown)
    given: dict[str, object] = {"html_size": 61_000, "full_size": 61_000, "size_limit": 80_000, "shown": shown}
    return MailFacts(issue.title, text, **(given | values))  # type: ignore[arg-type]


def result(url: str, state: str = "good", **values: object) -> LinkResult:
    return LinkResult(url, state, NOW, **values)  # type: ignore[arg-type]


def found(issue: Issue | None = None, **values: object) -> CheckInput:
    issue = issue or issue_of(ONE, TWO)
    links = {url: result(url) for entry in issue.entries for url in [entry.url] if url}
    given: dict[str, object] = {
        "mail": facts(issue),
        "links": LinkReport(links),
        "others": {6: "sent", 7: "draft"},
        "looked_at": frozenset(each.id for each in issue.entries),
    }
    return CheckInput(issue=issue, now=NOW, send_at=SEND, zone=ZoneInfo("UTC"), **(given | values))  # type: ignore[arg-type]


def told(checks: tuple[Check, ...], name: str) -> list[Check]:
    return [each for each in checks if each.id == name]


def only(checks: tuple[Check, ...], name: str) -> Check:
    (each,) = told(checks, name)
    return each
