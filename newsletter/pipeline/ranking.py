"""rank --replay: each issue of a file is put in order before it is learned which of it was picked."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from newsletter.classify.contenders import Contender, Pool
from newsletter.classify.debate import rule_parts
from newsletter.classify.pick_model import PickModel
from newsletter.classify.ranked import Quality, mean_quality, quality
from newsletter.errors import FileFault, Problem
from newsletter.pipeline.lines import Line, read_lines

NOT_COUNTED = 20
"""The first issues are not measured: nobody knows the editors yet."""


@dataclass(frozen=True, slots=True)
class PastIssue:
    """The contenders of an issue, and the ids of those that were picked."""

    name: str
    contenders: tuple[Contender, ...]
    picked: frozenset[str]


@dataclass(slots=True)
class Replay:
    """Ranks issue after issue; with ``rule_only`` the readable rule decides to the end."""

    rule_only: bool = False
    model: PickModel = field(default_factory=PickModel)
    found: list[Quality] = field(default_factory=list)
    issues_count: int = 0

    def take(self, issue: PastIssue) -> None:
        """Put ``issue`` in order, measure it, then learn it."""
        pool = Pool.of(issue.contenders)
        scores = self.scores(pool)
        if self.issues_count >= NOT_COUNTED and issue.picked:
            ties = random.Random(f"{issue.name}")
            order = sorted(pool.contenders, key=lambda each: (-scores[each.id], ties.random()))
            self.found.append(quality([each.id in issue.picked for each in order]))
        self.issues_count += 1
        self.model.learn(pool, issue.picked)

    def scores(self, pool: Pool) -> dict[str, float]:
        """By id, what orders ``pool``."""
        history = self.model.history
        fit = None if self.rule_only else self.model.fit()
        if fit is None:
            return {
                each.id: sum(part.points for part in rule_parts(each, pool, history.told)) for each in pool.contenders
            }
        return {each.id: fit.log_odds(history.terms(each, pool)) for each in pool.contenders}

    def as_json(self) -> dict[str, Any]:
        """The means over the issues with a pick, after the first ones."""
        mean = mean_quality(self.found)
        names = ("average_precision", "recall_at_k", "recall_at_2k", "auc")
        return {**{name: round(getattr(mean, name), 4) for name in names}, "issues": len(self.found)}


def replay_ranking(path: Path, *, rule_only: bool = False) -> dict[str, Any]:
    """The measures of ``path``, a file as the ranking data's (raises NotFound, FileFault)."""
    replay = Replay(rule_only)
    for issue in past_issues(path):
        replay.take(issue)
    if not replay.found:
        text = f"There is nothing to measure: no issue after the first {NOT_COUNTED} has a pick. Take a longer file."
        raise FileFault([Problem(str(path), 1, text)])
    return replay.as_json()


def past_issues(path: Path) -> Iterator[PastIssue]:
    """The issues of ``path`` in the order of their dates."""
    lines = [(line.text("issue_date"), at, line) for at, line in enumerate(read_lines(path))]
    # Sorted by date alone: within a day the file's own order counts.
    lines.sort(key=lambda each: each[0])
    for (_, name), rows in groupby(lines, key=lambda each: (each[0], each[2].text("issue", is_needed=True))):
        read = [(_contender(line), line.is_true("picked")) for _, _, line in rows]
        unique = {each.id: each for each, _ in read}
        yield PastIssue(name, tuple(unique.values()), frozenset(each.id for each, is_picked in read if is_picked))


def _contender(line: Line) -> Contender:
    posts, people = max(1, line.count("posts_in_window", 1)), max(1, line.count("people_in_window", 1))
    title = line.text("title", is_needed=True)
    return Contender(
        id=line.text("thread_id") or title,
        title=title,
        source=line.text("list"),
        starter=line.text("starter"),
        people=line.texts("authors"),
        posts=posts,
        people_count=people,
        all_posts=max(posts, line.count("posts_total_before", posts)),
        all_people=max(people, line.count("people_total_before", people)),
        age_days=max(0.0, float(line.number_of("days_since_first", 0))),
        starter_posts=line.count("first_author_posts_before", 0),
    )
