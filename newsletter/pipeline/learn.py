"""Learning where this community's editors put what: from past issues in a file, from issues, from single moves.

The stored model has learned whole issues only. What an editor moved in a draft is learned on top of it each
time the draft is made, and for good with the issue; so the same history always gives the same model.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.classify.builtin import NONE, BuiltinSections, SectionGuess, guess_of
from newsletter.classify.encoding import encode
from newsletter.classify.events import with_event
from newsletter.classify.features import Example
from newsletter.classify.learned import SectionModel, take_in
from newsletter.classify.model_blob import MODEL_VERSION, from_bytes, to_bytes
from newsletter.classify.opinions import example_for, guess_stories
from newsletter.classify.sections import fitting_section
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.week import Guesser
from newsletter.edit.placed import final_places, moved_places
from newsletter.model.issue import Entry
from newsletter.model.story import Story
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.choices import learn_choices
from newsletter.pipeline.judges import NOTE
from newsletter.pipeline.past_issues import PastIssue
from newsletter.pipeline.replay import read_issues
from newsletter.pipeline.times import publish_time
from newsletter.store import issues, items, models
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue
from newsletter.store.models import StoredModel

MODEL = "sections"


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of teaching: how many issues and items, how many issues were known already, which sections."""

    issue_count: int
    item_count: int
    known_count: int
    sections: tuple[str, ...]


def teach(app: Newsletter, past: Sequence[PastIssue]) -> Taught:
    """Teach the home's model past issues from elsewhere; an issue that it has learned is passed over."""
    with app.database.transaction() as db:
        models.lock_models(db)
        model = _load(db)
        new = [issue for issue in past if issue.key not in model.learned]
        for issue, read in read_issues(new):
            take_in(model, issue.key, read.rows, [item.section for item in issue.items], rules=read.rules)
        if new:
            _save(app, db, model)
    sections = dict.fromkeys(item.section for issue in past for item in issue.items)
    return Taught(len(new), sum(len(issue.items) for issue in new), len(past) - len(new), tuple(sections))


def learn_issue(app: Newsletter, number: int) -> bool:
    """Learn issue ``number`` as its editors left it; False when it was learned before. Raises NotFound."""
    with app.database.transaction() as db:
        models.lock_models(db)
        model = _load(db)
        stored = issues.issue(db, number)
        return _learn(app, db, model, [] if _key(number) in model.learned else [stored])


def learn_issues_before(app: Newsletter, number: int) -> bool:
    """Learn the issues before ``number`` that an editor approved or changed; what nobody looked at proves nothing."""
    with app.database.transaction() as db:
        models.lock_models(db)
        model = _load(db)
        seen = [each for each in issues.edited_before(db, number, but=NOTE) if _key(each) not in model.learned]
        return _learn(app, db, model, [issues.issue(db, each) for each in seen])


def guesser_for(app: Newsletter, number: int) -> tuple[str, Guesser]:
    """The version of the model that guesses for issue ``number``, and the guesser itself.

    It knows what the stored model knows and what editors moved in this draft.
    """
    moved: list[tuple[str, str | None]] = []
    with app.database.reading() as db:
        stored = models.model(db, MODEL)
        model = _load(db)
        found = issues.issues_before(db, number + 1, count=1)
        drafted = found[0] if found and found[0].number == number else None
        if drafted is not None and _key(number) not in model.learned:
            places = moved_places(drafted.issue, issues.changes(db, number))
            moved = [(entry.id, section) for entry, section in places]
            lesson = _lesson(app, db, drafted, places)
            if lesson.examples:
                model.learn(_key(number), encode(lesson.examples), lesson.sections)
    history = hashlib.sha256((stored.content if stored else b"") + repr(moved).encode()).hexdigest()
    version = f"{MODEL_VERSION}:{history[:16]}"
    sections = [each.id for each in app.config.sections]

    def guess(stories: Sequence[Story], rules: BuiltinSections) -> Mapping[str, SectionGuess]:
        return guess_stories(stories, model=model, rules=rules, sections=sections)

    return version, guess


@dataclass(frozen=True, slots=True)
class _Lesson:
    """The stories of an issue as the judges see them, where they belong, and where the rules would put them."""

    examples: tuple[Example, ...]
    sections: tuple[str, ...]
    rules: tuple[str, ...]


def _learn(app: Newsletter, db: Db, model: SectionModel, new: Sequence[StoredIssue]) -> bool:
    """Learn the issues ``new``, the oldest first, and store the model."""
    for stored in new:
        places = final_places(stored.issue, issues.changes(db, stored.number))
        lesson = _lesson(app, db, stored, places)
        if lesson.examples:
            take_in(model, _key(stored.number), encode(lesson.examples), lesson.sections, rules=lesson.rules)
        else:
            model.learned.append(_key(stored.number))
    if new:
        _save(app, db, model)
        learn_choices(app, db, new)
    return bool(new)


def _lesson(app: Newsletter, db: Db, stored: StoredIssue, places: Sequence[tuple[Entry, str | None]]) -> _Lesson:
    """The entries in ``places`` as stories again, made from the items they were drafted from."""
    now = publish_time(app.config.schedule, stored.period)
    rules = BuiltinSections({source.id: source for source in app.config.sources}, now)
    context = StoryContext(sources=rules.sources)
    read = items.revisions(db, [entry.revisions[0] for entry, _ in places if entry.revisions])
    examples, sections = [], []
    for entry, section in places:
        item = read.get(entry.revisions[0]) if entry.revisions else None
        if item is not None:
            (story,) = group_stories([item], context=context)
            examples.append(example_for(with_event(story, now=now), rules))
            sections.append(section or NONE)
    said = (guess_of(example.fired).section for example in examples)
    fitting = (fitting_section(each, app.config.sections) if each else None for each in said)
    return _Lesson(tuple(examples), tuple(sections), tuple(each or NONE for each in fitting))


def _key(number: int) -> str:
    return f"issue {number}"


def _load(db: Db) -> SectionModel:
    """The stored model; an empty one when there is none, or when another version of the program wrote it."""
    stored = models.model(db, MODEL)
    return from_bytes(stored.content) if stored and stored.version == MODEL_VERSION else SectionModel()


def _save(app: Newsletter, db: Db, model: SectionModel) -> None:
    models.save_model(db, MODEL, StoredModel(MODEL_VERSION, app.now(), to_bytes(model)))
