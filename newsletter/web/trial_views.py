"""A trial as its page shows it: what comes, goes and moves in each issue, which line does it, and what readers miss."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.edit.reasons import Cause
from newsletter.errors import Problem
from newsletter.model.rule import Rule
from newsletter.pipeline.trying import RuleHit, Trial, TriedEntry, TriedIssue
from newsletter.render.words import counted, date_range, period_days
from newsletter.web.file_lines import line_url

_SIGNS = {"entered": "+", "left": "−", "moved": "→", "retold": "~"}
_WORDS = {"entered": "comes in", "left": "goes out", "moved": "moves", "retold": "is told otherwise"}


@dataclass(frozen=True, slots=True)
class CauseView:
    """What did it, and where that line stands; no address for a line of the older file."""

    text: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One entry that is elsewhere: its sign and word, where it was, where it is."""

    sign: str
    word: str
    title: str
    before: str
    after: str
    causes: tuple[CauseView, ...]
    reason: str
    is_missed: bool
    """Whether readers got it and would not have."""
    is_out_of_draft: bool
    """Whether it stood in a draft and would not have."""
    is_brought_back: bool


@dataclass(frozen=True, slots=True)
class TriedIssueView:
    """One issue: its days, what changed in it in short, and each change."""

    number: int
    days: str
    sum: str
    changes: tuple[ChangeView, ...]
    missed_count: int
    trouble: str


@dataclass(frozen=True, slots=True)
class RuleUse:
    """What one rule did in all issues."""

    number: int
    name: str
    line: int
    url: str
    stories: str
    dropped: str
    missed: tuple[str, ...]
    """What it drops that was published."""
    drafted: tuple[str, ...]
    """What it drops that stood in a draft."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """What the issues show of a line of the file."""

    text: str
    is_warning: bool
    line: int
    url: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """The whole trial."""

    issues: tuple[TriedIssueView, ...]
    rules: tuple[RuleUse, ...]
    findings: tuple[FindingView, ...]
    remarks: tuple[str, ...]
    changes: str
    missed: str
    drafted: str


def trial_view(trial: Trial, found: Sequence[Problem], *, page: str) -> TrialView:
    """The page's view of ``trial`` and of what it says about the file, whose lines can be read on ``page``."""
    issues = tuple(_issue(trial, each, page) for each in trial.issues)
    missed = sum(each.missed_count for each in issues)
    drafted = sum(each.is_out_of_draft for issue in issues for each in issue.changes)
    return TrialView(
        issues=issues,
        rules=_rules(trial, page),
        findings=tuple(
            FindingView(each.text, each.is_warning, each.line, line_url(each.line, page=page)) for each in found
        ),
        remarks=trial.remarks,
        changes=f"{counted(trial.changes_count, 'change')} in {counted(len(trial.whole), 'issue')}",
        missed=f"{counted(missed, 'entry', 'entries')} that readers got would not have come out" if missed else "",
        drafted=f"{counted(drafted, 'entry', 'entries')} would go out of drafts that nobody got yet" if drafted else "",
    )


def _issue(trial: Trial, issue: TriedIssue, page: str) -> TriedIssueView:
    told = [f"+{issue.count('entered')}", f"−{issue.count('left')}", f"moved {issue.count('moved')}"]
    told += [f"told otherwise {count}"] if (count := issue.count("retold")) else []
    return TriedIssueView(
        number=issue.number,
        days=date_range(*period_days(issue.period, trial.config.schedule.zone)),
        sum="  ".join(told) if issue.changes else "no change",
        changes=tuple(_change(each, page) for each in issue.changes),
        missed_count=sum(each.is_missed for each in issue.changes),
        trouble=issue.trouble,
    )


def _change(each: TriedEntry, page: str) -> ChangeView:
    found = each.difference
    places = {
        "entered": ("not in the issue", each.to_title),
        "left": (each.from_title, "not in the issue"),
        "moved": (each.from_title, each.to_title),
        "retold": (each.to_title, f"{each.to_title}, told otherwise"),
    }
    said = " ".join(cause.text for cause in found.causes)
    before, after = places[found.kind]
    return ChangeView(
        sign=_SIGNS[found.kind],
        word=_WORDS[found.kind],
        title=found.entry.title,
        before=before,
        after=after,
        causes=tuple(_cause(cause, page) for cause in found.causes),
        reason="" if said.endswith("drops it") else found.reason,
        is_missed=each.is_missed,
        is_out_of_draft=each.is_out_of_draft,
        is_brought_back=each.is_brought_back,
    )


def _cause(cause: Cause, page: str) -> CauseView:
    if not cause.line:
        return CauseView(cause.text, "", "")
    if cause.is_old:
        return CauseView(cause.text, f"line {cause.line} of the file at that time", "")
    return CauseView(cause.text, f"line {cause.line}", line_url(cause.line, page=page))


def _rules(trial: Trial, page: str) -> tuple[RuleUse, ...]:
    return tuple(_rule(rule, hits, page) for rule, hits in trial.hits_by_rule())


def _rule(rule: Rule, hits: Sequence[RuleHit], page: str) -> RuleUse:
    titles = dict.fromkeys(title for hit in hits for title in hit.titles)
    dropped = sum(hit.dropped_items for hit in hits)
    return RuleUse(
        number=rule.number,
        name=rule.name,
        line=rule.line,
        url=line_url(rule.line, page=page),
        stories=counted(len(titles), "story", "stories"),
        dropped=f"drops {counted(dropped, 'item')}" if dropped else "",
        missed=tuple(title for hit in hits for title in hit.dropped_published),
        drafted=tuple(title for hit in hits for title in hit.dropped_drafted),
    )
