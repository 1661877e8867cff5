from newsletter.render.card_links import with_cards
from newsletter.render.email import render_email
from newsletter.render.entries import EntryViews
from tests.render import samples


def url_of(entry: str) -> str:
    return f"/desk/items/{entry}?a=1&b=2"


def test_every_title_of_a_mail_leads_to_its_card() -> None:
    issue = samples.issue()
    html = render_email(samples.press(), issue).html
    views = EntryViews(samples.press(), issue)
    found = with_cards(html, [(each.id, views.entry(each).title) for each in issue.entries], url_of)
    for each in issue.entries:
        assert found.count(f'href="/desk/items/{each.id}?a=1&amp;b=2" target="_top"') == 1
    assert '<base target="_blank">' in found


def test_the_same_title_twice_and_a_title_without_a_link() -> None:
    bare = "<h3>A &amp; B</h3>"
    led = "<h3 class='x'><a href='https://a.example/' style='color:red'>A &amp; B</a> (de)</h3>"
    assert with_cards(f"<head></head>{bare}{led}", [("1", "A & B"), ("2", "A & B")], url_of).partition("</head>")[
        2
    ] == (
        '<h3><a style="color:inherit" href="/desk/items/1?a=1&amp;b=2" target="_top">A &amp; B</a></h3>'
        "<h3 class='x'><a style='color:red' href=\"/desk/items/2?a=1&amp;b=2\" target=\"_top\">A &amp; B</a> (de)</h3>"
    )


def test_a_heading_that_is_no_entry_stays() -> None:
    assert with_cards("<h3><a href=x>Other</a></h3>", [("1", "A")], url_of) == "<h3><a href=x>Other</a></h3>"
