"""A SectionModel as bytes and back, without loss: a line of JSON, then its arrays, packed."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from newsletter.classify.encoding import BITS, ROWS, Rows, batch_of
from newsletter.classify.features import VERSION
from newsletter.classify.learned import START_SQUARE, Lesson, Record, SectionModel

MODEL_VERSION = f"linear-1.{VERSION}.{BITS}"
"""Of the model, its features and its size: a blob of another version cannot be read."""
_QUICK = 1


def to_bytes(model: SectionModel) -> bytes:
    """``model`` as bytes: the same model gives the same bytes. Rows that nothing was learned of are left out."""
    known = np.flatnonzero((model.squares != START_SQUARE).any(axis=1))
    arrays = [known.astype("<u4"), model.weights[known], model.squares[known], model.bias, model.counts]
    for lesson in model.lessons:
        rows = lesson.batch.rows
        arrays += [rows.features, rows.counts.astype("<i4"), lesson.batch.labels.astype("<i4")]
    head = {
        "version": MODEL_VERSION,
        "sections": model.sections,
        "learned": model.learned,
        "record": asdict(model.record),
        "lessons": [lesson.key for lesson in model.lessons],
        "sizes": [len(array) for array in arrays],
    }
    packed = zlib.compress(b"".join(array.tobytes() for array in arrays), _QUICK)
    return json.dumps(head).encode() + b"\n" + packed


def from_bytes(blob: bytes) -> SectionModel:
    """The model that :func:`to_bytes` wrote (ValueError when it is of another version, or damaged)."""
    line, _, packed = blob.partition(b"\n")
    head = json.loads(line)
    if head["version"] != MODEL_VERSION:
        raise ValueError(f"a model of version {head['version']}, not {MODEL_VERSION}")
    try:
        reader = _Reader(zlib.decompress(packed), head["sizes"])
    except zlib.error as fault:
        raise ValueError(f"a damaged model: {fault}") from fault
    width = len(head["sections"])
    model = SectionModel(list(head["sections"]), learned=list(head["learned"]), record=Record(**head["record"]))
    known = reader.read("<u4")
    model.weights = np.zeros((ROWS, width), np.float32)
    model.squares = np.full((ROWS, width), START_SQUARE, np.float32)
    model.weights[known] = reader.read("<f4", width)
    model.squares[known] = reader.read("<f4", width)
    model.bias, model.counts = reader.read("<f4").copy(), reader.read("<f8").copy()
    for key in head["lessons"]:
        rows = Rows(reader.read("<u4"), reader.read("<i4").astype(np.int64))
        model.lessons.append(Lesson(key, batch_of(rows, reader.read("<i4").astype(np.int64))))
    return model


class _Reader:
    """Reads arrays one after the other."""

    def __init__(self, content: bytes, sizes: Sequence[int]) -> None:
        self._content, self._sizes, self._at = content, iter(sizes), 0

    def read(self, kind: str, width: int | None = None) -> npt.NDArray[Any]:
        """The next array; of ``width`` columns if that is given."""
        length = next(self._sizes)
        wanted = np.dtype(kind).itemsize * length * (1 if width is None else width)
        found = np.frombuffer(self._content[self._at : self._at + wanted], kind) if wanted else np.zeros(0, kind)
        self._at += wanted
        return found if width is None else found.reshape(length, width)
