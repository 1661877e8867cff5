import json

from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.picks import PickHistory, Tally
from tests.classify.contending import past


def learned(issues: int) -> PickHistory:
    history = PickHistory()
    for pool, picked in past(issues):
        history.learn(pool, picked)
    return history


def test_what_was_never_there_speaks_neither_for_nor_against() -> None:
    assert Tally().pull("nobody", 0.25) == 0
    history = learned(30)
    newcomer = Contender("x", "Zzz", starter="Newcomer", people=("Newcomer",))
    assert history.terms(newcomer, Pool.of([newcomer]))["starter"] == 0


def test_who_was_picked_more_often_speaks_louder() -> None:
    history = learned(40)
    pulls = {name: history.people.pull(name, history.base) for name in ("asta", "bo")}
    assert pulls["asta"] > 0.2 > pulls["bo"]
    one = Contender("x", "Doors", starter="bo", people=("bo", "asta"))
    name, picked, seen = history.known(one)
    assert (name, picked, seen) == ("asta", history.people.picked["asta"], history.people.seen["asta"])


def test_the_lag_of_a_newsletter_is_learned() -> None:
    history = learned(60)
    assert history.ripeness(5) > history.ripeness(0.5)
    assert history.ripeness(5) > history.ripeness(13)
    assert PickHistory().ripeness(5) == PickHistory().ripeness(0)


def test_told_and_passed_over_are_remembered() -> None:
    history = PickHistory()
    told, passed = Contender("t", "Doors", all_posts=4), Contender("p", "Drums", all_posts=2)
    history.learn(Pool.of([told, passed]), {"t"})
    again = Contender("t", "Doors", all_posts=8)
    terms = history.terms(again, Pool.of([again]))
    assert terms["told"] == 1
    assert round(terms["growth since told"], 3) == 0.693
    assert history.terms(passed, Pool.of([passed]))["passed over, never told"] == 1


def test_stored_and_read_back_it_is_the_same() -> None:
    history = learned(12)
    text = json.dumps(history.as_json(), sort_keys=True)
    again = PickHistory.from_json(json.loads(text))
    assert json.dumps(again.as_json(), sort_keys=True) == text
    one = Contender("x", "Doors that open", "dev", "asta", ("bo",), 4, 3, 4, 3, 5.5, 2)
    assert again.terms(one, Pool.of([one])) == history.terms(one, Pool.of([one]))
