"""Our own style sheets and scripts without what only people read; what they do stays the same."""

import re

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_SPACE = re.compile(rf"({_STRING})|(?:\s|/\*.*?\*/)+", re.DOTALL)
_AROUND = re.compile(rf"({_STRING})|\s*([{{}};,])\s*|(:)\s+")
_MARGIN = re.compile(r"^[ \t]+(?:// .*)?|^// .*", re.MULTILINE)


def compact_style(css: str) -> str:
    """``css`` without comments and needless space; what stands in quotes is left alone."""
    spaced = _SPACE.sub(lambda found: found[1] or " ", css)
    tight = _AROUND.sub(lambda found: found[1] or found[2] or found[3], spaced)
    return tight.replace(";}", "}").strip()


def compact_script(script: str) -> str:
    """``script`` without indentation and without lines that are comments; every line keeps its number.

    It must have no text of several lines, of which the margin would be a part.
    """
    return _MARGIN.sub("", script)
