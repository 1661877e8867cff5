"""rank: how well the order of candidates fits what editors picked in the past."""

from pathlib import Path

import click

from newsletter.cli.speak import DONE, say_json
from newsletter.errors import UsageError
from newsletter.pipeline.ranking import replay_ranking


@click.command()
@click.argument("file", metavar="FILE.jsonl[.gz]", type=click.Path(path_type=Path))
@click.option("--replay", is_flag=True, help="Go through the issues in the order of time.")
@click.option("--rule-only", is_flag=True, help="By the readable rule alone; nothing is learned.")
def rank(file: Path, *, replay: bool, rule_only: bool) -> int:
    """Rank each issue's candidates before it learns which were picked, and print how well that went.

    One JSON object: average_precision, recall_at_k, recall_at_2k and auc, means over the issues with a pick
    after the first 20.
    """
    if not replay:
        raise UsageError(f"rank works on past issues: write “newsletter rank {file} --replay”.")
    say_json(replay_ranking(file, rule_only=rule_only))
    return DONE
