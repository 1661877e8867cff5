"""A small made-up community teaches the model; figures over real newsletters are in bench/learn.py."""

import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from newsletter.classify.encoding import Rows, encode
from newsletter.classify.features import example_of_line
from newsletter.classify.learned import Record, SectionModel, take_in
from newsletter.classify.model_blob import MODEL_VERSION, from_bytes, to_bytes

_SAID = {
    "wheel": ("spun", "wheel", "thrown", "centre", "pedal"),
    "oven": ("fired", "oven", "cone", "heat", "chimney"),
    "none": ("lunch", "parking", "weather", "lost", "umbrella"),
}
_FILL = ["the", "of", "a", "new", "our", "for", "we", "today", "some", "more", "about", "club", "clay"]
_Issue = tuple[Rows, list[str]]


def issue(number: int, count: int = 12, names: tuple[str, ...] = ("wheel", "oven", "none")) -> _Issue:
    rng = random.Random(number)
    sections = [names[at % len(names)] for at in range(count)]
    lines = []
    for at, section in enumerate(sections):
        title = " ".join([*rng.sample(_FILL, 4), *rng.sample(_SAID[section], 2), "a patch to test the release 1.2"])
        lines.append(example_of_line(title, f"https://{section}.kiln.example/issues/{number}/{at}", ""))
    return encode(lines), sections


def taught(count: int) -> SectionModel:
    model = SectionModel()
    for number in range(count):
        rows, sections = issue(number)
        take_in(model, f"issue {number}", rows, sections, rules=["wheel"] * len(sections))
    return model


def said(model: SectionModel, rows: Rows) -> list[str]:
    return [model.sections[at] for at in model.chances(rows).argmax(axis=1)]


def test_it_learns_what_goes_where_and_what_goes_nowhere() -> None:
    model = taught(4)
    rows, sections = issue(99, 30)
    assert said(model, rows) == sections
    chances = model.chances(rows)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert chances.max(axis=1).mean() > 0.6


def test_the_same_history_gives_the_same_model_bit_for_bit() -> None:
    assert to_bytes(taught(5)) == to_bytes(taught(5))


@pytest.mark.slow
def test_processes_agree_whatever_order_their_sets_have() -> None:
    asked = (
        "import hashlib, tests.classify.test_learned as t; from newsletter.classify.model_blob import to_bytes\n"
        "print(hashlib.sha256(to_bytes(t.taught(3))).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", asked],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(said) == 1


def test_saved_and_loaded_it_goes_on_as_if_it_had_stayed() -> None:
    stayed = taught(15)
    loaded = from_bytes(to_bytes(stayed))
    assert to_bytes(loaded) == to_bytes(stayed)
    assert (loaded.sections, loaded.learned, asdict(loaded.record)) == (
        stayed.sections, stayed.learned, asdict(stayed.record),
    )  # fmt: skip
    rows, sections = issue(50)
    assert (loaded.chances(rows) == stayed.chances(rows)).all()
    for model in (loaded, stayed):
        take_in(model, "next", rows, sections, rules=sections)
    assert to_bytes(loaded) == to_bytes(stayed)


def test_a_model_of_one_section_and_an_empty_one_can_be_saved() -> None:
    model = SectionModel()
    assert to_bytes(from_bytes(to_bytes(model))) == to_bytes(model)
    rows, sections = issue(1, 5, ("oven",))
    model.learn("x", rows, sections)
    assert said(from_bytes(to_bytes(model)), rows) == ["oven"] * 5


def test_a_blob_of_another_version_or_a_damaged_one_is_refused() -> None:
    blob = to_bytes(taught(1))
    with pytest.raises(ValueError, match="of version"):
        from_bytes(blob.replace(MODEL_VERSION.encode(), b"linear-0.0.00"))
    head, _, _ = blob.partition(b"\n")
    with pytest.raises(ValueError, match="damaged"):
        from_bytes(head + b"\n" + b"no")


def test_a_section_may_come_later_and_habits_may_change() -> None:
    model = SectionModel()
    for number in range(6):
        model.learn(f"a{number}", *issue(number, 12, ("wheel", "none")))
    for number in range(3):
        model.learn(f"b{number}", *issue(20 + number, 12, ("oven", "wheel")))
    rows, sections = issue(40, 12, ("oven", "wheel"))
    assert said(model, rows) == sections
    for number in range(8):  # the editors call the wheel's section "oven" from now on
        rows, _ = issue(60 + number, 12, ("wheel",))
        model.learn(f"c{number}", rows, ["oven"] * 12)
    assert said(model, issue(90, 12, ("wheel",))[0]) == ["oven"] * 12


def test_it_goes_over_a_dozen_issues_at_most_and_over_few_when_they_are_large() -> None:
    assert [each.key for each in taught(15).lessons] == [f"issue {number}" for number in range(3, 15)]
    model = SectionModel()
    for number in range(4):
        model.learn(f"large {number}", *issue(number, 1_100))
    kept = list(dict.fromkeys(each.key for each in model.lessons))
    assert kept[-1] == "large 3"
    assert sum(len(each.batch.labels) for each in model.lessons) <= 3_000
    model.learn("huge", *issue(7, 4_000))
    assert {each.key for each in model.lessons} == {"huge"}


def test_a_later_lesson_of_an_issue_stands_in_for_the_earlier_one() -> None:
    model = taught(2)
    rows, sections = issue(5)
    model.learn("issue 9", rows, sections)
    model.learn("issue 9", rows, sections[::-1])
    assert [each.key for each in model.lessons] == ["issue 0", "issue 1", "issue 9"]


def test_rules_decide_until_the_model_beats_them_and_again_when_they_are_better_for_good() -> None:
    record = Record()
    record.compare(8, 8)
    assert not record.model_decides
    record.compare(8, 9)
    assert record.model_decides
    record.compare(9, 8)  # one odd issue; before it the model was better
    assert record.model_decides
    record.compare(9, 5)
    assert not record.model_decides


def test_both_are_compared_before_the_issue_is_learned() -> None:
    model = SectionModel()
    rows, sections = issue(1)
    take_in(model, "1", rows, sections, rules=sections)
    assert (model.record.rules_last, model.record.model_last) == (0, 0)  # nothing was known yet
    take_in(model, "2", *issue(2), rules=["wheel"] * 12)
    assert model.record.rules_last == 4
    assert model.record.model_last > 4
    assert model.record.model_decides
    assert model.learned == ["1", "2"]
