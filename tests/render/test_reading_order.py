from newsletter.render.email import render_email
from newsletter.render.reading_order import Spoken, reading_order
from tests.render import samples


def test_headings_links_pictures_and_words_in_their_order() -> None:
    html = (
        '<html lang="en"><head><title>no</title><style>b{}</style></head><h1>The <b>news</b></h1><p lang="en">Ours</p>'
        '<h2><a href="https://a.example/">A title</a></h2><p>Some words, <a href="/b">a link</a> and more.</p>'
        '<img src="c.png" alt="A lamp"><img src="d.png"><img src="e.png" alt=""><p hidden>unseen</p>'
        '<p lang="ar">مكتبة<p>·</p>'
    )
    assert reading_order(html) == (
        Spoken("heading", "The news", 1),
        Spoken("text", "Ours"),
        Spoken("heading", "A title", 2, "https://a.example/"),
        Spoken("text", "Some words,"),
        Spoken("link", "a link", url="/b"),
        Spoken("text", "and more."),
        Spoken("picture", "A lamp", url="c.png"),
        Spoken("picture", "without words", url="d.png"),
        Spoken("text", "مكتبة", language="ar"),
    )


def test_ends_without_a_beginning_and_broken_markup_say_what_they_hold() -> None:
    assert reading_order("</p></h2>words<h3>open <a href=x>link") == (
        Spoken("text", "words"),
        Spoken("heading", "open link", 3, "x"),
    )
    assert reading_order("") == ()


def test_a_mail_is_heard_as_it_is_read() -> None:
    issue = samples.issue()
    heard = reading_order(render_email(samples.press(), issue).html)
    said = [each.text for each in heard if each.kind == "heading" and each.level == 3]
    assert said[: len(samples.HIGHLIGHTS)] == [each.title for each in samples.HIGHLIGHTS]
    assert all(each.url for each in heard if each.kind == "link")
