"""What the Deliveries page says, in words: states, hours, counts, why something waits and what to mend."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.model.subscriber import MailingState
from newsletter.pipeline.delivery_board import Standing
from newsletter.render.words import counted, number, weekday_date
from newsletter.store.delivery_figures import Decision, Refusals
from newsletter.store.mailings import ISSUE, Mailing
from newsletter.store.outbox import PROGRAM
from newsletter.text import shorten

LATE = ("warning", "!", "late")
LOOKS: Mapping[MailingState, tuple[str, str, str]] = {
    "scheduled": ("open", "…", "scheduled"),
    "asking": LATE,
    "sending": ("open", "›", "being sent"),
    "paused": ("slow", "‖", "paused"),
    "stopped": ("broken", "×", "stopped"),
    "done": ("kept", "✓", "done"),
}
"""Colour, sign and word of each state."""
TALLIES = (
    ("accepted", ("kept", "✓", "accepted")),
    ("deferred", ("open", "?", "try again")),
    ("failed", ("broken", "×", "refused")),
    ("suppressed", ("", "–", "passed over")),
    ("unknown", ("warning", "!", "uncertain")),
)
"""What is counted; all but the passed-over ones also when there are none."""
_STEPS = {
    "queued": "waits for its turn",
    "sending": "is being handed over",
    "accepted": "accepted",
    "deferred": "try again",
    "failed": "refused",
    "suppressed": "passed over or no such address",
    "unknown": "uncertain",
}
_REASONS = (
    ("5.1.", "no such address"),
    ("5.2.1", "the mailbox takes no mail"),
    ("5.2.2", "the mailbox is full"),
    ("5.2.3", "the mail is too large for the mailbox"),
    ("5.3.4", "the mail is too large for the server"),
    ("5.4.", "no way to the server"),
    ("5.6.", "the mail itself was not understood"),
    ("5.7.", "the server does not trust us; nothing is held against the reader"),
)
_MEND = (
    ("refuses the user or the password", "Mend “user:” and “password:” under “delivery:” in feeds.yaml, then go on."),
    ("cannot be trusted", "Its certificate does not hold: name the server as its certificate does, then go on."),
    ("offers no encryption", "Name a port with encryption under “delivery:” in feeds.yaml, then go on."),
    ("does not take our sender", "The address in “from:” has to be one the server may send for; then go on."),
    ("cannot be written", "Make room there, or let the program write; then go on."),
)
_LOOKS_WITHIN = "“newsletter run” goes on with it when it looks next, within a minute."


def name_of(mailing: Mailing) -> str:
    """Issue 57; Erratum 1 of issue 57."""
    if mailing.kind == ISSUE:
        return f"Issue {mailing.issue_number}"
    return f"Erratum {mailing.kind.rpartition('-')[2]} of issue {mailing.issue_number}"


def look_of(standing: Standing) -> tuple[str, str, str]:
    """Colour, sign and word for how a mailing stands."""
    return LATE if standing.is_late else LOOKS[standing.mailing.state]


def people(count: int) -> str:
    """1 reader; 4,812 readers."""
    return counted(count, "reader")


def whom(standing: Standing, count: int) -> str:
    """The readers that a sentence is about: so many of ours, or those of a service, which counts them itself."""
    return f"the readers at {standing.service}" if standing.service else people(count)


def hour(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """10:04 today, else Friday 6 March, 10:04."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{weekday_date(local.date(), year_of=today)}, {local:%H:%M}"


def at_hour(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """At 10:04, when that is today; else on Friday 6 March, 10:04."""
    words = hour(at, now, zone)
    return f"on {words}" if "," in words else f"at {words}"


def span(length: timedelta) -> str:
    """20 s; 35 min; 12 h; 3 days."""
    minutes = length / timedelta(minutes=1)
    if minutes < 2:
        return f"{max(0, round(minutes * 60))} s"
    if minutes < 120:
        return f"{round(minutes)} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


def pace_of(standing: Standing) -> tuple[str, ...]:
    """120 a minute; about 8 min left."""
    if standing.per_minute is None:
        return ()
    left = standing.minutes_left
    about = () if left is None else (f"about {span(timedelta(minutes=left)) if left > 1 else '1 min'} left",)
    return (f"{number(standing.per_minute)} a minute", *about)


def lines_of(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """How a mailing stands, in whole sentences."""
    says = {
        "scheduled": _scheduled,
        "asking": _late,
        "sending": _sending,
        "paused": _paused,
        "stopped": _stopped,
        "done": _done,
    }[standing.mailing.state]
    found = _late(standing, now, zone) if standing.is_late else says(standing, now, zone)
    return tuple(filter(None, (*found, standing.crash)))


def waits_words(standing: Standing, zone: ZoneInfo, *, now: datetime, answer: str) -> str:
    """10 wait until 10:39 (example.net: “too many, wait 300 s”); "" when none waits.

    The first may be due already, behind those that were fetched before it, or in a mailing that is held.
    """
    waits = standing.waits
    if waits is None or standing.next_at is None:
        return ""
    count = standing.count("deferred")
    if standing.next_at > now:
        them = f"{number(count)} {'waits' if count == 1 else 'wait'} until {hour(standing.next_at, now, zone)}"
    else:
        them = f"{number(count)} {'is' if count == 1 else 'are'} to be tried again"
    return f"{them} ({waits.domain}: “{shorten(answer, 120)}”)."


def mend_words(reason: str) -> str:
    """What to mend before it can go on."""
    return next((words for part, words in _MEND if part in reason), "Mend the cause, then go on.")


def compared(standing: Standing, before: Standing | None) -> str:
    """4,806 readers, 12 more than issue 55; 99.7 % accepted, 99.8 % then."""
    if before is None or not before.total or not standing.total or standing.mailing.kind != ISSUE:
        return ""
    other, more = f"issue {before.mailing.issue_number}", standing.total - before.total
    how = f"as many as {other}" if not more else f"{number(abs(more))} {'more' if more > 0 else 'fewer'} than {other}"
    return f"{people(standing.total)}, {how}; {_share(standing)} accepted, {_share(before)} then."


def reason_of(found: Refusals) -> str:
    """Why mails did not arrive, in words; what has no words of ours, by its number."""
    start = found.start.strip()
    if start.startswith("gave up after"):
        return f"{start.partition(':')[0]} of trying"
    if found.code is None:
        return start or "nothing was said"
    words = next((words for status, words in _REASONS if start.startswith(status)), "")
    return words or (f"refused ({start})" if start[:2] == "5." else f"refused ({found.code})")


def step_words(state: str) -> str:
    """The state of one mail."""
    return _STEPS.get(state, state)


def decision_words(found: Decision, now: datetime, zone: ZoneInfo) -> str:
    """Ines left 2 as they are."""
    at = hour(found.at, now, zone)
    them = counted(found.count, "uncertain mail")
    if found.state == "accepted":
        return f"{at}: {found.said_by} left {them} as {'it is' if found.count == 1 else 'they are'}."
    return f"{at}: {found.said_by} had {them} sent again."


def _share(standing: Standing) -> str:
    share = 100 * standing.count("accepted") / standing.total
    # What is not whole does not look whole.
    shown = min(99.9, round(share, 1)) if share < 100 else 100
    return f"{shown:g} %"


def _scheduled(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    mailing = standing.mailing
    who = whom(standing, standing.total) if standing.total or standing.service else "nobody yet"
    if mailing.send_at <= now:
        return (f"Its hour was {hour(mailing.send_at, now, zone)}. {_LOOKS_WITHIN}",)
    at, away = at_hour(mailing.send_at, now, zone), span(mailing.send_at - now)
    return (f"It goes to {who} {at} {_city(zone)}, in {away}.",)


def _late(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    mailing = standing.mailing
    name, left = name_of(mailing), standing.open_count
    if standing.has_begun:
        if standing.service:
            return (f"The program was away in the middle of {name[0].lower()}{name[1:]}.",)
        wait = "waits" if left == 1 else "wait"
        return (f"The program was away in the middle of {name[0].lower()}{name[1:]}: {people(left)} still {wait}.",)
    at, is_now = at_hour(mailing.send_at, now, zone), f"{now.astimezone(zone):%H:%M}"
    return (f"{name} was due {at}; it is {is_now}. It waits for a manager’s word.",)


def _sending(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    rests = standing.rests
    if standing.service:
        return (f"{standing.service} sends it.",)
    if rests is not None and rests.not_before is not None:
        return (f"The mail server rests until {hour(rests.not_before, now, zone)}: {shorten(rests.reason, 200)}.",)
    if standing.is_at_work:
        return ()
    if standing.next_at is not None and not standing.count("queued", "sending"):
        return (f"Nothing is under way before {hour(standing.next_at, now, zone)}.",)
    return (f"Nobody is at it just now. {_LOOKS_WITHIN}",)


def _paused(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    mailing = standing.mailing
    if standing.service:
        by_hand, reason = f"{mailing.said_by} paused it.", f"It paused by itself: {mailing.reason.rstrip('.')}."
        return (by_hand,) if mailing.said_by != PROGRAM else (reason, mend_words(mailing.reason))
    if mailing.said_by != PROGRAM:
        return (f"{mailing.said_by} paused it. {people(standing.open_count)} did not get it yet.",)
    sent = standing.total - standing.open_count
    marked = "Nothing was sent, and no reader is marked for it." if not sent else "No reader is marked for it."
    reason = mailing.reason.rstrip(".")
    return (f"It paused by itself: {reason}.", marked, mend_words(mailing.reason))


def _stopped(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    by, left = standing.mailing.said_by, standing.open_count
    rest = "" if standing.service else f" {people(left)} did not get it."
    return (f"{by or 'Somebody'} stopped it.{rest}",)


def _done(standing: Standing, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    began, ended = standing.mailing.started_at, standing.mailing.finished_at
    if not standing.total and not standing.service:
        return ("Nobody was subscribed, so nothing was mailed.",)
    if began is None or ended is None:
        return ()
    first, last = began.astimezone(zone), ended.astimezone(zone)
    day = weekday_date(first.date(), year_of=now.astimezone(zone).date())
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{weekday_date(last.date())}, {last:%H:%M}"
    return (f"{day}, {first:%H:%M} to {until}.",)


def _city(zone: ZoneInfo) -> str:
    return zone.key.rpartition("/")[2].replace("_", " ")
