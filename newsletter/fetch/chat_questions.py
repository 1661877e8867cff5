"""Questions in a channel that got an answer: somebody asks, and another answers by name soon after."""

import re
from collections.abc import Sequence
from dataclasses import replace

from newsletter.fetch.chat_class import Question
from newsletter.fetch.chat_lines import Line
from newsletter.fetch.chat_robots import is_robot
from newsletter.fetch.losses import LINK_LOST, text_losses

_ADDRESSED = re.compile(r"@?(?P<nick>[^\s:,]{1,40})[:,]\s+(?P<text>.+)", re.DOTALL)
_WITHIN = 30
_MOST = 20
_SHORTEST = 4
"""Words. "what?" is no question that anybody else wants answered."""


def find_answered(lines: Sequence[Line]) -> list[Question]:
    """The questions of people to everybody, with what was answered to them by name."""
    spoken = [line for line in lines if line.sort == "said" and line.nick and not is_robot(line.nick)]
    found = []
    for at, line in enumerate(spoken):
        text = _asked(line)
        if text is None:
            continue
        answers = _answers(spoken[at + 1 : at + 1 + _WITHIN], line.nick)
        if answers and _tells(answers):
            found.append(Question(line.nick, text, line.number, answers))
        if len(found) >= _MOST:
            break
    return found


def lost_links_of(questions: Sequence[Question]) -> list[int]:
    """The lines of answers that point at an address ("see here:", "[link]") which none of their lines holds.

    In chats "here" alone is where somebody sits: "I can see it here" has lost nothing.
    """
    found = []
    for question in questions:
        said = [line.text for line in question.answers]
        if any("://" in text or "www." in text for text in said):
            continue
        found += [line.number for line in question.answers if LINK_LOST in text_losses(line.text)]
    return list(dict.fromkeys(found))


def _asked(line: Line) -> str | None:
    """The question in a line, if it is one."""
    text = line.text.rstrip()
    if not text.endswith("?") or text.startswith("#") or len(text.split()) < _SHORTEST:
        return None
    return text


def _tells(answers: Sequence[Line]) -> bool:
    """Whether it is more than a word, or a question in return."""
    return any(not each.text.rstrip(" .").endswith("?") and len(each.text.split()) > _SHORTEST for each in answers)


def _answers(following: Sequence[Line], nick: str) -> list[Line]:
    """What the first who answers by name goes on to say, until somebody else speaks or the asker asks again."""
    answers: list[Line] = []
    for line in following:
        addressed = _ADDRESSED.fullmatch(line.text)
        is_to_asker = addressed is not None and addressed["nick"].casefold() == nick.casefold() and line.nick != nick
        if answers and line.nick != answers[0].nick:
            break
        if line.text.startswith("#"):
            continue
        if addressed is not None and is_to_asker:
            answers.append(replace(line, text=addressed["text"].strip()))
        elif answers:
            answers.append(line)
        elif line.nick == nick and _asked(line):
            break
        if len(answers) >= 5:
            break
    return answers
