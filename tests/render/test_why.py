from dataclasses import replace

from newsletter.model.story import ScorePart
from newsletter.render.web import render_issue_page, render_site
from newsletter.render.why import why_context
from tests.render import samples


def test_every_entry_has_a_sentence_and_a_place_of_its_own() -> None:
    issue = samples.issue()
    context = why_context(samples.press(), issue)
    assert [each.title for each in context.reasons] == [entry.title for entry in issue.entries]
    assert all(each.sentence and each.section for each in context.reasons)
    ids = [each.id for each in context.reasons]
    assert len(set(ids)) == len(ids)


def test_names_of_people_in_the_parts_of_a_score_are_not_told_and_an_editors_word_is() -> None:
    issue = samples.issue()
    first = replace(issue.sections[0].entries[0], is_kept=True, why="", parts=(ScorePart("picked before: Ada Obi", 9),))
    section = replace(issue.sections[0], entries=(first, *issue.sections[0].entries[1:]))
    issue = replace(issue, sections=(section, *issue.sections[1:]))
    reason = why_context(samples.press(), issue).reasons[0]
    assert (reason.sentence, reason.decided) == ("No reason is kept.", "An editor decided that it stands here.")
    page = render_site(samples.press(), [issue], [])[f"issues/{issue.number}/why.html"].decode()
    assert "Ada Obi" not in page
    assert "An editor decided that it stands here." in page


def test_each_entry_of_the_site_leads_to_its_reason_and_back_and_a_page_alone_to_none() -> None:
    issue, press = samples.issue(), samples.press()
    site = render_site(press, [issue], [])
    page = site[f"issues/{issue.number}/index.html"].decode()
    reasons = site[f"issues/{issue.number}/why.html"].decode()
    for each in why_context(press, issue).reasons:
        assert f'href="why.html#{each.id}"' in page
        assert f'<li id="{each.id}"' in reasons
        assert f'href="index.html#{each.id}"' in reasons
    assert "why.html" not in render_issue_page(press, issue).decode()
