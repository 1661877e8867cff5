"""replay: each past issue predicted whole before it is learned, and how often that was right."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from newsletter.classify.builtin import NONE, guess_of
from newsletter.classify.encoding import Rows, encode
from newsletter.classify.features import example_of_line
from newsletter.classify.learned import SectionModel, take_in
from newsletter.pipeline.past_issues import PastIssue

_UP_TO = ((1, "1"), (5, "2-5"), (20, "6-20"), (50, "21-50"), (100, "51-100"), (200, "101-200"))
_REST = "201-"
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Read:
    """An issue as the judges see it: rows for the model, and what the built-in rules say."""

    rows: Rows
    rules: tuple[str, ...]


@dataclass
class Tally:
    """What editors did beside what was predicted."""

    editors: list[str] = field(default_factory=list)
    predicted: list[str] = field(default_factory=list)

    def add(self, editors: Iterable[str], predicted: Iterable[str]) -> None:
        """Take in an issue."""
        self.editors.extend(editors)
        self.predicted.extend(predicted)

    def figures(self) -> dict[str, Any]:
        """Accuracy, and the mean over the editors' sections of F1 (twice the hits in both lists' sum)."""
        pairs = list(zip(self.editors, self.predicted, strict=True))
        right = sum(one == other for one, other in pairs)
        scores = []
        for section in sorted(set(self.editors)):
            hits = sum(one == other == section for one, other in pairs)
            scores.append(2 * hits / (self.editors.count(section) + self.predicted.count(section)))
        return {"accuracy": round(right / len(pairs), 4), "macro_f1": round(sum(scores) / len(scores), 4)}


def replay(issues: Sequence[PastIssue]) -> dict[str, Any]:
    """The report of a replay of ``issues``: pooled over all items, and by the number of the issue.

    Every newsletter in the file has a model of its own, and begins with the built-in rules.
    """
    models: dict[str, SectionModel] = {}
    numbers: dict[str, int] = {}
    whole, by_number = Tally(), {name: Tally() for name in (*(name for _, name in _UP_TO), _REST)}
    seconds = 0.0
    started = time.process_time()
    for issue, read in read_issues(issues):
        model = models.setdefault(issue.newsletter, SectionModel())
        number = numbers[issue.newsletter] = numbers.get(issue.newsletter, 0) + 1
        predicted = _predict(read, model)
        seconds += time.process_time() - started
        sections = [item.section for item in issue.items]
        for tally in (whole, by_number[_span(number)]):
            tally.add(sections, predicted)
        take_in(model, issue.key, read.rows, sections, rules=read.rules)
        started = time.process_time()
    spans: Mapping[str, Any] = {name: each.figures() for name, each in by_number.items() if each.editors}
    speed = round(len(whole.editors) / max(seconds, 1e-6))
    return {**whole.figures(), "by_issue_number": spans, "items_per_second": speed}


def read_issues(issues: Sequence[PastIssue]) -> Iterator[tuple[PastIssue, Read]]:
    """Each issue as the judges see it; its sections are not looked at. Many items are read at once: that is quicker."""
    for block in _blocks(issues):
        examples = [example_of_line(item.title, item.url, item.text) for issue in block for item in issue.items]
        rules = iter([guess_of(each.fired).section or NONE for each in examples])
        sizes = [len(issue.items) for issue in block]
        for issue, rows in zip(block, encode(examples).parts(sizes), strict=True):
            yield issue, Read(rows, tuple(islice(rules, len(issue.items))))


def _blocks(issues: Sequence[PastIssue]) -> Iterator[list[PastIssue]]:
    """The issues, a few thousand items at a time."""
    block: list[PastIssue] = []
    for issue in issues:
        block.append(issue)
        if sum(len(each.items) for each in block) >= _AT_ONCE:
            yield block
            block = []
    if block:
        yield block


def _predict(read: Read, model: SectionModel) -> Sequence[str]:
    """The rules' word until the model decides; a section that the newsletter does not have is nobody's word."""
    if not model.sections:
        return read.rules
    said = [model.sections[at] for at in model.chances(read.rows).argmax(axis=1)]
    if model.record.model_decides:
        return said
    return [rule if rule in model.sections else other for rule, other in zip(read.rules, said, strict=True)]


def _span(number: int) -> str:
    return next((name for most, name in _UP_TO if number <= most), _REST)
