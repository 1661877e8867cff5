"""A mail as a reader with a light or a dark system sees it, whatever the system of who looks at it here."""

import re
from typing import Literal

Scheme = Literal["light", "dark"]

_QUERY = re.compile(r"@media\b([^{;]*)\{", re.IGNORECASE)
_ASKS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.IGNORECASE | re.DOTALL)
_META = re.compile(r'(<meta name="(?:supported-)?color-schemes?" content=")[^"]*(")', re.IGNORECASE)


def in_scheme(html: str, scheme: Scheme) -> str:
    """``html`` with its rules for ``scheme`` in force and those for the other one not."""

    def answered(query: re.Match[str]) -> str:
        asked = _ASKS.sub(lambda found: "(min-width:0)" if found[1].lower() == scheme else "(max-width:0)", query[1])
        return f"@media{asked}{{"

    styled = _STYLE.sub(lambda style: _QUERY.sub(answered, style[0]), html)
    return _META.sub(rf"\g<1>{scheme}\g<2>", styled)
