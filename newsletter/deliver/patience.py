"""How long to go on with what does not succeed: one mail up to 48 hours, a mailing until too much is refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.deliver.work import Done

GIVE_UP = timedelta(hours=48)
_FIRST = timedelta(minutes=5)
_LONGEST = timedelta(hours=4)
IN_A_ROW, SHARE, LEAST = 20, 0.25, 60
STALLED = 200
"""So many mails in a row put off, and none taken: it is not the readers."""


def try_again_at(now: datetime, *, attempts: int, first_at: datetime | None, subscriber_id: int) -> datetime | None:
    """When a mail is tried again that was tried ``attempts`` times: after 5 minutes, then twice as long each time.

    None when it is 48 hours old. Readers who were put off together come back spread over a fifth of the wait.
    """
    began_at = first_at or now
    if now - began_at >= GIVE_UP:
        return None
    wait = min(_FIRST * float(2 ** min(max(attempts, 1) - 1, 10)), _LONGEST)
    spread = wait * (subscriber_id * 2_654_435_761 % 1_000) / 5_000
    return min(now + wait + spread, began_at + GIVE_UP)


def gave_up(answer: str) -> str:
    """What is written down when a mail is tried no more."""
    return f"gave up after {GIVE_UP // timedelta(hours=1)} h: {answer}"


@dataclass(slots=True)
class Brake:
    """Stops a mailing when too many mails are refused: in a row, or a quarter of all."""

    bad_in_a_row: int = 0
    put_off_in_a_row: int = 0
    bad: int = 0
    total: int = 0

    def note(self, done: Done) -> str | None:
        """Count a result; why the mailing has to pause, None when it may go on."""
        if done.released:
            return None
        if done.state == "deferred":
            self.put_off_in_a_row += 1
            return None
        is_bad = done.state != "accepted"
        self.total += 1
        self.bad += is_bad
        self.put_off_in_a_row = 0
        self.bad_in_a_row = self.bad_in_a_row + 1 if is_bad else 0
        said = done.answer or "no answer"
        if self.bad_in_a_row >= IN_A_ROW:
            return f"{self.bad_in_a_row} mails in a row were not taken. The last answer: {said}"
        if is_bad and self.total >= LEAST and self.bad > SHARE * self.total:
            return f"{self.bad} of {self.total} mails were not taken. The last answer: {said}"
        return None

    @property
    def is_stalled(self) -> bool:
        """Whether the server puts everything off."""
        return self.put_off_in_a_row >= STALLED
