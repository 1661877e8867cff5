"""rank and same: how well the program's order and its stories fit what editors did in the past."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.speak import DONE, say, say_json
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.pipeline.pairs import Agreement


@click.command()
@click.argument("file", metavar="FILE.jsonl[.gz]", type=click.Path(path_type=Path))
@click.option("--replay", is_flag=True, help="Go through the issues in the order of time.")
@click.option("--rule-only", is_flag=True, help="By the readable rule alone; nothing is learned.")
def rank(file: Path, *, replay: bool, rule_only: bool) -> int:
    """Rank each issue's candidates before it learns which were picked, and print how well that went.

    One JSON object: average_precision, recall_at_k, recall_at_2k and auc, means over the issues with a pick
    after the first 20.
    """
    from newsletter.pipeline.ranking import replay_ranking

    if not replay:
        raise UsageError(f"rank works on past issues: write “newsletter rank {file} --replay”.")
    say_json(replay_ranking(file, rule_only=rule_only))
    return DONE


@click.command()
@click.argument("file", metavar="PAIRS.jsonl[.gz]", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a list with “same” and “why” for each pair.")
def same(file: Path, *, as_json: bool) -> int:
    """Say of each pair of items whether they tell the same story, and why.

    A line of the file holds “a” and “b”, each with title, url and date. Where it holds “same” (and “kind”), too, the
    last lines say how well both fit.
    """
    from newsletter.pipeline.pairs import agreement, judge_pairs

    pairs = judge_pairs(file)
    if as_json:
        say_json([pair.as_json() for pair in pairs])
        return DONE
    for pair in pairs:
        word = "same" if pair.verdict.is_same else "different"
        note = "" if pair.expected in (None, pair.verdict.is_same) else "   (the file says otherwise)"
        say(f"{pair.number:>5}  {word:<9}  {pair.verdict.why}{note}")
    kinds = dict.fromkeys(pair.kind for pair in pairs if pair.expected is not None)
    for kind in kinds if len(kinds) > 1 else ():
        say(_fit(kind or "no kind", agreement([pair for pair in pairs if pair.kind == kind])))
    if kinds:
        say(_fit("all", agreement(pairs)))
    return DONE


def _fit(name: str, found: "Agreement") -> str:
    f1 = "" if found.f1 is None else f", F1 {found.f1:.3f}"
    mistakes = f"{found.wrong_merges} wrongly joined, {found.missed} missed"
    return f"{name}: {found.right} of {found.count} right, {mistakes}{f1}"
