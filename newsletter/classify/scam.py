"""Mails that promise strangers money: they sink, with the reason in words, and are never dropped."""

import re
from collections.abc import Mapping

from newsletter.model.story import DOUBTFUL, ScorePart, Story

_POINTS = -45
_FEWEST = 3
_LONGEST = 6_000
_HEAD = 400
_SHOUTED_WORDS = 3
_MARKS: Mapping[str, re.Pattern[str]] = {
    "a large sum": re.compile(
        r"(?:us ?\$|usd ?\$?|\$|€|£|eur|gbp) ?\d{1,3}(?:[., ]\d{3}){2,}|(?:us ?\$|usd ?\$?|\$|€|£) ?\d[\d.,]{0,6} ?"
        r"(?:mn?|millions?)\b|\bmillion,? (?:united states |us |u\.s\.? |american )?(?:dollars|usd|euros?|pounds)\b"
    ),
    "a stranger's money": re.compile(
        r"\bbeneficiary\b|\bnext of kin\b|\binherit(?:ed|ance)\b|\bconsignment\b|\bdeposited (?:the|this|a) (?:sum|"
        r"fund|money)|\bunclaimed\b|\btransfer (?:of )?(?:the|this|these) (?:sum|funds?|money)\b|\byour bank account\b|"
        r"\bforeign (?:partner|account)\b|\bclaims? (?:agent|your (?:prize|winnings?|funds?))"
    ),
    "a prize": re.compile(
        r"\b(?:lottery|sweepstakes?|lotto)\b[^.]{0,80}\b(?:winn\w+|won|prize|draw)\b|\bwinning (?:notification|"
        r"numbers?)|\byou(?:r e-?mail(?: address)?)? (?:have |has )?won\b"
    ),
    "somebody who died": re.compile(
        r"\b(?:my|our|the) (?:late|deceased) (?:husband|father|client|customer|wife|president)\b|\bwidow of\b|"
        r"\bdied (?:in|of|without|intestate)\b|\b(?:only )?(?:son|daughter) of (?:the )?late\b|\bplane crash\b"
    ),
    "a secret": re.compile(
        r"\b(?:strict(?:ly|est)?|utmost|absolute(?:ly)?|top|very|highly) (?:confiden\w+|secre\w+)|"
        r"\bconfidential (?:business|transaction|proposal)|\btreat this\b[^.]{0,40}\bconfiden\w+|\brisk[ -]free\b"
    ),
    "a plea to a stranger": re.compile(
        r"\bdear(?:est)? (?:sir ?(?:/|or) ?madam|friend|beloved|one|in christ)\b|\bcompliments? of the (?:season|day)|"
        r"\bsoliciting your\b|\bseek(?:ing)? your (?:assistance|partnership|consent)|\bmay come to you as a surprise\b|"
        r"\byour urgent (?:response|reply|assistance)\b|\bi am (?:mr|mrs|miss|dr|barrister|prince|princess)\b"
    ),
}
_NEEDED = ("a large sum", "a prize", "a stranger's money")
"""Without a word of money it is no such mail, however pleading."""


def scam_parts(story: Story, *, is_known: bool) -> tuple[ScorePart, ...]:
    """The part that sinks a lone mail of nobody known (``is_known``) with three such marks; none for all others."""
    if is_known or story.lead.form != "mail" or story.reply_count or len(story.items) > 1:
        return ()
    found = scam_marks(story.lead.title, story.lead.text)
    if len(found) < _FEWEST or not any(mark in _NEEDED for mark in found):
        return ()
    return (ScorePart(f"{DOUBTFUL}: {', '.join(found[:_FEWEST])}", _POINTS),)


def scam_marks(title: str, text: str) -> tuple[str, ...]:
    """What in a mail is as in letters that promise money."""
    told = " ".join(f"{title}. {text[:_LONGEST]}".casefold().split())
    found = [mark for mark, pattern in _MARKS.items() if pattern.search(told)]
    if _is_shouted(title) or any(map(_is_shouted, text[:_HEAD].split("\n")[:4])):
        found.append("capitals throughout")
    return tuple(found)


def _is_shouted(line: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", re.sub(r"\[[^\]]*\]", "", line)) if len(word) > 2]
    return len(words) >= _SHOUTED_WORDS and all(word.isupper() for word in words)
