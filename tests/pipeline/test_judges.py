"""Who judges a draft: the rules until there is something to learn from; what a snapshot holds judges again."""

import subprocess
import sys
from datetime import UTC, datetime

from newsletter.classify.builtin import BuiltinSections, SectionGuess
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.codec import to_json
from newsletter.model.period import Period
from newsletter.model.story import ScorePart
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.judges import Judge, judge_for, recorded_guesser, recorded_ranker
from newsletter.pipeline.review import add_note, change, open_desk
from newsletter.pipeline.snapshot import MODEL, RULE, DraftInput
from newsletter.pipeline.times import week_period
from newsletter.store import models
from newsletter.store.models import StoredModel
from tests.classify.samples import NOW, SOURCES, post
from tests.loopback import atom
from tests.pipeline.conftest import Home

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
PERIOD = Period(datetime(2026, 10, 8, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC))
INPUT = DraftInput(1, PERIOD, PERIOD.end)


def drafted(home: Home) -> Home:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    home.gather()
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
    return home


def test_where_nobody_decided_anything_the_rules_judge(home: Home) -> None:
    with drafted(home).opened() as app:
        assert judge_for(app, 2) == Judge(MODEL, None, RULE, None)
        add_note(app, 1, text="Hello.", by="Ada")
        assert judge_for(app, 2) == Judge()


def test_what_an_editor_did_is_learned_before_the_next_draft(home: Home) -> None:
    with drafted(home).opened() as app:
        (entry,) = (card.entry.id for card in open_desk(app, 1).cards())
        change(app, 1, action="move", target=entry, value="developer", editor="Ada")
        judge_for(app, 2)
        with app.database.reading() as db:
            assert models.has_models(db)
        assert judge_for(app, 2).ranking == RULE


def test_a_model_of_another_version_is_not_read(home: Home) -> None:
    stories = group_stories([post("a", "The bridge opens")], context=StoryContext(sources=SOURCES))
    rules = BuiltinSections(SOURCES, NOW)
    with drafted(home).opened() as app:
        with app.database.transaction() as db:
            models.save_model(db, "sections", StoredModel("0", NOW, b"nothing to read"))
        judge = judge_for(app, 2)
        assert judge.guesser is not None
        assert judge.guesser(stories, rules) == {stories[0].lead.id: rules.predict(stories[0])}


def test_the_rules_alone_need_no_numpy() -> None:
    code = "import sys, newsletter.pipeline.judges; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_a_snapshot_gives_its_guesses_and_worths_again() -> None:
    guess = SectionGuess("news", 0.8, ("as before",), "learned")
    part = ScorePart("picked before", 12)
    found = DraftInput(
        1, PERIOD, PERIOD.end, guesses={"lead": to_json(guess)}, worths={"lead": [to_json(part)], "other": []}
    )
    guesser, ranker = recorded_guesser(found), recorded_ranker(found)
    assert guesser is not None
    assert ranker is not None
    assert guesser((), None) == {"lead": guess}  # type: ignore[arg-type]
    assert ranker((), NOW) == {"lead": (part,), "other": ()}


def test_a_snapshot_without_any_leaves_it_to_the_rules() -> None:
    assert recorded_guesser(INPUT) is None
    assert recorded_ranker(INPUT) is None
    empty = DraftInput(1, PERIOD, PERIOD.end, guesses={}, worths={})
    assert recorded_guesser(empty) is None
    ranker = recorded_ranker(empty)
    assert ranker is not None
    assert ranker((), NOW) == {}
