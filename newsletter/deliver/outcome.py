"""What a mail server's answer, or its silence, makes of a mail."""

from datetime import datetime, timedelta

from newsletter.deliver.answers import Answer, Verdict
from newsletter.deliver.patience import gave_up, try_again_at
from newsletter.deliver.work import Done, Work

MAY_HAVE_IT = "the server may have taken it"


def outcome(work: Work, verdict: Verdict, answer: Answer, now: datetime) -> Done:
    """What came of a mail that the server answered."""
    if verdict == "ok":
        return Done(work.subscriber_id, "accepted", answer.code, answer.words)
    if verdict == "bad address":
        return Done(work.subscriber_id, "suppressed", answer.code, answer.words)
    if verdict in ("refused", "not us"):
        return Done(work.subscriber_id, "failed", answer.code, answer.words)
    return _put_off(work, now, answer.code, answer.words)


def lost(work: Work, words: str, now: datetime, *, may_have_it: bool, send_again: bool) -> Done:
    """What came of a mail whose connection broke: only when all of it had left, it may have arrived."""
    if not may_have_it:
        return _put_off(work, now, None, words)
    said = f"{words}; {MAY_HAVE_IT}"
    return _put_off(work, now, None, said) if send_again else Done(work.subscriber_id, "unknown", None, said)


def released(work: Work) -> Done:
    """It never began: what was refused was not about it."""
    return Done(work.subscriber_id, "queued")


def _put_off(work: Work, now: datetime, code: int | None, words: str) -> Done:
    number = work.subscriber_id
    at = try_again_at(now, attempts=work.attempts + 1, first_at=work.first_at, subscriber_id=number)
    if at is None:
        return Done(number, "failed", code, gave_up(words))
    return Done(number, "deferred", code, words, max(at, now + timedelta(seconds=1)))
