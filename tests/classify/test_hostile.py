"""Texts made to take long, or to break something, cost no more time than others of their length."""

import time

import pytest

from newsletter.classify.stories import StoryContext
from newsletter.classify.week import WeekInput, judge_week
from newsletter.model.rule import Match, Rule
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.classify.samples import NOW, SOURCES, mail, post

PIECES = (
    "a ", "1 ", "1", "March ", "1 March 2026 ", "(", "http://", "A. ", "On x ", "$1 ", "Aa ", "at Aa ", "[a](", "**a ",
    "\n", "\n\n", " ", "> ", "Hi ", "- x\n", "register by ", "7pm - ", "1/1/1 ", "12. 12. ", "until ", "late ", "-",
    "rc1 ", "[re] ", "re: ", "Ä", "窯", "\x00", "\ud800", "posted from Aa Bb ", "copied it here from Aa Bb ", "€",
    "Aa Bb posted ", "deadline ", "vote from ", "seats: ", "2026-10-20 to ", "10:00 - ", "e.g. ", "`", "_", "#", "1st ",
    "Where: ",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    item, other = post("a", text[:2_000], text), mail("b", text[:400], "Join us: " + text, links=(text[:200],) * 9)
    rules = (Rule("r", Match(text=("clay", "cone*six"), has=("date", "deadline", "code", "question"))),)
    start = time.process_time()
    judged = judge_week(WeekInput((item, other), rules, DEFAULT_SECTIONS, StoryContext(sources=SOURCES), NOW))
    assert time.process_time() - start < 1.5
    assert judged
