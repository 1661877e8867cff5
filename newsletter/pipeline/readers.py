"""Who gets an issue: those whom its approval fixed, or who would get it if it were approved now."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.edit.changes import fold
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.months import is_month_end
from newsletter.pipeline.times import send_time
from newsletter.store import delivery_reports, issues
from newsletter.store.campaigns import campaigns_of
from newsletter.store.mailings import ISSUE, mailing, reach


@dataclass(frozen=True, slots=True)
class Readers:
    """How many get the issue, and where its mail goes; those of a ``service`` that sends in our place it counts."""

    count: int
    where: str
    """What happens to the mail, in a sentence."""
    service: str = ""

    @property
    def said(self) -> str:
        """Who gets it, in words."""
        if self.service:
            return f"the readers at {self.service}"
        return "1 reader" if self.count == 1 else f"{self.count:,} readers"


def readers_of(app: Newsletter, number: int) -> Readers:
    """The readers of issue ``number``."""
    with app.database.reading() as db:
        found = mailing(db, number)
        handed, settings = campaigns_of(db, number, ISSUE), app.config.delivery.campaigns
        if handed:
            return _at_service(handed[0].service, [name for each in handed for name in each.lists])
        if found is None and settings is not None:
            return _at_service(settings.service, [name for each in settings.segments for name in each.lists])
        if found is not None:
            count = sum(delivery_reports.counts(db, found.id).values())
            return Readers(count, _where(app, number, count))
        stored = issues.issue(db, number)
        send_at = send_time(app.config.schedule, fold(stored.issue, issues.changes(db, number)))
        with_monthly = is_month_end(app.config.schedule, stored.issue)
        reached, parts, monthly = reach(db, on=send_at.date(), with_monthly=with_monthly)
    return Readers(reached, _where(app, number, reached, parts, 0 if with_monthly else monthly))


def _at_service(service: str, lists: Sequence[str]) -> Readers:
    whom = f"its lists {', '.join(lists)}" if lists else "everybody there"
    return Readers(0, f"It is handed over to {service}, for {whom}. The readers of this program get nothing.", service)


def _where(app: Newsletter, number: int, count: int, parts: int = 0, not_today: int = 0) -> str:
    folder = app.issue_folder(number)
    shown = folder.relative_to(app.home) if folder.is_relative_to(app.home) else folder
    if not count:
        other = f" {not_today:,} monthly: not today." if not_today else ""
        return f"Nobody has subscribed yet, so nothing is mailed: the mail stays in {shown}/issue.eml.{other}"
    delivery = app.config.delivery
    if delivery.by == "smtp" and delivery.server:
        way = f"The mail goes out by {delivery.server}."
    elif delivery.way is not None:
        way = f"The mail goes out by “{delivery.by}”."
    else:
        way = "No mail server is named: the mails are put into data/outbox as files."
    some = f" {parts:,} get only their sections." if parts else ""
    return f"{way}{some}" + (f" {not_today:,} monthly: not today." if not_today else "")
