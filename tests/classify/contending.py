"""A made-up newsletter whose editors have a taste: ripe discussions of many people, and asta's above all."""

import random
from collections.abc import Iterator

from newsletter.classify.contenders import Contender, Pool

PEOPLE = ("asta", "bo", "cyd", "dag", "eir", "fin")


def past(issues: int, *, seed: int = 1) -> Iterator[tuple[Pool, frozenset[str]]]:
    """Pools of twelve and what was picked of each."""
    dice = random.Random(seed)
    for number in range(issues):
        pool = Pool.of([contender(f"{number}-{place}", dice) for place in range(12)])
        best = sorted(pool.contenders, key=taste, reverse=True)[:3]
        yield pool, frozenset(each.id for each in best)


def contender(name: str, dice: random.Random) -> Contender:
    people = dice.randint(1, 9)
    posts = people + dice.randint(0, 9)
    starter = dice.choice(PEOPLE)
    return Contender(
        name,
        dice.choice(("Doors that open", "How do I spin?", "Proposal: slower drums", "Meeting agenda")),
        dice.choice(("dev", "users")),
        starter,
        tuple(dict.fromkeys((starter, *dice.sample(PEOPLE, 2)))),
        posts,
        people,
        posts,
        people,
        dice.uniform(0, 14),
        dice.randint(0, 40),
    )


def taste(one: Contender) -> float:
    ripe = 3 if 2 <= one.age_days < 9 else 0
    return one.people_count + ripe + (6 if one.starter == "asta" else 0)
