"""Addresses as they may be stored and shown: some servers want a token as a part of them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from newsletter.plugins import is_secret

_HIDDEN = "•••"


def without_secrets(text: str, settings: Mapping[str, Any]) -> str:
    """``text`` without the secrets that stand in the ``settings`` of its source, however they are written."""
    for name, value in settings.items():
        if is_secret(name) and isinstance(value, str) and value.strip():
            for each in sorted({value, quote(value, safe=""), quote_plus(value)}, key=len, reverse=True):
                text = text.replace(each, _HIDDEN)
    return text
