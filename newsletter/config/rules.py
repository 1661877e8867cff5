"""The part "rules": what each looks for and what it does, and whether it can ever work."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from newsletter.config.amounts import age, amount
from newsletter.config.kind_keys import kind_word
from newsletter.config.nodes import Block, Listing, Text
from newsletter.config.parts import Advice, Part, is_empty, keys_in, node_under, tell_misplaced
from newsletter.config.patterns import is_pattern, rule_words
from newsletter.config.problems import Report, did_you_mean, plain, shown
from newsletter.config.schedule import day_name
from newsletter.config.sources import SHOW_AS
from newsletter.config.values import Reader, Wrong, one_of, read_text, whole, yes_or_no
from newsletter.model.rule import Match, Rule

MATCH_KEYS = (
    *("source", "kind", "project", "language", "title", "text", "author", "link", "replies", "people", "age"),
    *("length", "has", "not"),
)
DOES_KEYS = (*("section", "boost", "drop", "keep", "merge with", "show as", "pin", "label", "because", "even many"),)
RULE_KEYS = ("name", "match", *DOES_KEYS)
HAS = ("picture", "date", "deadline", "question", "code")
MERGE_WITH = ("the original",)
_WORDS = ("title", "text", "author")
_LINK_TO = re.compile(r"link to (\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name. ``sources`` is None when it is not known for sure which there are."""

    report: Report
    section: Reader[str]
    sources: tuple[str, ...] | None


def read_rules(blocks: list[Block], known: Known, *, before: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    """All rules of a file in their order; they come after those ``before``, whose names they may not have."""
    found: list[Rule] = []
    first_called: dict[str, Rule] = {}
    for each in before:
        first_called.setdefault(plain(each.name), each)
    for number, block in enumerate(blocks, len(before) + 1):
        keys = keys_in(block)
        if "match" not in keys and "url" in keys:
            tell_misplaced(block, known.report, what="source", part="sources")
            continue
        rule = _read_rule(block, number, known)
        first = first_called.setdefault(plain(rule.name), rule)
        if rule.name and first is not rule:
            where = f"line {first.line}" + ("" if first.file == rule.file else f" of {first.file}")
            text = f'Two rules are called "{shown(rule.name)}"; the first is on {where}. Give one another name.'
            known.report.tell(block.line, text)
        found.append(rule)
        if known.report.is_full:
            break
    return tuple(found)


def _read_rule(block: Block, number: int, known: Known) -> Rule:
    report = known.report
    is_matching = _has_match(block)
    # Without "match:" the fields that belong under it are part of that one mistake.
    keys = RULE_KEYS if is_matching else (*RULE_KEYS, *MATCH_KEYS)
    part = Part(block, report, what="a rule", keys=keys, hint=_match_hint if is_matching else None)
    name = part.text("name") or ""
    if "name" not in part:
        report.tell(block.line, 'This rule has no "name:". Give it one, so that "why is this here" can say it.')
    match = Match()
    if is_matching or part.node("match") is not None:
        inner = part.block("match")
        match = _read_match(inner, name, known) if inner else match
    else:
        text = 'has no "match:" with lines under it, so it would touch every item. Say what it looks for.'
        report.tell(block.line, f"{_called(name)} {text}")
    if not any(key in part for key in DOES_KEYS):
        text = f'{_called(name)} does nothing. Write "section:", "boost:", "drop: yes" or what else it is to do.'
        report.tell(block.line, text)
    return _rule(part, match, name=name, number=number, known=known)


def _rule(part: Part, match: Match, *, name: str, number: int, known: Known) -> Rule:
    drop, keep = part.value("drop", yes_or_no, False), part.value("keep", yes_or_no, False)
    if drop and keep:
        part.tell("keep", f'{_called(name)} says both "drop: yes" and "keep: yes". Keep one of the two.')
    return Rule(
        name=name,
        match=match,
        section=part.optional("section", known.section),
        boost=part.value("boost", whole(-100, 100, "20 is a firm push."), 0),
        drop=drop,
        keep=keep,
        merge_with_original=part.optional("merge with", one_of(*MERGE_WITH)) is not None,
        show_as=part.optional("show as", one_of(*SHOW_AS)),
        pin_until=part.optional("pin", _until),
        label=part.text("label"),
        because=part.text("because"),
        even_many=part.value("even many", yes_or_no, False),
        line=part.line,
        file=known.report.file,
        number=number,
    )


def _called(name: str) -> str:
    return f'Rule "{shown(name)}"' if name else "This rule"


def _has_match(block: Block) -> bool:
    node = node_under(block, "match")
    return node is not None and not is_empty(node)


def _match_hint(key: str) -> Advice | None:
    return Advice(' Put it under "match:", 2 spaces further in.') if key in MATCH_KEYS else None


def _read_match(block: Block, name: str, known: Known, *, is_not: bool = False) -> Match:
    keys = [key for key in MATCH_KEYS if key != "not"] if is_not else MATCH_KEYS
    part = Part(block, known.report, what='"not"' if is_not else '"match"', keys=keys)
    _look_at_words(part)
    inner = part.block("not") if "not" in part else None
    if "not" in part and part.node("not") is None:
        part.tell("not", '"not:" has no lines under it. Say what the rule does not look for.')
    return Match(
        source=_sources(part, name, known, is_not=is_not),
        kind=part.many("kind", kind_word),
        **{key: part.many(key, rule_words) for key in ("project", "language", "title", "text", "author", "link")},
        replies=part.optional("replies", amount("replies", "reply")),
        people=part.optional("people", amount("people", "person")),
        age=part.optional("age", age),
        length=part.optional("length", amount("words", "word")),
        has=part.many("has", _has),
        none_of=_read_match(inner, name, known, is_not=True) if inner else None,
    )


def _look_at_words(part: Part) -> None:
    """Lists that look for nothing, and words that were perhaps meant as a pattern."""
    for key, entry in part.entries.items():
        node = entry.node
        texts = node.items if isinstance(node, Listing) else [node]
        if not texts:
            part.tell(
                key, f'"{key}:" is an empty list, which looks for nothing. Write what it looks for, or remove the line.'
            )
        for text in texts if key in _WORDS else ():
            if isinstance(text, Text) and text.value.startswith("/") and not is_pattern(text.value.strip()):
                said = shown(text.value.strip())
                pattern = shown(f"/{text.value.strip().strip('/')}/")
                part.report.warn(
                    text.line,
                    f'"{said}" is looked for letter by letter. A pattern stands between two slashes: {pattern}.',
                )


def _sources(part: Part, name: str, known: Known, *, is_not: bool) -> tuple[str, ...]:
    wanted = part.many("source", read_text)
    if known.sources is None:
        return wanted
    names: Collection[str] = {found.casefold() for found in known.sources}
    is_vain = not is_not and not any(each.casefold() in names for each in wanted)

    def read(key: str, text: str) -> str | Wrong:
        if text.casefold() in names:
            return text
        looks = "makes an exception of" if is_not else "looks for"
        said = f'{_called(name)} {looks} the source "{shown(text)}", and there is none.'
        vain = " The rule can never work." if is_vain else ""
        return Wrong(f"{said}{did_you_mean(text, known.sources or ())}{vain}")

    return part.many("source", read)


def _has(key: str, text: str) -> str | Wrong:
    found = _LINK_TO.fullmatch(text)
    if found:
        return f"link to {found[1].lower()}"
    return one_of(*HAS, "link to HOST")(key, text)


def _until(key: str, text: str) -> str | Wrong:
    word = text.removeprefix("until").strip()
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        return day_name(word) or Wrong(
            f'{key} must say until when, for example "until Friday" or "until 2012-03-01", not "{shown(text)}".'
        )
