import gzip
import json
from dataclasses import replace

import pytest

from newsletter.classify.builtin import SectionGuess
from newsletter.classify.rank import measure_week
from newsletter.classify.rules import RuleOutcome
from newsletter.classify.scam import scam_marks, scam_parts
from newsletter.classify.sections import JudgeContext, judge
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.issue import SectionSettings
from newsletter.model.item import Item, Person, Thread
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.model.story import DOUBTFUL, Story, Verdict
from tests.classify.samples import DEV, NOW, SOURCES, change, mail, post
from tests.corpus import SHARED

PLEA = """DEAR GOOD FRIEND,

I am Mrs. Vee, the widow of a late client of the harbour bank. He deposited the sum of US$12,400,000 there
and left no next of kin. I wish to transfer these funds to your bank account. Treat this as strictly confidential.
"""


class _Guess:
    """Guesses one section for everything."""

    def __init__(self, section: str) -> None:
        self._guess = SectionGuess(section, 1.0, ("it says so",), by="test")

    def predict(self, story: Story) -> SectionGuess:
        return self._guess


def story(item: Item) -> Story:
    return group_stories([item], context=StoryContext(sources=SOURCES))[0]


def judged(item: Item, *others: Item, sections: tuple[SectionSettings, ...] = DEFAULT_SECTIONS) -> Verdict:
    stories = group_stories([item, *others], context=StoryContext(sources=SOURCES))
    found = next(each for each in stories if item in each.items)
    context = JudgeContext(sections, _Guess("highlights"), measure_week(stories, now=NOW))
    return judge(found, outcome=RuleOutcome(), source=replace(DEV, section=None), context=context)


PLEADING = mail("plea", "URGENT BUSINESS PROPOSAL", PLEA)


def test_a_lone_mail_that_promises_money_sinks_and_says_why() -> None:
    verdict = judged(PLEADING)
    (part,) = (each for each in verdict.parts if each.name.startswith(DOUBTFUL))
    assert part.points == -45
    assert verdict.score < 15
    assert verdict.section == "general"
    assert verdict.why.endswith("It looks like a scam: a large sum, a stranger's money, somebody who died.")


def test_a_prize_in_capitals_that_pleads_is_one_too() -> None:
    text = "Your email address has won in the lottery draw. Dear sir/madam, contact the claims agent."
    assert scam_parts(story(mail("won", "WINNING NOTIFICATION OF TODAY", text)), is_known=False)


@pytest.mark.parametrize(
    "item",
    [
        replace(PLEADING, thread=Thread("<plea@kiln.example>", 2, 2)),
        replace(PLEADING, form="post"),
        mail("fund", "The foundation received a grant", "Two donors gave $1,250,000. The board thanks them."),
        mail("cve", "URGENT SECURITY RELEASE", "Please update today. Dear friend, this is strictly confidential."),
        mail("will", "Inheritance and next of kin in the schema", "A beneficiary inherits the key of its parent."),
        change(1, "Rename beneficiary to next of kin"),
        post("lottery", "Lottery scheduling", "Who has won the lottery runs next."),
    ],
)
def test_what_is_answered_or_only_speaks_of_money_does_not(item: Item) -> None:
    assert scam_parts(story(item), is_known=False) == ()


def test_whoever_talks_with_others_is_believed() -> None:
    asked = mail("q", "How thick is the glaze?")
    answer = mail("a", "Re: How thick is the glaze?", answers="q", author=Person("Bo", "bo@kiln.example"))
    plea = replace(PLEADING, author=Person("Bo", "BO@kiln.example"))
    assert not any(part.name.startswith(DOUBTFUL) for part in judged(plea, asked, answer).parts)
    assert any(part.name.startswith(DOUBTFUL) for part in judged(plea, asked).parts)


def test_a_rule_has_the_last_word_on_the_section() -> None:
    context = JudgeContext(DEFAULT_SECTIONS, _Guess("highlights"), measure_week([], now=NOW))
    outcome = RuleOutcome(section="highlights")
    found = judge(story(PLEADING), outcome=outcome, source=replace(DEV, section="highlights"), context=context)
    assert found.section == "highlights"


DATA = SHARED / "data/classify"


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"published items are not at {DATA}")
def test_hardly_a_published_item_bears_these_marks() -> None:
    counts = {True: 0, False: 0}
    for path in sorted(DATA.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                read = json.loads(line)
                counts[len(scam_marks(read["title"] or "", read["text"] or "")) >= 3] += 1
    assert counts[True] * 1_000 <= sum(counts.values())
