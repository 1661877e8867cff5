import json
import random

from newsletter.classify.contenders import Pool
from newsletter.classify.pick_model import LEAST_ISSUES, PEOPLE_TERMS, PickModel
from newsletter.classify.ranked import mean_quality, quality
from tests.classify.contending import contender, past


def learned(issues: int, *, uses_people: bool = True) -> PickModel:
    model = PickModel(uses_people=uses_people)
    for pool, picked in past(issues):
        model.learn(pool, picked)
    return model


def test_with_little_history_it_says_nothing() -> None:
    assert learned(LEAST_ISSUES - 1).fit() is None
    assert learned(LEAST_ISSUES).fit() is not None


def test_it_finds_the_taste_of_the_editors() -> None:
    model, found = learned(60), []
    fit = model.fit()
    assert fit is not None
    for pool, picked in past(30, seed=2):
        scores = {each.id: fit.log_odds(model.history.terms(each, pool)) for each in pool.contenders}
        found.append(quality([name in picked for name in sorted(scores, key=lambda name: -scores[name])]))
    assert mean_quality(found).average_precision > 0.85


def test_people_can_be_left_out() -> None:
    fit = learned(30, uses_people=False).fit()
    assert fit is not None
    assert not set(PEOPLE_TERMS) & set(fit.names)


def test_the_same_history_gives_the_same_model_also_when_it_was_stored() -> None:
    one, other = learned(25), learned(25)
    text = json.dumps(one.as_json(), sort_keys=True)
    assert json.dumps(other.as_json(), sort_keys=True) == text
    again = PickModel.from_json(json.loads(text))
    assert json.dumps(again.as_json(), sort_keys=True) == text
    fits = [model.fit() for model in (other, again)]
    assert fits[0] is not None
    assert fits[1] is not None
    assert max(abs(fits[0].weights - fits[1].weights)) < 1e-3


def test_a_term_that_never_changed_weighs_nothing() -> None:
    fit = learned(30).fit()
    assert fit is not None
    weights = dict(zip(fit.names, fit.weights, strict=True))
    assert weights["sources"] == 0
    assert weights["marks"] == 0


def test_of_a_large_pool_the_liveliest_teach() -> None:
    dice = random.Random(5)
    pool = Pool.of([contender(str(number), dice) for number in range(500)])
    quietest = min(pool.contenders, key=lambda each: (each.people_count, each.posts))
    model = PickModel()
    model.learn(pool, {quietest.id})
    assert len(model.rows[0]) == 61
    assert model.picks[0].sum() == 1
