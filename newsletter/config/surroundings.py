"""What the parts of feeds.yaml are read with: the environment, the folder of the file, how strictly, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from newsletter.config.problems import Report
from newsletter.config.values import Reader

Strictness = Literal["try", "run", "past"]
"""``try`` tells every mistake: what kinds can make nothing of, what does not lie on this machine. ``run`` leaves that,
and what other packages get wrong, to fail where it is used; ``past`` takes names of what is not there any more, for a
file that was in force or that issues were made with."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a configuration is read: the environment, the folder in which the file lies, and how strictly."""

    environ: Mapping[str, str]
    base: Path
    how: Strictness = "run"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The same for one file of it: where its mistakes are told, and which sections there are."""

    report: Report
    section: Reader[str]
    manner: Manner
