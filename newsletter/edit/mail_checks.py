"""Checks of the mail as it was rendered: whole in plain text, small, readable, its subject, number and hour."""

import re
from collections.abc import Iterator
from datetime import timedelta

from newsletter.edit.check import Check, CheckInput, counted
from newsletter.text import shorten

SUBJECT, SUBJECT_ON_PHONES = 70, 40
"""Letters of a subject: the most that mail programs show, and what phones show."""
CUT_AT = 102_400
"""Bytes at which Gmail cuts a mail."""
LATE = timedelta(hours=2)
_SPACE = re.compile(r"\s+")
_OUT = ("approved", "sending", "stopped", "sent")


def mail_checks(found: CheckInput) -> Iterator[Check]:
    """What there is to say about the mail."""
    yield _text_part(found)
    yield _size(found)
    yield _contrast(found)
    yield from _pictures(found)
    yield _subject(found)
    yield from _number(found)
    yield from _hour(found)
    yield from _settings(found)


def _text_part(found: CheckInput) -> Check:
    """Every title and address stands in the text; how its lines are broken does not count."""
    bare = _SPACE.sub("", found.mail.text)
    missing = [
        each
        for each in found.mail.shown
        if _SPACE.sub("", each.title) not in bare or (each.url and each.url not in found.mail.text)
    ]
    size = f"{len(found.mail.text.encode()) / 1024:.1f} KB"
    if not missing:
        text = f"Text part holds all {counted(len(found.mail.shown), 'entry', 'entries')}"
        return Check("text", "good", text, size)
    names = "; ".join(shorten(each.title, 60) for each in missing[:5])
    lacks = counted(len(missing), "entry", "entries")
    detail = f"{names}. Your own templates/email/issue.txt may leave them out."
    return Check("text", "stops", f"Text part lacks {lacks}", detail, None, tuple(each.id for each in missing))


def _size(found: CheckInput) -> Check:
    mail = found.mail
    shown, most = f"{mail.html_size / 1000:.0f}", f"{mail.size_limit / 1000:.0f}"
    if mail.html_size > CUT_AT:
        return Check("size", "stops", f"{shown} of {most} KB: Gmail would cut it", _longest(found)[0])
    if mail.full_size <= mail.size_limit:
        return Check("size", "good", f"{shown} of {most} KB", "HTML after inlining")
    text, entries = _longest(found)
    full = f"{mail.full_size / 1000:.0f}"
    left = counted(mail.left_out_count, "summary or entry", "summaries and entries")
    said = f"{full} KB are too many: {left} would stand on the web and in the text part alone"
    return Check("size", "warning", said, text, None, entries)


def _longest(found: CheckInput) -> tuple[str, tuple[str, ...]]:
    """The entries by whose shortening most is won."""
    longest = sorted(found.issue.entries, key=lambda each: -len(each.summary))[:5]
    names = "; ".join(f"{shorten(each.title, 50)} ({len(each.summary):,} letters)" for each in longest)
    return f"Shorten: {names}", tuple(each.id for each in longest)


def _contrast(found: CheckInput) -> Check:
    mail = found.mail
    if mail.faint:
        said = "; ".join(mail.faint[:5])
        return Check("contrast", "warning", f"{counted(len(mail.faint), 'place')} hard to read", said)
    if mail.accent_remarks:
        return Check("contrast", "warning", "The accent is hard to read", " ".join(mail.accent_remarks))
    return Check("contrast", "good", "Contrast", f"lowest {mail.lowest_contrast:.1f} : 1")


def _pictures(found: CheckInput) -> Iterator[Check]:
    without = [each for each in found.issue.entries if each.picture and not each.picture.alt.strip()]
    if found.mail.no_alt:
        said = "; ".join(shorten(each, 80) for each in found.mail.no_alt[:5])
        yield Check("alt", "warning", f"{counted(len(found.mail.no_alt), 'picture')} without words", said)
    elif without:
        names = "; ".join(shorten(each.title, 60) for each in without[:5])
        text = f"{counted(len(without), 'picture')} with its title for words"
        yield Check("alt", "warning", text, names, None, tuple(each.id for each in without))
    elif found.mail.pictures_count:
        yield Check("alt", "good", f"Words on {counted(found.mail.pictures_count, 'picture')}")


def _subject(found: CheckInput) -> Check:
    subject, whole = found.mail.subject, found.mail.whole_subject or found.mail.subject
    count = f"{len(whole)} of {SUBJECT} characters"
    if not subject.strip():
        return Check("subject", "stops", "No subject", "Write one.")
    if subject != whole:
        return Check("subject", "warning", f"Subject is cut: {count}", f"Readers see “{subject}”. Write a shorter one.")
    if subject.endswith("…"):
        return Check("subject", "warning", "Subject ends in the middle", f"“{subject}”. Write a whole one.")
    phones = f"Phones show about {SUBJECT_ON_PHONES}: “{subject[: SUBJECT_ON_PHONES - 1].rstrip()}…”"
    return Check("subject", "good", f"Subject: {count}", phones if len(subject) > SUBJECT_ON_PHONES else "")


def _number(found: CheckInput) -> Iterator[Check]:
    number = found.issue.number
    out = [other for other, state in found.others.items() if state in _OUT and other != number]
    later = sorted(other for other in out if other > number)
    before = max((other for other in out if other < number), default=None)
    if later:
        text = f"Number {number} comes after {later[-1]}"
        yield Check("number", "stops", text, f"Issue {later[-1]} is {found.others[later[-1]]} already.")
        return
    gap = range((before or 0) + 1, number)
    if not gap:
        yield Check("number", "good", f"Number {number}", f"follows {before}" if before else "the first")
        return
    reasons = [
        f"issue {each} is still a draft" if found.others.get(each) == "draft" else f"there is no issue {each}"
        for each in gap
    ]
    follows = f"follows {before}" if before else "is the first that goes out"
    yield Check("number", "warning", f"Number {number} {follows}", f"{'; '.join(reasons[:4])}.")


def _hour(found: CheckInput) -> Iterator[Check]:
    left = found.send_at - found.now
    at = f"{found.send_at.astimezone(found.zone):%A %H:%M}"
    if left < timedelta():
        if found.issue.state != "draft":
            return
        yield Check("hour", "warning", f"Its hour passed: {at}", "Approve it and send it now, or move the hour.")
    elif left < LATE:
        minutes = max(1, int(left.total_seconds() // 60))
        yield Check("hour", "warning", f"Sends in {counted(minutes, 'minute')}", f"{at}; little time to stop it.")


def _settings(found: CheckInput) -> Iterator[Check]:
    """Links for leaving that lead to the site of last week, or an old sender, would go to every reader."""
    if not found.since_drafted:
        return
    pairs = found.since_drafted.items()
    said = [f"{key}: {before or 'nothing'} (now {now or 'nothing'})" for key, (before, now) in pairs]
    text = f"The mail has what feeds.yaml said when the draft was made: {'; '.join(said)}"
    detail = "Make the draft of its week anew (newsletter draft); what editors changed stays."
    yield Check("settings", "warning", text, detail)
