"""Kinds by their word: only the files that hold them are imported, and none is overlooked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.fetch import kinds
from newsletter.fetch.kinds import find_kinds, kind_pairs, kinds_called


def test_what_files_say_of_themselves_is_what_they_register() -> None:
    every = find_kinds()
    assert kind_pairs() == tuple((info.reader, info.word) for info in every.values())
    said = [pair for pairs in kinds._said_in_files().values() for pair in pairs]
    ours = [info for info in every.values() if info.cls.__module__.startswith("newsletter.")]
    assert sorted(said) == sorted((info.reader, info.word) for info in ours)


@pytest.mark.parametrize("name", sorted({name for pair in kind_pairs() for name in pair}))
def test_a_word_and_a_reader_find_the_same_as_all_kinds_would(name: str) -> None:
    assert kinds_called(name) == tuple(info for info in find_kinds().values() if name in (info.word, info.reader))


def test_a_name_that_no_kind_has() -> None:
    assert kinds_called("jam jar") == ()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ('\n@kind("jam jar")\nclass A: ...\n\n@kind("jam", reader="shelf", can_read=False)\nclass B: ...\n',
         (("jam jar", "jam jar"), ("shelf", "jam"))),
        ('\n_WORD = "jam"\n\n@kind(_WORD, reader="a b")\n', (("a b", "jam"),)),
        ('\n@kind(_WORD)\n', ()),
        ('\n@kind("a")\n\n@kind(\n    "b",\n)\n', ()),
        ('from x import y\n', ()),
    ],
)  # fmt: skip
def test_a_file_that_does_not_say_it_plainly_is_not_guessed_at(
    text: str, pairs: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    path = tmp_path / "jam.py"
    path.write_text(text)
    assert kinds._said(path) == pairs


def test_a_file_without_text_is_not_guessed_at(tmp_path: Path) -> None:
    assert kinds._said(tmp_path / "none.py") == ()


@pytest.mark.slow
def test_a_file_of_one_kind_imports_no_other(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        "newsletter:\n  name: T\n  from: T <t@e.example>\nsources:\n  - name: A\n    kind: gerrit\n"
        "    url: https://review.e.example\n"
    )
    program = (
        "import json, pathlib, sys; from newsletter.config.load import load_config;"
        f"load_config(pathlib.Path({str(tmp_path / 'feeds.yaml')!r}), {{}}, how='try');"
        "print(json.dumps([n for n in sys.modules if n.startswith('newsletter.fetch.kinds.')]))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(found) == ["newsletter.fetch.kinds.gerrit"]
