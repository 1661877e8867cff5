import pytest

from newsletter.config.nodes import Block, Listing, Text
from newsletter.config.tree import read_tree
from newsletter.edit.proposed_lines import rule_lines, rule_name, scalar, sentence


def plain(node: object) -> object:
    """What feeds.yaml would be read as."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Listing):
        return [plain(each) for each in node.items]
    assert isinstance(node, Block)
    return {str(plain(key)): plain(value) for key, value in node.pairs}


def test_a_sentence_for_each_thing_a_rule_looks_for() -> None:
    assert sentence("source", ["Summit videos"], "Events", 4, 4) == "4 of 4 items from Summit videos went to Events."
    assert sentence("author", ["Ada Obi"], "", 3, 3) == "3 of 3 items by Ada Obi were dropped."
    assert sentence("project", ["nova"], "News", 3, 3) == "3 of 3 items of the project nova went to News."
    assert sentence("title", ["webinar"], "Events", 7, 8) == "7 of 8 items with “webinar” in the title went to Events."
    assert sentence("kind", ["calendar"], "", 1, 1) == "1 of 1 item of the kind calendar was dropped."


def test_a_name_that_no_other_rule_has_and_no_word_processor_quotes() -> None:
    assert rule_name("source", ["Planet"], "Events", []) == "From Planet to Events"
    assert rule_name("source", ["Planet"], "", ["nothing FROM planet"]) == "Nothing from Planet (2)"
    assert rule_name("title", ["webinar"], "Events", []) == "With webinar in the title to Events"
    assert len(rule_name("source", ["x" * 200], "Events", [])) == 60


@pytest.mark.parametrize(
    "text",
    ["Planet", "Ada O'Neil", "no", "yes: no", "# a", "@x", "- a", "", " a", "a ", "a # b", "12", "Ångström"],
)
def test_lines_are_read_back_as_they_were_meant(text: str) -> None:
    lines = rule_lines("A rule", "source and title", [text, "word"], "events")
    assert plain(read_tree("\n".join(lines)).root) == [
        {"name": "A rule", "match": {"source": text, "title": "word"}, "section": "events"}
    ]
    assert rule_lines("A rule", "kind", ["calendar"], None)[-1] == "  drop: yes"


def test_a_plain_text_has_no_quotes() -> None:
    assert scalar("Summit videos (2026)") == "Summit videos (2026)"
    assert scalar("Nova: more") == '"Nova: more"'
