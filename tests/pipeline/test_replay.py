import json
from pathlib import Path

import pytest

from newsletter.pipeline.past_issues import PastIssue, PastItem, read_past_issues
from newsletter.pipeline.replay import Tally, replay
from tests.corpus import SHARED, needs_corpus

PAST = SHARED / "data" / "classify"


def past(newsletter: str, number: int, **sections: str) -> PastIssue:
    items = [
        PastItem(newsletter, str(number), "", section, f"{words} {number}", f"https://{section}.example/{number}", "")
        for section, words in sections.items()
    ]
    return PastIssue(newsletter, str(number), tuple(items))


def test_the_figures_are_those_of_the_textbook() -> None:
    tally = Tally()
    tally.add(["a", "a", "b", "c"], ["a", "b", "b", "d"])
    # F1: a 2/3, b 2/3, c 0; "d" stands nowhere in the file and is no section of it.
    assert tally.figures() == {"accuracy": 0.5, "macro_f1": round((2 / 3 + 2 / 3 + 0) / 3, 4)}


def test_the_first_issue_is_the_rules_and_later_ones_are_learned() -> None:
    said = {"events": "Call for papers", "developer": "A patch to review", "kitchen": "Soup for all"}
    issues = [past("kiln", number, **said) for number in range(1, 8)]
    report = replay(issues)
    assert list(report) == ["accuracy", "macro_f1", "by_issue_number", "items_per_second"]
    assert report["by_issue_number"]["1"] == {"accuracy": 0.6667, "macro_f1": 0.6667}
    assert report["by_issue_number"]["2-5"]["accuracy"] > 0.9
    assert report["by_issue_number"]["6-20"] == {"accuracy": 1.0, "macro_f1": 1.0}
    assert list(report["by_issue_number"]) == ["1", "2-5", "6-20"]
    assert report["items_per_second"] > 0


def test_two_newsletters_in_a_file_do_not_learn_from_each_other() -> None:
    one = [past("kiln", number, oven="warm clay", shed="cold clay") for number in range(1, 5)]
    other = [past("bees", number, hive="warm clay", field="cold clay") for number in range(1, 5)]
    apart = replay(one), replay(other)
    together = replay([*one, *other])
    assert apart[0]["accuracy"] == apart[1]["accuracy"] == together["accuracy"]
    assert list(together["by_issue_number"]) == ["1", "2-5"]


@needs_corpus
@pytest.mark.slow
def test_a_real_newsletter_is_learned_and_each_time_the_same() -> None:
    issues = read_past_issues(PAST / "nixos-weekly.jsonl.gz")
    assert sum(len(issue.items) for issue in issues) == 273
    one, other = replay(issues), replay(issues)
    del one["items_per_second"], other["items_per_second"]
    assert json.dumps(one) == json.dumps(other)
    assert one["accuracy"] > 0.75
    assert one["macro_f1"] > 0.62
    assert one["by_issue_number"]["6-20"]["accuracy"] > one["by_issue_number"]["1"]["accuracy"]


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(PAST.glob("*.gz")), ids=lambda path: str(path.name))
def test_every_file_of_past_issues_can_be_read(path: Path) -> None:
    assert read_past_issues(path)
