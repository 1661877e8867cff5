"""What each rule of feeds.yaml makes of one story, in words: what counted, and what came too late. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from newsletter.classify.rules import Matcher
from newsletter.model.rule import Rule
from newsletter.model.rule_said import RuleSaid
from newsletter.model.story import Story


@dataclass(frozen=True, slots=True)
class _Deciders:
    """The rules that had the first and the last word."""

    section: Rule | None
    keeper: Rule | None
    dropper: Rule | None


def rules_said(
    matcher: Matcher,
    stories: Sequence[Story],
    *,
    fired: Collection[str] = (),
    title_of: Callable[[str], str] = str,
) -> tuple[RuleSaid, ...]:
    """Every rule that meets one of ``stories``, which are told as one, in the order of the file.

    ``fired`` are names of rules that met one of its items before it was a story; ``title_of`` names sections.
    """
    met = [rule for rule in matcher.rules if rule.name in fired or any(matcher.matches(rule, each) for each in stories)]
    deciders = _deciders(met)
    return tuple(_said(rule, deciders, title_of) for rule in met)


def _deciders(met: Sequence[Rule]) -> _Deciders:
    keeper = next((rule for rule in met if rule.keep), None)
    dropper = next((rule for rule in met if rule.drop and not (keeper and keeper.number < rule.number)), None)
    return _Deciders(next((rule for rule in met if rule.section), None), keeper, dropper)


def _said(rule: Rule, deciders: _Deciders, title_of: Callable[[str], str]) -> RuleSaid:
    dropper = deciders.dropper
    if dropper and dropper.number < rule.number:
        return RuleSaid(rule, 0, (f"not asked any more: rule {dropper.number} drops it before",))
    does: list[str] = []
    if rule.section and deciders.section:
        first = deciders.section.number
        into = title_of(rule.section)
        does.append(
            f"puts it into {into}" if first == rule.number else f"would put it into {into}; rule {first} was first"
        )
    does += _drops(rule, deciders)
    if rule.keep:
        does.append("keeps it")
    does += [f"pins it until {rule.pin_until}"] if rule.pin_until else []
    does += ["calls it a copy: the original speaks for it"] if rule.merge_with_original else []
    does += [f"shows it as {rule.show_as}"] if rule.show_as else []
    does += [f"labels it {rule.label}"] if rule.label else []
    is_decisive = rule in (deciders.section, dropper) or bool(rule.keep or rule.pin_until)
    return RuleSaid(rule, rule.boost, tuple(does), is_decisive)


def _drops(rule: Rule, deciders: _Deciders) -> list[str]:
    if not rule.drop:
        return []
    keeper = deciders.keeper
    return (
        [f"would drop it; rule {keeper.number} keeps it"] if rule is not deciders.dropper and keeper else ["drops it"]
    )
