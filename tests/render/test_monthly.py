import re
from datetime import date, timedelta

import pytest

from newsletter.model.issue import Issue
from newsletter.render.email import SIZE_LIMIT, render_context
from newsletter.render.monthly import monthly_context
from newsletter.render.reader_links import sample_links
from tests.render import samples


def weeks(count: int = 3) -> list[Issue]:
    back = timedelta(days=7)
    return [samples.issue(number=57 - at, publish_on=samples.PUBLISH_ON - back * at) for at in range(count)]


def test_each_issue_stands_under_its_title_which_leads_to_it() -> None:
    press, issues = samples.press(), weeks()
    context = monthly_context(press, issues, links=sample_links(press, 57))
    assert (context.label, context.period_noun, context.number) == ("Issues 55 to 57", "month", 57)
    assert context.subject == "Lantern Letter, April 2027; The charter goes to a vote; Wick 4"
    parts = render_context(press, context)
    heads = re.findall(r"<h2[^>]*><a [^>]*href=\"([^\"]*)\"[^>]*>(\d+): The charter", parts.html)
    assert heads == [(f"https://letter.lantern.example/issues/{number}/", str(number)) for number in (57, 56, 55)]
    assert "In this mail" in parts.html
    assert "Nothing this" not in parts.html
    assert parts.text.count("Open evening in Northholm") == 3
    assert "Wed 21 Apr" in parts.text


def test_one_issue_and_no_site_do() -> None:
    parts = render_context(samples.press(site=None), monthly_context(samples.press(site=None), weeks(1)))
    assert "Issue 57" in parts.text
    assert "letter.lantern.example" not in parts.html + parts.text
    assert 'href=""' not in parts.html


def test_an_issue_without_a_title_or_entries_is_named_all_the_same() -> None:
    bare = samples.issue(title="", sections=(), number=56, publish_on=date(2027, 4, 9))
    context = monthly_context(samples.press(), [samples.issue(title=""), bare])
    assert [each.title for each in context.sections] == ["Issue 57", "Issue 56"]
    assert context.subject == "Lantern Letter, April 2027"


@pytest.mark.slow
def test_a_month_of_long_issues_is_cut_evenly_and_says_where_the_rest_stands() -> None:
    press = samples.press()
    issues = [samples.large_issue(60) for _ in range(4)]
    parts = render_context(press, monthly_context(press, issues, links=sample_links(press, 57)))
    assert len(parts.html.encode()) <= SIZE_LIMIT
    assert parts.full_size > SIZE_LIMIT
    left_out = [int(count) for count in re.findall(r"(\d+) more stand", parts.html)]
    assert max(left_out, default=0) - min(left_out, default=0) <= 1
    assert "has all." in parts.html
    assert parts.text.count("* Entry number") == 240
