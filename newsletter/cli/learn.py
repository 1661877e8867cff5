"""learn: teach the classifier from past issues, or see how well it would have done."""

from pathlib import Path

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.speak import DONE, say, say_json, warn
from newsletter.render.words import counted


@click.command()
@home_option
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--replay", "is_replay", is_flag=True, help="Predict each issue before it is learned; store nothing; print JSON."
)
def learn(home: Path, file: Path, is_replay: bool) -> int:
    """Teach the classifier where editors put what, from a file of past issues.

    FILE holds JSON Lines, also gzipped: newsletter, issue, date, section, title, url and text of one item a line,
    in the order of time.
    """
    from newsletter.pipeline.learn import teach
    from newsletter.pipeline.past_issues import read_past_issues
    from newsletter.pipeline.replay import replay

    past = read_past_issues(file)
    if is_replay:
        say_json(replay(past))
        return DONE
    with opened(home) as app:
        taught = teach(app, past)
        known = [section.id for section in app.config.sections]
        unknown = [name for name in taught.sections if name not in known and name != "none"]
        if unknown:
            names = f"Sections: {', '.join(known)}."
            warn(f"feeds.yaml has no section {', '.join(unknown)}: nothing will be put there. {names}")
        issues = "issue" if taught.issue_count == 1 else "issues"
        already = f" {taught.known_count} were learned before." if taught.known_count else ""
        say(f"Learned {counted(taught.item_count, 'item')} of {taught.issue_count} {issues}.{already}")
        return exit_code(app, is_partly=False)
