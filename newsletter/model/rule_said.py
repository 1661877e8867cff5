"""What one rule of feeds.yaml makes of one story, in words."""

from dataclasses import dataclass

from newsletter.model.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """A rule that meets a story. ``points`` are those that count; ``does`` says the rest, each as a few words."""

    rule: Rule
    points: int = 0
    does: tuple[str, ...] = ()
    is_decisive: bool = False
    """Whether the section, the dropping or the keeping of the story is its doing."""
