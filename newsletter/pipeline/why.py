"""why: every rule, score part and decision about one item, in each issue it was a candidate of.

An issue's rules are asked again, from its snapshot and its own feeds.yaml, so their lines are those of the file that it
was made with. What was stored says where the item stood then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.classify.builtin import BuiltinSections, SectionGuess
from newsletter.classify.firing import rules_said
from newsletter.classify.rules import Matcher
from newsletter.config.load import Config
from newsletter.edit.changes import effective, fold
from newsletter.edit.placing import Judged
from newsletter.edit.said import said_of
from newsletter.edit.whereabouts import Place, place_of, rule_place
from newsletter.errors import ConfigError, NotFound
from newsletter.model.codec import from_json
from newsletter.model.issue import Change, Issue
from newsletter.model.item import Item
from newsletter.model.rule_said import RuleSaid
from newsletter.model.source import Source
from newsletter.model.story import ScorePart
from newsletter.pipeline.catalogue import is_offered, load_catalogues
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.looking import IssueShelf
from newsletter.pipeline.making import make_issue
from newsletter.pipeline.publish import config_of
from newsletter.pipeline.snapshot import RULE, DraftInput, mentions, read_snapshot
from newsletter.pipeline.why_not import date_words, why_never
from newsletter.store import issues
from newsletter.store.finding import StoryDecision, decisions_about
from newsletter.store.issues import StoredIssue
from newsletter.store.items import StoredItem, item

MOST_ISSUES = 6
_MOST_WITHOUT = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor did about it: "ada moved it", with the words that came with it."""

    editor: str
    made_at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Without:
    """Where it would stand, and with how many points, if one rule were not there."""

    rule: str
    place: Place
    score: int
    is_same: bool
    why: str
    """Of one that would stand where it stands: what else decides it."""


@dataclass(frozen=True, slots=True)
class WhyInIssue:
    """Why an item is where it is in one issue. ``trouble`` says why the rules cannot be asked; then most is empty."""

    number: int
    title: str
    state: str
    place: Place
    drafted: Place
    """Where the program had put it, before editors."""
    story_id: str = ""
    story_title: str = ""
    why: str = ""
    score: int = 0
    parts: tuple[ScorePart, ...] = ()
    rules: tuple[RuleSaid, ...] = ()
    source: Source | None = None
    model: tuple[str, ...] = ()
    """What the judges of sections say, in sentences."""
    ranked_by: str = ""
    joined: tuple[Item, ...] = ()
    because: tuple[str, ...] = ()
    """Why these are one story."""
    decisions: tuple[Decision, ...] = ()
    without: tuple[Without, ...] = ()
    trouble: str = ""

    @property
    def sentence(self) -> str:
        """One sentence that answers."""
        where = f"In issue {self.number} it {self.place.words}"
        moved = next((each for each in reversed(self.decisions) if self.place != self.drafted), None)
        if moved:
            return f"{where}: {moved.editor} {moved.what}."
        said = self.why if self.place.is_told or not self.place.reason else self.place.reason
        is_ranked = self.place.kind in ("told", "below")
        points = f", with {self.score} points" if is_ranked else ""
        return f"{where}{points}: {said}"


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item is where it is. ``never`` says why it was in no issue; ``more`` are older issues it was in."""

    item: Item
    source_name: str
    dated: str
    """Of when it is, in words."""
    issues: tuple[WhyInIssue, ...] = ()
    never: str = ""
    more: tuple[int, ...] = ()


def explain_item(shelf: IssueShelf, config: Config, item_id: str, *, number: int | None = None) -> Why:
    """All about the item, in the issues it was a candidate of, the newest first, or in issue ``number`` alone.

    ``config`` is the file in force: it names the sources and tells why something was in no issue. Raises NotFound.
    """
    with shelf.database.reading() as db:
        stored = item(db, item_id)
        if number is not None:
            issues.issue(db, number)
        numbers = issues.numbers(db) if number is None else [number]
    held = [each for each in reversed(numbers) if mentions(shelf.issue_folder(each) / SNAPSHOT, item_id)]
    told: list[WhyInIssue] = []
    for each in held[:MOST_ISSUES]:
        is_first = not any(made.parts for made in told)
        if made := explain_in_issue(shelf, each, item_id, with_what_if=is_first):
            told.append(made)
    names = {source.id: source.name for source in config.sources}
    return Why(
        item=stored.item,
        source_name=names.get(stored.item.source_id, stored.item.source_id),
        dated=date_words(stored),
        issues=tuple(told),
        never="" if told else _never(shelf, config, stored, numbers),
        more=tuple(held[MOST_ISSUES:]),
    )


def _never(shelf: IssueShelf, config: Config, stored: StoredItem, numbers: Sequence[int]) -> str:
    with shelf.database.reading() as db:
        known = [issues.issue(db, each) for each in numbers]
        was_there = not is_offered(stored, load_catalogues(db))
    unreadable = [each for each in numbers if not (shelf.issue_folder(each) / SNAPSHOT).is_dir()]
    return why_never(stored, known, config.sources, unreadable=unreadable, was_there=was_there, now=shelf.now())


def explain_in_issue(shelf: IssueShelf, number: int, item_id: str, *, with_what_if: bool = True) -> WhyInIssue | None:
    """Why the item is where it is in issue ``number``; None when it was no candidate there.

    ``with_what_if`` makes one more draft for each rule that counts, to see where the item would be without it.
    """
    with shelf.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
    try:
        snapshot = read_snapshot(shelf.issue_folder(number) / SNAPSHOT)
        config = config_of(snapshot.feeds)
    except (NotFound, ConfigError) as fault:
        bare = Place("unknown")
        return WhyInIssue(number, stored.title, stored.state, bare, bare, trouble=str(fault))
    found = snapshot.draft_input
    made = make_issue(found, config)
    judged = _story_with(made.judged, item_id)
    if judged is None:
        return _beside(stored, found, item_id)
    with shelf.database.reading() as db:
        decided = decisions_about(db, [each.id for each in judged.story.items])
    said = _said(judged, found, config)
    return replace(
        _placed(stored, changes, judged),
        rules=said,
        source=_source_of(judged, found, config),
        model=_opinions(judged, said, found, config),
        ranked_by="" if found.ranking == RULE else found.ranking,
        decisions=(*_decisions(changes, judged, stored.issue), *_about_pairs(decided, judged)),
        without=_without(judged, said, config, made.issue, found) if with_what_if else (),
    )


def _story_with(judged: Sequence[Judged], item_id: str) -> Judged | None:
    return next((each for each in judged if any(one.id == item_id for one in each.story.items)), None)


def _beside(stored: StoredIssue, found: DraftInput, item_id: str) -> WhyInIssue | None:
    """What was in the snapshot without being a candidate."""
    if any(each.item.id == item_id for each in found.told_before):
        place = Place("told before", reason="An earlier issue told it; nothing new was said about it.")
    elif any(each.item.id == item_id for each in found.waiting):
        place = Place("counted", reason="It was open then; only the figures count it.")
    else:
        return None
    return WhyInIssue(stored.number, stored.title, stored.state, place, place)


def _placed(stored: StoredIssue, changes: Sequence[Change], judged: Judged) -> WhyInIssue:
    story, verdict = judged.story, judged.verdict
    return WhyInIssue(
        number=stored.number,
        title=stored.title,
        state=stored.state,
        place=place_of(fold(stored.issue, changes), story.id),
        drafted=place_of(stored.issue, story.id),
        story_id=story.id,
        story_title=story.title,
        why=_why_of(stored.issue, judged),
        score=verdict.score,
        parts=verdict.parts,
        joined=story.items,
        because=story.because,
    )


def _why_of(issue: Issue, judged: Judged) -> str:
    """The sentence of its entry, which knows of picking and waiting; else that of the verdict."""
    entries = (entry for part in issue.sections for entry in (*part.entries, *part.runners_up))
    told = next((entry for entry in entries if entry.story_id == judged.story.id), None)
    return told.why if told else judged.verdict.why


def _sources(found: DraftInput, config: Config) -> dict[str, Source]:
    ids = found.source_ids or {}
    return {ids.get(each.name, each.id): replace(each, id=ids.get(each.name, each.id)) for each in config.sources}


def _source_of(judged: Judged, found: DraftInput, config: Config) -> Source | None:
    return _sources(found, config).get(judged.story.lead.source_id)


def _said(judged: Judged, found: DraftInput, config: Config) -> tuple[RuleSaid, ...]:
    matcher = Matcher(config.rules, _sources(found, config), now=found.publish_at)
    titles = {each.id: each.title for each in config.sections}
    fired = judged.verdict.rules
    return rules_said(matcher, [judged.story], fired=fired, title_of=lambda name: titles.get(name, name))


def _opinions(judged: Judged, said: Sequence[RuleSaid], found: DraftInput, config: Config) -> tuple[str, ...]:
    """What was guessed about its section, and whether anybody was asked."""
    titles = {each.id: each.title for each in config.sections}
    story, source = judged.story, _source_of(judged, found, config)
    guesses = found.guesses or {}
    if story.lead.id in guesses:
        guess = from_json(SectionGuess, guesses[story.lead.id])
        return (f"{_guessed(guess, titles)}. By: {guess.by}.",)
    rule = next((each.rule for each in said if each.rule.section), None)
    asked: list[str] = []
    if judged.verdict.dropped_by:
        asked.append("No model was asked about its section: a rule drops it.")
    elif rule:
        asked.append(f"No model was asked about its section: rule {rule.number} names it.")
    elif source and source.section:
        asked.append(f"No model was asked about its section: its source, {source.name}, names it.")
    guess = BuiltinSections(_sources(found, config), found.publish_at).predict(story) or SectionGuess(None, 0.0)
    begin = "The built-in rules would say: " if asked else "The built-in rules say: "
    return (*asked, f"{begin}{_guessed(guess, titles)}.")


def _guessed(guess: SectionGuess, titles: dict[str, str]) -> str:
    where = titles.get(guess.section, guess.section) if guess.section else "no section"
    reasons = f", for {', '.join(guess.reasons)}" if guess.reasons else ""
    return f"{where}{reasons} ({guess.confidence:.0%} sure)"


def _decisions(changes: Sequence[Change], judged: Judged, draft: Issue) -> list[Decision]:
    names = {judged.story.id[:12], f"{judged.story.id[:12]}-date"}
    titles = {entry.id: entry.title for section in draft.sections for entry in (*section.entries, *section.runners_up)}
    found = []
    for each in effective(changes):
        if each.target in names:
            found.append(Decision(each.editor, each.made_at, _done(each)))
        elif each.action == "merge" and each.value.get("entry") in names:
            other = titles.get(each.target, each.target)
            found.append(Decision(each.editor, each.made_at, f"joined it to “{other}”"))
    return found


def _done(change: Change) -> str:
    text = "put it off" if change.action == "snooze" else f"{said_of(change)} it"
    value = change.value.get("section") if isinstance(change.value, dict) else change.value
    is_move = change.action in ("keep", "move") and text.startswith("moved")
    return f"{text} to {value}" if is_move and value else text


def _about_pairs(decided: Sequence[StoryDecision], judged: Judged) -> list[Decision]:
    ids = {each.id for each in judged.story.items}
    found = []
    for each in decided:
        both = set(each.pair) <= ids
        what = {"merge": "joined two items of it", "apart": "keeps another item apart from it"}.get(each.decision)
        if what and (both or each.decision == "apart"):
            found.append(Decision(each.editor, each.made_at, what))
    return found


def _without(
    judged: Judged, said: Sequence[RuleSaid], config: Config, issue: Issue, found: DraftInput
) -> tuple[Without, ...]:
    """For each rule that counts: where it would be in a draft made without it; ``issue`` is the one made with it."""
    counting = [each.rule for each in said if each.is_decisive or each.points][:_MOST_WITHOUT]
    here = rule_place(judged, issue)
    tried: list[Without] = []
    for rule in counting:
        left = tuple(each for each in config.rules if each.name != rule.name)
        made = make_issue(found, replace(config, rules=left))
        other = _story_with(made.judged, judged.story.lead.id)
        if other is None:
            continue
        place, score = rule_place(other, made.issue), other.verdict.score
        is_same = (place, score) == (here, judged.verdict.score)
        tried.append(Without(rule.name, place, score, is_same, other.verdict.why))
    return tuple(tried)
