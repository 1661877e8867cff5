"""Plain text for mails: 72 columns, filled paragraphs, rows with a name left and a number right."""

import re
import textwrap

WIDTH = 72

_CONTENTS = 42

_GAPS = re.compile(r"\n{4,}")
_BLANK = re.compile(r"^[ \t]+$", re.MULTILINE)
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def fill(text: str, indent: str = "", first: str | None = None) -> str:
    """``text`` in lines of at most 72 columns (long words stay whole).

    Lines of a paragraph without indent end with a space but the last, so that a mail program may
    flow them (RFC 3676); :func:`fixed` takes the spaces away.
    """
    first = indent if first is None else first
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return ("\n" if indent or first else " \n").join(lines)


def row(left: str, right: str = "") -> str:
    """``left`` and ``right`` at both ends of a line; what is too long on the left takes lines of its own."""
    *above, last = textwrap.wrap(left, WIDTH - len(right) - 2, subsequent_indent="   ") or [""]
    return "\n".join([*above, f"{last}{right.rjust(WIDTH - len(last))}"])


def dots(left: str, right: str | int) -> str:
    """A line of the contents: a name, dots, a number."""
    *above, last = textwrap.wrap(left, _CONTENTS - 6, initial_indent="  ", subsequent_indent="     ") or [""]
    return "\n".join([*above, f"{last} {'.' * (_CONTENTS - len(last) - 2)} {right:>3}"])


def bar(percent: int, width: int = 20) -> str:
    """A bar of 20 signs."""
    full = max(0, min(width, round(percent * width / 100)))
    return "#" * full + "." * (width - full)


def squeezed(text: str) -> str:
    """``text`` with at most two empty lines in a row, none at its ends and no white space in empty ones."""
    return _GAPS.sub("\n\n\n", _BLANK.sub("", text)).strip("\n") + "\n"


def fixed(text: str) -> str:
    """``text`` squeezed and without white space at line ends."""
    return squeezed(_TRAILING.sub("", text))


def flowed(text: str) -> str:
    """``text`` as format=flowed (RFC 3676, 4.2 to 4.4): soft line ends stay, quoting signs are stuffed."""
    return "\n".join(map(_stuffed, text.splitlines())) + "\n"


def unflowed(text: str) -> str:
    """``text``, which is format=flowed, as it is shown in lines as they came."""
    return "\n".join(line.removeprefix(" ").rstrip() for line in text.splitlines()) + "\n"


def _stuffed(line: str) -> str:
    bare = line.rstrip(" ")
    line = f"{bare} " if line.endswith(" ") and bare not in ("", "--") else bare
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
