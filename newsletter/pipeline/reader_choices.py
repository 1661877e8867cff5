"""What readers can choose, and when their next mail comes."""

from collections.abc import Iterable
from datetime import date, timedelta

from newsletter.deliver import subscription as rules
from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline.app import Newsletter

LONGEST_PAUSE = rules.LONGEST_PAUSE
RHYTHMS = rules.RHYTHMS
_WEEKS = 60


def offered(app: Newsletter) -> tuple[str, ...]:
    """The ids of the sections that readers may choose."""
    return tuple(each.id for each in app.config.sections)


def choice_from(app: Newsletter, rhythm: str, sections: Iterable[str]) -> Choice:
    """The choice that a form says (UsageError)."""
    return rules.choice_of(rhythm, sections, offered(app))


def fitted(app: Newsletter, choice: Choice) -> Choice:
    """``choice`` without sections that the newsletter does not have any more."""
    return rules.fitting(choice, offered(app))


def today(app: Newsletter) -> date:
    """The day it is where the newsletter is made."""
    return app.now().astimezone(app.config.schedule.zone).date()


def paused_until(app: Newsletter, reader: Subscriber) -> date | None:
    """The day on which mail comes again to ``reader``, None when there is no pause."""
    return reader.paused_until if rules.is_paused(reader, today(app)) else None


def next_mail(app: Newsletter, reader: Subscriber) -> date | None:
    """The day of the next issue that goes to ``reader``; None when none does within a year."""
    schedule, at = app.config.schedule, app.now()
    for _ in range(_WEEKS):
        at = schedule.send.next_after(at, schedule.zone)
        day = at.astimezone(schedule.zone).date()
        following = schedule.send.next_after(at, schedule.zone).astimezone(schedule.zone).date()
        while following in schedule.skip:
            following += timedelta(weeks=1)
        if day not in schedule.skip and rules.gets(reader, day, is_month_end=following.month != day.month):
            return day
    return None
