"""Changes of feeds.yaml by cutting its text: the cases that an editor would notice."""

import re

import pytest

from newsletter.config.splice import (
    add_rule,
    add_source,
    change,
    lines_of,
    remove_item,
    remove_key,
    remove_rule,
    remove_source,
    rename_source,
    set_key,
    settings_of,
)
from newsletter.config.written import Value, entry_lines
from newsletter.errors import NotFound, SpliceFault
from tests.config.sample import EXAMPLE, problems, read, shared_example
from tests.corpus import needs_corpus

NEW = entry_lines({"name": "Drones: a blog", "url": "https://drones.example/feed#x", "take": ["a, b", "@c", "plain"]})
WRITTEN = [
    '  - name: "Drones: a blog"  # 2026-11-27, Ann',
    "    url: https://drones.example/feed#x",
    '    take: ["a, b", "@c", plain]',
]


def put_in(before: str, after: str) -> list[str]:
    """The lines that are in ``after`` beyond those of ``before``, which must all be there in their order."""
    old, new = before.split("\n"), after.split("\n")
    start = next(at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    end = start + len(new) - len(old)
    assert new[end:] == old[start:]
    return new[start:end]


def test_a_source_stands_after_the_last_one_with_a_note() -> None:
    after = add_source(EXAMPLE, NEW, note="2026-11-27, Ann")
    assert sorted(put_in(EXAMPLE, after)) == sorted(["", *WRITTEN])
    assert "    address: tips@bees.example\n\n" + "\n".join(WRITTEN) + "\n\nrules:" in after


def test_a_source_before_another() -> None:
    after = add_source(EXAMPLE, NEW, before="smoker reviews")
    assert after.index("Drones") < after.index("Smoker reviews")
    assert '\n    take: ["a, b", "@c", plain]\n\n  - name: Smoker reviews\n' in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "sources:\n  - name: x\n    url: y\n"),
        ("# only a note\n", "# only a note\n\nsources:\n  - name: x\n    url: y\n"),
        ("a: b", "a: b\n\nsources:\n  - name: x\n    url: y"),
        ("a: b\n...\n", "a: b\n\nsources:\n  - name: x\n    url: y\n...\n"),
        ("sources:\nrules:\n", "sources:\n  - name: x\n    url: y\nrules:\n"),
        ("sources:", "sources:\n  - name: x\n    url: y"),
        ("sources: []  # none yet\nrules:\n", "sources:  # none yet\n  - name: x\n    url: y\nrules:\n"),
        (
            "sources:   # none\n  # - name: old\nrules:",
            "sources:   # none\n  - name: x\n    url: y\n  # - name: old\nrules:",
        ),
        ("sources: [{name: a, url: b}]\n", "sources: [{name: a, url: b}, {name: x, url: y}]\n"),
        ("sources:\n- name: a\n- name: b\n", "sources:\n- name: a\n- name: b\n- name: x\n  url: y\n"),
        ("sources:\n- name: a\n\n\n- name: b", "sources:\n- name: a\n\n\n- name: b\n\n- name: x\n  url: y"),
        (
            "sources:\n    -   name: a\n    -   name: b\n",
            "sources:\n    -   name: a\n    -   name: b\n    -   name: x\n        url: y\n",
        ),
        (
            "sources:\n  -\n    name: a\n  -\n    name: b\n",
            "sources:\n  -\n    name: a\n  -\n    name: b\n  - name: x\n    url: y\n",
        ),
        (
            "sources:\r\n- name: a\r\n- name: b\r\nc: d",
            "sources:\r\n- name: a\r\n- name: b\r\n- name: x\r\n  url: y\r\nc: d",
        ),
        (
            "sources:\n- name: a\n- name: b\n  # its note\n# c\n",
            "sources:\n- name: a\n- name: b\n  # its note\n- name: x\n  url: y\n# c\n",
        ),
        ("sources:\n- {name: a}\n- {name: b}\n", "sources:\n- {name: a}\n- {name: b}\n- name: x\n  url: y\n"),
        (
            "sources:\n- a: b\n- c: |+\n    t\n\nrules:\n",
            "sources:\n- a: b\n- c: |+\n    t\n\n- name: x\n  url: y\nrules:\n",
        ),
    ],
)
def test_a_source_in_every_layout(before: str, after: str) -> None:
    assert add_source(before, ["- name: x", "  url: y"]) == after
    assert add_source(before, ["    name: x", "", "    url: y"]) == after
    assert add_source("\ufeff" + before, ["name: x", "url: y"]) == "\ufeff" + after


@pytest.mark.parametrize(
    "text",
    [
        "sources: none\n",
        "sources: {a: b}\n",
        "- name: a\n",
        "sources:\n  - name: &x a\n",
        "a: [\n",
        "{newsletter: {name: x}}\n",
        "a: b\n---\nc: d\n",
    ],
)
def test_a_file_that_cannot_be_changed_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(SpliceFault, match=r"\.$"):
        add_source(text, ["name: x"])


@pytest.mark.parametrize(
    "lines", [[], [""], ["x"], ["- name: x", " url: y"], ["- name: x: y"], ["- name: x", "  a: [b"]]
)
def test_lines_that_are_no_item_are_refused(lines: list[str]) -> None:
    with pytest.raises(SpliceFault):
        add_source(EXAMPLE, lines)


@pytest.mark.parametrize("value", ["two\nlines", "\x07", "a\u2028b"])
def test_a_value_of_several_lines_is_refused(value: str) -> None:
    with pytest.raises(SpliceFault, match="one line"):
        set_key(EXAMPLE, ("defaults",), "section", value)
    with pytest.raises(SpliceFault, match="one line"):
        add_source(EXAMPLE, ["name: x"], note=value)


def test_a_rule_of_several_blocks() -> None:
    rule = {"name": "Old", "match": {"title": ["x: y"], "not": {"source": "Hive planet"}}, "drop": "yes"}
    after = add_rule(EXAMPLE, entry_lines(rule), before="Honey for sale")
    assert put_in(EXAMPLE, after)[-7:] == [
        "  - name: Old",
        "    match:",
        '      title: ["x: y"]',
        "      not:",
        "        source: Hive planet",
        "    drop: yes",
        "",
    ]
    assert [rule.name for rule in read(after).rules] == ["Swarm warnings", "Old", "Honey for sale"]


SOURCE = ("sources", "Hive planet")


@pytest.mark.parametrize(
    ("where", "key", "value", "old", "new"),
    [
        (SOURCE, "weight", "-5", "    weight: 20\n", "    weight: -5\n"),
        (("sources", "hive  PLANET"), "Weight", "30", "    weight: 20\n", "    weight: 30\n"),
        (SOURCE, "paused", "yes", "    real author from: title\n", "    real author from: title\n    paused: yes\n"),
        (("schedule",), "send", "Friday 11:00", "Friday 10:00   # after", "Friday 11:00   # after"),
        (("newsletter",), "accent", "#ffffff", '"#c98a00"', '"#ffffff"'),
        (("newsletter",), "name", "Hive: the Weekly", "name: Hive Weekly", 'name: "Hive: the Weekly"'),
        (("sources", "Smoker reviews"), "projects", ["a", "b: c"], "[smoker, frames]", '[a, "b: c"]'),
        (("sources", "Smoker reviews"), "projects", "frames", "[smoker, frames]", "frames"),
        (("rules", "Honey for sale", "match"), "text", "sale", "/\\b(for sale|selling)\\b/", "sale"),
        (("rules", "Honey for sale", "match", "not"), "author", "Zoe", '["*[bot]"]', "Zoe"),
        (("sections", "events"), "order", "best first", "order: by date", "order: best first"),
    ],
)
def test_one_key_is_set(where: tuple[str, ...], key: str, value: Value, old: str, new: str) -> None:
    assert EXAMPLE.count(old) == 1
    assert set_key(EXAMPLE, where, key, value) == EXAMPLE.replace(old, new)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("defaults:\n  a:  # note\n  b: c\n", "x", "defaults:\n  a: x  # note\n  b: c\n"),
        ("defaults:\n  b: c", "x", "defaults:\n  b: c\n  a: x"),
        ("defaults:\nb: c\n", "x", "defaults:\n  a: x\nb: c\n"),
        ("b: c\n", "x", "b: c\n\ndefaults:\n  a: x\n"),
        ("defaults: {}\n", "x, y", 'defaults: {a: "x, y"}\n'),
        ("defaults: {b: c, a: d}\n", ["x"], "defaults: {b: c, a: [x]}\n"),
        ("defaults:\n  a:\n  # first\n  - b  # one\n  - c\n", "x", "defaults:\n  a: x\n  # first\n"),
        (
            "defaults:\n  a: # n\n    - b  # one\n    # two\n    - c",
            ["b", "x"],
            "defaults:\n  a: # n\n    - b  # one\n    # two\n    - x",
        ),
        ("defaults:\n  a:\n  - b\n  - c  # two\nd: e\n", ["c", "f"], "defaults:\n  a:\n  - c  # two\n  - f\nd: e\n"),
        ("defaults:\n  a:\n  - b\n  - c\n", ["z", "b", "c"], "defaults:\n  a:\n  - z\n  - b\n  - c\n"),
        ("defaults:\n  a: >\n    long\n    text\n\n  b: c\n", "x", "defaults:\n  a: x\n\n  b: c\n"),
        ("defaults:\n  a: one\n     two  # n\n  b: c\n", "x", "defaults:\n  a: x  # n\n  b: c\n"),
        ("defaults:\n  a: 'it''s'\n", "x", "defaults:\n  a: x\n"),
        ("defaults:\n  a: x  # n\n", {"b": "c", "d": ["e"]}, "defaults:\n  a:  # n\n    b: c\n    d: [e]\n"),
        ("defaults:\n  a:\n    b: c\n    d: e", {"b": "z"}, "defaults:\n  a:\n    b: z"),
        ("defaults:\n  a: [b,  # one\n      c]   # n\n", ["d"], "defaults:\n  a: [d]   # n\n"),
    ],
)
def test_a_value_in_every_form(before: str, value: Value, after: str) -> None:
    assert set_key(before, ("defaults",), "a", value) == after


def test_a_list_too_long_for_a_line_is_written_under_its_key() -> None:
    words = [f"a rather long value number {number}" for number in range(5)]
    after = set_key(EXAMPLE, SOURCE, "ignore", words)
    assert put_in(EXAMPLE, after)[-6:] == ["    ignore:", *(f"      - {word}" for word in words)]


def test_a_block_that_is_not_there_is_made() -> None:
    text = "rules:\n  - name: a\n    drop: yes\n"
    assert set_key(text, ("rules", "a", "match"), "title", "x") == text + "    match:\n      title: x\n"
    with pytest.raises(SpliceFault, match="no keys with values"):
        set_key(text, ("rules", "a", "drop"), "title", "x")


def test_keys_are_taken_out() -> None:
    assert remove_key(EXAMPLE, SOURCE, "weight") == EXAMPLE.replace("    weight: 20\n", "")
    assert remove_key(EXAMPLE, SOURCE, "vendor") == EXAMPLE
    assert remove_key(EXAMPLE, ("rules", "Honey for sale", "match"), "not") == re.sub(
        r"      not:\n        author: .*\n", "", EXAMPLE
    )
    flow = "sources:\n  - {name: a, url: b, section: c}  # n\n"
    assert remove_key(flow, ("sources", "a"), "url") == "sources:\n  - {name: a, section: c}  # n\n"
    assert remove_key(flow, ("sources", "a"), "section") == "sources:\n  - {name: a, url: b}  # n\n"
    first = "sources:\n  - kind: feed  # k\n    # about it\n    name: a\n"
    assert remove_key(first, ("sources", "a"), "kind") == "sources:\n    # about it\n  - name: a\n"
    with pytest.raises(SpliceFault, match="Remove the whole"):
        remove_key("sources:\n  - name: a\n", ("sources", "a"), "name")
    assert remove_key("defaults:\n  a: b\n", ("defaults",), "a") == "defaults:\n"
    assert remove_key("b: c\n", ("defaults",), "a") == "b: c\n"


def test_several_keys_at_once_as_a_form_is_saved() -> None:
    after = change(EXAMPLE, SOURCE, {"weight": None, "section": "events", "paused": "yes"})
    assert dict(settings_of(after, SOURCE)) == {
        "name": "Hive planet",
        "kind": "feed",
        "url": "https://planet.bees.example/atom.xml",
        "section": "events",
        "real author from": "title",
        "paused": "yes",
    }
    assert settings_of(after, ("defaults",))[0] == ("check every", "2 hours")
    assert settings_of(after, ("rules", "Swarm warnings", "match", "not")) == ()


def test_sources_and_rules_are_taken_out() -> None:
    after = remove_source(EXAMPLE, "Tips")
    assert after == EXAMPLE.replace("  - name: Tips\n    kind: inbox\n    address: tips@bees.example\n\n", "")
    assert [rule.name for rule in read(remove_rule(EXAMPLE, "swarm warnings")).rules] == ["Honey for sale"]
    assert problems(remove_item(EXAMPLE, "sections", "events")) != []
    assert remove_source("sources:\n  - name: a\n", "a") == "sources:\n"
    assert remove_source("sources: [{name: a}, {name: b}]\n", "b") == "sources: [{name: a}]\n"
    assert remove_source("sources: [{name: a}]\n", "a") == "sources: []\n"
    noted = add_source(EXAMPLE, NEW, note="2026-11-27, Ann")
    assert remove_source(noted, "Drones: a blog") == EXAMPLE


def test_a_source_gets_another_name_and_its_rules_with_it() -> None:
    after = rename_source(EXAMPLE, "hive planet", "Planet: hives")
    assert after == EXAMPLE.replace("Hive planet", '"Planet: hives"')
    in_list = EXAMPLE.replace("source: Hive planet", "source: [Tips, 'HIVE planet']  # two")
    assert 'source: [Tips, "P, q"]  # two' in rename_source(in_list, "Hive planet", "P, q")


def test_who_is_not_there_is_named_with_who_is() -> None:
    with pytest.raises(NotFound, match=r"There is no source “Hive plant” in the file. Did you mean “Hive planet”"):
        set_key(EXAMPLE, ("sources", "Hive plant"), "weight", "1")
    with pytest.raises(NotFound, match="There are: Swarm warnings, Honey for sale"):
        add_rule(EXAMPLE, ["name: x"], before="zzzzzz")
    with pytest.raises(SpliceFault, match="Two sources are called"):
        remove_source("sources:\n- name: a b\n- name: A-b\n", "a_b")
    with pytest.raises(SpliceFault, match="stands twice"):
        set_key("defaults:\n  a: b\n  A: c\n", ("defaults",), "a", "x")
    with pytest.raises(SpliceFault, match="which item"):
        set_key(EXAMPLE, ("sources",), "a", "x")


def test_a_file_with_other_mistakes_can_be_changed_and_gets_no_new_ones() -> None:
    wrong = EXAMPLE.replace("weight: 20", "wieght: 20").replace('"#c98a00"', "#c98a00")
    assert problems(add_source(wrong, ["name: x", "url: https://x.example/"])) == problems(wrong)
    with pytest.raises(SpliceFault, match="a mistake into the file"):
        add_source(EXAMPLE, ["name: x", "url: #y"])


def test_where_an_item_stands() -> None:
    first, last = lines_of(EXAMPLE, "sources", "Hive planet")
    assert EXAMPLE.split("\n")[first - 1 : last][0::5] == ["  - name: Hive planet", "    real author from: title"]


@needs_corpus
def test_the_full_example_with_each_of_its_values_put_anew_is_as_it_was() -> None:
    full = shared_example(0)
    for source in read(full).sources:
        for key, value in settings_of(full, ("sources", source.name)):
            assert isinstance(value, (str, list))
            again = set_key(full, ("sources", source.name), key, value)  # type: ignore[arg-type]
            assert again.replace('"', "") == full.replace('"', "")
