import pytest

from newsletter.classify.titles import clean_title, differs_by_number, is_reply_title, numbers, tags, title_words


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Re: [kiln-dev] Re: [glaze] Cooling", "Cooling"),
        ("Fwd: AW: SV: Cooling", "Cooling"),
        ("RE[2]: Cooling", "Cooling"),
        ("[RFC] Cooling", "[RFC] Cooling"),
        ("[kiln] [SECURITY] Doors", "[SECURITY] Doors"),
        ("Ada Obi: Cooling: a guide", "Cooling: a guide"),
        ("Research: cooling", "Research: cooling"),
        (
            "[kiln] [Fwd: Cooling of the large kiln in winter, and what it costs]",
            "Cooling of the large kiln in winter, and what it costs",
        ),
        ("[Fwd: [kiln] Re: Cooling]", "Cooling"),
        ("[Fwd: Cooling that was cut", "Cooling that was cut"),
        ("Re:", "Re:"),
        ("[kiln]", "[kiln]"),
        ("Two\nlines", "Two lines"),
    ],
)
def test_a_headline_is_what_is_left(title: str, clean: str) -> None:
    assert clean_title(title, author="Ada Obi", is_mail=True) == clean


def test_tags_of_a_post_belong_to_its_title() -> None:
    assert clean_title("[video] Cooling") == "[video] Cooling"
    assert tags("[kiln-dev] Re: [Glaze] Cooling") == ("kiln-dev", "glaze")
    assert title_words("[video] Cooling down") == ("cooling", "down")


def test_replies_are_known_behind_their_tags() -> None:
    assert is_reply_title("[kiln] Re: x")
    assert not is_reply_title("[kiln] Report: x")


def test_numbers_are_versions_and_series_but_no_bare_years() -> None:
    assert numbers("Kiln v3.1 and #12 in 2026") == {"3.1", "12"}
    assert numbers("Notes of October 2026") == {"october 2026"}


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("Kiln 3.0", "Kiln 3.0.0 is out", False),
        ("Kiln 3.0", "Kiln 3.1", True),
        ("Kiln", "Kiln 3.1", False),
        ("Kiln 3.0 rc1", "Kiln 3.0 RC 2", True),
        ("Proposal is accepted", "Proposal under review", True),
        ("In 2025", "In 2026", False),
    ],
)
def test_what_carries_another_number_is_another_story(first: str, second: str, differ: bool) -> None:
    assert differs_by_number(first, second) is differ
