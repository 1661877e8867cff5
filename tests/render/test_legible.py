import pytest

from newsletter.render.email import render_email
from newsletter.render.legible import colour_of, look_at_html, lowest_accent
from tests.render import samples


def test_the_mail_as_it_is_made_can_be_read() -> None:
    found = look_at_html(render_email(samples.press(), samples.issue()).html)
    assert (found.faint, found.no_alt) == ((), ())
    assert 4.5 < found.lowest < 21
    assert lowest_accent() > 4.5


def test_words_that_are_hard_to_read() -> None:
    html = "<table bgcolor='#ffffff'><tr><td style='color: #aaa'>faint <b style='color:#000'>dark</b></td></tr></table>"
    (said,) = look_at_html(html).faint
    assert said == "“faint” #aaaaaa on #ffffff: 2.3"


def test_ground_and_colour_come_from_around() -> None:
    html = "<div style='background:#111;color:rgb(250,250,250)'><p>well</p><br></div><p>also</p></i>"
    assert look_at_html(html).faint == ()
    assert look_at_html("<div style='background-color:#111'><p>black on black</p></div>").lowest < 2


@pytest.mark.parametrize(
    "html",
    [
        "<div style='display: none; color:#fff'>x</div>",
        "<style>.a{color:#fff}</style><head><title style='color:#fff'>x</title></head>",
        "<p style='color:#fff'>&nbsp;</p>",
        "<p hidden style='color:#fff'>x</p>",
    ],
)
def test_what_is_not_seen_does_not_count(html: str) -> None:
    assert look_at_html(html).faint == ()


def test_pictures_need_words() -> None:
    html = (
        "<img src='a.png'><img src='b.png' alt=' '><img src='c.png' alt='A lamp'><img src='d' alt='' aria-hidden=true>"
    )
    assert look_at_html(html).no_alt == ("a.png", "b.png")


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#ABC", "#aabbcc"), ("rgb(1, 2, 300)", "#0102ff"), ("White", "#ffffff"), ("var(--x)", None), ("", None)],
)
def test_colours(text: str, colour: str | None) -> None:
    assert colour_of(text) == colour
