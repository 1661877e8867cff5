from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.explain import POINTS, explain
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
            assert sum(part.points for part in parts) == round((fit.log_odds(terms) - fit.base) * POINTS)
            assert all(part.name and part.points for part in parts)
    one = Contender("new", "Doors that open", "dev", "Asta", ("Asta", "Bo"), 9, 7, 9, 7, 5.0, 3)
    terms = model.history.terms(one, Pool.of([one]))
    names = [part.name for part in explain(one, terms, fit, model.history)]
    seen, picked = model.history.people.seen["Asta"], model.history.people.picked["Asta"]
    assert f"picked before: Asta, {picked} of {seen} times" in names
    assert "9 posts by 7 people" in names
