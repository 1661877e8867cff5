"""Entries, dates and figures as the words that templates show."""

from collections import Counter
from datetime import UTC, datetime

from newsletter.model.correction import Correction
from newsletter.model.issue import Deadline, Entry, Issue
from newsletter.model.item import Event
from newsletter.model.period import DAYS
from newsletter.model.story import PLACE_LABELS
from newsletter.render import words
from newsletter.render.contexts import DeadlineView, EntryView, EventView, LinkView
from newsletter.render.erratum_contexts import CorrectionView
from newsletter.render.press import Press, language_tag, safe_url
from newsletter.text import host_of, one_line, slug


def foreign(language: str | None, press: Press) -> str | None:
    """``language`` if it is known and another one than the newsletter's."""
    found = language_tag(language)
    is_own = found is None or found.split("-")[0].lower() == press.language.split("-")[0].lower()
    return None if is_own else found


class EntryViews:
    """Makes the views of one issue's entries; each gets a name that no other one has."""

    def __init__(self, press: Press, issue: Issue) -> None:
        self._press, self._on = press, issue.publish_on
        self._zone = press.schedule.zone
        self._names: Counter[str] = Counter()

    def entry(self, entry: Entry) -> EntryView:
        """One entry."""
        name = self._name(entry.id)
        language = foreign(entry.language, self._press)
        day = entry.since.astimezone(self._zone).date() if entry.since else None
        return EntryView(
            id=name,
            title=one_line(entry.title) or "Without a title",
            url=safe_url(entry.url),
            summary=one_line(entry.summary),
            language=language,
            direction=words.direction(language),
            due=self._due(entry),
            replies=words.replies(entry.reply_count, entry.people_count),
            since=words.since(entry.since, self._on, self._zone),
            author=one_line(entry.author) if one_line(entry.author) != one_line(entry.source) else "",
            source=one_line(entry.source),
            day=words.day_month(day, year_of=self._on) if day else "",
            places=_places(entry),
            why=one_line(entry.why),
            labels=tuple(map(one_line, entry.labels)),
            show_as=entry.show_as,
            event=self._event(entry.event, name) if entry.event else None,
            picture=_picture(entry),
            is_own_picture=bool(
                entry.picture and self._press.site and _on_one_host(entry.picture.url, self._press.site)
            ),
            corrections=tuple(self._correction(each, name) for each in entry.corrections),
        )

    def _correction(self, correction: Correction, name: str) -> CorrectionView:
        day = correction.made_at.astimezone(self._zone).date()
        return CorrectionView(
            id=f"{name}-corrected-{correction.number}",
            date=words.day_month(day, year_of=self._on),
            date_iso=day.isoformat(),
            text=one_line(correction.note) or _changed_words(correction),
        )

    def _name(self, entry_id: str) -> str:
        name = f"e-{slug(entry_id)}"
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"

    def _due(self, entry: Entry) -> str:
        if entry.due_on is None or entry.due_on < self._on:
            return ""
        day = words.weekday_date(entry.due_on, year_of=self._on)
        begin = f"{one_line(entry.task)} by" if entry.task else "By"
        return f"{begin} {day}, {words.distance(entry.due_on, self._on)}"

    def _event(self, event: Event, name: str) -> EventView:
        day = words.event_day(event.starts_at, event)
        cost, later = words.price(event, self._on)
        year = f" {day.year}" if day.year != self._on.year else ""
        return EventView(
            weekday=DAYS[day.weekday()][:3],
            day=str(day.day),
            month=words.MONTHS[day.month - 1][:3] + year,
            date=words.weekday_date(day, year_of=self._on),
            when=words.event_when(event, year_of=self._on),
            place=one_line(event.place),
            price=cost,
            later_price=later,
            seats=words.counted(event.seats, "seat") if event.seats else "",
            due=self._sign_up(event),
            starts_at=_moment(event),
            has_zone=isinstance(event.starts_at, datetime) and event.starts_at.tzinfo is not None,
            is_guess=event.is_guess,
            file=f"{name}.ics",
        )

    def _sign_up(self, event: Event) -> str:
        if event.deadline_at is None:
            return ""
        day = words.event_day(event.deadline_at, event)
        if day < self._on:
            return ""
        return f"Sign up by {words.weekday_date(day, year_of=self._on)}, {words.distance(day, self._on)}"

    def deadline(self, deadline: Deadline) -> DeadlineView:
        """Something to do soon."""
        return DeadlineView(
            date=words.weekday_date(deadline.on, year_of=self._on),
            distance=words.distance(deadline.on, self._on),
            title=one_line(deadline.title),
            url=safe_url(deadline.url),
        )


def _changed_words(correction: Correction) -> str:
    """What was set right, for a correction without a sentence of its own."""
    values = {"the title": correction.title, "the text": correction.summary, "the link": correction.url}
    changed = [what for what, value in values.items() if value is not None]
    return f"{words.enumerate_words(changed)} {'was' if len(changed) == 1 else 'were'} wrong.".capitalize()


def _picture(entry: Entry) -> LinkView | None:
    url = safe_url(entry.picture.url) if entry.picture else None
    if entry.picture is None or url is None:
        return None
    return LinkView(one_line(entry.picture.alt) or one_line(entry.title) or "picture", url)


def _on_one_host(first: str, second: str) -> bool:
    return host_of(first) == host_of(second)


def _moment(event: Event) -> str:
    start = event.starts_at
    if isinstance(start, datetime) and start.tzinfo:
        return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return start.isoformat(timespec="minutes") if isinstance(start, datetime) else start.isoformat()


def _places(entry: Entry) -> tuple[LinkView, ...]:
    """The places of an entry, the one its title leads to among them; words that come twice are numbered."""
    found: dict[str, str] = {}
    title_url = safe_url(entry.url)
    known = {safe_url(place.url) for place in entry.places}
    if title_url and title_url not in known:
        found[title_url] = next((word for form, word in PLACE_LABELS.items() if form == entry.form), "page")
    for place in entry.places:
        if url := safe_url(place.url):
            found.setdefault(url, one_line(place.label) or "page")
    seen: Counter[str] = Counter()
    links = []
    for url, label in found.items():
        seen[label] += 1
        links.append(LinkView(label if seen[label] == 1 else f"{label} {seen[label]}", url))
    return tuple(links)
