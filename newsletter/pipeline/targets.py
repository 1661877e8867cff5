"""The files that targets of other packages write beside an issue."""

from collections.abc import Iterable
from pathlib import Path

from newsletter.config.load import Config
from newsletter.model.issue import Issue
from newsletter.render.press import Press
from newsletter.render.targets import TargetFiles, render_targets, target_files
from newsletter.render.views import issue_context


def further_files(press: Press, shown: Issue, config: Config) -> TargetFiles:
    """The files of the targets that ``config`` names, made of the issue as it is read on the web."""
    names = config.delivery.also_write
    return render_targets(names, issue_context(press, shown), press.newsletter) if names else TargetFiles({})


def forget_stale(folder: Path, config: Config, made: Iterable[str]) -> None:
    """Take away the files of targets that made none this time: what they would say is of an older draft."""
    for name in set(target_names(config)) - set(made):
        (folder / name).unlink(missing_ok=True)


def files_there(folder: Path, config: Config) -> dict[str, bytes]:
    """The files of the targets that ``config`` names that lie in ``folder``, by name."""
    return {name: (folder / name).read_bytes() for name in target_names(config) if (folder / name).is_file()}


def target_names(config: Config) -> tuple[str, ...]:
    """The names of the files that the targets write which ``config`` names."""
    return tuple(target_files(config.delivery.also_write)) if config.delivery.also_write else ()
