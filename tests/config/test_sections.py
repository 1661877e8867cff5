import pytest

from newsletter.classify.statistics import FIGURES
from newsletter.config.sections import section_reader
from newsletter.config.values import Wrong
from newsletter.model.issue import SectionSettings
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.config.sample import problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\nsources:\n  - name: B\n    url: https://b.example/\nsections:\n"


def test_a_section_can_hold_all_of_this() -> None:
    text = HEAD + (
        "  - id: Far-News\n    title: Far news\n    at most: 8\n    pick: best of everything\n    order: best first\n"
        "    hide after: the event\n    calendar file: no\n    group by: project\n"
        "    show: [contributors, List Threads]\n    lines per item: 1\n"
    )
    assert read(text).sections == (
        SectionSettings(
            "far-news",
            "Far news",
            8,
            "best of everything",
            "best first",
            "the event",
            False,
            "project",
            ("contributors", "list threads"),
            1,
            8,
        ),
    )


@pytest.mark.parametrize(("lines", "is_named"), [("", None), ("name", True), ("leave out", False)])
def test_quiet_projects_are_a_choice(lines: str, is_named: bool | None) -> None:
    text = HEAD + "  - id: dev\n    at most per vendor: 3\n" + (f"    quiet projects: {lines}\n" if lines else "")
    (found,) = read(text).sections
    assert (found.quiet_projects, found.at_most_per_vendor) == (is_named, 3)


def test_every_figure_can_be_shown() -> None:
    text = HEAD + f"  - id: statistics\n    show: [{', '.join(FIGURES)}]\n"
    assert read(text).sections[0].show == tuple(FIGURES)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "  - title: News\n",
            'feeds.yaml:8: This section has no "id:". Give it a short one that sources and rules can name.',
        ),
        (
            "  - id: a b\n",
            'feeds.yaml:8: id must be a short name of letters, digits and hyphens such as events, not "a b".',
        ),
        (
            "  - id: news\n  - id: News\n",
            'feeds.yaml:9: The section "news" stands twice; the first is on line 8. Keep one.',
        ),
        (
            "  - id: news\n    order: by dates\n",
            'feeds.yaml:9: order cannot be "by dates". Did you mean "by date"? It can be: best first, by date.',
        ),
        (
            "  - id: news\n    sort: by date\n",
            'feeds.yaml:9: "sort" is not something a section can have. It can have: id, title, at most, pick, order, '
            "hide after, calendar file, group by, show, lines per item, quiet projects, at most per vendor.",
        ),
        ("  - id: news\n    at most: 0\n", 'feeds.yaml:9: at most must be a whole number from 1 to 1000, not "0".'),
    ],
)
def test_what_is_wrong_with_a_section_is_told(lines: str, told: str) -> None:
    assert problems(HEAD + lines) == [told]


def test_a_section_without_a_good_id_makes_no_source_wrong() -> None:
    text = (HEAD + "  - id: a b\n").replace("    url", "    section: other\n    url")
    assert len(problems(text)) == 1


def test_sections_are_named_by_their_id() -> None:
    read_section = section_reader(DEFAULT_SECTIONS, is_sure=True)
    assert read_section("section", "Events") == "events"
    assert read_section("section", "new") == Wrong(
        'There is no section "new". Did you mean "news"? '
        "Sections: highlights, events, developer, general, statistics, news."
    )
    assert section_reader(DEFAULT_SECTIONS, is_sure=False)("section", "lost") == "lost"


def test_looking_stops_when_enough_is_wrong() -> None:
    assert len(problems(HEAD + "  - id: a b\n" * 1_000)) == 10
