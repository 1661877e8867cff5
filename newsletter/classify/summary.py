"""summarise(): one or two sentences taken from the story itself; nothing is ever made up."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.classify.points import list_line, meeting_line
from newsletter.classify.sentence_worth import (
    is_east_asian,
    is_ended,
    leans,
    may_stand,
    says_something,
    title_words,
    worth,
)
from newsletter.classify.sentences import paragraphs, sentences
from newsletter.classify.titles import clean_title
from newsletter.model.item import Item
from newsletter.model.story import Story
from newsletter.text import host_of, one_line, shorten, shorten_words

_LONGEST = 12_000
_PARAGRAPH = 3_000
_HEADING = 60
"""A shorter paragraph that ends without a stop is a heading."""
_COMPARED = 14
"""So many sentences of the beginning are compared: what is new stands near the top."""
_LATER = 0.5
"""What a sentence loses for each one before it."""
_NEXT = 1.5
"""What the second sentence gains by standing right behind the first."""
_WORST = -2.5
_FEWEST = 4
"""A summary of fewer words says nothing."""
_LETTERS_A_WORD = 9
_URL = re.compile(r"<?(?:https?://|www\.)[^\s<>\"')\]]+>?")
_ADDRESS = re.compile(r"\S+@\S+\.\w+")
_LINKED = re.compile(r"!?\[([^\]\n]{1,200})\]\((?:[^()\s]|\([^()\s]*\))*\)")
_CITED = re.compile(r"`([^`<>\n]{1,200}?)\s*<[^<>\s`]{1,300}>`_{0,2}")
_MARKUP = re.compile(r"(\*\*|__|``?|\*)(?=\S)([^*`]+?|.+?)(?<=\S)\1")
_UNDERLINED = re.compile(r"(?<![\w/])_([^\W_][^_\n]{0,80}?)_(?![\w/])")
_BBCODE = re.compile(r"\[/?(?:b|i|u|quote|code|url|img|size|color)(?:=[^\]\n]{0,100})?\]", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\s?\[\d{1,2}\](?!\()|(?<=\w)\[\d{1,2}\]")
_SMILEY = re.compile(r"\s*(?<!\w)[:;8=][-'o^]?[)(DPp/|\]\[]+(?=\s|$)|\s*(?<!\S)(?:<3|\^\^|xD+)(?=\s|$)")
_HELLO = re.compile(
    r"^(?:hi|hello|hey|dear|greetings|hallo|howdy|hola|bonjour)\b[^.!?\n,:–—]{0,30}[,!:–—]\s*(?=\S)|"
    r"^(?:all|folks|everyone|guys|friends)[,:!]\s+|^(?:hi|hello|hey)(?: (?:all|there|everyone|folks|guys|"
    r"list))?\.?\s+(?=[A-Z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence that may be shown: its number among all of the text, what it is worth, whether it leans on another."""

    text: str
    at: int
    worth: float
    is_leaning: bool


def summarise(story: Story, words: int) -> str:
    """At most two sentences and ``words`` words about ``story``, "" when its items say nothing.

    They are taken from the lead, else from the next item that says something.
    """
    if words <= 0:
        return ""
    for item in story.items[:5]:
        if found := _summary(item, story, words):
            return found
    return ""


def _summary(item: Item, story: Story, words: int) -> str:
    text = item.text[:_LONGEST]
    if item.form == "chat" and (told := meeting_line(text)):
        return _fit([told], words)
    title = clean_title(item.title, is_mail=item.form == "mail")
    own = _key(title)
    found: list[_Said] = []
    spare = ""
    for at, sentence, is_opening in _candidates(text):
        if _says_again(_key(sentence), own):
            continue
        if _URL.search(sentence) or _ADDRESS.search(sentence):
            spare = spare or sentence
            continue
        points = worth(sentence, title_words(title), is_dated=story.event is not None, longest=words)
        is_leaning = leans(sentence, is_opening=is_opening)
        found.append(_Said(sentence, at, points - _LATER * len(found), is_leaning))
        if len(found) == _COMPARED:
            break
    chosen = _choose(found)
    if chosen and (is_east_asian(chosen[0]) or len(" ".join(chosen).split()) >= _FEWEST):
        return _fit(chosen, words)
    if item.form == "release" and (told := list_line(text)):
        return _fit([told], words)
    telling = [each.text for each in found if may_stand(each.text) and each.text not in chosen][:1] or [
        _without_addresses(spare)
    ]
    return _fit(telling, words) or _fit([list_line(text)], words)


def _choose(found: Sequence[_Said]) -> list[str]:
    """The sentence that tells most and can stand alone, and one more: the one behind it if that is good."""
    alone = [each for each in found if not each.is_leaning]
    if not alone:
        return []
    best = max(alone, key=lambda each: each.worth)

    def fitness(each: _Said) -> float:
        return each.worth + _NEXT * (each.at == best.at + 1)

    others = [
        each
        for each in found
        if each.text != best.text and is_ended(each.text) and (not each.is_leaning or each.at == best.at + 1)
    ]
    second = max(others, key=fitness, default=None)
    if second is None or fitness(second) < _WORST:
        return [best.text]
    return [each.text for each in sorted((best, second), key=lambda each: each.at)]


def _fit(telling: Sequence[str], words: int) -> str:
    """The first sentence, cut if it must be; the second only when it is whole."""
    if not telling:
        return ""
    first = shorten(shorten_words(telling[0], words), words * _LETTERS_A_WORD)
    both = " ".join(telling)
    is_room = len(both.split()) <= words and len(both) <= words * _LETTERS_A_WORD
    return both if is_room and first == telling[0] and is_ended(first) else first


def _candidates(text: str) -> Iterator[tuple[int, str, bool]]:
    """Sentences that say something, with their number among all and whether they open the text."""
    at = 0
    for paragraph in paragraphs(text):
        plain = _plain(paragraph[:_PARAGRAPH])
        whole = _HELLO.sub("", plain)
        if len(whole) < _HEADING and not is_ended(whole):
            continue
        for sentence in sentences(whole):
            at += 1
            if says_something(sentence):
                yield at, _capital(sentence), at == 1


def _capital(sentence: str) -> str:
    """A greeting taken off leaves a small letter; a name in code keeps it."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].upper() + sentence[1:] if first.strip(",;:").isalpha() and first.islower() else sentence


def _plain(text: str) -> str:
    left = _CITED.sub(r"\1", _LINKED.sub(r"\1", text))
    left = _UNDERLINED.sub(r"\1", _MARKUP.sub(r"\2", left))
    return one_line(_SMILEY.sub("", _NOTE_MARK.sub("", _BBCODE.sub("", left))))


def _without_addresses(sentence: str) -> str:
    """The only sentence there is, its addresses named by their hosts; a mail address is never shown."""
    if _ADDRESS.search(sentence):
        return ""
    return _URL.sub(lambda match: host_of(match[0].strip("<>")) or "", sentence)


def _says_again(sentence: str, title: str) -> bool:
    """Whether a sentence says the title, and little more, or the beginning of it; all without signs."""
    if not title:
        return False
    is_longer = title in sentence and len(sentence) < len(title) + 16
    return is_longer or (title.startswith(sentence) and len(sentence) > len(title) // 2)


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
