"""A flood is told from what a source always brings, and most of it is held."""

from newsletter.edit.brakes import Brakes
from newsletter.edit.bursts import Burst, Flow, find_bursts, flow_of
from tests.edit.samples import judged
from tests.edit.test_brakes import ACME, GENERAL, SOURCES, lead
from tests.edit.test_placing import placed as _placed

QUIET = {f"s{at}": Flow(1, 1.0, 7) for at in range(30)}


def test_a_flow_is_counted_from_the_first_week_that_brought_something() -> None:
    assert flow_of((60, 3, 0, 3, 0, 0, 0, 0)) == Flow(60, 2.0, 3)
    assert flow_of((60, 0, 0, 0, 0, 0, 0, 0)) == Flow(60)


def test_what_brings_twice_as_much_as_all_others_is_a_flood() -> None:
    found = find_bursts({**QUIET, "vendor": Flow(60, 3.0, 7)})
    assert found == {"vendor": Burst(5, "60 a week: twice as much as all other sources together")}
    words = find_bursts({**QUIET, "vendor": Flow(95)})["vendor"].words
    assert words == "95 a week: 3 times as much as all other sources together"
    assert find_bursts({"vendor": Flow(60, 10.0, 7)})["vendor"].limit == 10


def test_what_brings_far_more_than_it_used_to_is_a_flood() -> None:
    many = {f"s{at}": Flow(10, 10.0, 7) for at in range(299)}
    assert find_bursts({**many, "vendor": Flow(60, 3.0, 7)}) == {"vendor": Burst(5, "60 a week: it used to bring 3")}


def test_what_is_usual_is_none_and_a_new_home_knows_nothing() -> None:
    assert find_bursts({**QUIET, "large": Flow(90, 80.0, 7)}) == {}
    assert find_bursts({**QUIET, "few": Flow(19, 0.5, 7)}) == {}
    assert find_bursts({"a": Flow(100), "b": Flow(2)}) == {}


def test_the_best_of_a_flood_enter_and_the_rest_is_held() -> None:
    brakes = Brakes(SOURCES, {"acme": Burst(1, "60 a week: it used to bring 3")})
    assert brakes.full(lead("acme")) is None
    brakes.copy().count(lead("acme"), GENERAL)
    brakes.count(lead("acme"), GENERAL)
    assert brakes.full(lead("acme")) == f"held: {ACME.name} brings 60 a week: it used to bring 3"
    assert brakes.full(lead()) is None
    parts, dropped = _placed([judged(f"a{at}", score=50 + at, source="dev-list") for at in range(3)], sources=SOURCES)
    assert not dropped
    assert len(parts["general"].entering) == 3
