"""Learning by asking: after like corrections the program proposes the rule that would have done them.

One question a session, the best first. "yes" writes the rule into feeds.yaml, "later" waits for one more correction of
the kind, "never" is never asked again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.classify.proposing import LEAST, Example, Suggestion, suggest_rules
from newsletter.classify.rules import Matcher
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.edit.habits import Placing, placings
from newsletter.edit.placed_entries import pools
from newsletter.edit.proposed_lines import rule_lines, rule_name, sentence
from newsletter.errors import NotFound
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues, items
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue
from newsletter.store.proposals import Answer, answer_to, answers, asked_in, is_asked_key, mark_asked, save_answer

_ISSUES = 8
"""So many issues back count: what an editor wanted a year ago may be past."""
_EXAMPLES = 5

Repeated = Suggestion
"""What editors did by hand again and again, as the rule that would do it."""
WriteRule = Callable[[Sequence[str], str | None], None]
"""Writes a rule into feeds.yaml, given its lines and the name of the rule it has to stand in front of, if any."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule to ask about. ``lines`` are those that would be written into feeds.yaml under "rules:"."""

    key: str
    sentence: str
    """4 of 4 items from Summit videos went to Events."""
    name: str
    lines: tuple[str, ...]
    before: str | None
    """The rule of the file that it would be written in front of; None: at the end."""
    agreeing: int
    total: int
    titles: tuple[str, ...]
    """Some of what editors did by hand."""


def proposals(app: Newsletter) -> tuple[Proposal, ...]:
    """Every rule that may be asked about now, the best first."""
    with app.database.reading() as db:
        return _open(app, db)


def what_repeats(app: Newsletter) -> tuple[Suggestion, ...]:
    """Every rule that would do what editors did by hand, answered or not: what takes the time, for who keeps it."""
    with app.database.reading() as db:
        return _suggested(app, db)


def stamp_of_decisions(app: Newsletter) -> object:
    """As long as it is the same, so is :func:`what_repeats`: it tells of every issue that is looked into."""
    with app.database.reading() as db:
        return (app.config.file_hash, issues.stamps(db, count=_ISSUES))


def next_proposal(app: Newsletter, *, session: str, known: Sequence[Repeated] | None = None) -> Proposal | None:
    """The one question of ``session`` (any name for it): the same until it is answered, then None.

    ``known``: what :func:`what_repeats` said a while ago.
    """
    with app.database.reading() as db:
        asked = asked_in(db, session)
        found = _open(app, db, known)
    if asked is not None:
        return next((each for each in found if is_asked_key(asked, each.key)), None)
    if not found:
        return None
    with app.database.transaction() as db:
        mark_asked(db, session, found[0].key, now=app.now())
    return found[0]


def decline(app: Newsletter, key: str, *, editor: str, never: bool = False) -> None:
    """No: not now, or never."""
    with app.database.transaction() as db:
        save_answer(db, key, "never" if never else "later", editor=editor, now=app.now())


def accept(app: Newsletter, key: str, *, editor: str, write: WriteRule) -> Proposal:
    """Yes: ``write`` the rule, then remember it. NotFound when nothing speaks for it any more."""
    found = next((each for each in proposals(app) if each.key == key), None)
    if found is None:
        raise NotFound("This rule is not proposed any more: the file, or what editors did, has changed meanwhile.")
    write(found.lines, found.before)
    with app.database.transaction() as db:
        save_answer(db, key, "yes", editor=editor, now=app.now())
    return found


def _open(app: Newsletter, db: Db, known: Sequence[Suggestion] | None = None) -> tuple[Proposal, ...]:
    """What may be asked: not what was answered with never, nor what nothing new speaks for."""
    found, answered = _suggested(app, db) if known is None else known, answers(db)
    return tuple(_proposal(app, each) for each in found if _may_be_asked(each, answer_to(answered, each.key)))


def _suggested(app: Newsletter, db: Db) -> tuple[Suggestion, ...]:
    sources = {source.id: source for source in app.config.sources}
    names = {source_id: source.name for source_id, source in sources.items()}
    matcher = Matcher(app.config.rules, sources, now=app.now())
    last = issues.issues_before(db, _beyond(db), count=_ISSUES)
    examples = _examples(app, db, last, sources)
    decided = {each.story.id for each in examples}
    undecided = {
        entry.story_id: (entry.title, section.id)
        for stored in last
        for section, entries, _ in pools(stored.issue)
        for entry in entries
        if entry.story_id not in decided
    }
    return tuple(suggest_rules(examples, matcher, names, undecided=undecided.values()))


def _may_be_asked(found: Suggestion, answer: Answer | None) -> bool:
    if answer is None:
        return True
    if answer.answer == "never":
        return False
    since = sum(each.corrected_at is not None and each.corrected_at > answer.answered_at for each in found.corrections)
    return since >= (LEAST if answer.answer == "yes" else 1)


def _examples(app: Newsletter, db: Db, last: Sequence[StoredIssue], sources: dict[str, Source]) -> list[Example]:
    """What editors decided in the last issues, as stories in the sections of the file in force."""
    sections = {each.id for each in app.config.sections}
    found: list[Example] = []
    for stored in last:
        changes = issues.changes(db, stored.number)
        if not changes and stored.state == "draft":
            continue  # nobody looked at it
        placed = placings(stored.issue, changes, is_done=stored.state != "draft")
        found += _stories(db, [each for each in placed if each.final is None or each.final in sections], sources)
    return found


def _beyond(db: Db) -> int:
    return max(issues.numbers(db), default=0) + 1


def _stories(db: Db, placed: Sequence[Placing], sources: dict[str, Source]) -> list[Example]:
    read = items.revisions(db, [name for each in placed for name in each.entry.revisions])
    context = StoryContext(sources=sources)
    found = []
    for each in placed:
        made_of = [read[name] for name in each.entry.revisions if name in read]
        if made_of:
            story = next(iter(group_stories(made_of, context=context)))
            found.append(Example(story, each.final, each.corrected_at))
    return found


def _proposal(app: Newsletter, found: Suggestion) -> Proposal:
    titles = {section.id: section.title for section in app.config.sections}
    into = titles.get(found.rule.section or "", "")
    name = rule_name(found.field, found.values, into, [rule.name for rule in app.config.rules])
    return Proposal(
        key=found.key,
        sentence=sentence(found.field, found.values, into, found.agreeing, found.total),
        name=name,
        lines=rule_lines(name, found.field, found.values, found.rule.section),
        before=found.before,
        agreeing=found.agreeing,
        total=found.total,
        titles=tuple(each.story.title for each in found.corrections[-_EXAMPLES:]),
    )
