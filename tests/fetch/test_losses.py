import pytest

from newsletter.fetch.clean import clean_html
from newsletter.fetch.losses import ADDRESS_OBFUSCATED, LIST_MISSING, TITLE_CUT, text_losses, title_losses


@pytest.mark.parametrize(
    "html",
    [
        "<p>The following companies have joined:</p><p>See you there.</p>",
        "<p>Our members are:</p>",
        "<b>Topics:</b><br><br><h2>Next</h2>",
        "<div>Please vote on these:</div><div><br></div><h3>Thanks</h3>",
    ],
)
def test_a_list_that_is_not_there(html: str) -> None:
    assert clean_html(html).warnings == (LIST_MISSING,)


@pytest.mark.parametrize(
    "html",
    [
        "<p>The following companies have joined:</p><ul><li>One</li></ul>",
        "<p>The following was said:</p><blockquote>Hello</blockquote>",
        "<p>These are:</p><p>- one<br>- two</p>",
        "<p>Our topics are:</p><p>1. one</p>",
        "<p>Run the following:</p><pre>make</pre>",
        "<p>Anne wrote:</p><p>Hello everybody.</p>",
        "<p>The following: a, b and c.</p>",
    ],
)
def test_a_list_that_is_there_or_was_not_announced(html: str) -> None:
    assert clean_html(html).warnings == ()


def test_a_list_in_plain_text() -> None:
    assert text_losses("The speakers are:\n\nSee you there.\n") == (LIST_MISSING,)
    assert text_losses("The speakers are:\n\nAnne Example\n\nBob Example") == (LIST_MISSING,)
    assert text_losses("The speakers are:\n\n- Anne\n- Bob\n") == ()
    assert text_losses("The speakers are:\n\n  Anne\n  Bob\n") == ()


@pytest.mark.parametrize(
    ("text", "is_lost"),
    [
        ("Write to [email protected] now", True),
        ("Write to [email\xa0protected] now", True),
        ("Write to info at example dot org", True),
        ("Write to info(at)example.org", True),
        ("Write to info [at] example [dot] org", True),
        ("Read more at example.org", False),
        ("We met at noon and looked at a dot on the wall", False),
        ("Write to info@example.org", False),
    ],
)
def test_an_address_nobody_can_write_to(text: str, is_lost: bool) -> None:
    assert text_losses(text) == ((ADDRESS_OBFUSCATED,) if is_lost else ())
    assert (ADDRESS_OBFUSCATED in clean_html(f"<p>{text}</p>").warnings) == is_lost


def test_a_cut_title() -> None:
    assert title_losses("A long story about…") == (TITLE_CUT,)
    assert title_losses("A long story [...]") == (TITLE_CUT,)
    assert title_losses("A long story.") == ()
