from dataclasses import replace

from newsletter.model.evidence import Evidence, Thing
from newsletter.model.issue import ProjectFigures, Statistic
from newsletter.model.story import Place
from newsletter.render.email import render_email
from newsletter.render.figures import figures_context, project_view, spark, statistic_view
from newsletter.render.records import issue_record
from newsletter.render.web import render_figures_page, render_issue_page
from tests.render import samples

HELD = Statistic("list messages", 900, 20, held_because="900 is more than 3 times the last, 20", past=(20,))
SHOWN = Statistic(
    "contributors", 4, 3, 9, "https://a.example/", past=(9, 0, 3), note="Ada", note_url="https://b.example/"
)
PROJECTS = (ProjectFigures("nova", 3, 7, 8, "https://a.example/nova"), ProjectFigures("glance"))
ISSUE = replace(samples.issue(), statistics=(SHOWN, HELD), projects=PROJECTS)
EVIDENCE = (
    Evidence(
        "contributors", (Thing("Ada <b>", "https://a.example/1", "2 changes"),), (Place("R", "https://q.example/"),)
    ),
    Evidence("list messages", (Thing("Secret for now", "https://a.example/2"),)),
    Evidence("project nova", (Thing("Fix", "javascript:x"),)),
)


def test_eight_weeks_are_a_line_and_numbers_from_three_values_on() -> None:
    view = statistic_view(SHOWN)
    assert (view.line, view.weeks, view.id) == ("█▁▃▄", "9, 0, 3, 4", "contributors")
    few = statistic_view(replace(SHOWN, past=(3,)))
    assert (few.line, few.weeks, few.bar, few.mark) == ("", "", None, None)
    assert (view.bar, view.mark) == (44, 33)
    assert spark((0, 0, -3)) == "▁▁▁"


def test_without_three_values_no_bar_is_drawn_anywhere() -> None:
    press = samples.press()
    first = replace(samples.issue(), statistics=(Statistic("contributors", 4), Statistic("list messages", 9, 7)))
    mail, page = render_email(press, first), render_issue_page(press, first).decode()
    assert "<svg" not in page
    assert "Thick bar" not in mail.html
    assert 'width="100%"' not in mail.html
    assert "##" not in mail.text
    assert not any(line.endswith(" ") for line in mail.flowed.splitlines() if "ontributors" in line)
    assert "The bar is this week" not in page
    assert "of the last eight" not in mail.html


def test_what_is_held_back_is_shown_nowhere_and_told_to_programs() -> None:
    press = samples.press()
    mail = render_email(press, ISSUE)
    page, figures = render_issue_page(press, ISSUE).decode(), render_figures_page(press, ISSUE, EVIDENCE).decode()
    for text in (mail.html, mail.text, page, figures):
        assert "900" not in text
        assert "ist messages" not in text
    assert "Secret for now" not in figures
    (told,) = (each for each in issue_record(ISSUE)["statistics"] if each["is_held"])
    assert (told["name"], told["value"], told["held_because"]) == (HELD.name, 900, HELD.held_because)


def test_projects_stand_in_a_table_and_quiet_ones_are_named() -> None:
    press = samples.press()
    mail = render_email(press, ISSUE)
    assert "Nothing this week: Glance." in mail.text
    assert "Nothing this week: Glance." in mail.html
    assert "7 merged, 3 people" in mail.html
    line = next(line for line in mail.text.splitlines() if "Nova [" in line)
    assert line.split()[-3:] == ["7", "3", "8"]
    assert "figures.html#project-nova" in mail.text
    page = render_issue_page(press, ISSUE).decode()
    assert 'href="https://a.example/nova"' in page
    assert "Nothing this week: Glance." in page
    assert project_view(ProjectFigures("")).name == "No project"


def test_lines_of_plain_text_are_no_wider_than_they_may_be() -> None:
    wide = replace(ISSUE, statistics=(replace(SHOWN, past=(1, 2, 3, 4, 5, 6, 7)),))
    text = render_email(samples.press(), wide).text
    assert all(len(line) <= 72 for line in text.splitlines() if "http" not in line)
    assert "▂▃▄▅▆▇█▅" in text


def test_the_page_lists_what_was_counted() -> None:
    found = figures_context(samples.press(), ISSUE, EVIDENCE)
    assert [(each.id, each.name, each.value) for each in found.evidence] == [
        ("contributors", "Contributors", "4"),
        ("project-nova", "Nova: merged changes", "7"),
    ]
    page = render_figures_page(samples.press(), ISSUE, EVIDENCE).decode()
    assert 'id="contributors"' in page
    assert "Ada &lt;b&gt;" in page
    assert "javascript:" not in page
    assert 'href="https://q.example/"' in page


def test_a_note_leads_to_its_thing() -> None:
    page = render_issue_page(samples.press(), ISSUE).decode()
    assert '<a href="https://b.example/">Ada</a>' in page
