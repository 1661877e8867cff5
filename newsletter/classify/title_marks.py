"""What a headline says a story is about: release, proposal, meetup, job. Words of any community, names of none.

Most headlines hold none of the words a mark begins with. Each word is looked at once, and remembered with
the marks it may lead to; only those patterns are run.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"(?:(?:19|20)\d\d-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}|{_MONTH} {_DAY}|{_DAY} (?:of )?{_MONTH})"
_DIGITS = "0123456789"

_WORDS: Mapping[str, str] = {
    "plan": (
        r"rfcs?|specs?|specification\w*|proposal\w*|blueprint\w*|design|deprecat\w+|roadmap\w*|api|refactor\w*|freeze|"
        r"branch|backport\w*|plann(?:ing|ed)|schedule|stabili[sz]\w+"
    ),
    "code": (
        r"patch(?:es)?|review(?:s|ers?)?|bugs?|tests?|ci|gate|build|compil\w+|packag\w+|driver|library|plugin|performance|"
        r"benchmark\w*|merg(?:ed|ing)|commits?|crash(?:es)?|fix(?:es|ed)|traits?|macros?|modules?|syntax"
    ),
    "thing": (
        r"library|crate|framework|bindings?|wrapper|parser|sdk|toolkit|linter|debugger|plugin|implementation|client|"
        r"emulator|generator|engine"
    ),
}
"""Marks that one word is enough for."""
_MARKS: Mapping[str, tuple[Iterable[str], str]] = {
    "release candidate": (
        ("candidate", "rc", "alpha", "beta", "milestone"),
        r"\brelease candidates?\b|(?<![a-z])rc[-. ]?\d|\b(?:alpha|beta|milestone)[-. ]?\d",
    ),
    "released": (
        ("releas", "out", "available", "announc", "ship", "land"),
        r"\b(?:releas(?:es?|ed|ing)|is out|(?:now|is) available|available for|announc\w+|ships?|lands?)\b",
    ),
    "security": (
        ("security", "vulnerab", "cve", "advisor"),
        r"\bsecurity (?:advisor(?:y|ies)|notices?|releases?|updates?|fix(?:es)?|alerts?|bulletins?|holes?|"
        r"bugs?|patch(?:es)?|vulnerabilit\w+|announcement)\b|\bvulnerabilit|\bcve-\d{4}-\d+|\[security\]|"
        r"\badvisory [\dA-Z-]*\d",
    ),
    "election": (
        ("election", "nominat", "candidacy", "ballot", "voting", "vote"),
        r"\belections?\b|\bnominations?\b|\bcandidacy\b|\bballots?\b|\bvoting\b|\bresults of the vote",
    ),
    "call": (
        ("cfp", "call"),
        r"\bcfp\b|\bcall for (?:papers|proposals|talks|participation|presentations|speakers|sponsors|sessions)",
    ),
    "occasion": (
        ("conf", "summit", "meet", "hack", "workshop", "sprint", "webinar", "camp", "open", "office", "user", "study"),
        r"\b(?:conference|summit|meet-?ups?|hackathon|workshop|sprint|unconference|webinar|camp|open day|"
        r"hack (?:day|night|session)|office hours|(?:user|study) group)\b",
    ),
    "date in front": (_DIGITS, rf"^\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\W{{1,2}})?{_DATE}(?!\w)"),
    "date behind": (_DIGITS, rf"[,:(@|–-]\s*(?:on )?{_DATE}(?:,? (?:19|20)\d\d)?\W*$"),
    "numbered": (_DIGITS, r"^\W*(?:pre-)?[a-z]{2,6}[- #]{1,2}\d{2,6}(?=[\s:.,)\]]|$)|^\W*[\w-]*#\d{2,}"),
    "version": (_DIGITS, r"(?<![\d.$€£])\d+\.\d+(?:\.\d+)*(?![\d.]*\s?%)"),
    "minutes": (("minutes", "meeting", "agenda"), r"\bminutes\b|\bmeeting (?:log|notes|summary)|\bagenda\b"),
    "core": (
        ("core", "maintainer", "committer"),
        r"\bcore (?:team|members?|reviewers?|developers?|nomination)|\bmaintainer|\bcommitter",
    ),
    "people": (
        ("interview", "meet", "profile", "welcome", "thank", "mentor", "intern", "memor"),
        r"\binterview|\bmeet the\b|\bprofile\b|\bwelcome\b|\bthank|\bmentor|\bintern(?:s|ship)|\bin memor",
    ),
    "governance": (
        ("board", "foundation", "council", "charter", "conduct", "bylaw", "governance", "trademark"),
        r"\bboard\b|\bfoundation\b|\bcouncil\b|\bcharter\b|\bcode of conduct\b|\bbylaws\b|\bgovernance\b|\btrademark",
    ),
    "guide": (
        ("how", "guide", "tutorial", "walkthrough", "getting", "case", "video", "podcast"),
        r"\bhow to\b|\bguide\b|\btutorial\b|\bwalkthrough\b|\bgetting started\b|\bhow (?:i|we)\b|\bcase study\b|"
        r"\bvideos?\b|\bpodcast\b",
    ),
    "digest": (
        ("newsletter", "this", "weekly", "monthly", "digest", "round"),
        r"\bnewsletter\b|\bthis (?:week|month) in\b|\b(?:weekly|monthly) (?:news|report|update|digest|review)\b|"
        r"\bdigest\b|\bround-?up\b",
    ),
    "lesson": (
        ("experience", "journey", "why", "lesson", "thought", "reflection", "opinion", "introduc", "deep", "explain",
         "part", "vs", "versus", "learn", "writing", "building", "what", "first", "review"),
        r"\b(?:my|our|an?) (?:\w+ )?(?:experience|journey|opinion|review)|\bwhy (?:i|we|you)\b|\blessons\b|"
        r"\bthoughts (?:on|about)|\breflections?\b|\bintroduc(?:ing|tion) (?:to|into)\b|\bdeep dive\b|\bexplained\b|"
        r"\bpart \d|\bvs\b|\bversus\b|"
        r"\blearn(?:ing|ed|t)\b|\bwriting an?\b|\bbuilding an?\b|\bwhat i\b|\bfirst (?:impression|step|look)",
    ),
    "job": (
        ("hiring", "job", "vacanc", "recruit", "position", "career", "internship"),
        r"\bhiring\b|\bjobs?\b\s*(?:openings?|offers?|postings?|board|opportunit\w+|at\b|$)|\bvacanc(?:y|ies)\b|"
        r"\brecruit(?:ing|s)\b|\bopen positions?\b|\bpositions? (?:open|available)|\bcareers? (?:at|page)\b",
    ),
    "question": (("?",), r"\?\W*$"),
    "code words": (("`", ":", "_", "("), r"[`:_(](?:(?<=`)[^`]+`|(?<=\w:):\w|(?<=\w_)\w|(?<=\w\()\))"),
}  # fmt: skip
_WORD_MARKS = tuple((1 << at, re.compile(pattern)) for at, pattern in enumerate(_WORDS.values()))
_NAMES = tuple((1 << at, mark) for at, mark in enumerate(_WORDS))
_PATTERNS = tuple((mark, re.compile(pattern, re.IGNORECASE)) for mark, (_, pattern) in _MARKS.items())
_BITS_OF: dict[str, int] = {}
for _at, (_stems, _) in enumerate(_MARKS.values(), len(_WORDS)):
    for _stem in _stems:
        _BITS_OF[_stem] = _BITS_OF.get(_stem, 0) | 1 << _at
_LONGEST_STEM = max(map(len, _BITS_OF))
TOKEN = re.compile(r"[^\W_]+(?:'[a-z]+)?|[#@$%&?!|:_`\[\](){}+]")
"""A word or number, or a sign that tells headlines apart; in lower case."""
_LONGEST = 300


@lru_cache(maxsize=32_768)
def hints_of(token: str) -> int:
    """The marks that a headline with ``token`` bears (those of one word) or may bear, a bit for each."""
    bits, length = sum(bit for bit, pattern in _WORD_MARKS if pattern.fullmatch(token)), len(token)
    for start in range(length):
        for end in range(start + 1, min(length, start + _LONGEST_STEM) + 1):
            bits |= _BITS_OF.get(token[start:end], 0)
    return bits


def marks_of_title(title: str, hints: int) -> list[str]:
    """The marks of ``title``, whose tokens gave ``hints``."""
    found = [mark for bit, mark in _NAMES if bit & hints]
    found += [mark for mark, pattern in _to_try(hints) if pattern.search(title, 0, _LONGEST)]
    return found


@lru_cache(maxsize=8_192)
def _to_try(hints: int) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(each for at, each in enumerate(_PATTERNS) if hints >> at + len(_NAMES) & 1)


@lru_cache(maxsize=8_192)
def title_marks(title: str) -> frozenset[str]:
    """The marks of ``title``."""
    hints = 0
    for token in set(TOKEN.findall(title[:_LONGEST].lower())):
        hints |= hints_of(token)
    return frozenset(marks_of_title(title, hints))
