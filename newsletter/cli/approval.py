"""approve and correct: the word that lets an issue out, and what is set right after it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.speak import DONE, TO_MEND, complain, say, say_json, warn
from newsletter.errors import UsageError
from newsletter.model.correction import Correction

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter
    from newsletter.pipeline.approval import Approved, Check

_SHOWN = 5
_SIGNS = {"good": "✓", "warning": "!", "stops": "×"}


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option("--by", "editor", default="editor", show_default=True, help="Who approves.")
@click.option("--anyway", is_flag=True, help="Approve though a check stops the issue.")
@click.option("--now", "is_now", is_flag=True, help="Let it out at once, not at its hour.")
@click.option("--check-only", is_flag=True, help="Say the checks and approve nothing.")
@click.option("--take-back", "is_back", is_flag=True, help="Make an approved issue a draft again.")
@click.option("--no-links", is_flag=True, help="Ask no link; use what is known of them.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks and what came of it as JSON.")
def approve(home: Path, number: int, editor: str, **options: bool) -> int:
    """Look an issue over, then approve it: it goes out at its hour, as the very bytes that are made now."""
    from newsletter.pipeline.approval import approve as approve_issue
    from newsletter.pipeline.approval import check_issue, stopping, take_back
    from newsletter.pipeline.link_check import check_links, known_links
    from newsletter.pipeline.send_hour import send_now

    with opened(home) as app:
        if options["is_back"]:
            take_back(app, number, editor=editor)
            say(f"Issue {number} is a draft again.")
            return exit_code(app, is_partly=False)
        links = known_links(app, number) if options["no_links"] else check_links(app, number)
        checks = check_issue(app, number, links=links)
        if not options["as_json"]:
            _say_checks(checks)
        is_stopped = bool(stopping(checks)) and not options["anyway"]
        if options["check_only"] or is_stopped:
            return _not_approved(number, checks, as_json=options["as_json"], is_asked=not options["check_only"])
        if options["is_now"]:
            send_now(app, number, editor=editor)
        result = approve_issue(app, number, editor=editor, is_now=options["is_now"])
        if options["as_json"]:
            say_json(_record(checks, result))
        else:
            _say_result(app, result, is_now=options["is_now"])
        return exit_code(app, is_partly=False)


def _not_approved(number: int, checks: "Sequence[Check]", *, as_json: bool, is_asked: bool) -> int:
    from newsletter.pipeline.approval import stopping

    if as_json:
        say_json(_record(checks, None))
    if not stopping(checks):
        return DONE
    return complain(f"Issue {number} is not approved. --anyway approves it as it is.", TO_MEND) if is_asked else TO_MEND


def _say_checks(checks: "Sequence[Check]") -> None:
    from newsletter.edit.check import grouped
    from newsletter.pipeline.approval import summary_of

    for group in grouped(checks):
        if len(group.checks) == 1:
            detail = group.checks[0].detail
            say(f"{_SIGNS[group.state]} {group.text}{': ' + detail if detail else ''}")
            continue
        say(f"{_SIGNS[group.state]} {group.text}:")
        for each in group.checks[:_SHOWN]:
            say(f"    {each.detail or each.text}")
        if len(group.checks) > _SHOWN:
            say(f"    and {len(group.checks) - _SHOWN} more; the approve page and --json name them all")
    say()
    say(summary_of(checks))


def _say_result(app: "Newsletter", result: "Approved", *, is_now: bool) -> None:
    zone = app.config.schedule.zone
    names = " and ".join(result.by)
    if not result.is_approved:
        say(f"{names} approved issue {result.number}. A second person has to: --by NAME.")
        return
    hour = f"{result.send_at.astimezone(zone):%A %Y-%m-%d %H:%M} {zone.key}"
    say(f"Issue {result.number} is approved by {names}. Its hour: {hour}.")
    _say_readers(app, result, is_now=is_now)
    if result.send_at <= app.now():
        say(f"It is public: {app.site}")
        return
    say("“newsletter run” and “newsletter serve” make it public then; approving with --now does at once.")
    say(f"Until then “newsletter approve {result.number} --take-back” makes it a draft again.")


def _say_readers(app: "Newsletter", result: "Approved", *, is_now: bool) -> None:
    """Who gets it, and what it needs when its hour passed too long ago to go by itself."""
    from newsletter.pipeline.readers import readers_of
    from newsletter.pipeline.sending import STALE

    found = readers_of(app, result.number)
    if not (found.count or found.service):
        say("There is no reader yet, so no mail goes out.")
        return
    say(f"It goes to {found.said}.")
    if app.now() - result.send_at > STALE and not is_now:
        say(f"That hour passed long ago, so it waits for your word: “newsletter send {result.number}”.")


def _record(checks: "Sequence[Check]", result: "Approved | None") -> dict[str, Any]:
    return {
        "checks": [asdict(each) for each in checks],
        "is_approved": result is not None and result.is_approved,
        "by": list(result.by) if result else [],
        "missing_count": result.missing_count if result else None,
    }


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.argument("entry", metavar="ENTRY")
@click.option("--title", help="The title as it is right.")
@click.option("--summary", help="The text as it is right.")
@click.option("--url", help="The address as it is right.")
@click.option("--note", default="", help="What was wrong, in a sentence for readers.")
@click.option("--by", "editor", default="editor", show_default=True, help="Who corrects.")
def correct(home: Path, number: int, entry: str, editor: str, **texts: str | None) -> int:
    """Set right what an issue said that is out.

    ENTRY is its story in issue.json, or the beginning of it. The web shows the correction with its day; the mail
    stays as it was sent, and an erratum is put beside it.
    """
    from newsletter.pipeline.corrections import correct_entry

    with opened(home) as app:
        if not any(texts.values()) and texts["summary"] is None:
            raise UsageError("Say what is right: --title, --summary, --url or --note.")
        wanted = Correction(
            0,
            entry,
            app.now(),
            editor,
            note=texts["note"] or "",
            title=texts["title"],
            summary=texts["summary"],
            url=texts["url"],
        )
        made = correct_entry(app, number, entry=entry, correction=wanted)
        say(f"Correction {made.correction.number} of issue {number} stands on its page.")
        say(f"The erratum        {app.issue_folder(number) / made.files[-1]}")
        which = made.correction.number
        warn(f"It goes to those who got the issue, and only when you say “newsletter send {number} --erratum {which}”.")
        return exit_code(app, is_partly=False)
