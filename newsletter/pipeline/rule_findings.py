"""What past issues say about the rules of a file: one that drops nearly everything, one that never decides."""

from datetime import datetime, timedelta

from newsletter.config.load import Config
from newsletter.errors import NotFound, Problem
from newsletter.model.rule import Rule
from newsletter.pipeline.looking import IssueShelf
from newsletter.pipeline.trying import RuleHit, Trial, try_issues

LEAST_DROPPED = 5
"""A rule that dropped fewer items than these is not called greedy, however quiet the week was."""
_RECENT = timedelta(days=9)
LAST = 4


def find_in_issues(shelf: IssueShelf, config: Config, *, file: str, last: int = LAST) -> tuple[Problem, ...]:
    """What the last issues say about the rules of ``config``; nothing where there is no issue yet."""
    try:
        return findings(try_issues(shelf, config, last=last, file=file), now=shelf.now())
    except NotFound:
        return ()


def findings(trial: Trial, *, now: datetime) -> tuple[Problem, ...]:
    """The mistakes and warnings that a trial shows, in the order of the file."""
    found = [*_greedy(trial, now), *_never_deciding(trial)]
    return tuple(sorted(found))


def _greedy(trial: Trial, now: datetime) -> list[Problem]:
    """Rules that would have dropped more than half of the newest issue's items, unless they say that they may."""
    newest = next(iter(trial.whole), None)
    if newest is None:
        return []
    when = "last week" if now - newest.period.end <= _RECENT else f"for issue {newest.number}"
    found = []
    for hit in newest.hits:
        count, rule = hit.dropped_items, hit.rule
        if rule.drop and not rule.even_many and count >= LEAST_DROPPED and count * 2 > newest.items_count:
            said = f'Rule "{rule.name}" would have dropped {count} of {newest.items_count} items {when}.'
            found.append(Problem(_file(rule, trial), rule.line, f'{said} If you mean that, write "even many: yes".'))
    return found


def _never_deciding(trial: Trial) -> list[Problem]:
    """Rules that name a section and meet items, but other rules come first for every one of them."""
    by_rule: dict[int, list[RuleHit]] = {}
    for issue in trial.whole:
        for hit in issue.hits:
            by_rule.setdefault(hit.rule.number, []).append(hit)
    found = []
    for hits in by_rule.values():
        rule = hits[0].rule
        beaten = sorted({number for hit in hits for number in hit.beaten_by})
        if rule.section and beaten and not any(hit.decided_count for hit in hits):
            said = f'Rule {rule.number} "{rule.name}" never decides a section: {_come_first(beaten)}'
            issues = "the last issue" if len(trial.whole) == 1 else f"the last {len(trial.whole)} issues"
            text = f"{said} for the same items in {issues}."
            found.append(Problem(_file(rule, trial), rule.line, text, is_warning=True))
    return found


def _file(rule: Rule, trial: Trial) -> str:
    """The file that holds ``rule``; the one that is tried may have another name than feeds.yaml."""
    return trial.file if rule.own_line else rule.file


def _come_first(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"rule {numbers[0]} comes first"
    return f"rules {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} come first"
