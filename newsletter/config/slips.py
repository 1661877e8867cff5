"""How a line may begin wrongly: a dash without its space, another dash or colon than the plain one, a note after //."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.config.problems import plain, shown
from newsletter.plugins import is_secret

FIRST_KEYS = ("name", "id", "kind", "url")
_KEY = r"(?P<key>[^\W_][\w -]*?)"
_BEGINS = re.compile(rf"(?P<sign>-|[–—‒―−•·*][ \xa0]*){_KEY}\s*:(?:\s+(?P<value>.*))?$", re.DOTALL)
_WIDE_COLON = re.compile(rf"{_KEY}\s*：\s*(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong, and how the line should be written; ``is_form``: only where it cannot be read as it is."""

    text: str
    line: str
    is_form: bool = False


def slip_in(rest: str, dashes: str, is_known: Callable[[str], bool]) -> Slip | None:
    """What is wrong with the beginning of ``rest``, which follows the ``dashes`` of its line; None when nothing is."""
    if rest.startswith("//"):
        note = f"# {rest.lstrip('/').strip()}".strip()
        return Slip(f"A note begins with #, not with //. Write {shown(note)}.", "", is_form=True)
    found = _WIDE_COLON.fullmatch(rest) if "：" in rest else None
    # A list item with such a colon may be a plain word; an item of a part begins with its name.
    if found and is_known(found["key"]) and (not dashes or plain(found["key"]) in FIRST_KEYS):
        line = f"{found['key']}: {found['value']}"
        said = _said(found["key"], line)
        return Slip(f'The colon after "{found["key"]}" is not a plain one (：).{said}', f"{dashes}{line}")
    found = None if dashes or rest[0].isalnum() else _BEGINS.fullmatch(rest)
    if found is None or not is_known(found["key"]):
        return None
    line = f"- {found['key']}: {found['value'] or ''}".rstrip()
    sign, said = found["sign"].strip(), _said(found["key"], line)
    if sign == "-":
        return Slip(f"A space is missing after the dash.{said}", line)
    return Slip(f'A list item begins with a plain dash and a space, not with "{sign}".{said}', line)


def _said(key: str, line: str) -> str:
    """How to write it; a secret is not repeated."""
    return "" if is_secret(plain(key)) else f' Write "{shown(line)}".'
