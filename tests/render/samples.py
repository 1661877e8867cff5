"""Issues of an invented community, "Lantern", in the shapes that pages and mails must bear."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from newsletter.model.issue import Deadline, Entry, Issue, Section, SectionSettings, Statistic
from newsletter.model.item import Event, Item, Person, Thread
from newsletter.model.period import Period, WeekTime
from newsletter.model.settings import DEFAULT_SECTIONS, NewsletterSettings, Schedule
from newsletter.model.story import Place, ScorePart
from newsletter.render.environment import Templates
from newsletter.render.press import Press
from newsletter.render.river import RiverItem

NEWSLETTER = NewsletterSettings(
    name="Lantern Letter",
    sender="Lantern Letter <letter@lantern.example>",
    reply_to="people@lantern.example",
    site="https://letter.lantern.example",
    postal_address="Lantern Society, Quay 9, 2044 Northholm",
)
SCHEDULE = Schedule(zone=ZoneInfo("Europe/Oslo"), collect_until=WeekTime(3, time(18)), send=WeekTime(4, time(10)))
PUBLISH_ON = date(2027, 4, 16)
PERIOD = Period(datetime(2027, 4, 8, 16, tzinfo=UTC), datetime(2027, 4, 15, 16, tzinfo=UTC))
SETTINGS = {each.id: each for each in DEFAULT_SECTIONS}
LISTS = "https://lists.lantern.example"


TEMPLATES = Templates()


def press(**values: object) -> Press:
    return Press(TEMPLATES, replace(NEWSLETTER, **values), SCHEDULE)  # type: ignore[arg-type]


def entry(name: str, title: str, **values: object) -> Entry:
    url = f"https://lantern.example/{name}"
    given: dict[str, object] = {
        "url": url,
        "summary": f"{title} in one sentence. The second sentence says what changes for whom.",
        "places": (Place("thread", f"{LISTS}/{name}"), Place("blog", url)),
        "author": "Ingrid Solheim",
        "source": "dev list",
        "form": "mail",
        "parts": (ScorePart("words", 50),),
        "why": "Five people asked for it.",
    }
    return Entry(name, f"story-{name}", title, **(given | values))  # type: ignore[arg-type]


def since(days: int) -> datetime:
    return datetime(2027, 4, 15, 9, tzinfo=UTC) - timedelta(days=days)


HIGHLIGHTS = (
    entry(
        "charter",
        "The new charter goes to a vote",
        summary="Two drafts became one after eleven evenings. Members may vote from 19 April; nothing else changes.",
        reply_count=31,
        people_count=12,
        since=since(6),
        due_on=date(2027, 4, 22),
        why="A vote with a last day (rule “votes”).",
    ),
    entry("wick", "Wick 4 reads a whole catalogue in a minute", form="release", author="Bao Nguyen", source="releases"),
    entry("fire", "A fault in Shelf lets guests see loans: update today", author="Rosa Quint", source="security list"),
    entry("shelf-signs", "Who paints the signs for the reading rooms?", reply_count=1, people_count=1, since=since(2)),
)
EVENTS = (
    entry(
        "evening",
        "Open evening in Northholm",
        summary="",
        event=Event(
            datetime(2027, 4, 21, 16, 30, tzinfo=UTC),
            datetime(2027, 4, 21, 19, tzinfo=UTC),
            timezone="Europe/Oslo",
            place="Harbour library, Northholm",
            cost="Free",
            seats=40,
        ),
    ),
    entry("bugs", "Bug day", summary="", event=Event(datetime(2027, 4, 24, 9), place="online")),
    entry(
        "days",
        "Lantern Days",
        summary="Four days of talks, two of them outdoors.",
        event=Event(
            date(2027, 6, 3),
            date(2027, 6, 6),
            place="Tarn, old customs house; two halls",
            cost="€80",
            late_cost="€110",
            late_from=date(2027, 5, 1),
            seats=350,
            deadline_at=date(2027, 5, 20),
            url="https://days.lantern.example/2027",
        ),
    ),
    entry("winter", "Winter sprint", summary="", event=Event(date(2028, 1, 12), place="Ulm", is_guess=True)),
)
DEVELOPER = (
    entry("drivers", "Barcode drivers leave the core", project="Wick", reply_count=14, people_count=7, since=since(3)),
    entry("index", "The index is built in the background", project="Wick", form="review", source="reviews"),
    entry("loans", "Loans are kept for 30 days", project="Shelf", due_on=date(2027, 4, 30)),
    entry("queue", "Test machines: the queue is down to 12 minutes", project=None, summary=""),
)
GENERAL = (
    entry("school", "A school in Tarn lends its own books", author="Émile Ørsted", source="blog"),
    entry("arabic", "مكتبة صغيرة في القرية", summary="كيف بدأت المكتبة الصغيرة وماذا تعلمنا.", language="ar"),
    entry("japanese", "小さな図書館のためのランタン入門", summary="最初の一日でできること。", language="ja"),
)
NEWS = (
    entry(
        "courier", "Small libraries find each other", source="Northholm Courier", summary="", since=since(1), places=()
    ),
    entry(
        "radio", "Five minutes about lending without fines", source="Radio Tarn", summary="", since=since(4), places=()
    ),
)
STATISTICS = (
    Statistic("contributors", 64, 58, 77, "https://stats.lantern.example/contributors", past=(77, 58)),
    Statistic("first-time contributors", 3, 5, 5, "https://stats.lantern.example/first", past=(4, 5)),
    Statistic("merged changes", 187, 203, 203, "https://stats.lantern.example/merged", past=(150, 203)),
    Statistic("most lines removed", 3466, 910, 3466, None, note="old loan screens, by Bao Nguyen", past=(12, 910)),
    Statistic("list threads", 0, 0, 0),
)
NOTE = (
    "The vote on the charter **ends on Thursday**. Read both pages before: [the draft](https://lantern.example/charter).\n"
    "They are short.\n\nAnd thank you for 31 mails without a harsh word."
)


def section(name: str, entries: tuple[Entry, ...], **values: object) -> Section:
    settings: SectionSettings = SETTINGS[name]
    return Section(name, settings.title, PERIOD, entries, settings=settings, **values)  # type: ignore[arg-type]


def issue(**values: object) -> Issue:
    """A usual issue; ``values`` replace its parts."""
    given: dict[str, object] = {
        "number": 57,
        "title": "The charter goes to a vote; Wick 4; a fault in Shelf",
        "period": PERIOD,
        "publish_on": PUBLISH_ON,
        "note": NOTE,
        "note_by": "Maren Lie",
        "sections": (
            section("highlights", HIGHLIGHTS),
            section("events", EVENTS),
            section("developer", DEVELOPER, quiet_projects=("Press", "Docs")),
            section("general", GENERAL),
            section("statistics", ()),
            section("news", NEWS),
        ),
        "statistics": STATISTICS,
        "deadlines": (
            Deadline(date(2027, 4, 22), "Vote on the charter", "https://lantern.example/charter"),
            Deadline(date(2027, 4, 30), "Last day for Lantern Days at €80 (then €110)", None),
        ),
        "sources_count": 14,
        "newcomers": ("Ama Boateng", "Thuy Dang", "Iker Sola"),
    }
    return Issue(**(given | values))  # type: ignore[arg-type]


def large_issue(count: int, words: int = 45) -> Issue:
    """An issue with ``count`` entries and long summaries."""
    sentence = ("the", "room", "opens", "later", "because", "its", "key", "was", "lent", "with", "a", "book")
    summary = " ".join(islice(cycle(sentence), words))
    entries = tuple(
        entry(f"n{number}", f"Entry number {number} about the catalogue", summary=summary) for number in range(count)
    )
    third = count // 3
    parts = (entries[:third], entries[third : 2 * third], entries[2 * third :])
    names = ("highlights", "general", "developer")
    return issue(sections=tuple(section(name, part) for name, part in zip(names, parts, strict=True)))


def small_issue() -> Issue:
    """One entry, nothing else; the other sections are empty."""
    only = entry("only", "A single piece of news", summary="", places=(), author=None, source=None, why="")
    return issue(
        title="",
        note="",
        sections=(
            section("highlights", ()),
            section("events", ()),
            section("general", (only,)),
            section("statistics", ()),
        ),
        statistics=(),
        deadlines=(),
        newcomers=(),
        sources_count=1,
    )


def hostile_issue() -> Issue:
    """Titles, addresses and names that try to break out of where they stand."""
    nasty = entry(
        "x",
        "Bad <script>alert(1)</script> \"quotes\" & 'more' {{ 7 * 7 }} {% raw %}\r\nBcc: all@lantern.example "
        + "long" * 60,
        summary="</td></tr></table><tbody> ]]> \x00\x0b --\n.\nFrom here & there" + " word" * 40,
        places=(
            Place("evil", "javascript:alert(1)"),
            Place("odd", 'https://lantern.example/"><tbody onload=x>?a=1&b=<2>'),
        ),
        author="Eve \u202e<eve@lantern.example>",
        source="A & B",
        url="javascript:alert(2)",
        event=None,
    )
    dated = entry(
        "y",
        "Meeting; with, signs\\ and\nlines",
        event=Event(date(2027, 5, 5), place="Room;1,\\n\nBEGIN:VEVENT", cost="<b>€5</b>", timezone="Nowhere/None"),
    )
    return issue(
        title="Hello\r\nBcc: everybody@lantern.example; <b>bold</b>",
        note="**a** <script>x</script> [link](javascript:alert(1)) https://lantern.example/a.\n\n\x07",
        note_by="</p>",
        sections=(section("highlights", (nasty,)), section("events", (dated, dated))),
        statistics=(Statistic("<i>x", -4, 7, 2, "javascript:x"),),
    )


def river(count: int) -> list[RiverItem]:
    """Items of two sources over some days; every third belongs to no thread."""
    newest = datetime(2027, 4, 15, 15, tzinfo=UTC)
    found = []
    for number in range(count):
        thread = Thread(f"root-{number // 6}") if number % 3 else None
        item = Item(
            id=f"item-{number:03d}",
            source_id="dev-list",
            kind="mailing list",
            form="mail",
            native_keys=(f"<{number}@lantern.example>",),
            title=f"{'Re: ' if thread else ''}Lamps on shelf {number // 6}",
            url=f"{LISTS}/{number}",
            author=Person(f"Person {number % 5}"),
            text="On Monday somebody wrote:\n> quoted words\nMy own words about lamps.\n-- \nsigned",
            thread=thread,
            published_at=newest - timedelta(minutes=41 * number),
        )
        found.append(RiverItem(item, "dev list", newest - timedelta(minutes=41 * number)))
    return found
