"""Whatever stands in feeds.yaml: a configuration, or mistakes with their places; nothing else, and soon."""

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.config.encoding import LARGEST
from newsletter.config.load import Config, read_config
from newsletter.errors import ConfigError
from tests.config.sample import BASE, ENVIRON, EXAMPLE, problems, read
from tests.corpus import CORPUS, needs_corpus

FOLDER = CORPUS / "hostile" / "yaml"
FILES = sorted(FOLDER.iterdir()) if FOLDER.is_dir() else []
HEAD = "newsletter:\n  name: A\n  from: a@bees.example\nsources:\n"
SLOWED = 1 if sys.gettrace() is None else 8


def attempt(data: bytes) -> Config | ConfigError:
    found: Config | ConfigError
    try:
        found = read_config(data, file="feeds.yaml", environ=ENVIRON, base=BASE)
    except ConfigError as fault:
        found = fault
    told = found.problems if isinstance(found, ConfigError) else found.warnings
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert len(told) in range(1 if isinstance(found, ConfigError) else 0, 11)
    for problem in told:
        assert problem.line in range(1, lines + 1)
        assert problem.text.endswith((".", "?", "…"))
        assert "\n" not in problem.text
        assert len(problem.text) < 700
    return found


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_hostile_files(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    attempt(b"")
    began = time.process_time()
    found = attempt(path.read_bytes())
    assert time.process_time() - began < SLOWED
    assert isinstance(found, ConfigError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a: &a [" + ",".join(["x"] * 9) + "]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n",
        "sources: &s\n  - *s\n",
        "newsletter: {<<: *x}\n",
        "? [a, b]\n: c\n",
        "[" * 5_000,
        "{" * 5_000,
        "- " * 5_000,
        "newsletter:\n  name: " + "[" * 5_000 + "]" * 5_000,
        "!!python/object/apply:os.system ['true']\n",
        "newsletter: !!python/name:os.system\n",
        "sources:\n  - name: !include /etc/passwd\n",
        '"\\UFFFFFFFF": x\n',
        'newsletter:\n  name: "\\x',
        "newsletter:\n  name: 'a\n\n\n",
        "%YAML 9.9\n---\nnewsletter:\n",
        "newsletter:\n  name: |\n",
        "newsletter:\n  name: |9\n    a\n",
        ":\n",
        "::::\n  :\n",
        "- - - a\n",
        "\ufeff\ufeff",
        "newsletter:\n\tname: A\n\t\tfrom: b\n",
        "<<<<<<< a\n" * 50,
        "sources:\n" + "  - name: x\n" * 500,
        "#" * 100_000,
        "a" * 100_000 + ": b",
        ("k: v\n" * 3_000),
        '"' + "\\" * 9_999,
    ],
    ids=lambda text: text[:20],
)
def test_attacks_of_our_own(text: str) -> None:
    began = time.process_time()
    assert isinstance(attempt(text.encode()), ConfigError)
    assert time.process_time() - began < SLOWED


PIECES = st.sampled_from(
    [
        *("  ", "    ", "\t", "- ", ": ", ":", "#", " # ", "@", "*", "&a ", "!x ", "[", "]", "{", "}", ",", '"', "'"),
        *(
            "“",
            "”",
            "|",
            ">",
            "%",
            "---",
            "<<<<<<<",
            "=======",
            ">>>>>>>",
            "\\",
            "\x00",
            "\x85",
            "\u2028",
            "\r",
            "name",
        ),
        *("kind", "url", "section", "match:", "not:", "rules:", "sources:", "from X", "/a+/", "20 or more", "é"),
    ]
)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(0, 85), st.integers(0, 60), PIECES, st.booleans()), min_size=1, max_size=4))
@pytest.mark.slow
def test_an_example_with_anything_put_into_it(changes: list[tuple[int, int, str, bool]]) -> None:
    lines = EXAMPLE.split("\n")
    for number, column, piece, is_instead in changes:
        line = lines[number % len(lines)]
        column = min(column, len(line))
        lines[number % len(lines)] = line[:column] + piece + line[column + (len(piece) if is_instead else 0) :]
    attempt("\n".join(lines).encode())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200))
@pytest.mark.slow
def test_any_bytes(data: bytes) -> None:
    attempt(data)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, max_size=40).map("".join))
@pytest.mark.slow
def test_any_signs(text: str) -> None:
    attempt(text.encode())


@pytest.mark.slow
def test_as_many_sources_as_are_read_take_seconds() -> None:
    text = HEAD + "".join(f"  - name: n{number}\n    url: https://b.example/{number}\n" for number in range(6_000))
    assert LARGEST * 0.9 < len(text) < LARGEST
    began = time.process_time()
    assert len(read(text).sources) == 6_000
    assert time.process_time() - began < 5 * SLOWED


@pytest.mark.slow
def test_as_many_mistakes_as_are_read_are_found_no_slower() -> None:
    text = HEAD + "".join(f"  - name: n{number}\n    secton: {number}\n" for number in range(6_000))
    rules = "rules:\n" + "".join(f"  - name: r{number}\n    match: {{source: x{number}}}\n" for number in range(1_500))
    assert len(text + rules) < LARGEST
    began = time.process_time()
    assert len(problems(text + rules)) == 10
    assert time.process_time() - began < 5 * SLOWED


def test_a_file_that_no_person_wrote_is_refused_before_it_is_looked_at() -> None:
    (told,) = problems("newsletter:\n" + "#" * LARGEST)
    assert told.startswith("feeds.yaml:1: This file is too large. It has 300 KB, and at most 300 KB are read;")
