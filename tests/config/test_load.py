from dataclasses import replace
from datetime import date, time, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsletter.config.load import load_config
from newsletter.errors import ConfigError, NotFound, Problem
from newsletter.model.issue import SectionSettings
from newsletter.model.period import WeekTime
from newsletter.model.rule import Match, Rule
from newsletter.model.settings import DEFAULT_SECTIONS, NewsletterSettings, Schedule
from newsletter.model.source import Source
from tests.config.sample import BASE, ENVIRON, EXAMPLE, problems, read, shared_example
from tests.corpus import needs_corpus

SMALLEST = """\
newsletter:
  name: My bees
  from: Me <me@bees.example>
sources:
  - name: Our planet
    url: https://planet.bees.example/atom.xml
"""


def test_every_part_of_the_example_is_taken() -> None:
    config = read(EXAMPLE)
    assert config.newsletter == NewsletterSettings(
        "Hive Weekly", "The Hive <hive@bees.example>", site="https://bees.example", accent="#c98a00"
    )
    assert config.schedule == Schedule(
        zone=ZoneInfo("Europe/Ljubljana"),
        remind_reviewer=WeekTime(3, time(21)),
        skip=frozenset({date(2026, 12, 25)}),
    )
    assert config.sections[1] == SectionSettings(
        "events", "Events", order="by date", hide_after="the event", calendar_file=True, line=21
    )
    assert [section.id for section in config.sections] == ["highlights", "events", "workshop"]
    assert (config.delivery.by, config.delivery.server, config.delivery.port) == ("smtp", "mail.bees.example", 587)
    assert (config.delivery.user, config.delivery.password) == ("u", "p")
    assert config.delivery.test_readers == ("me@bees.example",)
    assert config.warnings == ()
    assert config.text == EXAMPLE
    assert config.file_hash == sha256(EXAMPLE.encode()).hexdigest()


def test_sources_have_their_lines_their_kinds_keys_and_what_holds_for_all() -> None:
    planet, reviews, dates, tips = read(EXAMPLE).sources
    assert planet == Source(
        id="hive-planet",
        name="Hive planet",
        kind="feed",
        settings={"url": "https://planet.bees.example/atom.xml", "real_author_from": "title"},
        section="workshop",
        weight=20,
        quote_at_most=40,
        line=34,
        address_line=36,
    )
    assert reviews.settings == {
        "url": "https://review.bees.example",
        "projects": ("smoker", "frames"),
        "take": ("merged", "waiting more than 14 days"),
        "token": "g",
    }
    assert (dates.settings["look_ahead"], dates.section) == (timedelta(weeks=6), "events")
    assert (tips.address, tips.quote_at_most, tips.line, tips.address_line) == ("tips@bees.example", 40, 54, 56)


def test_rules_are_numbered_and_hold_words_as_they_were_written() -> None:
    swarm, sale = read(EXAMPLE).rules
    assert swarm == Rule(
        name="Swarm warnings",
        match=Match(title=("swarm", "foulbrood:"), source=("Hive planet",)),
        section="highlights",
        boost=20,
        line=59,
        number=1,
    )
    assert sale.match == Match(text=("/\\b(for sale|selling)\\b/",), none_of=Match(author=("*[bot]",)))
    assert (sale.drop, sale.line, sale.number) == (True, 66, 2)


def test_the_smallest_file_has_a_default_for_everything() -> None:
    config = read(SMALLEST, {})
    assert config.schedule == Schedule()
    assert config.sections == DEFAULT_SECTIONS
    assert config.rules == ()
    assert config.delivery.by == "folder"
    assert config.sources == (
        Source(
            id="our-planet",
            name="Our planet",
            settings={"url": "https://planet.bees.example/atom.xml"},
            line=5,
            address_line=6,
        ),
    )


@needs_corpus
def test_the_recorded_examples_hold_no_mistake() -> None:
    full = read(shared_example(0))
    assert (len(full.sources), len(full.sections), len(full.rules)) == (14, 6, 6)
    assert [source.line for source in full.sources][:3] == [59, 65, 72]
    assert full.sources[3].settings["file"] == str(BASE / "archive/openstack-2011.mbox.gz")
    assert full.rules[2].keep
    assert full.rules[3].merge_with_original
    assert full.rules[4].match.none_of == Match(source=("announce list",))
    assert len(read(shared_example(1), {}).sources) == 1


SPELLINGS = {
    "windows lines": EXAMPLE.replace("\n", "\r\n").encode(),
    "old lines": EXAMPLE.replace("\n", "\r").encode(),
    "a mark at the start": b"\xef\xbb\xbf" + EXAMPLE.encode(),
    "another spelling of keys": EXAMPLE.replace("check every", "Check_Every")
    .replace("look ahead", "look-ahead")
    .encode(),
    "values in other letters": EXAMPLE.replace("kind: feed", "kind: FEED").replace("by date", "By-Date").encode(),
    "a document start": b"---\n" + EXAMPLE.encode(),
    "spaces at the ends": EXAMPLE.replace("\n", "  \n").encode(),
}


@pytest.mark.parametrize("data", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_other_spellings_mean_the_same(data: bytes) -> None:
    usual, found = read(EXAMPLE), read(data)
    shift = 1 if data.startswith(b"---") else 0
    moved = [replace(each, line=each.line - shift, address_line=each.address_line - shift) for each in found.sources]
    assert tuple(moved) == usual.sources
    assert found.newsletter == usual.newsletter
    assert found.schedule == usual.schedule


LAYOUTS = {
    "4 steps in": "\n".join(
        " " * (2 * (len(line) - len(line.lstrip()))) + line.lstrip().replace("- ", "-   ", 1)
        if line.lstrip().startswith("- ")
        else " " * (2 * (len(line) - len(line.lstrip()))) + line.lstrip()
        for line in EXAMPLE.split("\n")
    ),
    "lists at the column of their key": "\n".join(
        line[2:] if part in ("sections", "sources", "rules") and line.startswith("  ") else line
        for part, line in zip(
            (
                next(
                    (found.rstrip(":") for found in reversed(EXAMPLE.split("\n")[: at + 1]) if found[:1].isalpha()), ""
                )
                for at in range(len(EXAMPLE.split("\n")))
            ),
            EXAMPLE.split("\n"),
            strict=True,
        )
    ),
    "lists on lines of their own": EXAMPLE.replace(
        "    projects: [smoker, frames]", "    projects:\n      - smoker\n      - 'frames'"
    ),
    "a list over several lines": EXAMPLE.replace("[smoker, frames]", "[\n      smoker,   # one\n      frames\n    ]"),
    "blocks in braces": EXAMPLE.replace('\n      not:\n        author: ["*[bot]"]', '\n      not: {author: "*[bot]"}'),
    "a text over several lines": EXAMPLE.replace("name: Hive Weekly", "name: >-\n    Hive\n    Weekly"),
    "a quoted text over several lines": EXAMPLE.replace("name: Hive Weekly", 'name: "Hive\n    Weekly"'),
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_other_layouts_mean_the_same(text: str) -> None:
    usual, found = read(EXAMPLE), read(text)
    assert text != EXAMPLE
    assert found.newsletter == usual.newsletter
    assert [source.settings for source in found.sources] == [source.settings for source in usual.sources]
    assert [rule.match for rule in found.rules] == [rule.match for rule in usual.rules]
    assert [section.id for section in found.sections] == [section.id for section in usual.sections]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("no", "no"), ("010", "010"), ("1.10", "1.10"), ("2024-01-01", "2024-01-01"), ("~", "~"), ("on", "on")],
)
def test_values_are_read_as_text(written: str, meant: str) -> None:
    assert read(SMALLEST.replace("My bees", written)).newsletter.name == meant


def test_numbers_are_decimal_and_hours_are_hours() -> None:
    config = read(EXAMPLE.replace("weight: 20", "weight: 010").replace("Friday 10:00", "fri 09:05"))
    assert config.sources[0].weight == 10
    assert config.schedule.send == WeekTime(4, time(9, 5))


def test_a_file_without_sources_is_warned_about() -> None:
    config = read("newsletter:\n  name: A\n  from: a@bees.example\nsources:\n")
    assert config.sources == ()
    assert config.warnings == (
        Problem("feeds.yaml", 4, 'There is no source yet. Write one under "sources:".', is_warning=True),
    )


def test_sources_may_take_older_ids() -> None:
    config = read(SMALLEST)
    renamed = config.with_sources([replace(config.sources[0], id="old")])
    assert [source.id for source in renamed.sources] == ["old"]
    assert renamed.newsletter == config.newsletter


def test_a_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load_config(path, ENVIRON).sources[0].name == "Hive planet"
    path.write_text("newsletter:\n  name: A\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, ENVIRON)
    told = '"newsletter" has no "from:". Write "from: Me <me@example.org>" under it.'
    assert caught.value.problems == (Problem("feeds.yaml", 1, told),)
    with pytest.raises(NotFound, match="cannot be read"):
        load_config(tmp_path / "other.yaml", ENVIRON)


def test_the_parts_have_to_be_blocks_and_lists() -> None:
    assert problems(SMALLEST.replace("sources:\n  - name", "sources:\n    name")) == [
        'feeds.yaml:4: Under "sources:" each source begins with "- " and its lines stand under it.'
    ]
    assert problems(SMALLEST + "schedule: Friday\n") == [
        'feeds.yaml:7: "schedule:" needs lines with "key: value" under it, not "Friday".'
    ]
    assert problems(SMALLEST + "  - https://other.example/\n") == [
        'feeds.yaml:7: The source "https://other.example/" has no lines with "key: value". Begin it with "- name:".'
    ]
