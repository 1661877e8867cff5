"""The quick look lets through whatever names somebody, in every spelling, and little else."""

import html
import json
import random
import unicodedata
from urllib.parse import quote

import pytest

from newsletter.model.erased import Erased, words_for
from newsletter.model.sieve import Sieve

PEOPLE = (
    ("Ada Måkrell", "ada@example.org", "adamak99"),
    ("Анна Йовчева", "anna+list@пример.example"),
    ("山田 太郎", "taro.yamada@example.jp"),
    ("Strauss, Eva-Maria", "o'neil_x@sub.example.co.uk"),
    ("ana_li", "x"),
)
AROUND = (
    " ",
    "",
    "\n",
    "&nbsp;",
    ", ",
    "_",
    "%20",
    "™",
    "ß",
    "@",
    "/",
    "=",
    "://",
    '"',
    "\\",
    "é",
    "x",
    "-",
    "<b>",
    ".",
)


def spellings(text: str, rng: random.Random) -> str:
    """``text`` in one of the ways in which documents have it."""
    words = text.split(" ")
    made = rng.choice((" ", "  ", "&nbsp;", "_", "%20", "\n", "+", "™")).join(words)
    if rng.random() < 0.2:
        made = f"{words[-1]}, {' '.join(words[:-1])}"
    ways = (str, str.upper, str.lower, quote, html.escape)
    made = rng.choice(ways)(made)
    made = unicodedata.normalize(rng.choice(("NFC", "NFD", "NFKD")), made)
    if rng.random() < 0.3:
        made = "".join(f"&#{ord(each)};" if not each.isascii() and rng.random() < 0.7 else each for each in made)
    return made.replace("@", rng.choice(("@", " at ", "%40", "&#64;", "@"))).replace("ss", rng.choice(("ss", "ß")))


def test_whoever_is_found_is_let_through() -> None:
    rng, found = random.Random(8), 0
    for person in PEOPLE:
        exact, sieve = Erased(b"k", words_for(b"k", person, 1)), Sieve(person)
        for _ in range(4_000):
            around = ["".join(rng.choices(AROUND, k=rng.randint(0, 3))) for _ in range(2)]
            text = spellings(rng.choice(person), rng).join(around)
            if exact.spans(text) or exact.person_in(text) is not None:
                found += 1
                assert sieve.may_name(text), text
                for style in ({"ensure_ascii": True}, {"ensure_ascii": False}):
                    assert sieve.may_name(json.dumps({"title": text}, **style)), text
    assert found > 5_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada Lovelace wrote " + "of fish " * 12 + "and of a Måkrell",
        "Nada Måkrell",
        "example.org is where canada@ends",
        "adamak991",
        "Anna&nbsp;Karenina",
        json.dumps("Måkrell " * 50),
    ],
)
def test_others_are_not_looked_at(text: str) -> None:
    assert not Sieve(["Ada Måkrell", "ada@example.com.example", "adamak99"]).may_name(text)
    assert not Erased(b"k", words_for(b"k", ["Ada Måkrell"], 1), lambda text: False).spans("Ada Måkrell")
