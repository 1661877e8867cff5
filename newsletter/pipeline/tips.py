"""Tips from readers: taken in by a public form or by mail, shown to editors alone until one of them takes it."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from newsletter.edit.changes import act_of, effective, fold
from newsletter.edit.desk import Desk
from newsletter.edit.entry_changes import item_of
from newsletter.edit.placed_entries import pools
from newsletter.errors import NotFound, UsageError
from newsletter.model.issue import Change
from newsletter.model.item import Item, Person, item_id
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import folded
from newsletter.pipeline.last_few import LastFew
from newsletter.pipeline.offering import bring_in, entries_for
from newsletter.pipeline.review import act
from newsletter.pipeline.tip_guard import why_refused
from newsletter.store import issues, items
from newsletter.store.content import StoredItem
from newsletter.store.database import Db
from newsletter.text import is_web_url, one_line, without_controls

FORM = "tip-form"
"""The source under which tips stand that came by the form."""
API = "tip-api"
"""The same for those that a program sent."""
_SENT_BY = "sent by "
SHOWN_FOR = timedelta(days=28)
_MOST_TITLE, _MOST_TEXT, _MOST_NAME, _MOST_LINK = 200, 3_000, 80, 2_000
_KEY_FILE = "tip-form.key"
_QUICKEST, _SLOWEST = timedelta(seconds=3), timedelta(hours=24)

TipState = Literal["new", "taken", "declined"]


@dataclass(frozen=True, slots=True)
class Tip:
    """What a reader writes into the form. ``name`` is shown with it if they give one."""

    title: str
    text: str = ""
    url: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class WaitingTip:
    """A tip as an editor sees it."""

    item: Item
    state: TipState
    came_at: datetime
    decided_by: str = ""
    issue: int | None = None
    """The issue it was taken into, or declined in."""
    batch: int = 0
    """The act that decided, by which it can be taken back; 0 when it cannot."""
    entry_id: str = ""
    """What it became in that issue."""

    @property
    def credit(self) -> str:
        """Who sent it, by the name they gave."""
        return self.item.author.name if self.item.author else ""

    @property
    def program(self) -> str:
        """The name of the token it was sent with; empty when a person sent it."""
        said = (each for each in self.item.labels if each.startswith(_SENT_BY))
        return next(said, "").removeprefix(_SENT_BY)


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of a tip; the fields are those of :class:`WaitingTip`."""

    state: TipState
    by: str
    issue: int
    batch: int
    entry_id: str = ""


def form_stamp(app: Newsletter) -> str:
    """What the public form carries so that it is known when it was opened; it holds for a day."""
    at = str(int(app.now().timestamp()))
    return f"{at}.{_signed(app, at)}"


def check_stamp(app: Newsletter, stamp: str) -> None:
    """Refuse a form that was sent faster than a person writes, or that is older than a day (UsageError)."""
    at, _, sign = stamp.partition(".")
    if not at.isdecimal() or not hmac.compare_digest(sign.encode(), _signed(app, at).encode()):
        raise UsageError("This form is not one of ours. Open the page again and send it from there.")
    age = app.now() - datetime.fromtimestamp(int(at), app.now().tzinfo)
    if age < _QUICKEST:
        raise UsageError("That was quicker than anybody can write. Wait a moment, then send it again.")
    if age > _SLOWEST:
        raise UsageError("This form was opened more than a day ago. Send it again; what you wrote is still in it.")


def send_tip(app: Newsletter, tip: Tip, *, program: str = "") -> Item:
    """Take a tip in; the same one twice is one. UsageError when it says nothing, too much, or what spam says."""
    return take_in(app, tip, program=program)[0]


def take_in(app: Newsletter, tip: Tip, *, program: str) -> tuple[Item, bool]:
    """As :func:`send_tip`, and whether it is none of the tips of the last four weeks.

    ``program`` is the name of the token it was sent with. What a program sends is the same tip when its address is.
    """
    found = Tip(*(without_controls(each) for each in (one_line(tip.title), tip.text.strip(), tip.url.strip())))
    found = replace(found, name=one_line(without_controls(tip.name)))
    _check(found)
    reason = why_refused(found.title, found.text, found.url)
    if reason:
        raise UsageError(f"This cannot be taken: {reason}. If it is no advertisement, say it in other words.")
    with app.database.transaction() as db:
        db.lock("tips")
        known = _known_tip(app, db, found.url) if program and found.url else None
        if known is not None:
            return known, False
        item = _item(found, program, app.now())
        is_new = not _recent(app, db, [item.id])
        items.save_items(db, [item], now=app.now())
    return item, is_new


def _item(tip: Tip, program: str, now: datetime) -> Item:
    source = API if program else FORM
    said = (tip.title, tip.text, tip.url, *([program] if program else []))
    key = hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()[:24]
    return Item(
        id=item_id(source, key),
        source_id=source,
        kind="inbox",
        form="page",
        native_keys=(key,),
        title=tip.title,
        url=tip.url or None,
        author=Person(tip.name) if tip.name else None,
        published_at=now,
        text=tip.text,
        links=(tip.url,) if tip.url else (),
        labels=("tip", f"{_SENT_BY}{program}") if program else ("tip",),
    )


def _known_tip(app: Newsletter, db: Db, url: str) -> Item | None:
    """The newest tip of the last four weeks with this address."""
    found = _recent(app, db, items.items_at(db, [url]).get(url, ()))
    return found[-1].item if found else None


def _recent(app: Newsletter, db: Db, ids: Iterable[str]) -> list[StoredItem]:
    """Those that are tips of the last four weeks, the oldest first."""
    since = app.now() - SHOWN_FOR
    return [each for each in items.stored_items(db, ids) if each.item.is_tip and each.effective_at >= since]


def waiting_tips(app: Newsletter, number: int | None) -> tuple[WaitingTip, ...]:
    """The tips of the last four weeks, new ones first, each with what became of it up to issue ``number``.

    None while there is no issue.
    """
    with app.database.reading() as db:
        found = _all_tips(app, db)
        fates = {} if number is None else _fates({each.item.id for each in found}, db, number)
    tips = [_tip(each, fates.get(each.item.id)) for each in found]
    return tuple(sorted(tips, key=lambda tip: (tip.state != "new", -tip.came_at.timestamp(), tip.item.id)))


def new_tip_count(app: Newsletter, number: int) -> int:
    """How many tips nobody decided about; asked with each page, so it is counted anew only when something changed."""
    with app.database.reading() as db:
        came = tuple(each.item.id for each in _all_tips(app, db))
        if not came:
            return 0
        state = (came, issues.stamp(db, number))
    known = _counted.get(app, number)
    if known is None or known[0] != state:
        known = state, sum(tip.state == "new" for tip in waiting_tips(app, number))
        _counted.put(app, number, known)
    return known[1]


_counted: LastFew[tuple[object, int]] = LastFew(4)


def take_tip(app: Newsletter, number: int, tip_id: str, *, section: str | None = None, editor: str) -> Desk:
    """Put a tip into the issue, with credit to who sent it by the name they gave. Raises NotFound, WrongState."""
    with app.database.transaction() as db:
        issues.hold(db, number)
        before = folded(app, db, number)
        item = _tip_item(items.stored_items(db, [tip_id]))
        entry, guessed = entries_for(app, db, number, [tip_id])[0]
        there = (each for _, pool, _ in pools(before.raw) for each in pool if tip_id in map(item_of, each.revisions))
        entry = next(there, entry)
        credit = item.author.name if item.author else None
        entry = replace(entry, author=credit or entry.author)
        after = bring_in(app, db, before, entry, where=(section or guessed, "added"), editor=editor)
    return after.desk


def decline_tip(app: Newsletter, number: int, tip_id: str, *, reason: str = "", editor: str) -> None:
    """Say no to a tip; it stays on the list with who said so, and undo brings it back."""
    with app.database.reading() as db:
        _tip_item(items.stored_items(db, [tip_id]))
    act(app, number, [("decline tip", tip_id, one_line(reason)[:200])], editor=editor)


def _check(tip: Tip) -> None:
    if not tip.title:
        raise UsageError("Say what happened, in a few words.")
    for name, text, most in (
        ("What happened", tip.title, _MOST_TITLE),
        ("The text", tip.text, _MOST_TEXT),
        ("The name", tip.name, _MOST_NAME),
    ):
        if len(text) > most:
            raise UsageError(f"{name} has {len(text):,} letters; {most:,} is the most. Shorten it.")
    if len(tip.url) > _MOST_LINK:
        raise UsageError(f"The link has {len(tip.url):,} letters; {_MOST_LINK:,} is the most. Is there a shorter one?")
    if tip.url and not is_web_url(tip.url):
        raise UsageError("The link is no web address. It begins with https:// or http://.")


def tip_sources(app: Newsletter) -> set[str]:
    """The ids of the sources whose items are tips: inboxes, the form, and programs with a token."""
    return {source.id for source in app.config.sources if source.kind == "inbox"} | {FORM, API}


def _all_tips(app: Newsletter, db: Db) -> list[StoredItem]:
    return items.items_of_sources(db, tip_sources(app), since=app.now() - SHOWN_FOR)


def _fates(ids: set[str], db: Db, number: int) -> dict[str, _Fate]:
    """What became of tips, by their ids; the newest issues' word counts."""
    fates: dict[str, _Fate] = {}
    for stored in [*issues.issues_before(db, number, count=6), issues.issue(db, number)]:
        changes = issues.changes(db, stored.number)
        counting = effective(changes)
        for change in counting:
            if change.action == "decline tip" and change.target in ids:
                fates[change.target] = _Fate("declined", change.editor, stored.number, act_of(change))
        kept = {change.target: change for change in counting if change.action == "keep"}
        added = {name: change for name, change in _additions(counting).items() if name in kept}
        for entry in fold(stored.issue, changes).entries:
            for tip_id in ids.intersection(map(item_of, entry.revisions)):
                by = kept[entry.id].editor if entry.id in kept else ""
                batch = act_of(added[entry.id]) if entry.id in added else 0
                fates[tip_id] = _Fate("taken", by, stored.number, batch, entry.id)
    return fates


def _additions(changes: Sequence[Change]) -> dict[str, Change]:
    """What brought entries in that no draft held, by the entry."""
    kept = (each for each in changes if each.action == "keep" and isinstance(each.value, Mapping))
    return {each.target: each for each in kept if each.value.get("how") == "added"}


def _tip(stored: StoredItem, fate: _Fate | None) -> WaitingTip:
    if fate is None:
        return WaitingTip(stored.item, "new", stored.first_seen_at)
    return WaitingTip(stored.item, fate.state, stored.first_seen_at, fate.by, fate.issue, fate.batch, fate.entry_id)


def _tip_item(found: list[StoredItem]) -> Item:
    if not found or not found[0].item.is_tip:
        raise NotFound("That tip is not there any more. Load the page again.")
    return found[0].item


def _signed(app: Newsletter, text: str) -> str:
    return hmac.new(_key(app), text.encode(), "sha256").hexdigest()[:32]


def _key(app: Newsletter) -> bytes:
    """The secret of this home's forms; made at the first use, readable by its owner only."""
    path = app.data / _KEY_FILE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        new = path.with_suffix(f".{secrets.token_hex(4)}")
        new.touch(mode=0o600)
        new.write_bytes(secrets.token_bytes(32))
        try:
            path.hardlink_to(new)  # whoever is first made the key
        except FileExistsError:
            pass
        finally:
            new.unlink()
        return path.read_bytes()
