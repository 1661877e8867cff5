import re
from pathlib import Path

import pytest

from newsletter.render.colours import ACCENT, ACCENT_DARK, GROUNDS, GROUNDS_DARK, check_accent, contrast
from newsletter.render.environment import BUILT_IN


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of tokens.css on light and on dark ground."""
    text = (BUILT_IN / "web" / "tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    found = re.compile(r"--([\w-]+): *(#[0-9a-f]{6})")
    return dict(found.findall(light)), dict(found.findall(dark))


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_grounds_and_accents_are_those_of_the_tokens() -> None:
    light, dark = tokens()
    assert {name: light[name] for name in GROUNDS} == GROUNDS
    assert {name: dark[name] for name in GROUNDS_DARK} == GROUNDS_DARK
    assert (light["accent"], dark["accent"]) == (ACCENT, ACCENT_DARK)


@pytest.mark.parametrize("number", [0, 1])
def test_every_pair_of_the_tokens_can_be_read(number: int) -> None:
    found = tokens()[number]
    for ground in GROUNDS:
        for text in ("ink", "soft", "accent", "kept", "warn", "bad"):
            assert contrast(found[text], found[ground]) >= 4.5, (text, ground)
        assert contrast(found["edge"], found[ground]) >= 3
    for text in ("kept", "warn", "bad"):
        assert contrast(found[text], found[f"{text}-wash"]) >= 4.5
    assert contrast(found["on-accent"], found["accent"]) >= 4.5


def test_the_mail_uses_colours_of_the_tokens_only() -> None:
    text = Path(BUILT_IN / "email" / "issue.html").read_text(encoding="utf-8")
    known = {colour for found in tokens() for colour in found.values()}
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", text)) <= known


def test_a_pair_that_can_be_read_is_taken() -> None:
    assert check_accent(None, None) == []
    assert check_accent("#0b5d3b", "#8fe0b8") == []


def test_what_cannot_be_read_is_refused_with_the_ratio() -> None:
    found = check_accent("#8fe0b8", "#0b5d3b")
    assert [each.split(":")[0] for each in found] == ["“accent", "“accent dark"]
    assert "darker" in found[0]
    assert "lighter" in found[1]


def test_half_a_pair_and_no_colour_are_refused() -> None:
    assert check_accent("#0b5d3b", None) == ["“accent” needs its twin: name “accent dark” as well."]
    assert "is not a colour" in check_accent("green", "#8fe0b8")[0]
