"""What a sentence is worth in a summary: whether it can stand alone, says something, and says what is new."""

import re
from collections.abc import Set as AbstractSet

# Searched in lower case; each way begins with letters of its own, so that re skips what cannot begin one.
_EMPTY = re.compile(
    # copies and their frames
    r"cop(?:y|ied) (?:it |this )?here|reproduced (?:here|below)|originates? from|originally (?:posted|published|"
    r"appeared)|"
    r"appeared first on|cross-?post|forwarded message|mailing list$|view (?:this|it) (?:email|in)|"
    # buttons and footers of pages
    r"read (?:more|the (?:rest|full)|on\b)|continue reading|click (?:here|on|the)|subscribe (?:to|here|now)|"
    r"unsubscribe|"
    r"sent from my|all rights reserved|\[(?:…|\.\.\.|link|comments|image|video)\]|share (?:this|on|it)\b|tweet this|"
    r"of cookies|use cookies|accept cookies|cookie (?:policy|notice)|enable javascript|sign up for (?:our|the|my)|"
    r"follow (?:us|me) on|filed under|estimated reading time|table of contents|photo(?:graph)? by|"
    r"leave (?:me )?a (?:comment|reply)|"
    r"terms of (?:service|use)|privacy policy|support (?:us|me) on|buy me a|permalink|in reply to\b|submitted by /u/|"
    r"may contain confidential|intended (?:only|solely) for|is (?:confidential|sponsored)|"
    # broken promises: what they point at is not there
    r"following (?:\w+ )?(?:list|role|point|step|code|snippet|error|traceback|output|example|script|link|command|"
    r"message|line|way)s?\b"
    r"|the following[.:?]*$|as follows|(?<!as )follows?[.!]?$|traceback \(most|(?:see|shown?|listed|seen|found|"
    r"given|provided|attached|included?|here|"
    r"quoted|copied) below|"
    r"look below|below (?:is|are|you)\b|see (?:the )?(?:inline|attach\w+|enclosed|above)|"
    r"(?:attached|enclosed) (?:is|are|please|you)|(?:is|are|find|have) (?:the )?(?:attached|enclosed)\b|"
    r"(?:picture|image|screenshot|screen shot|photo|figure|diagram|chart|graph|table|video|code|example|link|log|"
    r"output|snippet)s?"
    r" (?:below|above|attached|to the (?:left|right))|in the (?:picture|image|photo|screenshot|figure) |(?:at|"
    r"this|the) links?\b|"
    r"here(?:'s|’s| is| are) (?:the|a|an|my|some|what|how|our|another)\b[^.]{0,60}$|\bhere[.!)]*$|"
    r"(?:thanks|thank you|thx|thanks in advance)[\s!.]*$|patch coverage|codecov report|attachment was scrubbed"
)
_EMPTY_START = re.compile(
    r"(?:pictured|image|photo|video|screenshot|figure|source|credit|via|update|edit|tags?|categor\w+|posted|"
    r"author|sponsor|"
    r"disclaimer|editor['’]s note|disclosure|note|filed)\s*:|attached\b|advertisement\b|(?:listen|"
    r"subscribe) (?:to|on) |"
    r"(?:\w+,? )?inline\b|"
    # what machines say about builds, and commands to them
    r"build (?:succeeded|failed|started)|patch set \d+|uploaded patch set|recheck\b|/\w+|coverage (?:in|de)creased|"
    r"attention: patch|change has been successfully|starting (?:check|gate) jobs|merge conflict"
)
_LABELLED = re.compile(
    r"^(?:costs?|price|when|where|dates?|place|venue|location|time|seats|address|tickets|from|to|subject|sent|cc|"
    r"reply-to|dial-?in|meeting id|passcode|phone|mail|e-?mail|web|url|homepage|download|rsvp|host|speakers?)\s?:"
)
_THANKS = re.compile(
    r"^(?:many |big |special |a big )?(?:thanks?\b|thank you|thx|cheers|sorry|(?:my )?apolog\w+|congrat\w+|"
    r"welcome|hope this|"
    r"please (?:let me know|excuse|bear|feel free)|let me know|any (?:help|ideas?|hints?|comments?|feedback|"
    r"thoughts?)\b|"
    r"(?:does|has|can|could|would|is) (?:any ?(?:one|body)|some ?(?:one|body)|there any)|what do you think|hth\b|"
    r"enjoy[!.]|have fun|see you|stay tuned|happy \w+|good (?:morning|day|evening)|merry)|"
    r"keep up\b|i (?:hope|wish|look forward|apologi[sz]e|would (?:be )?(?:appreciate|grateful))"
)
_LEANS = re.compile(
    r"^(?:but|and|so|or|nor|also|however|therefore|thus|then|hence|because|anyway|anyways|moreover|furthermore|instead|"
    r"otherwise|still|besides|meanwhile|likewise|similarly|consequently|nevertheless|additionally|finally|lastly|"
    r"secondly|"
    r"thirdly|second|third|next|again|plus|yet|that['’]s|in addition|in contrast|in other words|on the other hand|"
    r"as a result|"
    r"for (?:example|instance|that)|of course|even so|at that|after (?:that|this)|in (?:this|that|these|those|"
    r"such|which|both) |"
    r"to (?:do|fix|solve|address|achieve) (?:this|that|so|it)|"
    r"he|she|they|his|her|their|them|those|these|such|that|this|it|its|it['’]s|both|neither|either|the (?:former|"
    r"latter|"
    r"other|same|first|second|last|reason|result|idea|problem with)|which|who|whose|where|yes|no|nope|yep|yeah|ok|"
    r"okay|oh|"
    r"ah|hm+|well|right|sure|agreed|indeed|exactly|true|correct|same here|me too|btw|ps|p\.s|nb|n\.b|fwiw|imho|"
    r"imo|iirc|"
    r"afaik|\+1|-1|lol|aber|und|oder|denn|deshalb|daher|dann|auch|er|sie|es|dies\w*|mais|et|ou|donc|alors|il|elle|"
    r"ils|pero|y)"
    r"(?=[\s,.;:!?–—-]|$)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^(?:this|these|it|it['’]s|the (?:first|last|same)|where|who|es|dies\w*|il)\b", re.IGNORECASE)
"""Words that lean on nothing when they begin a text: they speak of the text itself or its time."""
_NEWS = re.compile(
    r"\b(?:announc\w+|releas(?:e|ed|es|ing)|launch\w*|introduc\w+|propos\w+|publish\w*|(?:now|is|are) available|"
    r"supports?|"
    r"adds?|added|implement\w*|fix(?:es|ed)?|improve[sd]?|replaces?d?|removes?d?|deprecat\w+|elect(?:ed|ions?)|"
    r"vot(?:e|ing)|"
    r"deadline|join us|will (?:be|now|take)|plan(?:s|ned)|merged?|decided|agreed|accepted|approved|new|first|security|"
    r"vulnerab\w+|cve-\d+|no longer|begins?|starts?|opens?|closes?|moves?d?|changes?d?|allows?|makes?|need(?:s|ed)?|"
    r"breaks?|broken|fails?|crash\w*|problem|bug|error)\b",
)
_NUMBER = re.compile(r"\d")
_POINTS_AWAY = re.compile(
    r"\b(?:news file|following|listed (?:here|at)|(?:for|find) (?:more|further|the (?:full|"
    r"complete)) (?:information|details|list)|see the|"
    r"are listed|"
    r"full (?:list|details)|details? (?:are|is) (?:at|in|on)|let us know|feel free|attached|visit our|check out|"
    r"stop by)\b"
)
_CODE = re.compile(r"\w\(|\s[=:]=?\s|[{}]|->|=>|::|\\\\|^\W*\w+ \d+:|\bself\.|</?\w+")
_ENCODED = re.compile(r"[A-Za-z0-9+/=]{44}")
_IMPORT = re.compile(r"(?:from [\w.]+ )?import [\w.]+|(?:def|class|return|print|sudo|git|pip|apt-get|cd) \w")
_ABOUT_ME = re.compile(
    r"^(?:i(?:['’](?:m|ve|d|ll))?|we['’]ve|just|unfortunately|first(?:ly)?(?: of all|,)|as (?:you|some|many|most|"
    r"usual)|today|"
    r"a (?:few|couple)|last (?:week|month|year|night)|recently|some time ago|long time|while|before|now that)\b",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?…。！？؟۔।॥][\"”’»)\]]*$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TITLE_WORD = re.compile(r"[^\W_]{3,}")
_COMMON = frozenset(
    ("the", "and", "for", "with", "from", "that", "this", "are", "was", "you", "how", "why", "what", "new")
)
_STRANGE = re.compile(r"[^\w ,.'’\"“”-]|[\d_]")
_EAST_ASIAN = 0x2E80
_WHEN = re.compile(
    r"\b(?:\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\b\.?|uhr)|\d{1,2}:\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|"
    r"dec)[a-z]*\.? "
    r"\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th)?\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b"
)


def is_ended(sentence: str) -> bool:
    """Whether it ends as sentences end."""
    return _ENDED.search(sentence) is not None


def says_something(sentence: str) -> bool:
    """Whether it is a sentence of the text itself, whole, and not a frame, a button or a promise of what is missing."""
    lowered = sentence.lower()
    if sentence.endswith((":", ",", ";")) or not _is_balanced(sentence) or "protected]" in lowered:
        return False
    if any(pattern.match(lowered) for pattern in (_LABELLED, _THANKS, _EMPTY_START)) or _EMPTY.search(lowered):
        return False
    if is_east_asian(sentence):
        return len(sentence) > 5
    if not is_ended(sentence) and (_CODE.search(sentence) or len(sentence.split()) < 6):
        return False
    if _IMPORT.match(sentence) or _ENCODED.search(sentence):
        return False
    return len(_WORD.findall(sentence)) >= 3


def is_east_asian(sentence: str) -> bool:
    """Whether it is written without spaces between its words."""
    return any(ord(letter) > _EAST_ASIAN for letter in sentence[:20])


def leans(sentence: str, *, is_opening: bool) -> bool:
    """Whether it needs the sentence before it; the opening of a text may speak of the text itself."""
    if sentence[:1].islower() or sentence[:1] in ")],.;:-":
        return True
    return _LEANS.match(sentence) is not None and not (is_opening and _OPENING.match(sentence))


def may_stand(sentence: str) -> bool:
    """Whether a sentence that leans on another can be read by itself, if there is nothing better."""
    return sentence[:1].isupper() and (_OPENING.match(sentence) is not None or _LEANS.match(sentence) is None)


def title_words(title: str) -> frozenset[str]:
    """What a sentence about the title has in common with it: the beginnings of its words."""
    return frozenset(word[:6] for word in _TITLE_WORD.findall(title.casefold()) if word not in _COMMON)


def worth(sentence: str, wanted: AbstractSet[str], *, is_dated: bool, longest: int) -> float:
    """How much it tells: title words, words of news and figures for it; questions, shortness and length against it.

    ``is_dated``: the date stands beside the summary already, so that a sentence about it tells nothing.
    """
    count, lowered = len(sentence.split()), sentence.lower()
    points = 1.0 * min(len(wanted & title_words(lowered)), 3)
    points += 1.0 * (_NEWS.search(lowered) is not None) + 0.4 * (_NUMBER.search(sentence) is not None)
    points -= 2.0 * (_POINTS_AWAY.search(lowered) is not None)
    points -= 1.5 * sentence.rstrip('"”’»)').endswith("?") + 1.2 * (_ABOUT_ME.match(sentence) is not None)
    points -= 2.0 * (not is_ended(sentence)) + 2.0 * (sentence[:1] in "([") + 2.5 * _strangeness(sentence)
    points -= 2.0 * (is_dated and _WHEN.search(lowered) is not None)
    if not is_east_asian(sentence):
        points -= 2.0 * (count < 6) + 1.0 * (count > 40)
    return points - 3.0 * (count > longest)


def _strangeness(sentence: str) -> bool:
    """Whether much of it is neither letters nor what stands between words: code, paths, tables."""
    return len(_STRANGE.findall(sentence)) > 0.12 * len(sentence) or _CODE.search(sentence) is not None


def _is_balanced(sentence: str) -> bool:
    pairs = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"))
    return all(sentence.count(begin) == sentence.count(end) for begin, end in pairs) and sentence.count('"') % 2 == 0
