"""A home in which every page of the desk has something to show, in words of one's choice."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from newsletter.deliver.tokens import Purpose
from newsletter.edit.entry_changes import item_of
from newsletter.model.correction import Correction
from newsletter.model.issue import Dropped, Entry, Section, Statistic
from newsletter.model.item import Event, Form, Item, Person, item_id
from newsletter.model.subscriber import Choice
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.blurbs import FILE as PROPOSALS
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.import_readers import Wanted, import_readers
from newsletter.pipeline.presence import open_card
from newsletter.pipeline.publish import publish_site, render_issue
from newsletter.pipeline.reader_uploads import keep_upload
from newsletter.pipeline.review import act, open_desk
from newsletter.pipeline.subscription_mails import link
from newsletter.pipeline.times import week_period
from newsletter.pipeline.tips import FORM
from newsletter.store import issues, items, subscribers
from newsletter.text import one_line
from tests.web.desk import Desk, running_desk
from tests.web.drafted_cards import WORDS

Said = Callable[[str, int], str]
"""What is written somewhere: from plain words and the most letters that fit there."""
NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
EDITOR = "Ines"
PURPOSES: tuple[Purpose, ...] = ("confirm", "preferences", "unsubscribe")


def plain(words: str, _most: int) -> str:
    """The words as they are."""
    return words


@dataclass(frozen=True)
class Everything:
    """Issue 1 is approved and corrected, issue 2 a draft with cards of every kind."""

    desk: Desk
    cards: dict[str, str]
    """Entries of issue 2 by what is special about them."""
    old: str
    """The entry of issue 1 that was corrected."""
    links: dict[str, str]
    """Tokens of links that readers have, and the file that waits to be brought in, by what is special about them."""


@contextmanager
def everything(home: Path, said: Said = plain) -> Iterator[Everything]:
    """The home, running."""
    with running_desk(home, _feeds(said)) as desk:
        desk.clock.now = NOW
        desk.signed_in(EDITOR)
        made = _Writer(desk.app, said)
        old = made.first_issue(lambda: desk.clock.move(days=2))
        desk.clock.move(days=5)
        cards = made.second_issue()
        yield Everything(desk, cards, old, readers(desk.app, said))


def readers(app: Newsletter, said: Said) -> dict[str, str]:
    """Readers in every state, and a file of more; the tokens of their links."""
    base, made = "https://weekly.example.org/", {}
    for name in ("reads", "paused", "left", "moved", "asks"):
        subscribing.ask(app, f"{name}@example.org", Choice("weekly", ("general",)), base=base)
        with app.database.transaction() as db:
            reader = subscribers.by_address(db, f"{name}@example.org")
            assert reader is not None
            wish = "confirm" if name == "asks" else "preferences"
            links = {purpose: link(app, db, purpose, reader.id, epoch=0, base="") for purpose in PURPOSES}
        made[name] = links[wish].rpartition("/")[2]
        if name != "asks":
            subscribing.confirm(app, links["confirm"].rpartition("/")[2])
        if name == "reads":
            made["leaves"] = links["unsubscribe"].rpartition("/")[2]
        if name == "paused":
            subscribing.pause(app, reader.id, 4)
        if name == "left":
            subscribing.leave(app, reader.id, way="page")
            made["gone"] = links["unsubscribe"].rpartition("/")[2]
        if name == "moved":
            with app.database.transaction() as db:
                subscribers.save(db, replace(reader, state="active", epoch=1))
            made["stale"] = made.pop("moved")
    source = said("Our old list", 200)
    file = io.BytesIO(f"email,{source.replace(',', ' ')}\nada@example.org,x\nnobody,y\n".encode("utf-8", "replace"))
    made["upload"] = keep_upload(app, file, name=said("old.csv", 60), source=source).id
    one = app.home / "one.csv"
    one.write_text("brought@example.org")
    import_readers(app, one, Wanted(source))
    return made


def _feeds(said: Said) -> str:
    """feeds.yaml; JSON is YAML, so every text stays what it is. A name stands on one line there."""

    def text(name: str) -> str:
        return json.dumps(one_line(name) or "Nameless")

    sections = (
        ("highlights", "Highlights", ", pick: best of everything"),
        ("developer", "Developer", ""),
        ("general", "General", ""),
        ("events", "Events", ", order: by date"),
    )
    lines = [
        "newsletter:",
        f"  name: {text(said('Test weekly', 60))}",
        "  from: Test <test@example.org>",
        "  site: https://weekly.example.org",
        "schedule: {timezone: Europe/Oslo}",
        "sections:",
        *(f"  - {{id: {name}, title: {text(said(title, 60))}, at most: 5{more}}}" for name, title, more in sections),
        "sources:",
    ]
    for name, section in (("Planet", "general"), ("Dev list", "developer"), ("Meetings", "events")):
        url = f"https://{name.split()[0].lower()}.example/feed.xml"
        lines.append(f"  - {{name: {text(said(name, 60))}, kind: feed, url: {text(url)}, section: {section}}}")
    lines += ["rules:", f"  - {{name: {text(said('No adverts', 60))}, match: {{title: hiring}}, drop: yes}}"]
    return "\n".join([*lines, ""])


class _Writer:
    """Writes items, issues and what editors did with them."""

    def __init__(self, app: Newsletter, said: Said) -> None:
        self.app, self.said = app, said
        self.sources = [source.id for source in app.config.sources]
        self.other = said("Ben Kim", 60) or "Ben"

    def item(self, source: int, key: str, title: str, **values: object) -> Item:
        """An item of the week before now."""
        name, form = self.sources[source], "post"
        kind: Form = "post"
        made = Item(item_id(name, key), name, "feed", kind, (key,), self.said(title, 200))
        given: dict[str, object] = {
            "form": form,
            "url": f"https://{key}.example/{self.said('', 200)}",
            "author": Person(self.said("Kim Berg", 60)),
            "published_at": self.app.now().replace(hour=9) - timedelta(days=2),
            "text": self.said(f"A text about {title} that is long enough to be told in a sentence.", 2_000),
            "labels": (self.said("river", 60),),
        }
        return replace(made, **{**given, **values})  # type: ignore[arg-type]

    def save(self, *found: Item) -> None:
        with self.app.database.transaction() as db:
            items.save_items(db, found, now=self.app.now())

    def draft(self, week: str) -> int:
        return make_draft(self.app, week_period(self.app.config.schedule, week)).number

    def act(self, number: int, action: str, target: str, value: object, *, editor: str = "") -> None:
        act(self.app, number, [(action, target, value)], editor=editor or self.other)

    def first_issue(self, wait_for_its_hour: Callable[[], None]) -> str:
        """Approved, then corrected; the corrected entry."""
        lamp = self.item(0, "lamp", "Lamps for the quay")
        self.save(lamp, self.item(1, "keel", "Keels grow wings"), self.item(0, "choir", "A choir looks for tenors"))
        number = self.draft("2026-W42")
        render_issue(self.app, number)
        approve(self.app, number, editor=EDITOR)
        wait_for_its_hour()
        entry = self._named(number, lamp)
        note = self.said("It was Tuesday, not Monday.", 2_000)
        wrong = Correction(0, entry, self.app.now(), self.other, note=note, title=self.said("Lamps, late", 200))
        correct_entry(self.app, number, entry=entry, correction=wrong)
        return entry

    def second_issue(self) -> dict[str, str]:
        """The draft with its cards; entries by what is special about them."""
        now = self.app.now()
        tip = Item(item_id(FORM, "tip"), FORM, "inbox", "page", ("tip",), self.said("The ferry sails again", 200))
        tip = replace(tip, author=Person(self.said("Olu", 60)), published_at=now, labels=("tip",))
        sprint = Event(
            date(2026, 11, 3),
            date(2026, 11, 5),
            place=self.said("Tallinn", 60),
            is_guess=True,
            words=self.said("early November", 200),
            deadline_at=date(2026, 10, 27),
        )
        found = {
            "bridge": self.item(0, "bridge", "The bridge opens", text=WORDS),
            "thread": self.item(1, "thread", "Walking over the river again", text=f"Somebody wrote: {WORDS}"),
            "gauge": self.item(0, "gauge", "A new gauge"),
            "robot": self.item(1, "robot", "Nightly build failed", warnings=(self.said("link lost", 200),)),
            "sprint": self.item(2, "sprint", "Contributor sprint", form="event", event=sprint),
            "market": self.item(
                0, "market", "Apples return to the market", url=self.said("https://apple.example/", 900)
            ),
            "helm": self.item(1, "helm", "Who stands at the helm", text=self.said("A rota on paper.", 20_000)),
            "owl": self.item(0, "owl", "Owls are counted"),
            "valve": self.item(1, "valve", "Valves open by radio"),
            "mill": self.item(0, "mill", "The mill turns"),
        }
        more = [self.item(at % 2, f"more{at}", f"Story {at} of many") for at in range(8)]
        self.save(*found.values(), *more, replace(self.item(0, "advert", "An advert"), title="We are hiring"))
        self.save(replace(tip, text=self.said("Twice an hour.", 2_000), url="https://ferry.example/"))
        number = self.draft("2026-W43")
        names = {name: entry for name, item in found.items() if (entry := self._named(number, item))}
        self._decide(number, names)
        self.save(replace(found["gauge"], title=self.said("A newer gauge", 200), text=self.said("Down again.", 2_000)))
        self.draft("2026-W43")
        with self.app.database.transaction() as db:
            issue = issues.issue(db, number).issue
            figures = tuple(self._figure(at) for at in range(2))
            gone = (
                *issue.dropped,
                Dropped(
                    "f" * 32, self.said("A dream", 200), self.said("https://x.example", 200), self.said("too old", 200)
                ),
            )
            sections = tuple(map(self._with_more, issue.sections))
            whole = replace(issue, statistics=figures, dropped=gone, sections=sections)
            issues.save_draft(db, whole, now=now)
        render_issue(self.app, number)
        proposal = {
            "entry_id": names["helm"],
            "text": self.said("A rota helps.", 300),
            "model": self.said("a model", 60),
            "source_text": self.said("A rota on paper.", 300),
        }
        (self.app.issue_folder(number) / PROPOSALS).write_text(json.dumps([proposal]), encoding="utf-8")
        open_card(self.app, number, names["valve"], editor=self.other)
        publish_site(self.app)
        return names

    def _decide(self, number: int, names: dict[str, str]) -> None:
        said = self.said
        self.act(number, "title", names["gauge"], said("Our gauge", 200))
        self.act(number, "summary", names["helm"], said("Ours now.", 20_000))
        self.act(number, "remark", names["gauge"], {"text": said("Look at this.", 1_000)})
        self.act(number, "keep", names["bridge"], {})
        self.act(number, "drop", names.pop("mill"), said("seen before", 200))
        self.act(number, "snooze", names.pop("owl"), said("next week", 200))
        self.act(number, "note", "issue", {"text": said("A quiet week.", 5_000), "by": said("Ines", 60)})
        self.act(number, "title", "issue", said("The bridge opens", 200), editor=EDITOR)
        names |= {"kept": names["bridge"]}

    def _named(self, number: int, item: Item) -> str:
        """The entry that was made of an item; it may be below the line."""
        desk = open_desk(self.app, number)
        for card in [*desk.cards()]:
            if item.id in map(item_of, card.entry.revisions):
                return card.entry.id
        raise AssertionError(f"{item.native_keys} is not in issue {number}")

    def _figure(self, at: int) -> Statistic:
        said = self.said
        held = said("14 times last week", 200) if at else None
        return Statistic(
            ("mails", said("busiest thread", 60))[at],
            900,
            63,
            900,
            proof=said("https://proof.example/", 900),
            note=said("one thread", 200),
            note_url=said("https://note.example/", 900),
            past=(31, 40, 63),
            held_because=held,
        )

    def _with_more(self, section: Section) -> Section:
        def more(entry: Entry) -> Entry:
            return replace(entry, project=self.said("engine", 60), why=self.said(entry.why, 200))

        return replace(section, entries=tuple(map(more, section.entries)), quiet_projects=(self.said("anchor", 60),))
