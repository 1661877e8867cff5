"""Cells of CSV files that no spreadsheet takes for a formula, and the way back."""

import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\s\"'\x00-\x1f\x7f\ufeff\u200b]*(?:[=+\-@＝＋－＠]|[\t\r])")
"""What a spreadsheet may compute: the sign may stand behind spaces, quotation marks and what nobody sees."""


def safe_cell(text: str) -> str:
    """``text`` with an apostrophe before it when a spreadsheet might take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """What :func:`safe_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def safe_row(cells: Iterable[object]) -> list[str]:
    """A row of cells as they may be written; None is empty."""
    return [safe_cell("" if cell is None else str(cell)) for cell in cells]
