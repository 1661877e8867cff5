"""What an issue's figures count, kept beside its snapshot: to render it again nothing is counted again."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from newsletter.config.load import Config
from newsletter.model.codec import from_json, to_json
from newsletter.model.evidence import Evidence
from newsletter.pipeline.making import make_issue
from newsletter.pipeline.snapshot import read_snapshot, write_whole

_FILE = "evidence.json.gz"


def write_evidence(folder: Path, evidence: Iterable[Evidence]) -> None:
    """Keep ``evidence`` in ``folder``."""
    text = json.dumps([to_json(each) for each in evidence], ensure_ascii=True, separators=(",", ":"))
    write_whole(folder / _FILE, gzip.compress(text.encode(), 1, mtime=0))


def read_evidence(folder: Path, config: Config) -> tuple[Evidence, ...]:
    """The evidence in ``folder``; counted again from the snapshot there when it is not there or not whole."""
    try:
        rows = json.loads(gzip.decompress((folder / _FILE).read_bytes()))
        return tuple(from_json(Evidence, row) for row in rows)
    except (OSError, ValueError, EOFError, TypeError):
        return make_issue(read_snapshot(folder).draft_input, config).evidence
