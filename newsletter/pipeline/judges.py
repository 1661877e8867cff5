"""Who guesses the sections of a draft: the built-in rules alone, or with them a model that has learned.

Nothing here imports the model before there is something to learn from, for it brings numpy with it.
"""

from dataclasses import dataclass

from newsletter.classify.builtin import SectionGuess
from newsletter.classify.standing import Ranker
from newsletter.classify.week import Guesser
from newsletter.model.codec import from_json
from newsletter.model.story import ScorePart
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.snapshot import MODEL, RULE, DraftInput
from newsletter.store import issues, models

NOTE = "note"
"""The one change that says nothing of any story."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Who guesses and who ranks, and their versions; None: the built-in rules."""

    version: str = MODEL
    guesser: Guesser | None = None
    ranking: str = RULE
    ranker: Ranker | None = None


def judge_for(app: Newsletter, number: int) -> Judge:
    """Who guesses for issue ``number``, after learning what editors did with the issues before it."""
    with app.database.reading() as db:
        if not (models.has_models(db) or issues.has_changes(db, but=NOTE)):
            return Judge()
    from newsletter.pipeline.choices import ranker_for
    from newsletter.pipeline.learn import guesser_for, learn_issues_before

    learn_issues_before(app, number)
    version, guesser = guesser_for(app, number)
    ranking, ranker = ranker_for(app) or (RULE, None)
    return Judge(version, guesser, ranking, ranker)


def recorded_guesser(found: DraftInput) -> Guesser | None:
    """Gives the guesses that a snapshot holds; None when it holds none."""
    if not found.guesses:
        return None
    known = {lead: from_json(SectionGuess, guess) for lead, guess in found.guesses.items()}
    return lambda stories, rules: known


def recorded_ranker(found: DraftInput) -> Ranker | None:
    """Gives the worths that a snapshot holds; None when it holds none."""
    if found.worths is None:
        return None
    known = {lead: tuple(from_json(ScorePart, part) for part in parts) for lead, parts in found.worths.items()}
    return lambda stories, now: known
