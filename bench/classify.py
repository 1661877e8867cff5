"""How long it takes to group, judge and summarise a week of items: seconds of CPU and items a second.

    python bench/classify.py [ITEMS ...]

Each count is run with the built-in rules alone and with a model that has learned. Limits: 5,000 items with 30 rules
under 2 s, and 170 MiB. The time should grow with the number of items only.
"""

import random
import re
import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter.classify.builtin import BuiltinSections
from newsletter.classify.contenders import Pool
from newsletter.classify.encoding import encode
from newsletter.classify.learned import SectionModel, take_in
from newsletter.classify.opinions import example_for, guess_stories
from newsletter.classify.pick_model import PickModel
from newsletter.classify.ranked_stories import ranked_by
from newsletter.classify.standing import Ranker, contender_of
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.week import Guesser, WeekInput, judge_week
from newsletter.model.item import Item, Person, Review, Thread, item_id
from newsletter.model.rule import Amount, Match, Rule
from newsletter.model.settings import DEFAULT_SECTIONS
from newsletter.model.source import Source

NOW = datetime(2026, 10, 15, 18, tzinfo=UTC)
WORDS = re.findall(
    r"\w+",
    """release network driver queue change proposal meeting week patch review test server client library broken fixed
    faster slower memory upgrade guide question answer user group council vote deadline talk travel figure reading
    station bridge harbour window paper table lamp garden river mountain signal cable packet frame storage backup
    copy key lock door path image sound colour number letter phrase story people friend reader writer editor builder""",
)
SOURCES = {f"s{number}": Source(f"s{number}", f"Source {number}", "feed") for number in range(40)}


def prose(rng: random.Random, words: int) -> str:
    sentences = []
    while words > 0:
        count = min(words, rng.randint(6, 18))
        sentences.append(" ".join(rng.choices(WORDS, k=count)).capitalize() + ".")
        words -= count
    return "\n".join(sentences)


def make_items(count: int) -> list[Item]:
    """60 % mails in threads, a tenth of them openings; 25 % posts, some of them twice; 15 % changes."""
    rng = random.Random(count)
    items: list[Item] = []
    for number in range(count):
        source, key = f"s{number % 40}", f"<{number}@bench.example>"
        title = " ".join(rng.choices(WORDS, k=7)).capitalize()
        common = {
            "author": Person(f"Person {rng.randint(1, 600)}", f"p{rng.randint(1, 600)}@example.org"),
            "published_at": NOW - timedelta(minutes=rng.randint(1, 7 * 1440 - 1)),
            "url": f"https://{source}.example.org/{number}",
            "text": prose(rng, rng.randint(100, 400))
            + rng.choice(["", f"\nMeetup on {number % 28 + 1} November 2026."]),
            "links": tuple(f"https://s{rng.randint(0, 39)}.example.org/{rng.randint(0, count)}" for _ in range(2)),
        }
        if number % 20 < 12:
            root = f"<{number - number % 20}@bench.example>"
            answers = (root,) if number % 20 else ()
            thread = Thread(root, 11, 6)
            made = Item(item_id(source, key), source, "mailing list", "mail", (key,), title, thread=thread,
                        in_reply_to=answers, **common)  # fmt: skip
        elif number % 20 < 17:
            made = Item(item_id(source, key), source, "feed", "post", (key,), title, **common)
            if number % 20 == 16:
                twin = items[-1]
                made = Item(made.id, source, "feed", "post", (key,), twin.title, **(common | {"text": twin.text}))
        else:
            review = Review("merged", "bench", number)
            made = Item(item_id(source, key), source, "gerrit", "review", (key,), title, review=review, **common)
        items.append(made)
    return items


def make_rules() -> list[Rule]:
    rng = random.Random(30)
    rules = [Rule(f"text {at}", Match(text=tuple(rng.choices(WORDS, k=4))), boost=at) for at in range(8)]
    rules += [Rule(f"title {at}", Match(title=(f"{WORDS[at]}*{WORDS[at + 5]}",)), boost=1) for at in range(8)]
    rules += [
        Rule(f"pattern {at}", Match(title=(rf"/\b({WORDS[at]}|{WORDS[at + 1]})\b/",)), boost=1) for at in range(6)
    ]
    rules += [Rule(f"replies {at}", Match(replies=Amount(at * 5)), section="developer") for at in range(4)]
    rules += [Rule("has date", Match(has=("date",)), boost=3), Rule("has code", Match(has=("code",)), boost=3)]
    return [
        *rules,
        Rule("robots", Match(author=("*[bot]", "Jenkins")), drop=True),
        Rule("adverts", Match(text=("hiring",)), drop=True),
    ]


def main() -> None:
    rules = make_rules()
    for count in [int(number) for number in sys.argv[1:]] or [1_000, 5_000, 20_000]:
        items = make_items(count)
        start = time.process_time()
        stories = group_stories(items, context=StoryContext(sources=SOURCES))
        grouped = time.process_time() - start
        given = WeekInput(items, rules, DEFAULT_SECTIONS, StoryContext(sources=SOURCES), NOW)
        learned = replace(given, guesser=guesser(items), ranker=ranker(items))
        for name, judged in (("rules", given), ("learned", learned)):
            start = time.process_time()
            judge_week(judged)
            whole = time.process_time() - start
            print(
                f"{count:6} items, {len(rules)} rules, {name}: {len(stories)} stories, grouping {grouped:.2f} s, "
                f"whole pass {whole:.2f} s, {count / whole:,.0f} items/s"
            )
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def guesser(items: list[Item]) -> Guesser:
    """A model that has learned the stories of the first thousand items, in sections by their first letter."""
    rules, model = BuiltinSections(SOURCES, NOW), SectionModel()
    stories = group_stories(items[:1_000], context=StoryContext(sources=SOURCES))
    names = [section.id for section in DEFAULT_SECTIONS]
    labels = [names[ord(story.title[0]) % len(names)] for story in stories]
    rows = encode([example_for(story, rules) for story in stories])
    take_in(model, "1", rows, labels, rules=labels)
    model.record.model_decides = True
    return lambda asked, rules: guess_stories(asked, model=model, rules=rules, sections=names)


def ranker(items: list[Item]) -> Ranker:
    """An order that was learned over thirty issues of a hundred stories each."""
    model, dice = PickModel(), random.Random(7)
    stories = group_stories(items[:1_000], context=StoryContext(sources=SOURCES))
    contenders = [contender_of(story, NOW) for story in stories]
    for issue in range(30):
        pool = Pool.of([replace(each, id=f"{issue} {each.id}") for each in dice.sample(contenders, 100)])
        model.learn(pool, {each.id for each in pool.contenders if each.people_count > 3})
    fit = model.fit()
    assert fit is not None
    return ranked_by(model, fit)


if __name__ == "__main__":
    main()
