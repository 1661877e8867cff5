"""What of feeds.yaml decided otherwise about a story than another version of the file did. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsletter.edit.placing import Judged
from newsletter.model.issue import SectionSettings
from newsletter.model.rule import Rule
from newsletter.model.source import Source
from newsletter.model.story import ScorePart, Verdict


@dataclass(frozen=True, slots=True)
class Cause:
    """A setting that made a difference, in words.

    ``line`` is where it stands in the file that is tried, or in the old one if ``is_old``; ``rule`` names a rule.
    """

    text: str
    line: int | None = None
    rule: str | None = None
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """The part of a feeds.yaml that decides about stories: rules by name, sections and sources by id."""

    rules: Mapping[str, Rule]
    sections: Mapping[str, SectionSettings]
    sources: Mapping[str, Source]

    @classmethod
    def of(cls, rules: Sequence[Rule], sections: Sequence[SectionSettings], sources: Sequence[Source]) -> "Ground":
        """The ground that these make; the sources have the ids that items know them by."""
        return cls(
            {each.name: each for each in rules},
            {each.id: each for each in sections},
            {each.id: each for each in sources},
        )

    def title(self, section: str | None) -> str:
        """What a section is called; "nowhere" for none."""
        known = self.sections.get(section or "")
        return known.title if known else section or "nowhere"


def causes_of(was: Judged | None, now: Judged | None, old: Ground, new: Ground) -> tuple[Cause, ...]:
    """Why ``now`` is judged otherwise than it was; empty when it is not."""
    if now is None:
        return _gone(was, old, new)
    if was is None:
        return (Cause("it was part of another story then"),)
    one, two = was.verdict, now.verdict
    source = was.story.lead.source_id, now.story.lead.source_id
    found = [
        *_dropping(one, two, old, new),
        *_section(one, two, old, new, source),
        *_points(one, two, old, new),
        *_keeping(one, two, old, new),
        *_looks(one, two, old, new),
        *_brake(old.sources.get(source[0]), new.sources.get(source[1])),
    ]
    return tuple(dict.fromkeys(found))


def _gone(was: Judged | None, old: Ground, new: Ground) -> tuple[Cause, ...]:
    """All that it was made of is read no more."""
    source = old.sources.get(was.story.lead.source_id) if was else None
    if source is None:
        return (Cause("nothing of it is read any more"),)
    there = new.sources.get(source.id)
    if there is None:
        return (Cause(f"source {source.name} is not in this file", source.own_line, is_old=True),)
    said = f"source {there.name} is paused in this file" if there.paused else "it is part of another story now"
    return (Cause(said, there.own_line if there.paused else None),)


def _rule(name: str, does: str, ground: Ground, *, is_old: bool = False) -> Cause:
    rule = ground.rules.get(name)
    number = f"rule {rule.number} " if rule else "rule "
    return Cause(f"{number}“{name}” {does}", rule.own_line if rule else None, name, is_old)


def _dropping(one: Verdict, two: Verdict, old: Ground, new: Ground) -> Iterator[Cause]:
    if two.dropped_by and two.dropped_by != one.dropped_by:
        yield _rule(two.dropped_by, "drops it", new)
    elif one.dropped_by and not two.dropped_by:
        name = one.dropped_by
        if name in new.rules:
            yield _rule(name, "does not drop it any more", new)
        else:
            yield _rule(name, "dropped it and is not in this file", old, is_old=True)


def _decider(verdict: Verdict, ground: Ground) -> Rule | None:
    """The first rule that names a section."""
    return next((rule for name in verdict.rules if (rule := ground.rules.get(name)) and rule.section), None)


def _section(one: Verdict, two: Verdict, old: Ground, new: Ground, source: tuple[str, str]) -> Iterator[Cause]:
    if one.section == two.section or two.dropped_by:
        return
    was, now = _decider(one, old), _decider(two, new)
    into = new.title(two.section)
    if now is not None:
        yield _rule(now.name, f"puts it into {into}", new)
        return
    there = new.sources.get(source[1])
    if was is not None:
        if was.name in new.rules:
            yield _rule(was.name, "names no section for it any more", new)
        else:
            yield _rule(was.name, "put it there and is not in this file", old, is_old=True)
    if there and there.section:
        yield Cause(f"source {there.name} belongs to {into}", there.own_line)
    elif was is None and (before := old.sources.get(source[0])) and before.section:
        yield Cause(f"source {before.name} names no section any more", there.own_line if there else None)
    elif was is None:
        yield Cause(f"the sections are others: {into} takes it")


def _points(one: Verdict, two: Verdict, old: Ground, new: Ground) -> Iterator[Cause]:
    """What gives it more points or fewer. What only its company changed is not named beside a rule."""
    if two.dropped_by or one.dropped_by:
        return
    before, after = _sum(one.parts), _sum(two.parts)
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name, (0, None)), after.get(name, (0, None))
        if was[0] == now[0]:
            continue
        rule = next((each for each in (*two.rules, *one.rules) if name == f"rule “{each}”"), None)
        if rule is None and not name.startswith("source "):
            continue
        is_old = name not in after
        said = f"{_signed(now[0])} points (was {_signed(was[0])})"
        if rule:
            yield _rule(rule, said, old if rule not in new.rules else new, is_old=rule not in new.rules)
        else:
            yield Cause(f"{name}: {said}", was[1] if is_old else now[1], is_old=is_old)


def _sum(parts: Sequence[ScorePart]) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {}
    for part in parts:
        found[part.name] = (found.get(part.name, (0, None))[0] + part.points, part.line)
    return found


def _signed(points: int) -> str:
    return f"+{points}" if points > 0 else f"−{-points}" if points else "0"


def _keeping(one: Verdict, two: Verdict, old: Ground, new: Ground) -> Iterator[Cause]:
    if one.is_kept == two.is_kept:
        return
    verdict, ground = (two, new) if two.is_kept else (one, old)
    for name in verdict.rules:
        rule = ground.rules.get(name)
        if rule and (rule.keep or rule.pin_until):
            does = "keeps it" if two.is_kept else "does not keep it any more"
            yield _rule(name, does, ground, is_old=ground is old)


def _looks(one: Verdict, two: Verdict, old: Ground, new: Ground) -> Iterator[Cause]:
    if (one.show_as, one.labels) == (two.show_as, two.labels) or two.dropped_by:
        return
    both = ((two.rules, new), (one.rules, old))
    for names, ground in both:
        for name in names:
            rule = ground.rules.get(name)
            other = (old if ground is new else new).rules.get(name)
            is_new = other is None or (other.show_as, other.label) != (rule.show_as, rule.label) if rule else False
            if rule and is_new and (rule.show_as or rule.label):
                does = "shows it in another way" if ground is new else "showed it in another way"
                yield _rule(name, does, ground, is_old=ground is old)


def _brake(was: Source | None, now: Source | None) -> Iterator[Cause]:
    """Limits of its source that are others now."""
    if was is None or now is None:
        return
    pairs = (
        ("at most per week", was.at_most_per_week, now.at_most_per_week),
        ("quote at most", was.quote_at_most, now.quote_at_most),
        ("company", was.vendor, now.vendor),
        ("at most of its company", was.at_most_per_vendor, now.at_most_per_vendor),
        ("show as", was.show_as, now.show_as),
    )
    for word, one, two in pairs:
        if one != two:
            yield Cause(f"source {now.name}: {word} {_word(two)} (was {_word(one)})", now.own_line)


def _word(value: object) -> str:
    return "not set" if value is None else str(value)
