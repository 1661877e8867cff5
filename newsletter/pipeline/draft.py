"""make_draft: what was gathered in a period becomes the draft of an issue.

First everything is collected from the store (:func:`collect`), then a pure function makes the
issue (:func:`newsletter.pipeline.making.make_issue`), so that a snapshot of what was collected gives the same
issue again.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Any

from newsletter.edit.changes import fold
from newsletter.edit.placed import moved_places, snoozed_entries
from newsletter.model.codec import to_json
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bursts import bursts_in
from newsletter.pipeline.catalogue import is_offered, load_catalogues
from newsletter.pipeline.contending import pack_contenders
from newsletter.pipeline.counting import asked_projects, figure_values, project_name
from newsletter.pipeline.evidence import write_evidence
from newsletter.pipeline.in_force import issues_folder
from newsletter.pipeline.joining import with_joined
from newsletter.pipeline.judges import judge_for
from newsletter.pipeline.making import make_issue
from newsletter.pipeline.reminders import find_reminders
from newsletter.pipeline.snapshot import Candidate, DraftInput, Snapshot, write_snapshot
from newsletter.pipeline.times import publish_time
from newsletter.pipeline.uncollected import uncollected
from newsletter.store import issues, items, models, statistics, stories
from newsletter.store.content import StoredItem, split_revision_id
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue
from newsletter.text import slug

_WAITING = timedelta(days=120)
_LOOK_BACK = timedelta(days=10)
"""A discussion is ripe after some days: what was too young for the last issue has its chance in this one."""
_ISSUES_REMEMBERED = 26
_ISSUES_COMPARED = 4
_ITEMS_COMPARED = 4
_PERIODS_COMPARED = 7
_HISTORY = timedelta(weeks=4)
"""Who merged nothing in a shorter time may well have done so before: nobody is called new by it."""
_ACTIVE_WEEKS = 8
"""A project of which nothing was read for longer is not told to be quiet this week."""
SNAPSHOT = "snapshot"


@uncollected()
def make_draft(app: Newsletter, period: Period) -> Issue:
    """The draft of ``period`` as editors left it: made anew from the store, their changes folded over it.

    It keeps its number when it is made again. A draft that editors joined with this period becomes part of it.
    Raises WrongState when the issue is approved already.
    """
    period = with_joined(app, period)
    with app.database.reading() as db:
        found = collect(app, db, period)
    judge = judge_for(app, found.number)
    made = make_issue(found, app.config, guesser=judge.guesser, ranker=judge.ranker)
    found = replace(found, model=judge.version, guesses=to_json(made.guesses))
    found = replace(found, ranking=judge.ranking, worths=to_json(made.worths))
    with app.database.transaction() as db:
        number = issues.save_draft(db, made.issue, now=app.now()).number
        stories.save_stories(db, made.stories)
        statistics.save_statistics(db, number, made.issue.statistics)
        models.save_contenders(db, number, pack_contenders(made.judged, found.publish_at))
        changes = issues.changes(db, number)
        issue = fold(made.issue, changes)
        stories.mark_told(db, issue)
    snapshot = Snapshot(found, app.config.text.encode(), changes, app.templates.hashes())
    issues_folder(app.data)
    write_snapshot(app.issue_folder(number) / SNAPSHOT, snapshot)
    write_evidence(app.issue_folder(number) / SNAPSHOT, made.evidence)
    return issue


def collect(app: Newsletter, db: Db, period: Period) -> DraftInput:
    """Everything the draft of ``period`` follows from, feeds.yaml apart."""
    number, publish_at = issues.draft_number(db, period), publish_time(app.config.schedule, period)
    told = issues.issues_before(db, number, count=_ISSUES_REMEMBERED)
    snoozed = _snoozed(db, told[-_ISSUES_COMPARED:])
    found = _pool(db, period, [item_id for ids in snoozed.values() for item_id in ids[1:]])
    ids = {each.item.id for each in found}
    told_before = _told_before(db, told[-_ISSUES_COMPARED:], ids)
    decisions = stories.decisions(db)
    authors = {each.item.author.identity for each in found if each.item.review and each.item.author}
    return DraftInput(
        number=number,
        period=period,
        publish_at=publish_at,
        candidates=tuple(_candidate(each) for each in found),
        waiting=tuple(_candidate(each) for each in _waiting(db, period) if each.item.id not in ids),
        told_before=told_before,
        known_stories=stories.known_story_ids(db, [*ids, *(each.item.id for each in told_before)]),
        merge=decisions.merge,
        apart=decisions.apart,
        told=_told(db, told),
        let_go=_let_go(db, told[-_ISSUES_COMPARED:]),
        snoozed={story_id: each[0] for story_id, each in snoozed.items()},
        reminders=find_reminders(db, told, publish_on=publish_at.astimezone(app.config.schedule.zone).date()),
        past_statistics=statistics.past_statistics(db, number) or _weeks_before(app, db, period),
        earlier_contributors=tuple(sorted(items.earlier_contributors(db, authors, period.start))),
        has_history=items.has_merged(db, before=period.start - _HISTORY),
        active_projects=_active_projects(app, db, period),
        bursts=bursts_in(db, period) or None,
        source_ids={source.name: source.id for source in app.config.sources if source.id != slug(source.name)},
    )


def _candidate(stored: StoredItem) -> Candidate:
    return Candidate(stored.item, stored.revision_id, stored.effective_at)


def _pool(db: Db, period: Period, snoozed: Iterable[str]) -> list[StoredItem]:
    """What was said in the period and shortly before, what was begun earlier and went on or waited, oldest first."""
    wide = Period(min(period.start, period.end - _LOOK_BACK), period.end)
    catalogues = load_catalogues(db)
    found = {each.item.id: each for each in items.items_between(db, wide) if is_offered(each, catalogues)}
    threads = {(each.item.source_id, each.item.thread.root_id) for each in found.values() if each.item.thread}
    for each in items.openings(db, sorted(threads), before=period.end):
        found.setdefault(each.item.id, each)
    grown = (each for each in items.grown_items(db, wide) if is_offered(each, catalogues))
    for each in (*grown, *items.stored_items(db, snoozed)):
        found.setdefault(each.item.id, each)
    return sorted(found.values(), key=lambda each: (each.effective_at, each.item.id))


def _waiting(db: Db, period: Period) -> list[StoredItem]:
    """Changes of the last months that were open when the period ended."""
    since = period.end - _WAITING
    if since >= period.start:  # so long a period holds them all
        return []
    before = items.unmerged_reviews(db, Period(since, period.start))
    return [each for each in before if each.item.review and each.item.review.state == "open"]


def _active_projects(app: Newsletter, db: Db, period: Period) -> tuple[str, ...]:
    """The projects that sources are asked for and of which something was read lately; read until all are found."""
    sources = {source.id: asked_projects([source]) for source in app.config.sources}
    asking = {source_id for source_id, names in sources.items() if names}
    left = {name: project_name(name) for names in sources.values() for name in names}
    found: set[str] = set()
    end = period.end
    for _ in range(_ACTIVE_WEEKS):
        if not left.keys() - found:
            break
        week = Period(end - timedelta(weeks=1), end)
        active = {project_name(each) for each in items.projects_between(db, week, asking)}
        found.update(name for name, short in left.items() if short in active)
        end = week.start
    return tuple(sorted(found))


def _told_before(db: Db, told: Sequence[StoredIssue], present: AbstractSet[str]) -> tuple[Candidate, ...]:
    """The items that stood in front of each story of the issues ``told``, but those in ``present``."""
    entries = (entry for stored in told for entry in stored.issue.entries)
    names = [name for entry in entries for name in entry.revisions[:_ITEMS_COMPARED]]
    read = items.revisions(db, names)
    never = datetime.min.replace(tzinfo=UTC)
    return tuple(
        Candidate(read[name], name, read[name].published_at or never)
        for name in dict.fromkeys(names)
        if name in read and read[name].id not in present
    )


def _told(db: Db, issues_told: Sequence[StoredIssue]) -> dict[str, list[int]]:
    """By story id: the newest of these issues that told it, and the replies it had then."""
    told: dict[str, list[int]] = {}
    for stored in issues_told:
        for entry in fold(stored.issue, issues.changes(db, stored.number)).entries:
            told[entry.story_id] = [stored.number, entry.reply_count]
    return told


def _let_go(db: Db, before: Sequence[StoredIssue]) -> dict[str, list[int]]:
    """By story id: the newest of these issues out of which an editor dropped it, and the replies it had then."""
    found: dict[str, list[int]] = {}
    for stored in before:
        for entry, section in moved_places(stored.issue, issues.changes(db, stored.number)):
            if section is None:
                found[entry.story_id] = [stored.number, entry.reply_count]
    return found


def _snoozed(db: Db, before: Sequence[StoredIssue]) -> dict[str, tuple[Any, ...]]:
    """By story id: the newest of these issues out of which an editor put it off, then the ids of its items.

    What an issue after that one told waits no longer.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for stored in before:
        changes = issues.changes(db, stored.number)
        for entry in fold(stored.issue, changes).entries:
            found.pop(entry.story_id, None)
        for entry in snoozed_entries(stored.issue, changes):
            item_ids = (split_revision_id(name)[0] for name in entry.revisions)
            found[entry.story_id] = (stored.number, *item_ids)
    return found


def _weeks_before(app: Newsletter, db: Db, period: Period) -> dict[str, tuple[int, ...]]:
    """For a first issue: the figures of the periods before it, as far back as there are items, the oldest first."""
    sources = {source.id: source for source in app.config.sources}
    weeks: list[dict[str, int]] = []
    for _ in range(_PERIODS_COMPARED):
        period, after = period.before(), period
        found = tuple(_candidate(each) for each in items.items_between(db, period))
        if not found:
            break
        weeks.append(figure_values(DraftInput(0, period, after.start, candidates=found), sources, app.config))
    whole = weeks[:-1]  # the first one that was read was hardly read whole
    return {name: _values(name, whole) for name in (whole[0] if whole else ())}


def _values(name: str, weeks: Sequence[Mapping[str, int]]) -> tuple[int, ...]:
    """The figure's values, the oldest first, from ``weeks``, the newest first, as far as it is known without a gap.

    Zeros at the beginning are weeks that nothing was read of.
    """
    known = [week[name] for week in takewhile(lambda week: name in week, weeks)]
    return tuple(dropwhile(lambda value: value == 0, reversed(known)))
