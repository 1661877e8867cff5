"""erase_person: somebody out of everything, as author and as reader; what is left elsewhere is named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from newsletter.errors import UsageError, WrongState
from newsletter.model.address import address_key, read_address
from newsletter.model.erased import Erased, kind_of, words_for
from newsletter.model.sieve import Sieve
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.erase_files import Look, Telling, clean_files, still_holding, untold
from newsletter.pipeline.site_shelf import forget_shelf
from newsletter.store import editors, subscribers
from newsletter.store.database import Db
from newsletter.store.erasures import (
    OpenErasure,
    add_erasure,
    end_erasures,
    is_anyone_left,
    load_erased,
    open_erasures,
    sieve_of,
)
from newsletter.store.sweep import clean_rows, find_rows
from newsletter.text import one_line

_MOST_WORDS, _LONGEST, _SHORTEST = 20, 200, 3
_MOST_ROUNDS = 5
_PLACES: Mapping[str, str] = {
    "items": "items",
    "item_revisions": "versions of items",
    "item_keys": "keys of items",
    "mail_ids": "keys of mails",
    "issues": "issues in the database",
    "issue_statistics": "figures of issues",
    "changes": "changes of editors",
    "corrections": "corrections",
    "archive_lines": "issues in the archive's search",
    "aside": "documents set aside",
    "contenders": "issues' lists of stories to choose from",
    "feeds_versions": "old versions of feeds.yaml",
    "jobs": "jobs",
    "links": "addresses of links",
    "deliveries": "answers of mail servers",
    "delivery_events": "answers of mail servers",
    "bounces": "bounces",
    "consents": "what readers agreed to",
    "subscribers": "where readers came from",
}
_FILES: Mapping[str, str] = {
    "issues": "files of issues and their snapshots",
    "site": "pages of the public site",
    "outbox": "mails in the outbox",
    "imports": "files with readers that wait",
}

_BEYOND = (
    "Beyond reach: backups and exports you made, logs of the system, mails that went out, and the sources themselves. "
    "After a restore of an older backup erase them again."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What names a person: in how many rows and files of each place, and whether they are a reader.

    ``still`` are files that the program does not change, and that name them or may. ``is_open`` says that the name was
    found again and again, as others went on storing it: the next clean-up goes on.
    """

    places: Mapping[str, int]
    is_reader: bool
    still: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether they are named nowhere."""
        return not self.places and not self.is_reader

    def lines(self) -> tuple[str, ...]:
        """How much of each place."""
        reader = ("   1  reader",) if self.is_reader else ()
        return (*reader, *(f"{count:>4,}  {place}" for place, count in sorted(self.places.items())))

    def said(self, *, is_done: bool) -> str:
        """What it comes to, in a sentence."""
        if self.is_nothing:
            kept = " It is remembered, so that no source brings the name in." if is_done else ""
            return f"They are named nowhere here.{kept}"
        if self.is_open:
            return (
                "Names are replaced, but new ones were stored meanwhile. The next clean-up of “newsletter run” goes on."
            )
        if is_done:
            return "Erased: names are replaced, the numbers stay, and no source or file brings them back."
        return "So much names them."

    def remarks(self, *, is_done: bool) -> tuple[str, ...]:
        """What is not changed, and who has to look after it."""
        still = tuple(f"Look after it yourself: {each}" for each in self.still)
        return (*still, _BEYOND) if is_done or not self.is_nothing else still


def look_for_person(app: Newsletter, texts: Sequence[str], *, told: Telling = untold) -> Erasure:
    """What erasing whoever goes by ``texts`` would change; nothing is stored. Raises UsageError, WrongState.

    ``told`` is called with what is being read, from time to time.
    """
    wanted = checked(texts)
    erased = Erased(b"only to look", words_for(b"only to look", wanted, 0), Sieve(wanted).may_name)
    with app.database.reading() as db:
        _refuse_editors(db, erased)
        found = find_rows(db, erased, at=lambda table: told(_place_of(table)))
        reader = any(subscribers.by_address(db, each) for each in _addresses(wanted))
    files = clean_files(app, erased, look=Look(told=told))
    return Erasure(_places(found.counts, files), reader, tuple(still_holding(app, erased)))


def erase_person(app: Newsletter, texts: Sequence[str], *, by: str, told: Telling = untold) -> Erasure:
    """Take whoever goes by ``texts`` out of everything; a source that tells of them again brings no name back.

    Killed in the middle it is finished by the next one, or by :func:`finish_erasures`. Raises UsageError, WrongState.
    """
    wanted = checked(texts)
    trial = Erased(b"only to look", words_for(b"only to look", wanted, 0))
    with app.database.transaction() as db:
        _refuse_editors(db, trial)
        add_erasure(db, wanted, by=one_line(by), at=app.now())
        readers = [found.id for each in _addresses(wanted) if (found := subscribers.by_address(db, each))]
        for each in _addresses(wanted):
            subscribers.suppress(db, each, "erased", app.now())
    for number in readers:
        subscribing.erase(app, number, way=by)
    counts, erased, is_done = _sweep(app, told, wanted)
    if is_done:
        log.info("person erased", by=one_line(by), places=sum(counts.values()))
    return Erasure(counts, bool(readers), tuple(still_holding(app, erased)), is_open=not is_done)


def finish_erasures(app: Newsletter) -> bool:
    """Go on with an erasure that was broken off; whether there was one."""
    with app.database.reading() as db:
        is_left = is_anyone_left(db)
    if is_left:
        _, _, is_done = _sweep(app, untold)
        if is_done:
            log.info("erasure finished")
    return is_left


def checked(texts: Sequence[str]) -> list[str]:
    """The names, addresses and accounts that were typed, each once (UsageError)."""
    found = list(dict.fromkeys(one_line(each) for each in texts if each.strip()))
    if not found:
        raise UsageError("Say who: a name of at least two words, an address, an account.")
    if len(found) > _MOST_WORDS:
        raise UsageError(f"These are {len(found)} names; {_MOST_WORDS} is the most for one person.")
    for each in found:
        if len(each) > _LONGEST or len(each) < _SHORTEST:
            raise UsageError(f"“{each[:40]}” is no name to look for. Give the whole name, or an address.")
        if "@" in each and read_address(each) is None:
            raise UsageError(f"“{each}” is no mail address. Write it as in ada@example.org.")
    return found


def _addresses(wanted: Sequence[str]) -> list[str]:
    return [address_key(each) for each in wanted if kind_of(each) == "address"]


def _refuse_editors(db: Db, erased: Erased) -> None:
    for each in editors.all_editors(db):
        if erased.person_in(each.name, each.address) is not None:
            text = f"{each.name} may sign in to the desk. First: newsletter editors remove “{each.name}”"
            raise WrongState(f"{text}; then erase them.")


def _sweep(app: Newsletter, told: Telling, wanted: Sequence[str] = ()) -> tuple[dict[str, int], Erased, bool]:
    """Replace names until none is found: others may have stored one that they read before.

    What was replaced, whom was looked for, and whether the last look found none.
    """
    rows: Counter[str] = Counter()
    files: Counter[str] = Counter()
    look = Look(is_trial=False, told=told)
    known: tuple[OpenErasure, ...] = ()
    for _ in range(_MOST_ROUNDS):
        with app.database.reading() as db:
            opened = open_erasures(db)
            erased = load_erased(db, sieve_of(opened, wanted))
            found = find_rows(db, erased, at=lambda table: told(_place_of(table)))
        if opened != known:  # a file is clean of those who were looked for
            known, look.clean = opened, {}
        if found.rows:
            with app.database.scrubbing() as db:
                clean_rows(db, erased, found)
        changed = clean_files(app, erased, look=look)
        rows, files = rows + found.counts, files + changed
        if is_done := not (found.rows or changed):
            break
    forget_shelf(app)
    if is_done:
        with app.database.scrubbing() as db:
            end_erasures(db, opened, app.now())
    else:
        log.warning("erasure not finished", rounds=_MOST_ROUNDS, places=len(found.rows) + len(changed))
    app.database.forget_log()
    return _places(rows, files), erased, is_done


def _place_of(table: str) -> str:
    return _PLACES.get(table, table.replace("_", " "))


def _places(rows: Mapping[str, int], files: Mapping[str, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, count in rows.items():
        counts[_place_of(name)] += count
    for name, count in files.items():
        counts[_FILES.get(name, f"files in data/{name}")] += count
    return dict(counts)
