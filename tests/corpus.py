"""Where recorded documents lie; a test that needs them is skipped, with the reason, when they are absent."""

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"recorded documents are not at {CORPUS}")


def expected(folder: str) -> dict[str, Any]:
    """The documents that ``folder``'s expected.json describes, by path; empty when absent."""
    path = CORPUS / folder / "expected.json"
    if not path.is_file():
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8"))["documents"])
