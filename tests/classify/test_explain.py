from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.explain import MOST_FOR_NAMES, POINTS, explain
from newsletter.classify.pick_model import PickModel
from tests.classify.contending import past


def test_parts_add_up_to_the_score_and_say_who_was_picked_before() -> None:
    model = PickModel()
    for pool, picked in past(40):
        model.learn(pool, picked)
    fit = model.fit()
    assert fit is not None
    for pool, _ in past(5, seed=3):
        for one in pool.contenders:
            terms = model.history.terms(one, pool)
            parts = explain(one, terms, fit, model.history)
            shares = fit.shares(terms)
            names = POINTS * (shares["starter"] + shares["people picked before"])
            over = names - max(-MOST_FOR_NAMES, min(MOST_FOR_NAMES, names))
            assert sum(part.points for part in parts) == round((fit.log_odds(terms) - fit.base) * POINTS - over)
            assert all(part.name and part.points for part in parts)
    one = Contender("new", "Doors that open", "dev", "asta", ("asta", "bo"), 9, 7, 9, 7, 5.0, 3)
    terms = model.history.terms(one, Pool.of([one]))
    names = [part.name for part in explain(one, terms, fit, model.history)]
    seen, picked = model.history.people.seen["asta"], model.history.people.picked["asta"]
    assert f"picked before: asta, {picked} of {seen} times" in names
    assert "9 posts by 7 people" in names
