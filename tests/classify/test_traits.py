from datetime import date
from typing import Any

import pytest

from newsletter.classify.traits import has_trait
from newsletter.model.item import Event
from tests.classify.samples import NOW, post


@pytest.mark.parametrize(
    ("trait", "values"),
    [
        ("picture", {"html": "<p><img src='x.png'></p>"}),
        ("picture", {"links": ("https://a.example/kiln.JPG?x=1",)}),
        ("date", {"event": Event(date(2026, 11, 3))}),
        ("deadline", {"text": "Nominations close on 31 October 2026."}),
        ("deadline", {"event": Event(date(2026, 11, 3), deadline_at=date(2026, 10, 30))}),
        ("question", {"text": "Who fires the kiln? I do not know."}),
        ("Code", {"html": "<pre>x</pre>"}),
        ("code", {"text": "Try this:\n    kiln --cool\n"}),
        ("link to a.example", {"links": ("https://www.a.example/x",)}),
    ],
)
def test_what_an_item_has(trait: str, values: dict[str, Any]) -> None:
    assert has_trait(post("a", "Kiln", values.pop("text", ""), **values), trait, now=NOW)
    assert not has_trait(post("a", "Kiln", "It cools."), trait, now=NOW)


def test_an_unknown_word_and_what_others_said_are_no_trait() -> None:
    assert not has_trait(post("a", "Kiln", "> Who?\n"), "question", now=NOW)
    assert not has_trait(post("a", "Kiln?"), "colour", now=NOW)
