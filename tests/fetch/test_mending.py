import pytest

from newsletter.fetch.clean import clean_html, title_text
from newsletter.fetch.losses import ADDRESS_OBFUSCATED, HALF_LETTER, PARAGRAPH_TWICE
from newsletter.fetch.mending import HIDDEN, has_half_letters, hide_addresses, mend_lines

LONG = "Anne Gentle spoke at the meeting in Santa Clara on a Thursday"


@pytest.mark.parametrize(
    "text",
    ["[email protected]", "[email\xa0protected]", "[email&nbsp;protected]", "[EMAIL PROTECTED]", "[Email protected]"],
)
def test_a_hidden_address_is_never_printed(text: str) -> None:
    assert hide_addresses(f"Write to {text}.") == f"Write to {HIDDEN}."
    assert title_text(f"From {text}") == f"From {HIDDEN}"


def test_a_hidden_address_in_a_page() -> None:
    html = (
        '<p>Write to <a href="/cdn-cgi/l/email-protection#0f6e" class="__cf_email__" data-cfemail="0f6e">'
        "[email&#160;protected]</a> soon.</p>"
    )
    clean = clean_html(html, "https://example.org/a")
    assert clean.text == f"Write to {HIDDEN} soon."
    assert clean.html == f"<p>Write to {HIDDEN} soon.</p>"
    assert (clean.links, clean.warnings) == ((), (ADDRESS_OBFUSCATED,))


def test_a_paragraph_that_stands_twice_is_left_out_once() -> None:
    mended = mend_lines(f"{LONG}\nShort line\n{LONG}\nShort line\nEnd")
    assert (mended.text, mended.repeated_count) == (f"{LONG}\nShort line\nShort line\nEnd", 1)
    clean = clean_html(f"<p>{LONG}</p><p>la la la</p><p>{LONG}</p><p>la la la</p><p>End</p>")
    assert clean.html == f"<p>{LONG}</p><p>la la la</p><p>la la la</p><p>End</p>"
    assert clean.text.count(LONG) == 1
    assert clean.warnings == (PARAGRAPH_TWICE,)
    assert clean_html(f"<p>{LONG}</p><p>End</p>").warnings == ()


def test_code_goes_back_into_its_sentence() -> None:
    mended = mend_lines("Interestingly the\nlibvirt_image_type=rbd\noption lets you boot.\nThe end.")
    assert mended.text == "Interestingly the libvirt_image_type=rbd option lets you boot.\nThe end."
    assert mended.code == ("libvirt_image_type=rbd",)


@pytest.mark.parametrize(
    "text",
    [
        "Set this:\nfoo_bar=1\nand go on.",
        "It is done.\nfoo_bar=1\nand more",
        "The list\nfoo_bar=1\nAnother thing",
        "Lines of\nsimple\nprose stay.",
        "See the\nhttps://example.org/a_b=c\npage there",
    ],
)
def test_code_that_stands_well_stays(text: str) -> None:
    assert mend_lines(text) == type(mend_lines(text))(text)


def test_half_a_letter() -> None:
    assert has_half_letters("a\ud83d")
    assert has_half_letters("a\ufffd")
    assert not has_half_letters("a\U0001f609 é")
    for html in ("<p>a\ud83d</p>", "<p>a&#xD83D; b</p>", "<p>a\ufffd</p>"):
        assert clean_html(html).warnings == (HALF_LETTER,), html
