"""When the scheduler fires: at a weekly hour of the newsletter's zone, clock changes included."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

from newsletter.model.period import WeekTime


class WeekTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at one hour of the week. An hour that comes twice fires once, one that is left out an hour later."""

    def __init__(self, week_time: WeekTime, zone: ZoneInfo) -> None:
        self.week_time, self.zone = week_time, zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first such hour after the previous firing, or after now."""
        after = max(previous_fire_time, now) if previous_fire_time else now
        return self.week_time.next_after(after, self.zone)
