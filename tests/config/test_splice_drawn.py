"""Any change of any file: it says what was meant, and every other line is as it was, byte for byte."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from newsletter.config.marks import meaning_of_mark, read_marks
from newsletter.config.splice import (
    add_rule,
    add_source,
    remove_key,
    remove_source,
    rename_in_rules,
    rename_source,
    set_key,
)
from newsletter.config.written import entry_lines
from tests.config.feeds_drawn import KEYS, NAMES, WORDS, Drawn, entry, files

pytestmark = pytest.mark.slow
QUICK = (Phase.explicit, Phase.generate, Phase.shrink)
MANY = settings(max_examples=60, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))


def said(text: str, part: str) -> list[dict[str, Any]]:
    """What the items of ``part`` say."""
    meaning = meaning_of_mark(read_marks(text).root)
    assert isinstance(meaning, tuple)
    return [dict(item) for item in dict(meaning).get(part) or []]  # type: ignore[arg-type,union-attr]


def lines(text: str) -> list[str]:
    return re.split("(?<=\n)", text)


def is_put_in(before: str, after: str) -> bool:
    """Whether ``after`` is ``before`` with one piece put in, a break that was missing at the end aside."""
    start = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(before))
    return after.endswith(before[start:])


def changed_lines(before: str, after: str) -> list[str]:
    """The lines of ``before`` that are not in ``after`` any more, in order."""
    old, new = lines(before), lines(after)
    start = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end]


@MANY
@given(files(), st.data())
def test_a_source_is_put_in(drawn: Drawn, data: st.DataObject) -> None:
    assert said(drawn.text, "sources") == drawn.sources
    new = data.draw(entry("z new one"))
    after = add_source(drawn.text, entry_lines(new), note=data.draw(st.sampled_from(["", "2026-11-27, Ann #1"])))
    assert said(after, "sources") == [*drawn.sources, new]
    assert said(after, "rules") == drawn.rules
    assert is_put_in(drawn.text, after)


@MANY
@given(files(), st.data())
def test_a_rule_is_put_in_where_it_is_wanted(drawn: Drawn, data: st.DataObject) -> None:
    before = data.draw(st.sampled_from(["", *(rule["name"] for rule in drawn.rules)]))
    new = {
        "name": "zz",
        "match": {"title": data.draw(WORDS), "not": {"author": ["a", data.draw(WORDS)]}},
        "drop": "yes",
    }
    after = add_rule(drawn.text, entry_lines(new), before=before)
    at = next((at for at, rule in enumerate(drawn.rules) if rule["name"] == before), len(drawn.rules))
    match = (("title", new["match"]["title"]), ("not", (("author", new["match"]["not"]["author"]),)))  # type: ignore[index]
    assert said(after, "rules") == [*drawn.rules[:at], {**new, "match": match}, *drawn.rules[at:]]
    assert said(after, "sources") == drawn.sources
    assert is_put_in(drawn.text, after)


@MANY
@given(files(), st.data())
def test_a_key_of_a_source_is_set(drawn: Drawn, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(drawn.sources) - 1))
    key = data.draw(st.sampled_from(KEYS))
    value = data.draw(st.one_of(WORDS, st.lists(WORDS, max_size=4)))
    old = drawn.sources[at]
    after = set_key(drawn.text, ("sources", old["name"]), key, value)
    assert said(after, "sources") == [*drawn.sources[:at], {**old, key: value}, *drawn.sources[at + 1 :]]
    assert said(after, "rules") == drawn.rules
    if key in old:
        own = set(changed_lines(drawn.text, after))
        assert not any("name:" in line or "boost:" in line for line in own if key != "name")
    else:
        assert is_put_in(drawn.text, after)


@MANY
@given(files(), st.data())
def test_a_key_of_a_source_is_taken_out(drawn: Drawn, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(drawn.sources) - 1))
    old = drawn.sources[at]
    assume(len(old) > 1)
    key = data.draw(st.sampled_from(list(old)))
    after = remove_key(drawn.text, ("sources", old["name"]), key)
    left = {each: value for each, value in old.items() if each != key}
    assert said(after, "sources") == [*drawn.sources[:at], left, *drawn.sources[at + 1 :]]
    if key != "name":
        assert is_put_in(after, drawn.text) or not drawn.text.endswith("\n")


@MANY
@given(files(), st.data())
def test_a_source_is_taken_out(drawn: Drawn, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(drawn.sources) - 1))
    after = remove_source(drawn.text, drawn.sources[at]["name"])
    assert said(after, "sources") == [*drawn.sources[:at], *drawn.sources[at + 1 :]]
    assert said(after, "rules") == drawn.rules
    assert is_put_in(after, drawn.text) or not drawn.text.endswith("\n")


@MANY
@given(files(), st.data())
def test_what_is_put_in_and_taken_out_again_leaves_the_file_as_it_was(drawn: Drawn, data: st.DataObject) -> None:
    new = data.draw(entry("z new one"))
    once = add_source(drawn.text, entry_lines(new))
    again = remove_source(once, "z new one")
    assert again.rstrip("\r\n") == drawn.text.rstrip("\r\n")


@MANY
@given(files(), NAMES, st.data())
def test_a_source_and_the_rules_about_it_get_another_name(drawn: Drawn, new: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(drawn.sources) - 1))
    old = drawn.sources[at]["name"]
    rule = {
        "name": "about it",
        "match": {"source": data.draw(st.sampled_from([old.upper(), [old, "other"]]))},
        "boost": "1",
    }
    text = add_rule(drawn.text, entry_lines(rule))
    after = rename_source(text, old, new)
    assert [each["name"] for each in said(after, "sources")][at] == new
    named = dict(said(after, "rules")[-1]["match"])["source"]
    assert named == (new if isinstance(rule["match"]["source"], str) else [new, "other"])  # type: ignore[index]


@MANY
@given(files(), files(), st.data())
def test_a_source_of_an_included_file_is_renamed_in_the_rules_of_another_one(
    main: Drawn, more: Drawn, data: st.DataObject
) -> None:
    old, new = data.draw(st.sampled_from(more.sources))["name"], "z " + data.draw(NAMES)
    assume(re.sub(r"[\s_-]+", " ", new) not in [each["name"] for each in more.sources])
    named = data.draw(st.sampled_from([old.upper(), [old, "other"]]))
    rule = {"name": "about it", "match": {"source": named}, "boost": "1"}
    before = add_rule(main.text, entry_lines(rule))
    after = rename_in_rules(before, old, new)
    assert said(after, "sources") == main.sources
    assert said(after, "rules")[:-1] == main.rules
    assert dict(said(after, "rules")[-1]["match"])["source"] == (new if isinstance(named, str) else [new, "other"])
    assert len(changed_lines(before, after)) == 1
    assert [each["name"] for each in said(rename_source(more.text, old, new), "sources")].count(new) == 1
    assert rename_in_rules(more.text, old, new) == more.text
