"""build, draft, render, rebuild: from what was gathered to an issue on disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.common import exit_code, home_option, opened, period_options
from newsletter.cli.sources import gather_shown, say_failures
from newsletter.cli.speak import DONE, TO_MEND, complain, say, say_json, warn
from newsletter.errors import UsageError
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.render.words import counted

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter
    from newsletter.pipeline.blurbs import Proposed
    from newsletter.pipeline.publish import Published


@click.command()
@home_option
@period_options
@click.option("--offline", is_flag=True, help="Use what was gathered before; ask no source.")
@click.option("--note", help="The editor's note at the top; @FILE reads it from a file.")
@click.option("--by", "note_by", default="", help="Who signs the note.")
@click.option("--json", "as_json", is_flag=True, help="Print the issue as JSON.")
def build(
    home: Path, first: str | None, last: str | None, week: str | None, offline: bool, **options: str | bool | None
) -> int:
    """The main job: gather, sort, draft and render one issue.

    Without a period it makes the newest complete week.
    """
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.publish import publish_site, render_issue
    from newsletter.pipeline.times import HISTORY

    with opened(home) as app:
        period = chosen_period(app, week, first, last)
        note = _note(options)
        reports = () if offline else gather_shown(app, since=period.start - HISTORY)
        issue = make_draft(app, period)
        issue = _add_note(app, issue, note, options)
        published = render_issue(app, issue.number)
        publish_site(app)
        say_failures(reports)
        say_issue(published, as_json=bool(options["as_json"]))
        return exit_code(app, is_partly=any(report.is_failed for report in reports))


@click.command()
@home_option
@period_options
@click.option("--note", help="The editor's note at the top; @FILE reads it from a file.")
@click.option("--by", "note_by", default="", help="Who signs the note.")
@click.option("--blurbs", is_flag=True, help="Ask the model that feeds.yaml names to propose summaries to editors.")
def draft(
    home: Path, first: str | None, last: str | None, week: str | None, blurbs: bool, **options: str | None
) -> int:
    """Make the draft of a period from what was gathered. What editors changed stays."""
    from newsletter.pipeline.blurbs import propose_blurbs
    from newsletter.pipeline.draft import make_draft

    with opened(home) as app:
        period, note = chosen_period(app, week, first, last), _note(options)
        issue = _add_note(app, make_draft(app, period), note, options)
        for text in issue.warnings:
            warn(text)
        entries = counted(len(issue.entries), "entry", "entries")
        say(f"Draft of issue {issue.number}: {entries}, {len(issue.dropped)} dropped.")
        say(f"Render it with: newsletter render {issue.number} --home {home} --out DIR")
        if blurbs:
            _say_blurbs(propose_blurbs(app, issue.number))
        return exit_code(app, is_partly=False)


def _say_blurbs(found: "Proposed") -> None:
    for text in found.problems:
        warn(text)
    say(f"{len(found.proposals)} summaries are proposed to editors; readers see none that nobody takes over.")


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Where to; the issue's own folder if left out."
)
def render(home: Path, number: int, out: Path | None) -> int:
    """Write an issue's files from its draft."""
    from newsletter.pipeline.publish import publish_site, render_issue

    with opened(home) as app:
        published = render_issue(app, number, out=out)
        if out is None:
            publish_site(app)
        say_issue(published, as_json=False)
        return exit_code(app, is_partly=False)


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the rebuilt files here, too.")
def rebuild(home: Path, number: int, out: Path | None) -> int:
    """Make an issue again from its snapshot and compare it byte for byte."""
    from newsletter.pipeline.rebuild import rebuild_issue

    with opened(home) as app:
        report = rebuild_issue(app, number, out=out)
    for text in report.remarks:
        warn(text)
    if report.differing:
        return complain(f"Issue {number} differs from its snapshot in: {', '.join(report.differing)}.", TO_MEND)
    say(f"Issue {number} is the same, byte for byte: {len(report.same)} files.")
    return DONE


def chosen_period(app: "Newsletter", week: str | None, first: str | None, last: str | None) -> Period:
    """The period the options name, the newest complete one if they name none (UsageError)."""
    from newsletter.pipeline.times import check_begun

    period = _named_period(app, week, first, last)
    check_begun(app.config.schedule, period, app.now())
    if period.end > app.now():
        zone = app.config.schedule.zone
        end = f"{period.end.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
        warn(f"This period ends on {end}; what comes until then is not in it.")
    return period


def _named_period(app: "Newsletter", week: str | None, first: str | None, last: str | None) -> Period:
    from newsletter.pipeline.times import days_period, newest_period, week_period

    schedule = app.config.schedule
    if week and (first or last):
        raise UsageError("Name a week or the days, not both.")
    if week:
        return week_period(schedule, week)
    if first or last:
        if not (first and last):
            raise UsageError("--from and --to go together.")
        return days_period(schedule, first, last)
    return newest_period(schedule, app.now())


def _note(options: Mapping[str, str | bool | None]) -> str:
    """The editor's note, read before anything is made."""
    from newsletter.pipeline.review import read_note

    note = options.get("note")
    return read_note(str(note)) if note else ""


def _add_note(app: "Newsletter", issue: Issue, note: str, options: Mapping[str, str | bool | None]) -> Issue:
    from newsletter.pipeline.review import add_note

    if not note:
        return issue
    return add_note(app, issue.number, text=note, by=str(options.get("note_by") or ""))


def say_issue(published: "Published", *, as_json: bool) -> None:
    """What an issue holds and where it lies."""
    from newsletter.render.records import issue_record

    issue = published.issue
    for text in (*published.remarks, *issue.warnings):
        warn(text)
    if as_json:
        say_json(issue_record(issue))
        return
    if not issue.entries:
        warn(
            "Nothing was found for this period: the issue is empty and does not stand on the public site. "
            "“newsletter sources” says how the sources are."
        )
    say()
    say(f"Issue {issue.number}: {issue.title}")
    for section in issue.sections:
        count = len(issue.figures) if section.id == "statistics" else len(section.entries)
        say(f"  {section.title:<24} {count:>3}")
    say()
    say(f"The issue lies in  {published.folder}")
    say(f"Read it at         {(published.folder / 'issue.html').resolve().as_uri()}")
    say(f"The mail           {published.folder / 'email.txt'}  ({published.mail_size / 1024:.0f} KB as HTML)")
