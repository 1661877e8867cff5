import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from newsletter.config.load import read_config
from newsletter.demo.clock import DEMO_NOW, WEEK, ZONE_NAME
from newsletter.demo.community import REVIEW
from newsletter.demo.home import EDITOR, NOTE, feeds_text, write_home
from newsletter.demo.letters import letters
from newsletter.demo.people import members
from newsletter.demo.server import DemoWeb


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(slow_seconds=0) as running:
        yield running


def test_the_home_is_written(web: DemoWeb, tmp_path: Path) -> None:
    path = write_home(tmp_path / "new" / "home", web)
    assert path.name == "feeds.yaml"
    assert path.read_text(encoding="utf-8") == feeds_text(web)


def test_every_address_is_one_that_is_served(web: DemoWeb) -> None:
    names = {web.address(host): host for host in web.hosts}
    found = YAML(typ="safe", pure=True).load(feeds_text(web))
    assert len(found["sources"]) >= 15
    for source in found["sources"]:
        base = re.match(r"http://[^/]+", source["url"])
        assert base, source["name"]
        host = names[base[0]]
        if host != REVIEW:
            assert web.page(host + source["url"].removeprefix(base[0])), source["name"]


def test_the_note_counts_the_answers_and_its_writer_is_one_of_the_people() -> None:
    debate = [letter for letter in letters("dev") if letter.key.startswith("door-")]
    assert f"{len(debate) - 1} answers" in NOTE
    assert EDITOR in {person.name for person in members().values()}


def test_a_home_written_with_names_is_the_same_each_time() -> None:
    texts = []
    for _ in range(2):
        with DemoWeb(by_name=True) as web:
            texts.append(feeds_text(web))
    assert texts[0] == texts[1]
    assert "http://lists.drumlin.example/pipermail/drumlin-dev/" in texts[0]
    assert "127.0.0" not in texts[0]


def test_the_program_reads_it_without_a_complaint(web: DemoWeb, tmp_path: Path) -> None:
    config = read_config(feeds_text(web).encode(), file="feeds.yaml", environ={}, base=tmp_path)
    assert config.warnings == ()
    assert config.schedule.zone.key == ZONE_NAME
    assert config.schedule.collect_until.last_before(DEMO_NOW, config.schedule.zone) == WEEK.end
    assert config.schedule.draft_ready.last_before(DEMO_NOW, config.schedule.zone) <= DEMO_NOW
    assert [rule.name for rule in config.rules if rule.drop] == ["No job adverts", "Robots are not people"]
