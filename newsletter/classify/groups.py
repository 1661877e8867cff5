"""Groups: which numbers belong together, with pairs that must stay apart."""

from collections.abc import Iterable


class Groups:
    """The numbers 0 to ``count`` - 1, joined step by step; ``apart`` pairs never meet."""

    def __init__(self, count: int, apart: Iterable[tuple[int, int]] = ()) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._enemies: dict[int, set[int]] = {}
        self._reasons: dict[int, list[str]] = {}
        self._alone: frozenset[int] = frozenset()
        for first, second in apart:
            if first != second:
                self._enemies.setdefault(first, set()).add(second)
                self._enemies.setdefault(second, set()).add(first)

    def root(self, number: int) -> int:
        """The number that stands for the group of ``number``."""
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def join(self, first: int, second: int, reason: str) -> bool:
        """Make one group of both and remember why; False when they must stay apart."""
        one, other = self.root(first), self.root(second)
        if one == other:
            return True
        if first in self._alone or second in self._alone:
            return False
        if other in self._enemies.get(one, ()):
            return False
        if self._size[one] < self._size[other]:
            one, other = other, one
        self._parent[other] = one
        self._size[one] += self._size[other]
        self._move_enemies(other, one)
        reasons = self._reasons.setdefault(one, [])
        reasons.extend(each for each in (*self._reasons.pop(other, ()), reason) if each not in reasons)
        return True

    def leave_alone(self, numbers: Iterable[int]) -> None:
        """From now on nothing is joined to any of ``numbers`` themselves."""
        self._alone = frozenset(numbers)

    def _move_enemies(self, old: int, new: int) -> None:
        for enemy in self._enemies.pop(old, set()):
            self._enemies[enemy].discard(old)
            self._enemies[enemy].add(new)
            self._enemies.setdefault(new, set()).add(enemy)

    def reasons(self, number: int) -> tuple[str, ...]:
        """Why the group of ``number`` is one, in the order of the joins."""
        return tuple(self._reasons.get(self.root(number), ()))

    def members(self) -> list[list[int]]:
        """The groups, each in rising order, by their first number."""
        found: dict[int, list[int]] = {}
        for number in range(len(self._parent)):
            found.setdefault(self.root(number), []).append(number)
        return sorted(found.values())
