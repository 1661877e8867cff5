"""The mail of an issue: one body for each distinct choice of sections and rhythm, as files beside the issue."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.deliver.edition_file import Bodies, placeholders_for, write_edition
from newsletter.edit.month import month_of
from newsletter.edit.readers_issue import issue_for
from newsletter.edit.short import short_issue
from newsletter.model.issue import Issue
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.letterhead import heading_of, links_at_service, links_of, reason_of
from newsletter.pipeline.months import is_month_end, issues_of_month
from newsletter.pipeline.pinned import stage_more
from newsletter.pipeline.publish import Rendering
from newsletter.render.calendar import issues_calendar
from newsletter.render.contexts import IssueContext
from newsletter.render.email import EmailParts, render_context
from newsletter.render.monthly import monthly_context
from newsletter.render.views import issue_context
from newsletter.store.approvals import pin_files
from newsletter.store.database import Db
from newsletter.store.subscribers import choices_of_active

EVERYTHING = Choice()
FOLDER = "editions"
CALENDAR = "calendar file"
"""The word of feeds.yaml for dates that come with the mail."""


@dataclass(frozen=True, slots=True)
class MadeEdition:
    """The mail for one choice: what it tells, its bodies, and its file."""

    issues: tuple[Issue, ...]
    """The issue as the choice has it; of a monthly mail all that it tells, the newest first."""
    context: IssueContext
    parts: EmailParts
    data: bytes


def edition_key(choice: Choice) -> str:
    """The name of the edition for ``choice``: the same whenever the choice is the same."""
    sections = None if choice.sections is None else sorted(set(choice.sections))
    return hashlib.sha256(json.dumps([choice.rhythm, sections]).encode()).hexdigest()[:16]


def edition_name(key: str) -> str:
    """Where the file of an edition lies beside the issue."""
    return f"{FOLDER}/{key}.eml"


def make_editions(app: Newsletter, made: Rendering, choices: Iterable[Choice]) -> dict[Choice, bytes]:
    """The file of each of ``choices``; monthly ones only with the last issue of a month."""
    maker = EditionMaker(app, made)
    goes_monthly = is_month_end(app.config.schedule, made.issue)
    return {each: maker.edition(each).data for each in choices if goes_monthly or each.rhythm != "monthly"}


def wanted_choices(app: Newsletter, db: Db) -> tuple[Choice, ...]:
    """The distinct choices of the active readers; where a service sends in our place, those of its lists."""
    service = app.config.delivery.campaigns
    return choices_of_active(db) if service is None else tuple(each.choice for each in service.segments)


def edition_files(app: Newsletter, made: Rendering) -> dict[str, bytes]:
    """The files of the editions that are wanted at this moment, by name."""
    with app.database.reading() as db:
        choices = wanted_choices(app, db)
    return {edition_name(edition_key(each)): data for each, data in make_editions(app, made, choices).items()}


def pin_editions(
    app: Newsletter, db: Db, made: Rendering, files: Mapping[str, bytes], *, staged: Path
) -> dict[str, bytes]:
    """Pin an edition for each choice that readers made since ``files`` were: the new ones, also in ``staged``."""
    goes_monthly = is_month_end(app.config.schedule, made.issue)
    late = [
        each
        for each in wanted_choices(app, db)
        if (goes_monthly or each.rhythm != "monthly") and edition_name(edition_key(each)) not in files
    ]
    more = {edition_name(edition_key(each)): data for each, data in make_editions(app, made, late).items()}
    stage_more(staged, more)
    pin_files(db, made.stored.number, more)
    return more


class EditionMaker:
    """Makes the editions of one issue; what several of them tell is rendered once."""

    def __init__(self, app: Newsletter, made: Rendering) -> None:
        self._app, self._made = app, made
        self._month: tuple[Issue, ...] = ()
        self._known: dict[tuple[object, ...], MadeEdition] = {}

    def edition(self, choice: Choice) -> MadeEdition:
        """The mail for ``choice``."""
        whole = self._made.issue
        kept = (
            None if choice.sections is None else tuple(each.id for each in whole.sections if each.id in choice.sections)
        )
        key = (choice.rhythm, kept, choice.sections if choice.rhythm == "monthly" else None)
        if key not in self._known:
            self._known[key] = self._made_for(choice)
        return self._known[key]

    def _made_for(self, choice: Choice) -> MadeEdition:
        press, whole = self._made.press, self._made.issue
        told = self._told(choice)
        placeholders = placeholders_for(repr((choice.rhythm, told)))
        links = links_of(press, placeholders, useful=whole.number)
        if self._app.config.delivery.campaigns is not None:
            links = links_at_service(placeholders)
        reason = reason_of(press, whole, choice)
        if choice.rhythm == "monthly":
            context = monthly_context(press, told, links=links, reason=reason)
        else:
            context = issue_context(press, told[0], links=links, reason=reason)
        parts = render_context(press, context)
        has_dates = CALENDAR in self._made.config.delivery.attach and context.has_dates
        calendar = issues_calendar(press, told) if has_dates else None
        heading = heading_of(press, whole, parts.subject, links, farewells=self._made.config.delivery.bounces.read_at)
        data = write_edition(heading, Bodies(parts.flowed, parts.html, calendar), placeholders)
        return MadeEdition(told, context, parts, data)

    def _told(self, choice: Choice) -> tuple[Issue, ...]:
        whole = self._made.issue
        if choice.rhythm != "monthly":
            return (issue_for(short_issue(whole) if choice.rhythm == "highlights" else whole, choice.sections),)
        schedule = self._app.config.schedule
        if not self._month:
            with self._app.database.reading() as db:
                self._month = issues_of_month(db, whole, schedule)
        at = self._made.press.published_at(whole)
        return month_of(self._month, choice.sections, at=at, zone=schedule.zone)
