"""A calendar in the iCalendar format (RFC 5545) as items: one for an event, one for a series and week."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from newsletter.errors import NotReadable
from newsletter.fetch.event_window import Broken, CalendarRead, Window
from newsletter.fetch.ical_item import Calendar, day_of, occurrence_item
from newsletter.fetch.ical_lines import Component, looks_like_calendar, read_components
from newsletter.fetch.ical_records import Record, read_record
from newsletter.fetch.ical_rule import is_dense
from newsletter.fetch.ical_series import Budget, Occurrence, Series
from newsletter.fetch.ical_times import Zones, as_moment
from newsletter.model.item import Item
from newsletter.text import one_line, shorten

_MOST_ASIDE = 100
_MOST_EVENTS = 50_000
_BEYOND = timedelta(days=370)
_STEPS = (timedelta(days=10), timedelta(days=70))
_MOST_AHEAD = 20
_FAULTS = (NotReadable, ValueError, TypeError, ArithmeticError, LookupError)


@dataclass(slots=True)
class _Reading:
    source_id: str
    window: Window
    calendar: Calendar
    zones: tuple[Component, ...] = ()
    budget: Budget = field(default_factory=Budget)
    items: list[tuple[datetime, Item]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    next_at: datetime | None = None
    alive: set[str] = field(default_factory=set)

    def records(self, components: Sequence[Component], *, is_cancelled: bool) -> Iterator[Record]:
        """The events that say when they are, and are for everybody."""
        private = 0
        for component in components:
            try:
                record = read_record(component, self.calendar.zones, is_cancelled=is_cancelled)
            except _FAULTS as fault:
                self.set_aside(fault, component.as_bytes(), is_cancelled=is_cancelled)
                continue
            if record.is_private:
                private += 1
            else:
                yield record
        if private:
            self.warnings.append(f"{private} private events were left out")

    def set_aside(self, fault: Exception, events: bytes, *, is_cancelled: bool = False) -> None:
        """Keep ``events`` as a calendar of its own, with the zones it speaks of."""
        if len(self.broken) >= _MOST_ASIDE:
            return
        said = shorten(str(fault), 120)
        reason = said if isinstance(fault, NotReadable) else f"{type(fault).__name__}: {said}"
        zones = [each.as_bytes() for each in self.zones if each.text("TZID").encode() in events]
        head = [b"BEGIN:VCALENDAR", *([b"METHOD:CANCEL"] if is_cancelled else []), *zones]
        self.broken.append(Broken(reason, b"\r\n".join((*head, events, b"END:VCALENDAR", b""))))

    def series(self, records: Sequence[Record], *, is_shared: bool) -> None:
        """Add the items of one event; ``is_shared`` says that others have its UID, too."""
        series = Series.of(records, self.calendar.zones)
        if series.repeats:
            found = self._of_series(series)
        else:
            found = [(each, _single_key(each, series, is_shared=is_shared)) for each in self._of_single(series)]
        for occurrence, key in found:
            item = occurrence_item(self.source_id, (key,), occurrence, series, self.calendar)
            if series.repeats or not self.window.reaches_back:
                # It is told when it comes into sight, whenever somebody wrote it down.
                item = replace(item, published_at=None)
            self.items.append((occurrence.starts_at, item))
        self.warnings += (f"“{shorten(_title(series), 60)}” {said}" for said in dict.fromkeys(series.warnings))

    def _of_single(self, series: Series) -> list[Occurrence]:
        far = datetime.max.replace(tzinfo=UTC)
        wanted = []
        for each in series.between(self.window.begin, far, self.budget):
            if each.starts_at <= self.window.end:
                wanted.append(each)
            else:
                self._again_at(each.starts_at - (self.window.end - self.window.now))
        return wanted

    def _of_series(self, series: Series) -> list[tuple[Occurrence, str]]:
        """The next date of a series, and the exceptions ahead; of one that is over, its first date in the window."""
        found = self._next(series)
        if found is None:
            if not self.window.reaches_back:
                return []
            past = series.between(self.window.begin, self.window.now, self.budget) or series.singles()
            found = next((each for each in past if each.ends_at >= self.window.begin), None)
            return [(found, _series_key(found, series))] if found else []
        if found.starts_at > self.window.end:
            self._again_at(found.starts_at - (self.window.end - self.window.now))
            return []
        self._again_at(max(found.ends_at, self.window.now + timedelta(minutes=1)))
        taken = {_series_key(found, series): found}
        for each in series.singles() if series.changes else ():
            is_ahead = each.is_exception and self.window.now <= each.ends_at and each.starts_at <= self.window.end
            if is_ahead and len(taken) < _MOST_AHEAD:
                taken.setdefault(_series_key(each, series), each)
        self._mark_alive(series, taken)
        return [(each, key) for key, each in taken.items()]

    def _mark_alive(self, series: Series, taken: Container[str]) -> None:
        """Of the dates that were told before and are not told now, those that still stand."""
        uid = series.master.uid if series.master else ""
        asked = {key for key in self.window.known if key.startswith(f"{uid}/") and key not in taken}
        if asked:
            found = series.between(self.window.now, self.window.end, self.budget)
            standing = {_series_key(each, series) for each in found if not each.record.is_cancelled}
            self.alive |= asked & standing

    def _next(self, series: Series) -> Occurrence | None:
        """The first date that is not over, looked for in steps: a daily series need not be followed for a year."""
        begin = self.window.now
        far = max(self.window.end, begin + _BEYOND)
        for length in (*_STEPS, far - begin):
            end = min(begin + length, far) if begin + length > begin else far
            found = series.between(begin, end, self.budget)
            ahead = [each for each in found if each.ends_at > begin or each.starts_at >= begin]
            held = [each for each in ahead if not each.record.is_cancelled] or ahead
            if held:
                return held[0]
            if series.warnings:
                return None
        return None

    def _again_at(self, at: datetime) -> None:
        if at > self.window.now and (self.next_at is None or at < self.next_at):
            self.next_at = at


def read_calendar(data: bytes, source_id: str, window: Window) -> CalendarRead:
    """The events of the document that lie in ``window``. Raises NotReadable for what is no calendar."""
    if not looks_like_calendar(data) and b"BEGIN:VEVENT" not in data.upper():
        start = one_line(data[:60].decode("utf-8", "replace"))
        raise NotReadable(f"the document is no calendar (iCalendar); it begins “{start}”")
    root = read_components(data)
    calendars = list(root.walk("VCALENDAR"))
    name = next((one_line(each.text("X-WR-CALNAME") or each.text("NAME")) for each in calendars), "")
    reading = _Reading(source_id, window, Calendar(Zones.of(root), name), tuple(root.walk("VTIMEZONE")))
    groups: dict[str, list[Record]] = defaultdict(list)
    count = 0
    for part in calendars or [root]:
        events = list(part.walk("VEVENT"))
        count += len(events)
        if len(events) > _MOST_EVENTS:
            reading.warnings.append(f"more than {_MOST_EVENTS} events; only the last ones were read")
            events = events[-_MOST_EVENTS:]
        for record in reading.records(events, is_cancelled=part.text("METHOD").upper() == "CANCEL"):
            groups[record.uid].append(record)
    for records, is_shared in _apart(groups):
        if _may_be_wanted(records, window):
            _add(reading, records, is_shared=is_shared)
    reading.items.sort(key=lambda each: (each[0], each[1].id))
    return CalendarRead(
        tuple(item for _, item in reading.items),
        tuple(reading.broken[:_MOST_ASIDE]),
        tuple(dict.fromkeys(reading.warnings)),
        reading.next_at,
        count,
        name,
        frozenset(reading.alive),
    )


def _add(reading: _Reading, records: Sequence[Record], *, is_shared: bool) -> None:
    """One event or series; one that nobody can make sense of is set aside."""
    try:
        reading.series(records, is_shared=is_shared)
    except _FAULTS as fault:
        reading.set_aside(fault, b"\r\n".join(each.component.as_bytes() for each in records))


def _apart(groups: dict[str, list[Record]]) -> Iterator[tuple[list[Record], bool]]:
    """The records of each UID; where one UID stands for different events, each of them."""
    for records in groups.values():
        masters = [each for each in records if each.recurrence is None]
        titles = {(each.component.text("SUMMARY"), as_moment(each.start.at)) for each in masters}
        is_shared = len(titles) > 1 and len({each.sequence for each in masters}) == 1
        if is_shared and len({title for title, _ in titles}) == len(titles) and len(masters) == len(records):
            yield from (([each], True) for each in masters)
        else:
            yield records, False


def _may_be_wanted(records: Sequence[Record], window: Window) -> bool:
    """Whether some date may lie in the window: most events of an old calendar are over and done."""
    begin = window.begin - timedelta(days=2) if window.begin.year > 1 else window.begin
    return any(each.repeats or as_moment(each.end or each.start.at) >= begin for each in records)


def _single_key(found: Occurrence, series: Series, *, is_shared: bool) -> str:
    """The UID; of a date that stands without its series, UID and the date it was planned for."""
    uid = found.record.uid
    if is_shared or series.master is None or found.is_exception:
        return f"{uid}/{_planned(found)}"
    return uid


def _series_key(found: Occurrence, series: Series) -> str:
    """UID and week; an exception with a title of its own, among several dates in a week, is named by its date."""
    master = series.master.component if series.master else None
    is_own = found.is_exception and master and found.record.component.text("SUMMARY") != master.text("SUMMARY")
    if is_own and any(is_dense(rule) for rule in series.rules):
        return f"{found.record.uid}/{_planned(found)}"
    year, week, _ = day_of(found.planned).isocalendar()
    return f"{found.record.uid}/{year}-W{week:02d}"


def _planned(found: Occurrence) -> str:
    at: date | datetime = found.planned
    return f"{as_moment(at):%Y%m%dT%H%M%S}" if isinstance(at, datetime) else f"{at:%Y%m%d}"


def _title(series: Series) -> str:
    record = series.master or next(iter(series.changes), None)
    return one_line(record.component.text("SUMMARY")) if record else ""
