"""try_issues: the last issues as they would have been drafted under another feeds.yaml. Nothing is stored.

Both drafts are made here and now, from the same snapshot: one under the file that the issue was made with, one under
the other. So what differs is the file's doing, and not that of a newer version of the program. What editors then did
is replayed over both, to tell what readers would have missed. The models of that time are not kept: their answers
are, and where they were not asked the built-in rules answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.config.load import Config
from newsletter.edit.changes import fold
from newsletter.edit.comparing import Difference, Drafted, compare
from newsletter.edit.entry_changes import item_of
from newsletter.edit.reasons import Ground
from newsletter.errors import ConfigError, NotFound
from newsletter.model.issue import Change, Entry, Issue
from newsletter.model.period import Period
from newsletter.model.rule import Rule
from newsletter.model.source import Source
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.looking import IssueShelf
from newsletter.pipeline.making import Made, make_issue
from newsletter.pipeline.publish import config_of
from newsletter.pipeline.snapshot import DraftInput, read_snapshot
from newsletter.store import issues
from newsletter.store.issues import StoredIssue

_DRAFTING = frozenset(("digest_threads_with", "ignore"))
"""Settings of a kind that work on what was read already."""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """What one rule did in one issue: the stories it met, the items it dropped, and what is not told for that."""

    rule: Rule
    titles: tuple[str, ...] = ()
    dropped_items: int = 0
    dropped_published: tuple[str, ...] = ()
    """Entries that readers got and would not have got, since it drops what they are made of."""
    dropped_drafted: tuple[str, ...] = ()
    """The same of an issue that is a draft: nobody got them yet."""
    decided_count: int = 0
    """Stories whose section it named before any other rule."""
    beaten_by: tuple[int, ...] = ()
    """Numbers of the rules that named the section of its stories before it."""


@dataclass(frozen=True, slots=True)
class TriedEntry:
    """A difference, and what readers would have noticed of it."""

    difference: Difference
    from_title: str = ""
    to_title: str = ""
    was_published: bool = False
    """Whether it stood in the issue as its editors left it, and the issue was approved."""
    is_missed: bool = False
    """Whether it was published and would not have been, though the editors had done the same."""
    is_out_of_draft: bool = False
    """The same of an issue that is a draft: it stood there and would not have stood there."""
    is_brought_back: bool = False
    """Whether what the editors did would have brought it back."""


@dataclass(frozen=True, slots=True)
class TriedIssue:
    """One issue under the other file. ``trouble`` says why it could not be tried; then the rest is empty."""

    number: int
    title: str
    period: Period
    state: str
    changes: tuple[TriedEntry, ...] = ()
    hits: tuple[RuleHit, ...] = ()
    items_count: int = 0
    trouble: str = ""

    @property
    def is_published(self) -> bool:
        """Whether readers get or got it: a draft is nobody's yet."""
        return self.state != "draft"

    def count(self, kind: str) -> int:
        """How many entries entered, left, moved or were retold."""
        return sum(each.difference.kind == kind for each in self.changes)


@dataclass(frozen=True, slots=True)
class Trial:
    """The last issues under ``config``, the newest first, and what of it cannot be tried."""

    config: Config
    file: str
    issues: tuple[TriedIssue, ...]
    remarks: tuple[str, ...] = ()

    @property
    def whole(self) -> tuple[TriedIssue, ...]:
        """The issues that could be tried."""
        return tuple(each for each in self.issues if not each.trouble)

    @property
    def changes_count(self) -> int:
        """How many entries of all issues are elsewhere or otherwise."""
        return sum(len(each.changes) for each in self.issues)

    def hits_by_rule(self) -> tuple[tuple[Rule, tuple[RuleHit, ...]], ...]:
        """Each rule that there was something to say of, with what it did in each issue, in the order of the file."""
        found: dict[str, list[RuleHit]] = {}
        for issue in self.whole:
            for hit in issue.hits:
                found.setdefault(hit.rule.name, []).append(hit)
        return tuple((hits[0].rule, tuple(hits)) for hits in found.values())


def try_issues(shelf: IssueShelf, config: Config, *, last: int, file: str) -> Trial:
    """The last ``last`` issues as ``config`` would have had them (NotFound when there is none)."""
    config = config_of(config.text.encode())  # read as snapshots are: what the environment adds makes no difference
    found = shelf.last_issues(last)
    if not found:
        raise NotFound(f"{shelf.home} has no issue yet. Make one with: newsletter build --home {shelf.home}")
    tried: list[TriedIssue] = []
    remarks: dict[str, None] = {}
    for stored in reversed(found):
        made, said = _try_one(shelf, stored, config)
        tried.append(made)
        remarks.update(dict.fromkeys(said))
    return Trial(config, file, tuple(tried), tuple(remarks))


def _try_one(shelf: IssueShelf, stored: StoredIssue, config: Config) -> tuple[TriedIssue, list[str]]:
    bare = TriedIssue(stored.number, stored.title, stored.period, stored.state)
    try:
        snapshot = read_snapshot(shelf.issue_folder(stored.number) / SNAPSHOT)
        made_with = config_of(snapshot.feeds)
    except NotFound as fault:
        return replace(bare, trouble=str(fault)), []
    except ConfigError as fault:
        said = f"The feeds.yaml it was made with is not understood any more: {fault.problems[0]}"
        return replace(bare, trouble=said), []
    with shelf.database.reading() as db:
        changes = issues.changes(db, stored.number)
    known = snapshot.draft_input
    match = match_sources(made_with.sources, config.sources, known.source_ids or {})
    before = _drafted(known, made_with, {each.name: _id_of(each, known) for each in made_with.sources})
    made = make_issue(under(known, match), config)
    after = Drafted(made.issue, made.judged, _ground(config, match.ids))
    return _compared(bare, before, after, changes, made), list(match.remarks)


def _drafted(found: DraftInput, config: Config, ids: Mapping[str, str]) -> Drafted:
    made = make_issue(found, config)
    return Drafted(made.issue, made.judged, _ground(config, ids))


def _ground(config: Config, ids: Mapping[str, str]) -> Ground:
    sources = [replace(each, id=ids.get(each.name, each.id)) for each in config.sources]
    return Ground.of(config.rules, config.sections, sources)


def _id_of(source: Source, found: DraftInput) -> str:
    return (found.source_ids or {}).get(source.name, source.id)


@dataclass(frozen=True, slots=True)
class Matched:
    """The sources of a tried file as those of the old one: ids by name, ids that are read no more, what is said."""

    ids: Mapping[str, str]
    gone: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()


def match_sources(old: Sequence[Source], new: Sequence[Source], known_ids: Mapping[str, str]) -> Matched:
    """Which source of the tried file is which of the old one: of that name, else of that address."""
    free = {each.name: each for each in old}
    ids: dict[str, str] = {}
    remarks: list[str] = []
    gone: set[str] = set()
    unnamed = [each for each in new if each.name not in free]
    renamed = _renamed(unnamed, [each for each in old if each.name not in {one.name for one in new}])
    taken = {known_ids.get(each.name, each.id) for each in old}
    for source in new:
        was = free.get(source.name) or renamed.get(source.name)
        if was is None or (was.paused and not source.paused):
            remarks.append(f"Source “{source.name}” is new: no item of it is kept, so its part cannot be tried.")
        elif _reads(was) != _reads(source):
            remarks.append(f"Source “{source.name}” reads something else now: that cannot be tried; its old items are.")
        if was is None:
            ids[source.name] = _free_id(source.id, taken)
            continue
        ids[source.name] = known_ids.get(was.name, was.id)
        if source.paused and not was.paused:
            gone.add(ids[source.name])
    still = set(ids.values())
    gone |= {each for source in old if (each := known_ids.get(source.name, source.id)) not in still}
    return Matched(ids, frozenset(gone), tuple(remarks))


def _renamed(new: Sequence[Source], old: Sequence[Source]) -> dict[str, Source]:
    by_address = {each.address: each for each in old if each.address}
    return {each.name: was for each in new if (was := by_address.pop(each.address, None))}


def _free_id(wanted: str, taken: set[str]) -> str:
    made, number = wanted, 2
    while made in taken:
        made, number = f"{wanted}-{number}", number + 1
    taken.add(made)
    return made


def _reads(source: Source) -> dict[str, object]:
    own = {key: value for key, value in source.settings.items() if key not in _DRAFTING}
    return {**own, "kind": source.kind}


def under(found: DraftInput, match: Matched) -> DraftInput:
    """``found`` as it would have been with the sources of another file: without the items of those that are gone."""
    return replace(
        found,
        candidates=tuple(each for each in found.candidates if each.item.source_id not in match.gone),
        waiting=tuple(each for each in found.waiting if each.item.source_id not in match.gone),
        source_ids=dict(match.ids),
    )


def _compared(bare: TriedIssue, before: Drafted, after: Drafted, changes: Sequence[Change], made: Made) -> TriedIssue:
    told, would_tell = _told(fold(before.issue, changes)), _told(fold(after.issue, changes))
    entries = tuple(
        _tried(each, bare, drafts=(before, after), told=told, would_tell=would_tell) for each in compare(before, after)
    )
    stories = [each.story for each in made.judged]
    hits = tuple(_hit(rule, after, entries) for rule in after.ground.rules.values())
    return replace(bare, changes=entries, hits=hits, items_count=sum(len(each.items) for each in stories))


def _tried(
    each: Difference, issue: TriedIssue, *, drafts: tuple[Drafted, Drafted], told: set[str], would_tell: set[str]
) -> TriedEntry:
    before, after = (draft.ground for draft in drafts)
    was, would = bool(_items(each.entry) & told), bool(_items(each.entry) & would_tell)
    is_gone = was and not would
    return TriedEntry(
        each,
        before.title(each.before) if each.before else "",
        after.title(each.after) if each.after else "",
        was_published=was and issue.is_published,
        is_missed=is_gone and issue.is_published,
        is_out_of_draft=is_gone and not issue.is_published,
        is_brought_back=each.kind == "left" and was and would,
    )


def _items(entry: Entry) -> set[str]:
    return {item_of(name) for name in entry.revisions} or {entry.story_id}


def _told(issue: Issue) -> set[str]:
    """The items that ``issue`` tells."""
    return {name for entry in issue.entries for name in _items(entry)}


def _hit(rule: Rule, draft: Drafted, entries: Sequence[TriedEntry]) -> RuleHit:
    """What ``rule`` did in ``draft``, which differs from the one before by ``entries``."""
    met = [each for each in draft.judged if rule.name in each.verdict.rules]
    dropped = [each for each in met if each.verdict.dropped_by == rule.name]
    items = {item.id for each in dropped for item in each.story.items}
    of_it = [each for each in entries if _items(each.difference.entry) & items]
    first = [_first(each.verdict.rules, draft.ground) for each in met] if rule.section else []
    return RuleHit(
        rule,
        tuple(each.story.title for each in met),
        len(items),
        tuple(each.difference.entry.title for each in of_it if each.is_missed),
        tuple(each.difference.entry.title for each in of_it if each.is_out_of_draft),
        sum(one is rule for one in first),
        tuple(sorted({one.number for one in first if one and one is not rule})),
    )


def _first(names: Sequence[str], ground: Ground) -> Rule | None:
    """The rule that named the section."""
    return next((rule for name in names if (rule := ground.rules[name]).section), None)
