"""What a reader chose, in words."""

from collections.abc import Sequence
from datetime import date, datetime

from newsletter.model.issue import SectionSettings
from newsletter.model.period import DAYS
from newsletter.model.settings import Schedule
from newsletter.model.subscriber import Choice, Rhythm
from newsletter.render.words import enumerate_words, full_date
from newsletter.text import one_line


def rhythm_words(rhythm: Rhythm, schedule: Schedule) -> str:
    """Every Friday; once a month; only the highlights, every Friday."""
    day = DAYS[schedule.send.day]
    return {
        "weekly": f"every {day}",
        "monthly": "once a month",
        "highlights": f"only the highlights, every {day}",
    }[rhythm]


def sections_words(choice: Choice, sections: Sequence[SectionSettings]) -> str:
    """All sections, or the titles of those that were chosen."""
    if choice.sections is None:
        return "all sections"
    titles = {each.id: one_line(each.title) or each.id for each in sections}
    return enumerate_words(titles[each] for each in choice.sections if each in titles) or "all sections"


def choice_words(choice: Choice, sections: Sequence[SectionSettings], schedule: Schedule) -> str:
    """All sections, every Friday."""
    return f"{sections_words(choice, sections)}, {rhythm_words(choice.rhythm, schedule)}"


def day_words(at: datetime | date | None, schedule: Schedule) -> str:
    """3 February 2025, in the newsletter's zone; "" when unknown."""
    if at is None:
        return ""
    return full_date(at.astimezone(schedule.zone).date() if isinstance(at, datetime) else at)
