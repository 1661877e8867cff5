"""Texts of feeds.yaml that may stand in the environment, and those that must."""

import re
from collections.abc import Mapping

from newsletter.config.values import Reader, Wrong, read_text

_FROM = re.compile(r"from\s+([A-Za-z_]\w*)")


def from_environment(environ: Mapping[str, str]) -> Reader[str]:
    """A reader of texts that may stand in the environment instead: "from NAME"."""

    def read(key: str, text: str) -> str | Wrong:
        found = _FROM.fullmatch(text)
        if found is None:
            return read_text(key, text)
        name = found[1]
        return environ.get(name) or Wrong(
            f'"{key}: from {name}" points to the environment, and {name} is not set there. Set it, then start again.'
        )

    return read


def secret(what: str, variable: str, environ: Mapping[str, str]) -> Reader[str]:
    """As :func:`from_environment`, and the text itself is refused; ``variable`` is a good name for it."""

    def read(key: str, text: str) -> str | Wrong:
        if _FROM.fullmatch(text):
            return from_environment(environ)(key, text)
        return Wrong(
            f"A {what} stands in this file in plain sight. Change that {what} now, put the new one in the "
            f'environment as {variable} and write "{key}: from {variable}".'
        )

    return read
