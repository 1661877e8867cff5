"""Which column a line has to begin in, learned from the lines above it."""

from dataclasses import dataclass, field

STEP = 2


@dataclass(frozen=True, slots=True)
class _Level:
    """A column in which keys (or the dashes of a list) stand."""

    column: int
    is_dash: bool


@dataclass(slots=True)
class _Left:
    """The levels a line went back over: the outermost column of keys and of dashes among them."""

    key: int | None = None
    dash: int | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether the line went back over no level."""
        return self.key is None and self.dash is None


@dataclass(slots=True)
class Columns:
    """The open levels at the line that was read last; ``column`` is that of its key."""

    column: int = 0
    _levels: list[_Level] = field(default_factory=list)
    _is_open: bool = False
    _moved: tuple[int, int] | None = None
    _widths: dict[int, int] = field(default_factory=dict)

    def take_key(self, indent: int, dashes: int, *, has_value: bool) -> tuple[int, bool]:
        """Read a key that begins ``indent`` spaces in, after ``dashes`` letters of dashes.

        Gives the column the line should begin in, and whether that is news to the editor.
        """
        if self._moved and not dashes and indent == self._moved[0]:
            wanted, is_misplaced = self._moved[1], False
            self._leave(wanted)
        else:
            wanted = self._place(indent, is_dash=bool(dashes))
            is_misplaced = wanted != indent
        if is_misplaced:
            self._moved = (indent + dashes, wanted + dashes)
        elif dashes or not indent:
            self._moved = None
        if dashes or not indent:
            self._widths = {}
        self._enter(_Level(wanted, bool(dashes)))
        if dashes:
            self._enter(_Level(wanted + dashes, False))
        self.column, self._is_open = wanted + dashes, not has_value
        return wanted, is_misplaced

    def take_dash(self, indent: int) -> None:
        """Read a list item that is a plain value, or stands on the lines below its dash."""
        self._leave(indent)
        self._enter(_Level(indent, True))
        self.column, self._is_open = indent, True

    def goes_on(self, indent: int) -> bool:
        """Whether a line that stands ``indent`` spaces in may go on with the value above it."""
        return bool(self._levels) and indent > self.column and not self._is_open

    def column_for(self, width: int, *, is_dash: bool) -> int:
        """The column for a line whose white space, ``width`` wide, cannot be trusted."""
        if width not in self._widths:
            dashes = [level.column for level in self._levels if level.is_dash]
            column = dashes[-1] if is_dash and dashes and not self._is_open else self.column
            self._widths[width] = column + STEP if self._is_open else column
        return self._widths[width]

    @property
    def inner_column(self) -> int:
        """Where the keys of the current part, or of its items, stand; 0 when there is no part."""
        if len(self._levels) < 2:
            return STEP if self._levels else 0
        if not self._levels[1].is_dash:
            return self._levels[1].column
        return self._levels[2].column if len(self._levels) > 2 else self._levels[1].column + STEP

    def _enter(self, level: _Level) -> None:
        if not self._levels or self._levels[-1] != level:
            self._levels.append(level)

    def _leave(self, column: int) -> _Left:
        left = _Left()
        while self._levels and self._levels[-1].column > column:
            level = self._levels.pop()
            if level.is_dash:
                left.dash = level.column
            else:
                left.key = level.column
        return left

    def _place(self, column: int, *, is_dash: bool) -> int:
        left = self._leave(column)
        if not self._levels:
            return column
        if is_dash:
            return self._place_dash(column, left)
        if self._levels[-1].is_dash and [level.column for level in self._levels[-2:]] == [column, column]:
            self._levels.pop()
        return self._place_key(column, left)

    def _place_dash(self, column: int, left: _Left) -> int:
        top = self._levels[-1]
        if top.is_dash:
            return column if top.column == column or left.is_nothing else top.column
        return column if left.dash is None else left.dash

    def _place_key(self, column: int, left: _Left) -> int:
        top = self._levels[-1]
        if top.is_dash:
            if left.is_nothing and top.column < column:
                return column
            return top.column + STEP if left.key is None else left.key
        if top.column == column or (left.is_nothing and self._is_open):
            return column
        if left.key is not None and abs(left.key - column) <= abs(top.column - column):
            return left.key
        return top.column
