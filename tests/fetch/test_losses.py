import pytest

from newsletter.fetch.clean import clean_html
from newsletter.fetch.losses import (
    ADDRESS_OBFUSCATED,
    LINK_LOST,
    LIST_MISSING,
    TITLE_CUT,
    flat_losses,
    lost_lists,
    text_losses,
    title_losses,
    vague_dates,
)


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
    assert text_losses("The speakers are:\n\nAnne Example\n\nBob Example") == ()
    assert text_losses("The agenda includes the following:\n\nPlease come in time.\n\nRegards,") == (LIST_MISSING,)
    assert text_losses("We have these new members:") == (LIST_MISSING,)
    assert text_losses("The speakers are:\n\n- Anne\n- Bob\n") == ()
    assert text_losses("The speakers are:\n\n  Anne\n  Bob\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "It is rendered, but if I reload it, this exception is shown:\n\nCannot render it twice.\n\nCould you help?",
        "As requested here is a copy of my submission:\n\nTitle: Control of the lamp\n\nThe lamp is dark.",
        "Following up on something I said earlier:\n\nHonestly, I prefer the old one. It seems better.\n\nAnd more.",
        "The changes are as follows:\n\nFeatures\n\nIt now maps the type of pictures. (#88)",
        "These are the errors of the lines below, an example scenario:\n\nOur bridge is in a kiosk.\n\nIt can talk.",
        "      for each in these:",
        "      if fpath is None and projects:",
        "What changed:\n\nEverything is new here.\n\nSo it is.",
    ],
)
def test_a_colon_that_announces_no_list(text: str) -> None:
    assert LIST_MISSING not in text_losses(text)


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


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Several community members want to discuss the future of the harbour of", ""),
        (
            "Several community members want to discuss the future of the harb",
            "Several community members want to discuss the future of the harbour.",
        ),
        (
            "Several community members want to discuss the future",
            "Several community members want to discuss the future of it.",
        ),
    ],
)
def test_a_title_cut_without_a_word(title: str, text: str) -> None:
    assert title_losses(title, text) == (TITLE_CUT,)


def test_a_title_that_is_whole() -> None:
    assert title_losses("Several community members want to discuss the future of our harbour!!!") == ()
    assert title_losses("A long story", "A long story of a bridge") == ()
    assert title_losses("A" * 60, "A" * 60 + "\n\nand more") == ()


@pytest.mark.parametrize(
    "text",
    ["You can see the slides here:\n", "Have a look [link] at it", "The video is here:\n\nSee you there", "Link: \n"],
)
def test_a_link_that_is_lost_in_a_mail(text: str) -> None:
    assert text_losses(text) == (LINK_LOST,)


@pytest.mark.parametrize(
    "text",
    [
        "You can see the slides here:\n\n  https://example.org/slides",
        "You can see the slides here: https://example.org",
        "See [link](https://example.org)",
        "I am here.\n",
        "What is wrong here:\n\n  a = 1",
    ],
)
def test_a_link_that_is_there(text: str) -> None:
    assert text_losses(text) == ()


def test_a_link_that_is_lost_in_html() -> None:
    assert clean_html("<p>Full details are published <a>here</a>.</p>").warnings == (LINK_LOST,)
    assert clean_html('<p>Published <a href="javascript:x()">here</a>.</p>').warnings == (LINK_LOST,)
    assert clean_html('<p>Published <a href="https://example.org/">here</a>.</p>').warnings == ()
    assert clean_html("<p>We live here.</p>").warnings == ()


def test_flat_text_tells_what_each_warning_is_about() -> None:
    text = (
        "You can obtain XCP 1.0 here.\nWe manage it. The groups have the following roles (replace the name):\n"
        f"Step 8 – Releases\n{'While not important, it might be good to start. ' * 3}\n"
        "Mail [email protected] or [email protected].\nWe have these reasons:\n* One\nThe repo is here: https://example.org"
    )
    assert flat_losses(text) == (
        f"{LIST_MISSING} after “The groups have the following roles (replace the name):”",
        f"{LINK_LOST}: “You can obtain XCP 1.0 here.”",
        f"{ADDRESS_OBFUSCATED} (2 times)",
    )


def test_names_in_a_row_are_a_list() -> None:
    assert lost_lists("Our speakers are:\nAnne Example\nBob Example\n") == ()
    assert lost_lists("I have copied these for your reference:\nHello everybody, this is it.") == ()
    assert lost_lists("See the following sites:\n") == ("See the following sites:",)


def test_dates_in_words() -> None:
    assert vague_dates("Elections are held later this month. As noted, later this month, March 2011.") == (
        "date in words only: “later this month, March 2011”",
    )
    assert vague_dates("It opens on 3 March 2011.") == ()
