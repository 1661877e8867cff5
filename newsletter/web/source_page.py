"""What the page of one source shows."""

from dataclasses import dataclass, replace

from newsletter.model.source import is_stopped
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.gather import SourceReport
from newsletter.pipeline.rhythm import rhythm_words
from newsletter.pipeline.source_acts import Tested, source_text
from newsletter.pipeline.source_board import SourceStanding
from newsletter.pipeline.source_outcomes import outcomes_of
from newsletter.pipeline.source_value import Suggestion
from newsletter.pipeline.sources import shown_address
from newsletter.render.words import counted, number
from newsletter.web import source_words as words
from newsletter.web.card_words import clock
from newsletter.web.file_lines import line_url
from newsletter.web.source_form import NEW, WAS, Field, Typed, fields_of, filled
from newsletter.web.source_views import (
    Bar,
    BrokenFile,
    FileLine,
    OutcomeRow,
    Shown,
    answer_lines,
    bars_of,
    broken_file,
    file_lines,
    outcome_rows,
    shown_items,
    source_url,
    warned_lines,
    web_address,
)
from newsletter.web.tasks import Task

ASKED = ("test", "read")
"""What is asked beside the page: a test, of which nothing is stored, and a reading."""
_SAID = {
    "save": "Saved in {}; it is in force.",
    "same": "Nothing was changed: the file says so already.",
    "added": "It is in {}, and is read within minutes.",
    "pause": "Paused: it is not asked any more until you say so.",
    "go on": "It goes on: it is asked at the next reading.",
    "suggested": "It stands in {} as suggested; the next reading and the next draft follow it.",
}


@dataclass(frozen=True, slots=True)
class Advised:
    """What is suggested, and the button that does it."""

    words: str
    button: str
    """Empty where there is nothing but to look."""
    key: str
    """What is written; empty for a removal."""
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A test or a reading: being asked, or what came of it."""

    title: str
    is_done: bool
    problem: str = ""
    lines: tuple[str, ...] = ()
    items: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What ``desk/source.html`` shows."""

    name: str
    kind: str
    address: str
    """Its address without secrets, and where a browser may go."""
    address_url: str
    url: str
    remove_url: str
    look: str
    sign: str
    word: str
    state: str
    """How it is, in a sentence."""
    is_paused: bool
    answer: str
    answer_words: str
    """What the server said, word for word."""
    warned: tuple[str, ...]
    advice: Advised | None
    use: str
    bars: tuple[Bar, ...]
    weeks: str
    outcomes: tuple[OutcomeRow, ...]
    file: str
    """The file it stands in: feeds.yaml, or one that this includes."""
    base: str
    """The hash of the file that the form was made from."""
    lines: tuple[FileLine, ...]
    lines_words: str
    lines_url: str
    lines_trouble: str
    fields: tuple[Field, ...]
    new: str
    was: str
    """How the names of the fields begin."""
    lists: tuple[str, ...]
    """Keys that only the lines show."""
    broken: BrokenFile | None
    asked: Asked | None = None
    problem: str = ""
    is_conflict: bool = False
    """Whether somebody else changed the file while the form was open."""
    asks_removal: bool = False
    said: str = ""

    @property
    def clashes(self) -> tuple[Field, ...]:
        """The fields that two changed."""
        return tuple(each for each in self.fields if each.clash)

    def said_of(self, word: str) -> str:
        """What is said after an act."""
        return _SAID.get(word, "").replace("{}", self.file)

    def with_task(self, app: Newsletter, task: Task) -> "SourceContext":
        """The same with what is being asked, or what came of it."""
        return replace(self, asked=_asked(app, task))


def source_context(app: Newsletter, each: SourceStanding, *, typed: Typed | None = None) -> SourceContext:
    """The page of a source; ``typed`` is what a form said that was not saved."""
    source, state = each.health.source, each.health.state
    zone, now = app.config.schedule.zone, app.now()
    text = source_text(app, source)
    fields, lists = fields_of(source, text.settings, app.config.sections)
    look, sign = words.LOOKS[each.word]
    answer, said = answer_lines(state, zone, now)
    bars, weeks = bars_of(each.health.weeks)
    last = text.first + len(text.lines) - 1
    address = shown_address(source)
    return SourceContext(
        name=source.name,
        kind=words.kind_words(source, state),
        address=address,
        address_url=web_address(address),
        url=source_url(source.id),
        remove_url=source_url(source.id, ask="remove"),
        look=look,
        sign=sign,
        word=each.word,
        state=state_words(app, each),
        is_paused=source.paused,
        answer=answer,
        answer_words=said,
        warned=warned_lines(state.warned, zone, now) if state else (),
        advice=_advised(each.health.suggestion),
        use=words.use_words(each.health.shown, each.health.kept),
        bars=bars,
        weeks=weeks,
        outcomes=outcome_rows(outcomes_of(app, source.id), zone, now),
        file=text.file,
        base=text.hash,
        lines=file_lines(text),
        lines_words=f"{text.file}, line {last}" if last == text.first else f"{text.file}, lines {text.first} to {last}",
        lines_url=line_url(text.first, file=text.file),
        lines_trouble=text.trouble,
        fields=filled(fields, typed) if typed else fields,
        new=NEW,
        was=WAS,
        lists=lists,
        broken=broken_file(app),
    )


def state_words(app: Newsletter, each: SourceStanding) -> str:
    """How a source is, in a sentence or two."""
    state, zone, now = each.health.state, app.config.schedule.zone, app.now()
    if each.word == "paused":
        return f"It is paused in {each.health.source.file}, and not asked."
    if state is None or each.word == "new":
        return "It was not read yet. It is asked at the next reading."
    again = f" It is asked again {clock(state.next_at, zone, now)}." if state.next_at else ""
    again = " It is not asked any more." if is_stopped(state) else again
    if state.state in ("ok", "unchanged"):
        read = f"Read {clock(state.checked_at, zone, now)}" if state.checked_at else "Read"
        new = f"; the last new item came {words.ago(state.last_new_at, now)} ago" if state.last_new_at else ""
        return f"{read}{new}.{again}"
    since = f" ({words.since_words(state, zone, now)})" if state.failing_since else ""
    return f"{state.state_reason.rstrip('.')}{since}.{again}"


def _advised(suggestion: Suggestion | None) -> Advised | None:
    if suggestion is None:
        return None
    key, value = suggestion.key, suggestion.value
    buttons = {"url": "Write the new address", "hold bursts": "Let it all in", "weight": f"Set its weight to {value}"}
    button = buttons.get(key, f"Write {key}: {value}") if key else "Remove it …" if suggestion.remove else ""
    said = suggestion.words[:1].upper() + suggestion.words[1:]
    return Advised(said if said.endswith(("?", ".")) else f"{said}.", button, key, value)


def _asked(app: Newsletter, task: Task) -> Asked:
    title = "Test of this source" if task.what == "test" else "Reading now"
    if not task.is_done:
        return Asked(title, is_done=False)
    if task.problem:
        return Asked(title, is_done=True, problem=task.problem)
    found = task.result
    return _tested(app, title, found) if isinstance(found, Tested) else _read(title, found)


def _tested(app: Newsletter, title: str, found: Tested) -> Asked:
    lines = [f"Read as {found.reader or 'nothing'} in {found.seconds:.1f} s; nothing of it was stored."]
    if not found.problem:
        lines.insert(0, f"{counted(found.items_count, 'item')}, {rhythm_words(found.per_week)}.")
    items = shown_items(found.newest, app.config.schedule.zone, app.now())
    return Asked(title, is_done=True, problem=found.problem, lines=(*lines, *found.warnings[:5]), items=items)


def _read(title: str, found: SourceReport) -> Asked:
    new = f"{number(found.new_count)} new, {number(found.changed_count)} changed"
    aside = f", {found.aside_count} set aside" if found.aside_count else ""
    problem = found.state.state_reason if found.is_failed else ""
    if found.busy:
        problem = f"It is {found.busy}."
    lines = () if problem else (f"Read in {found.seconds:.1f} s: {new}{aside}.",)
    return Asked(title, is_done=True, problem=problem, lines=(*lines, *found.warnings[:5]))
