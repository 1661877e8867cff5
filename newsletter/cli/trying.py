"""try: how the last issues would have looked under another feeds.yaml."""

import os
import textwrap
from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import home_option
from newsletter.cli.speak import DONE, PARTLY, TO_MEND, say, say_json, warn
from newsletter.errors import ConfigError, Problem
from newsletter.render.words import counted, date_range, period_days

if TYPE_CHECKING:
    from newsletter.edit.reasons import Cause
    from newsletter.model.rule import Rule
    from newsletter.pipeline.trying import RuleHit, Trial, TriedEntry, TriedIssue

_WIDTH, _LEFT = 79, 42
_SIGNS = {"entered": "+", "left": "-", "moved": ">", "retold": "~"}
_MOST_TITLES = 4


@click.command("try")
@home_option
@click.option(
    "--feeds",
    "feeds",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to try; the home's own, as it is now, if left out.",
)
@click.option("--last", metavar="N", type=click.IntRange(1, 500), default=4, show_default=True, help="How many issues.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def try_(home: Path, feeds: Path | None, last: int, *, as_json: bool) -> int:
    """Show how the last issues would have looked under another feeds.yaml.

    Both drafts of an issue are made again from what was gathered then, without asking any source. Nothing is stored,
    and nothing comes into force.
    """
    from newsletter.pipeline.in_force import feeds_file
    from newsletter.pipeline.looking import look_into, read_feeds_file
    from newsletter.pipeline.rule_findings import findings
    from newsletter.pipeline.trying import try_issues

    path = feeds or feeds_file(home)
    try:
        config = read_feeds_file(path, home, os.environ)
    except ConfigError as fault:
        for problem in fault.problems:
            say(str(problem))
        said = f", {len(fault.problems)} of them shown" if fault.total > len(fault.problems) else ""
        say(f"{fault.total} to mend{said}; nothing was tried.")
        return TO_MEND
    with look_into(home, environ=os.environ) as shelf:
        trial = try_issues(shelf, config, last=last, file=path.name)
        found = findings(trial, now=shelf.now())
    if as_json:
        say_json(_record(trial, found))
    else:
        _say_trial(trial, found)
    return PARTLY if len(trial.whole) < len(trial.issues) else DONE


def _say_trial(trial: "Trial", found: tuple[Problem, ...]) -> None:
    for issue in trial.issues:
        _say_issue(issue, trial.file, trial.config.schedule.zone)
    for remark in trial.remarks:
        _say_wrapped(remark)
    if trial.remarks:
        say()
    _say_rules(trial)
    for problem in found:
        _say_wrapped(str(problem))
    entries = [each for issue in trial.issues for each in issue.changes]
    missed, drafted = sum(each.is_missed for each in entries), sum(each.is_out_of_draft for each in entries)
    tried = counted(len(trial.whole), "issue")
    say(f"{counted(trial.changes_count, 'change')} in {tried}; nothing was stored.")
    if missed:
        say(f"{counted(missed, 'entry', 'entries')} that readers got would not have come out (marked with !).")
    if drafted:
        say(f"{counted(drafted, 'entry', 'entries')} would go out of drafts that nobody got yet.")


def _say_issue(issue: "TriedIssue", file: str, zone: tzinfo) -> None:
    days = date_range(*period_days(issue.period, zone), year_of=date.min)
    if issue.trouble:
        say(f"Issue {issue.number}, {days}: passed over.")
        _say_wrapped(issue.trouble, indent="    ")
        say()
        return
    say(f"Issue {issue.number}, {days}: {_sum(issue)}")
    for each in issue.changes:
        _say_columns(_left_words(each), _right_words(each, file), mark=_mark(each))
    say()


def _sum(issue: "TriedIssue") -> str:
    if not issue.changes:
        return "no change"
    told = [f"+{issue.count('entered')}", f"-{issue.count('left')}", f"moved {issue.count('moved')}"]
    told += [f"told otherwise {count}"] if (count := issue.count("retold")) else []
    return "  ".join(told)


def _mark(each: "TriedEntry") -> str:
    return f"{'!' if each.is_missed else ' '}{_SIGNS[each.difference.kind]} "


def _left_words(each: "TriedEntry") -> str:
    notes = (
        (each.is_missed, " (was published)"),
        (each.is_out_of_draft, " (stood in the draft)"),
        (each.is_brought_back, " (an editor would have brought it back)"),
    )
    return each.difference.entry.title + next((note for holds, note in notes if holds), "")


def _right_words(each: "TriedEntry", file: str) -> list[str]:
    difference = each.difference
    places = {
        "entered": f"into {each.to_title}",
        "left": f"out of {each.from_title}",
        "moved": f"{each.from_title} → {each.to_title}",
        "retold": f"in {each.to_title}",
    }
    lines = [places[difference.kind], *(_cause_words(cause, file) for cause in difference.causes)]
    said = " ".join(cause.text for cause in difference.causes)
    if difference.reason and not said.endswith("drops it"):
        lines.append(difference.reason)
    return lines


def _cause_words(cause: "Cause", file: str) -> str:
    if not cause.line:
        return cause.text
    where = f"line {cause.line} of the old file" if cause.is_old else f"{file}:{cause.line}"
    return f"{cause.text} ({where})"


def _say_columns(left: str, right: Iterable[str], *, mark: str) -> None:
    """Two columns side by side: what it is, and what becomes of it and why."""
    one = textwrap.wrap(left, _LEFT - len(mark) - 1) or [""]
    room = _WIDTH - _LEFT - 1
    two = [line for text in right for line in textwrap.wrap(text, room, subsequent_indent="  ")]
    for at in range(max(len(one), len(two))):
        begin = (mark if at == 0 else " " * len(mark)) + (one[at] if at < len(one) else "")
        say(f"{begin:<{_LEFT}} {two[at] if at < len(two) else ''}".rstrip())


def _say_rules(trial: "Trial") -> None:
    hits = trial.hits_by_rule()
    if not hits:
        return
    say("Rules:")
    for rule, found in hits:
        titles = list(dict.fromkeys(title for hit in found for title in hit.titles))
        dropped = [title for hit in found for title in hit.dropped_published]
        said = [f"{counted(len(titles), 'story', 'stories')}{': ' if titles else ''}{_listed(titles)}"]
        if count := sum(hit.dropped_items for hit in found):
            said.append(f"drops {counted(count, 'item')} of them")
        if drafted := [title for hit in found for title in hit.dropped_drafted]:
            said.append(f"drops what stood in a draft: {_listed(drafted)}")
        if dropped:
            said.append(f"! drops what was published: {_listed(dropped)}")
        _say_columns(f"{rule.name} ({_place(rule, trial)})", said, mark=f"{rule.number:>3} ")
    say()


def _place(rule: "Rule", trial: "Trial") -> str:
    """Where a rule is written; the file that is tried may have another name than feeds.yaml."""
    return f"{trial.file}:{rule.line}" if rule.own_line else rule.place


def _listed(titles: list[str]) -> str:
    shown = "; ".join(title if len(title) <= 50 else f"{title[:49].rstrip()}…" for title in titles[:_MOST_TITLES])
    return f"{shown}; and {len(titles) - _MOST_TITLES} more" if len(titles) > _MOST_TITLES else shown


def _say_wrapped(text: str, *, indent: str = "") -> None:
    for line in textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False):
        say(line)


def _record(trial: "Trial", found: tuple[Problem, ...]) -> Mapping[str, Any]:
    for problem in found:
        warn(str(problem))
    return {
        "file": trial.file,
        "changes": trial.changes_count,
        "issues": [_issue_record(each) for each in trial.issues],
        "rules": [_rule_record(rule, hits) for rule, hits in trial.hits_by_rule()],
        "remarks": list(trial.remarks),
        "problems": list(map(_problem_record, found)),
    }


def _problem_record(problem: Problem) -> Mapping[str, Any]:
    return {"file": problem.file, "line": problem.line, "text": problem.text, "is_warning": problem.is_warning}


def _issue_record(issue: "TriedIssue") -> Mapping[str, Any]:
    names = ("entered", "left", "moved", "retold")
    return {
        "number": issue.number,
        "title": issue.title,
        "trouble": issue.trouble or None,
        **{name: [_entry_record(each) for each in issue.changes if each.difference.kind == name] for name in names},
    }


def _entry_record(each: "TriedEntry") -> Mapping[str, Any]:
    difference = each.difference
    return {
        "story": difference.entry.story_id,
        "title": difference.entry.title,
        "url": difference.entry.url,
        "from": difference.before,
        "to": difference.after,
        "was_published": each.was_published,
        "is_missed": each.is_missed,
        "is_out_of_draft": each.is_out_of_draft,
        "causes": [
            {"text": cause.text, "line": cause.line, "rule": cause.rule, "is_old_line": cause.is_old}
            for cause in difference.causes
        ],
        "reason": difference.reason or None,
    }


def _rule_record(rule: "Rule", hits: tuple["RuleHit", ...]) -> Mapping[str, Any]:
    return {
        "name": rule.name,
        "number": rule.number,
        "line": rule.line,
        "stories": [title for hit in hits for title in hit.titles],
        "items_dropped": sum(hit.dropped_items for hit in hits),
        "published_dropped": [title for hit in hits for title in hit.dropped_published],
        "drafted_dropped": [title for hit in hits for title in hit.dropped_drafted],
        "sections_decided": sum(hit.decided_count for hit in hits),
    }
