"""summarise(): one or two sentences taken from the story itself; nothing is ever made up."""

import re
from collections.abc import Iterator

from newsletter.classify.sentences import paragraphs, sentences
from newsletter.classify.titles import clean_title
from newsletter.model.item import Item
from newsletter.model.story import Story
from newsletter.text import host_of, one_line, shorten, shorten_words

_LONGEST = 12_000
_PARAGRAPH = 3_000
_HEADING = 60
"""A shorter paragraph that ends without a stop is a heading."""
_SENTENCES = 2
_LETTERS_A_WORD = 9
_URL = re.compile(r"<?https?://[^\s<>\"')\]]+>?")
_LINKED = re.compile(r"!?\[([^\]\n]{1,200})\]\((?:[^()\s]|\([^()\s]*\))*\)")
_MARKUP = re.compile(r"(\*\*|__|``?)(?=\S)(.+?)(?<=\S)\1")
_HELLO = re.compile(
    r"^(?:hi|hello|hey|dear|greetings|hallo|howdy|hola|bonjour)\b[^.!?\n,:–—]{0,30}[,!:–—]\s*(?=\S)|^(?:all|folks)[,:]\s+",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"\[(?:email|e-mail)(?:\s|\xa0)?protected\]", re.IGNORECASE)
_EMPTY = re.compile(
    r"(?:cop(?:y|ied) (?:it |this )?here|reproduced (?:here|below)|originates? from|originally (?:posted|published|"
    r"appeared)|appeared first on|cross-?post|read more|continue reading|click here|unsubscribe|subscribe (?:to|here)|"
    r"sent from my|view (?:this|it) (?:email|in)|the following (?:list|roles|points)|see (?:below|inline|attached)|"
    r"inline|forwarded message|mailing list$|all rights reserved|\[…\]|\[\.\.\.\])",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:costs?|price|when|where|dates?|place|venue|location|time|seats|address|tickets)\s?:", re.IGNORECASE
)
_ENDED = re.compile(r"[.!?…。！？][\"”’»)\]]*$")
_WORD = re.compile(r"[^\W\d_]{2,}")


def summarise(story: Story, words: int) -> str:
    """At most two sentences and ``words`` words about ``story``, "" when its items say nothing.

    They are taken from the lead, else from the next item that says something.
    """
    if words <= 0:
        return ""
    for item in story.items[:5]:
        if found := _summary(item, words):
            return found
    return ""


def _summary(item: Item, words: int) -> str:
    title = _key(clean_title(item.title, is_mail=item.form == "mail"))
    telling: list[str] = []
    spare = ""
    for sentence in _candidates(item.text[:_LONGEST]):
        if _key(sentence) == title or sentence in telling:
            continue
        if _URL.search(sentence):
            spare = spare or sentence
            continue
        if telling and not _ENDED.search(sentence):
            break
        telling.append(sentence)
        if len(telling) == _SENTENCES:
            break
    if not telling and spare:
        telling = [_URL.sub(lambda match: host_of(match[0].strip("<>")) or "", spare)]
    return _fit(telling, words)


def _fit(telling: list[str], words: int) -> str:
    """The first sentence, cut if it must be; the second only when it is whole."""
    if not telling:
        return ""
    first = shorten(shorten_words(telling[0], words), words * _LETTERS_A_WORD)
    both = " ".join(telling)
    is_room = len(both.split()) <= words and len(both) <= words * _LETTERS_A_WORD
    return both if is_room and first == telling[0] else first


def _candidates(text: str) -> Iterator[str]:
    """Sentences that say something and can stand alone, in their order."""
    for paragraph in paragraphs(text):
        whole = _HELLO.sub("", _plain(paragraph[:_PARAGRAPH]))
        if len(whole) < _HEADING and not _ENDED.search(whole):
            continue
        for sentence in sentences(whole):
            if _says_something(sentence):
                yield _capital(sentence)


def _capital(sentence: str) -> str:
    """A greeting taken off leaves a small letter; a name in code keeps it."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].upper() + sentence[1:] if first.strip(",;:").isalpha() and first.islower() else sentence


def _plain(text: str) -> str:
    left = _LINKED.sub(r"\1", text)
    return one_line(_MARKUP.sub(r"\2", left))


def _says_something(sentence: str) -> bool:
    if (
        sentence.endswith((":", ","))
        or _HIDDEN.search(sentence)
        or _EMPTY.search(sentence)
        or _LABELLED.match(sentence)
    ):
        return False
    if any(ord(letter) > 0x2E80 for letter in sentence[:20]):
        return len(sentence) > 5
    return len(_WORD.findall(sentence)) >= 3


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
