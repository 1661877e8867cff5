"""What readers can choose, and when their next mail comes."""

from collections.abc import Iterable
from datetime import date
from itertools import islice

from newsletter.deliver import subscription as rules
from newsletter.model.subscriber import Choice, Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.months import coming_mails

LONGEST_PAUSE = rules.LONGEST_PAUSE
RHYTHMS = rules.RHYTHMS
_ISSUES = 60


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
    for day, is_month_end in islice(coming_mails(app.config.schedule, app.now()), _ISSUES):
        if rules.gets(reader, day, is_month_end=is_month_end):
            return day
    return None
