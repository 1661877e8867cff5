"""docs/feeds_yaml.md names everything that may stand in feeds.yaml, and our own feeds.yaml is well."""

import re
from pathlib import Path

import pytest

from newsletter.config import rules, schedule, sections, settings, sources
from newsletter.config.delivery_keys import DELIVERY_KEYS, WAYS
from newsletter.config.kind_keys import kind_keys, kind_names
from newsletter.config.load import FURTHER, PARTS
from newsletter.fetch.kinds import find_kinds
from tests.config.sample import read

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "feeds_yaml.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    """What the page says under a headline, its own smaller headlines included."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/feeds_yaml.md has no headline “{title}”"
    text = found[2]
    return re.split(r"^### ", text, flags=re.MULTILINE)[0] if found[1] == "###" else text


def named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", re.sub(r"```.*?```|``.*?``", "", text, flags=re.DOTALL)))


def keys_of(title: str) -> set[str]:
    """The keys in the first column of the tables under a headline."""
    rows = re.findall(r"^\| (`[^|]+) \|", chapter(title), re.MULTILINE)
    return set().union(*(named(row) for row in rows))


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("newsletter", settings.NEWSLETTER_KEYS),
        ("schedule", schedule.SCHEDULE_KEYS),
        ("sections", sections.SECTION_KEYS),
        ("match", rules.MATCH_KEYS),
        ("What a rule does", rules.DOES_KEYS),
        ("delivery", DELIVERY_KEYS),
    ],
)
def test_every_key_has_its_row_and_no_row_is_about_nothing(title: str, keys: tuple[str, ...]) -> None:
    assert keys_of(title) == set(keys)


def test_every_common_key_of_sources_has_its_row() -> None:
    before_the_kinds = chapter("sources").partition("### kind:")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", before_the_kinds, re.MULTILINE)
    assert set(rows) == set(sources.SOURCE_KEYS)


def test_every_kind_has_its_chapter() -> None:
    assert tuple(re.findall(r"^### kind: (.+)$", PAGE, re.MULTILINE)) == kind_names()


@pytest.mark.parametrize("word", kind_names())
def test_every_key_and_word_of_a_kind_has_its_row(word: str) -> None:
    assert keys_of(f"kind: {word}") == set(kind_keys(word).keys)
    infos = [info for info in find_kinds().values() if info.word == word]
    for info in infos:
        assert set(getattr(info.cls, "take_words", ())) <= named(chapter(f"kind: {word}"))
    is_read = any(info.can_read for info in infos)
    assert ("Not readable in this version" in chapter(f"kind: {word}")) is not is_read


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("feeds.yaml", (*PARTS, *FURTHER)),
        ("schedule", schedule.IF_NOT_APPROVED),
        ("sections", (*sections.PICK, *sections.ORDER, *sections.HIDE_AFTER, *sections.GROUP_BY, *sections.SHOW)),
        ("sources", (*sources.SHOW_AS, *sources.THEN)),
        ("match", (*rules.HAS, "link to HOST")),
        ("What a rule does", (*rules.MERGE_WITH, *sources.SHOW_AS)),
        ("delivery", (*WAYS, *settings.ALSO_PUBLISH)),
    ],
)
def test_every_choice_is_named(title: str, words: tuple[str, ...]) -> None:
    assert set(words) <= named(chapter(title))


def test_the_smallest_file_of_the_page_is_well() -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    assert len(read(found[1], {}).sources) == 1


def test_our_own_file_is_well_and_every_source_can_be_read() -> None:
    config = read((ROOT / "feeds.yaml").read_bytes(), {})
    assert config.warnings == ()
    assert len(config.sections) == 6
    readable = {info.word for info in find_kinds().values() if info.can_read}
    assert {source.kind for source in config.sources} <= readable
    kinds = {"feed", "mailing list", "gerrit", "calendar", "chat log"}
    assert {source.kind for source in config.sources} == kinds
