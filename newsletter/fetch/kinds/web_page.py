"""Pages that offer no feed. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass

from newsletter.fetch.kinds import kind


@kind("web page", can_read=False)
@dataclass(frozen=True, slots=True)
class WebPage:
    """A new or changed part of a page; ``watch`` names the parts as CSS selectors."""

    url: str
    watch: str
