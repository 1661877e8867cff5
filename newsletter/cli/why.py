"""why: every rule, score and decision about one item."""

import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import home_option
from newsletter.cli.speak import DONE, TO_MEND, say, say_json
from newsletter.errors import NotFound
from newsletter.model.codec import time_text

if TYPE_CHECKING:
    from newsletter.model.rule_said import RuleSaid
    from newsletter.pipeline.finding import ItemHit
    from newsletter.pipeline.why import Why, WhyInIssue, Without

_FILE = "feeds.yaml"
_WIDTH = 79


@click.command()
@home_option
@click.argument("words", metavar="ITEM", nargs=-1, required=True)
@click.option("--issue", "number", metavar="N", type=int, help="In this issue only.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def why(home: Path, words: tuple[str, ...], number: int | None, *, as_json: bool) -> int:
    """Say why an item is where it is: every rule, score part and decision, each with its line of feeds.yaml.

    ITEM is the id of an item or a story, an address, or words of the title. Lines are those of the feeds.yaml that
    the issue was made with.
    """
    from newsletter.pipeline.finding import find_items, set_aside_at
    from newsletter.pipeline.in_force import config_in_force
    from newsletter.pipeline.looking import look_into
    from newsletter.pipeline.why import explain_item

    asked = " ".join(words)
    with look_into(home, environ=os.environ) as shelf:
        hits = find_items(shelf.database, asked)
        if not hits:
            raise NotFound(_not_found(asked, set_aside_at(shelf.database, asked)))
        config = config_in_force(home, os.environ)[0]
        if len(hits) > 1:
            names = {source.id: source.name for source in config.sources}
            return _say_hits(hits, names, as_json=as_json)
        found = explain_item(shelf, config, hits[0].item_id, number=number)
    if as_json:
        say_json(_record(found))
    else:
        _say_why(found, number)
    return DONE


def _not_found(asked: str, reason: str) -> str:
    """What to say of something that no item is; ``reason`` is why its address was set aside."""
    if reason:
        return f"“{asked}” was read and set aside: {reason}. See: newsletter aside"
    return f"There is no item “{asked}” in the store. Give its id, its address, or words of its title."


def _say_hits(hits: Sequence["ItemHit"], names: Mapping[str, str], *, as_json: bool) -> int:
    """``names`` are those of the sources, by id: titles alone do not always tell items apart."""
    if as_json:
        say_json({"hits": [{**_hit_record(hit), "source": names.get(hit.source_id, hit.source_id)} for hit in hits]})
        return TO_MEND
    say("Several items fit. Name one by its id:")
    for hit in hits:
        source = names.get(hit.source_id, hit.source_id)
        say(f"  {hit.item_id}  {hit.day or 'no date':<10}  {hit.title} ({source})")
    return TO_MEND


def _hit_record(hit: "ItemHit") -> Mapping[str, Any]:
    return {"id": hit.item_id, "title": hit.title, "url": hit.url, "date": str(hit.day) if hit.day else None}


def _say_why(found: "Why", number: int | None) -> None:
    item = found.item
    for each in found.issues:
        _wrapped(each.sentence)
    if found.never:
        _wrapped(f"It was a candidate of no issue. {found.never}" if number is None else _not_in(number, found))
    say()
    say(item.title)
    say(f"  {found.source_name}, {found.dated}, item {item.id}")
    if item.url:
        say(f"  {item.url}")
    for each in found.issues:
        _say_issue(each)
    if found.more:
        say()
        _wrapped(f"It was a candidate of older issues, too: {', '.join(map(str, found.more))}. See one with --issue N.")


def _not_in(number: int, found: "Why") -> str:
    return f"It was no candidate of issue {number}. {found.never}"


def _say_issue(each: "WhyInIssue") -> None:
    say()
    say(f"Issue {each.number} ({each.state}): {each.title}")
    if each.trouble:
        _wrapped(each.trouble, indent="  ")
    if each.place != each.drafted:
        _wrapped(f"Before editors: it {each.drafted.words}.", indent="  ")
    _part("Rules", (_rule_line(said) for said in each.rules))
    if each.source:
        _part("Source", [f"{each.source.name}{_section_of(each)} ({each.source.file}:{each.source.line})"])
    if each.parts:
        lines = (
            f"{part.points:+4}  {part.name}{f' ({_FILE}:{part.line})' if part.line else ''}" for part in each.parts
        )
        by = f", by what editors chose ({each.ranked_by})" if each.ranked_by else ""
        _part(f"Score {each.score}{by}", lines)
    _part("Section", each.model)
    if len(each.joined) > 1:
        titles = [f"{one.title} ({one.id})" for one in each.joined]
        _part("Told together", [*titles, *(f"because: {text}" for text in each.because)])
    _part("Editors", (f"{one.made_at:%Y-%m-%d %H:%M}  {one.editor} {one.what}" for one in each.decisions))
    _part("What if", (_without_words(one) for one in each.without))


def _section_of(each: "WhyInIssue") -> str:
    source = each.source
    return f": section {source.section}" if source and source.section else ": names no section"


def _rule_line(said: "RuleSaid") -> str:
    points = f"{said.points:+4}" if said.points else "    "
    does = f": {'; '.join(said.does)}" if said.does else ""
    return f"{points}  rule {said.rule.number} “{said.rule.name}”{does} ({said.rule.place})"


def _without_words(one: "Without") -> str:
    """What would be without a rule: "Without rule “Bridges” it would stand in General, score 51."."""
    begin = f"Without the rule “{one.rule}” it would"
    if one.is_same:
        return f"{begin} be where it is: {one.why}"
    where = {"told": f"be in {one.place.section}", "below": f"be below the line of {one.place.section}"}
    reason = "" if one.place.is_told or one.place.kind == "below" else f": {one.place.reason}"
    return f"{begin} {where.get(one.place.kind, 'be left out')}, score {one.score}{reason.rstrip('.')}."


def _part(head: str, lines: Iterable[str]) -> None:
    found = list(lines)
    if found:
        say(f"  {head}")
        for line in found:
            _wrapped(line, indent="    ")


def _wrapped(text: str, *, indent: str = "") -> None:
    for line in textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "", break_long_words=False
    ):
        say(line)


def _record(found: "Why") -> Mapping[str, Any]:
    item = found.item
    return {
        "item": {"id": item.id, "title": item.title, "url": item.url, "source": found.source_name, "date": found.dated},
        "never": found.never or None,
        "more_issues": list(found.more),
        "issues": [_issue_record(each) for each in found.issues],
    }


def _issue_record(each: "WhyInIssue") -> Mapping[str, Any]:
    return {
        "number": each.number,
        "sentence": each.sentence,
        "place": each.place.kind,
        "section": each.place.section_id or None,
        "drafted_place": each.drafted.kind,
        "drafted_section": each.drafted.section_id or None,
        "why": each.why,
        "score": each.score,
        "parts": [{"name": one.name, "points": one.points, "line": one.line} for one in each.parts],
        "rules": [_rule_record(one) for one in each.rules],
        "source": {"name": each.source.name, "line": each.source.line} if each.source else None,
        "model": list(each.model),
        "story": each.story_id or None,
        "joined": [{"id": one.id, "title": one.title} for one in each.joined],
        "because": list(each.because),
        "decisions": [{"editor": one.editor, "at": time_text(one.made_at), "what": one.what} for one in each.decisions],
        "without": [_without_record(one) for one in each.without],
        "trouble": each.trouble or None,
    }


def _rule_record(said: "RuleSaid") -> Mapping[str, Any]:
    rule = said.rule
    return {
        "number": rule.number,
        "name": rule.name,
        "line": rule.line,
        "points": said.points,
        "does": list(said.does),
        "is_decisive": said.is_decisive,
    }


def _without_record(one: "Without") -> Mapping[str, Any]:
    return {
        "rule": one.rule,
        "place": one.place.kind,
        "section": one.place.section_id or None,
        "score": one.score,
        "is_same": one.is_same,
        "why": one.why,
    }
