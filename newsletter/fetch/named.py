"""Names of projects and the like as an editor writes them: do they have the shape that the service gives them?"""

import re
from collections.abc import Iterable, Iterator

from newsletter.fetch.kinds import Mistake
from newsletter.text import one_line, shorten


def misnamed(field: str, names: Iterable[str], shape: re.Pattern[str], *, what: str, example: str) -> Iterator[Mistake]:
    """A mistake for each of ``names`` under ``field`` that cannot be ``what`` ("a project on Launchpad")."""
    for name in names:
        if not shape.fullmatch(name.strip(" /")):
            said = shorten(one_line(name), 60)
            yield Mistake(field, f'"{said}" is not {what}. Write it as in its address, for example {example}.', name)
