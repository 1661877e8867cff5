"""What is wrong with feeds.yaml: collecting problems, and the words they are told in."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache

from newsletter.errors import ConfigError, Problem
from newsletter.text import one_line, shorten

AT_MOST = 10
"""So many problems are told at once."""
_ENOUGH = 200
_CHOICES = 500
_SHOWN = 80


class Report:
    """Collects the problems of one file.

    A line that was spoken about while its form was looked at is not spoken about again: what
    its fields mean is a guess by then.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: dict[Problem, tuple[int, str]] = {}
        """What is told, and where among those of its line: values of a list as they stand, all else by its words."""
        self._spoken: set[int] = set()
        self._warned: set[Problem] = set()

    def tell_form(self, faults: Iterable[tuple[int, str]]) -> None:
        """Mistakes in how lines are written, unless it was spoken about them before; several may be on one line."""
        found = [Problem(self.file, max(1, line), text) for line, text in faults if line not in self._spoken]
        self._problems.update({problem: (0, problem.text) for problem in found})
        self._spoken.update(problem.line for problem in found)

    def tell(self, line: int, text: str, *, place: int = 0) -> None:
        """A mistake in what stands on ``line``; ``place`` orders those of one line."""
        if line not in self._spoken and not self.is_full:
            self._problems.setdefault(Problem(self.file, max(1, line), text), (place, text))

    def warn(self, line: int, text: str) -> None:
        """Something to know that stops nothing."""
        problem = Problem(self.file, max(1, line), text, is_warning=True)
        self._problems[problem] = (0, text)
        self._warned.add(problem)

    @property
    def is_full(self) -> bool:
        """Whether there are so many mistakes that looking for more is of no use."""
        return self.total >= _ENOUGH

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """The first mistakes in file order."""
        return self._first(is_warning=False)

    @property
    def total(self) -> int:
        """How many mistakes there are."""
        return len(self._problems) - len(self._warned)

    @property
    def fault(self) -> ConfigError:
        """The mistakes as an error."""
        return ConfigError(self.mistakes, self.total)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The first warnings in file order."""
        return self._first(is_warning=True)

    def _first(self, *, is_warning: bool) -> tuple[Problem, ...]:
        found = (problem for problem in self._problems if problem.is_warning is is_warning)
        return tuple(sorted(found, key=lambda problem: (problem.line, *self._problems[problem]))[:AT_MOST])


def fault_of(reports: Sequence[Report]) -> ConfigError:
    """The first mistakes of several files, in the order of the files."""
    found = [problem for report in reports for problem in report.mistakes]
    return ConfigError(found[:AT_MOST], sum(report.total for report in reports))


def warnings_of(reports: Sequence[Report]) -> tuple[Problem, ...]:
    """The first warnings of several files, in the order of the files."""
    return tuple(problem for report in reports for problem in report.warnings)[:AT_MOST]


def closing_line(
    problems: Sequence[Problem], last_good_at: datetime | None, *, now: datetime | None = None, total: int = 0
) -> str:
    """The last line under a list of problems: how many there are in ``total``, and which version holds meanwhile.

    ``last_good_at`` is shown in the zone it comes with; its day is named when ``now`` is another.
    """
    told = sum(not problem.is_warning for problem in problems)
    count = f"{total} to mend, {told} of {total} shown" if total > told else f"{told} to mend"
    if last_good_at is None:
        return f"{count}; there is no good version yet, so nothing runs until then."
    is_today = now is None or now.astimezone(last_good_at.tzinfo).date() == last_good_at.date()
    day = "" if is_today else f"{last_good_at:%Y-%m-%d} "
    return f"{count}; the newsletter keeps running on the last good version of {day}{last_good_at:%H:%M}."


@lru_cache(maxsize=4096)
def plain(key: str) -> str:
    """A key or a word with one spelling: spaces, hyphens, underscores and case mean the same."""
    return re.sub(r"[\s_-]+", " ", key).strip().casefold()


def shown(text: str) -> str:
    """What an editor wrote, fit to stand in a message."""
    return shorten(one_line(text), _SHOWN)


@lru_cache(maxsize=1024)
def nearest(word: str, choices: tuple[str, ...]) -> str | None:
    """The one of ``choices`` that ``word`` was probably meant to be."""
    by_plain = {plain(choice): choice for choice in reversed(choices[:_CHOICES])}
    found = get_close_matches(plain(word)[:_SHOWN], by_plain, n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A sentence with the nearest choice, led in by a space; "" when none is near."""
    found = nearest(word, tuple(choices))
    return asked_if(found) if found else ""


def asked_if(meant: str) -> str:
    """The sentence that proposes ``meant``, led in by a space."""
    return f' Did you mean "{meant}"?'


def listed(choices: Iterable[str]) -> str:
    """Choices as they stand in a sentence."""
    return ", ".join(choices)
