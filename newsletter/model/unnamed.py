"""Who does not want to be named: such people are counted, and their names are shown nowhere."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from newsletter.model.item import Person

_SPACE = re.compile(r"\s+")
NOBODY = "somebody who is not named"
REMOVED = "[name removed]"
"""What stands in the place of the name of somebody who was erased."""


@dataclass(frozen=True)
class Unnamed:
    """The names, addresses and accounts of feeds.yaml ("leave out names"), in any case of letters."""

    words: tuple[str, ...] = ()
    _known: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(map(_plain, self.words)))

    def hides(self, person: Person | None) -> bool:
        """Whether ``person`` is not to be named: by name, by address or account, or by the account without its host."""
        if person is None:
            return False
        if person.name == REMOVED:
            return True
        if not self._known:
            return False
        return any(self.hides_name(word) for word in (person.name, person.key, person.key.partition("@")[0]))

    def hides_name(self, name: str | None) -> bool:
        """Whether ``name`` is not to be shown."""
        return bool(name) and _plain(name or "") in self._known

    def name_of(self, person: Person | None) -> str | None:
        """The name that may be shown."""
        return None if person is None or self.hides(person) else person.name or None

    def without(self, sentences: Iterable[str]) -> list[str]:
        """Those of ``sentences`` that name none of them."""
        return [each for each in sentences if not (self._pattern and self._pattern.search(each))]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        words = sorted((re.escape(_plain(each)) for each in self.words if each.strip()), key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None


def _plain(name: str) -> str:
    return _SPACE.sub(" ", name.strip().strip("<>")).casefold()
