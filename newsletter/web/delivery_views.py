"""What the Deliveries page shows of each mailing, in plain values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from newsletter.model.address import masked_in
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.delivery_board import Board, Standing
from newsletter.render.words import number
from newsletter.store.mailings import ISSUE, Mailing
from newsletter.web import delivery_words as words
from newsletter.web.campaign_views import CampaignView, campaign_views

PATH = "/desk/deliveries"
SOON, SOON_OPENED, LATER = 5, 10, 30
"""Seconds after which the list, or an opened mailing, asks how it stands while it is sent; and while it waits."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A count by state, with its colour, sign and word."""

    look: str
    sign: str
    word: str
    count: str


@dataclass(frozen=True, slots=True)
class Button:
    """What can be done: a form with ``do`` in it, or a link to its question when ``url`` is set."""

    label: str
    do: str = ""
    url: str = ""
    at: str = ""
    """The hour that the form says."""
    is_first: bool = False
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class MailingView:
    """A mailing in the list, or at the top of its own page."""

    id: str
    url: str
    action: str
    kind: str
    name: str
    look: str
    sign: str
    word: str
    state: str
    """Changes when more than figures change."""
    is_open: bool
    """Whether anything is to happen with it yet, or can be done."""
    done: str
    total: str
    done_count: int
    total_count: int
    percent: int
    shows_bar: bool
    pace: tuple[str, ...]
    tallies: tuple[Tally, ...]
    lines: tuple[str, ...]
    buttons: tuple[Button, ...]
    uncertain_url: str = ""
    """Where the uncertain ones are decided about; empty when there are none."""
    campaigns: tuple[CampaignView, ...] = ()
    """What a service sends in our place."""

    @property
    def found(self) -> tuple[Tally, ...]:
        """The counts that are not nought, and how many were accepted."""
        return tuple(each for each in self.tallies if each.count != "0" or each is self.tallies[0])

    @property
    def told(self) -> str:
        """How it stands, for screen readers."""
        many = f", {self.done} of {self.total}" if self.total_count else ""
        return ". ".join((f"{self.name}: {self.word}{many}", *self.pace))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is done: the sentence, the button and what it does."""

    title: str
    text: str
    button: str
    do: str
    is_danger: bool = False
    asks_hour: bool = False
    hour: str = ""
    zone: str = ""


def mailing_url(mailing: Mailing, **more: str) -> str:
    """The page of a mailing; ``ask`` puts a question on it."""
    pairs = {"mail": "" if mailing.kind == ISSUE else mailing.kind, **more}
    query = urlencode({name: value for name, value in pairs.items() if value})
    anchor = "#ask" if "ask" in more else ""
    return f"{PATH}/{mailing.issue_number}{f'?{query}' if query else ''}{anchor}"


def mailing_view(
    app: Newsletter, standing: Standing, *, before: Standing | None = None, may_act: bool, is_whole: bool = False
) -> MailingView:
    """How a mailing stands, with what can be done. Addresses in answers are short unless ``is_whole``."""
    mailing, now, zone = standing.mailing, app.now(), app.config.schedule.zone
    look, sign, word = words.look_of(standing)
    said = standing.waits.answer if standing.waits else ""
    lines = (
        *words.lines_of(standing, now, zone),
        words.waits_words(standing, zone, now=now, answer=said if is_whole else masked_in(said)),
        words.compared(standing, before) if mailing.state == "done" else "",
    )
    is_open = standing.is_late or mailing.state not in ("done", "stopped")
    total = standing.total
    return MailingView(
        id=f"mail-{mailing.issue_number}" + ("" if mailing.kind == ISSUE else f"-{mailing.kind}"),
        url=mailing_url(mailing),
        action=f"{PATH}/{mailing.issue_number}",
        kind=mailing.kind,
        name=words.name_of(mailing),
        look=look,
        sign=sign,
        word=word,
        state=f"{mailing.state} {standing.is_late} {bool(standing.count('unknown'))}",
        is_open=is_open,
        done=number(standing.done_count),
        total=number(total),
        done_count=standing.done_count,
        total_count=total,
        percent=100 * standing.done_count // total if total else 0,
        shows_bar=bool(total) and (standing.has_begun or mailing.state in ("sending", "paused", "stopped")),
        pace=words.pace_of(standing),
        tallies=tallies_of(standing),
        lines=tuple(filter(None, lines)),
        buttons=buttons_of(app, standing) if may_act else (),
        uncertain_url=f"{mailing_url(mailing)}#uncertain" if standing.count("unknown") else "",
        campaigns=campaign_views(standing, now, zone),
    )


def board_views(app: Newsletter, found: Board, *, may_act: bool) -> tuple[MailingView, ...]:
    """All mailings of a page, each issue compared with the one before it."""
    whole = [*found.standings, *([found.before] if found.before else [])]
    of_issues = [each for each in whole if each.mailing.kind == ISSUE]
    before = {later.mailing.issue_number: earlier for later, earlier in pairwise(of_issues)}
    return tuple(
        mailing_view(app, each, before=before.get(each.mailing.issue_number), may_act=may_act)
        for each in found.standings
    )


def tallies_of(standing: Standing) -> tuple[Tally, ...]:
    """The counts by state: those who were passed over only when there are any; of a service's readers none are ours."""
    if standing.service:
        return ()
    return tuple(
        Tally(*look, number(standing.count(state)))
        for state, look in words.TALLIES
        if state != "suppressed" or standing.count(state)
    )


def buttons_of(app: Newsletter, standing: Standing) -> tuple[Button, ...]:
    """What a manager can do with a mailing as it stands."""
    mailing, left = standing.mailing, number(standing.open_count)
    to = f" to {left}" if standing.open_count else ""

    def asking(label: str, ask: str, *, is_danger: bool = False) -> Button:
        return Button(label, url=mailing_url(mailing, ask=ask), is_danger=is_danger)

    if standing.is_late:
        tomorrow = tomorrow_at(app, mailing)
        at = f"{tomorrow.astimezone(app.config.schedule.zone):%H:%M}"
        return (
            Button(f"Send now{to}", "send now", is_first=True),
            Button(f"Tomorrow {at}", "send at", at=tomorrow.isoformat()),
            asking("Another hour …", "hour"),
            asking("Do not send …", "stop", is_danger=True),
        )
    stop = asking(
        f"Stop it at {standing.service} …" if standing.service else f"Stop for the {left} not yet sent …",
        "stop",
        is_danger=True,
    )
    if mailing.state == "scheduled":
        return (asking(f"Send now{to} …", "now"), asking("Another hour …", "hour"), stop)
    if mailing.state == "sending":
        return (Button("Pause", "pause"), stop)
    if mailing.state == "paused":
        go_on = "Go on" if standing.service else f"Go on for {left}"
        return (Button(go_on, "send now", is_first=True), stop)
    if mailing.state == "stopped" and (standing.open_count or standing.service):
        whom = "" if standing.service else f" to the {left}"
        return (asking(f"Send it{whom} after all …", "now"),)
    return ()


def tomorrow_at(app: Newsletter, mailing: Mailing) -> datetime:
    """Tomorrow at the hour at which the mailing was due."""
    zone = app.config.schedule.zone
    due, day = mailing.send_at.astimezone(zone), app.now().astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, due.time().replace(second=0, microsecond=0), zone)


def question_of(app: Newsletter, standing: Standing, ask: str) -> Question | None:
    """The question that is asked before something is done; None when it cannot be done now."""
    offered = {each.url for each in buttons_of(app, standing) if each.url}
    if mailing_url(standing.mailing, ask=ask) not in offered:
        return None
    name, left, zone = words.name_of(standing.mailing), standing.open_count, app.config.schedule.zone
    who = words.whom(standing, left)
    if ask == "stop":
        more = " It can go on later." if standing.has_begun else " It can be sent later."
        whom = f"{who[0].upper()}{who[1:]} will not get {name[0].lower()}{name[1:]}."
        text = f"{whom} Mails that left already cannot be called back.{more}"
        return Question(f"Stop {name[0].lower()}{name[1:]}?", text, f"Stop it for {who}", "stop", is_danger=True)
    if ask == "now":
        text = f"It goes out to {who} at once. A mail that left cannot be called back."
        return Question(f"Send {name[0].lower()}{name[1:]} now?", text, f"Send it to {who}", "send now")
    at = tomorrow_at(app, standing.mailing).astimezone(zone)
    text = f"The mail goes to {who} at that hour. The web page of the issue keeps the hour it was approved for."
    return Question(
        "At another hour?",
        text,
        f"Send it to {who} then",
        "send at",
        asks_hour=True,
        hour=f"{at:%Y-%m-%dT%H:%M}",
        zone=zone.key,
    )


def again_in(views: tuple[MailingView, ...], *, soon: int = SOON) -> int:
    """After how many seconds a page asks how things stand; 0 when nothing can change by itself."""
    states = {each.state.split()[0] for each in views if each.is_open}
    return soon if "sending" in states else LATER if states else 0
