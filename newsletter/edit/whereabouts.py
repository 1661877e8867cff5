"""Where a story stands in an issue, in words. Pure."""

from dataclasses import dataclass

from newsletter.edit.placing import Judged
from newsletter.model.issue import Issue, Section


@dataclass(frozen=True, slots=True)
class Place:
    """``kind``: told, below, dropped, absent, or another word for where it was; ``section`` is a title."""

    kind: str
    section: str = ""
    reason: str = ""
    """Of what is not told: why not."""
    section_id: str = ""

    @property
    def is_told(self) -> bool:
        """Whether readers get it."""
        return self.kind == "told"

    @property
    def words(self) -> str:
        """After "it": stands in Events, lies below the line of Events, is left out."""
        return {
            "told": f"stands in {self.section}",
            "below": f"lies below the line of {self.section}",
            "dropped": "is left out",
            "told before": "only stood by",
            "counted": "is only counted",
            "unknown": "stands nobody can say where",
        }.get(self.kind, "does not stand")


def place_of(issue: Issue, story_id: str) -> Place:
    """Where the story stands in ``issue``."""
    for section in issue.sections:
        if any(entry.story_id == story_id and not entry.id.endswith("-date") for entry in section.entries):
            return Place("told", section.title, "", section.id)
    for section in issue.sections:
        if any(entry.story_id == story_id for entry in section.runners_up):
            return Place("below", section.title, _why_below(section), section.id)
    for each in issue.dropped:
        if each.story_id == story_id:
            return Place("dropped", reason=f"{each.reason.rstrip('.')}.")
    return Place("absent", reason="The draft does not hold it any more.")


def _why_below(section: Section) -> str:
    most = section.settings.at_most if section.settings else None
    if most is not None and len(section.entries) >= most:
        return f"{section.title} takes {most}, and others are worth more."
    return "An editor has to take it."


def rule_place(judged: Judged, issue: Issue) -> Place:
    """Where a draft has the story, as rules are compared: without the reason for what is left out."""
    found = place_of(issue, judged.story.id)
    return Place(found.kind, found.section, found.reason if found.kind == "dropped" else "", found.section_id)
