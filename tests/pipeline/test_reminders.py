"""What was told comes back as a reminder in the week it falls due, over two issues in a row."""

import json

from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.times import week_period
from tests.loopback import atom
from tests.pipeline.conftest import Home

SOURCES = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    section: events
"""
TEXT = (
    "The Kiln Conference will be held on December 1, 2026 in Turku. Tickets cost EUR 90; late tickets cost EUR {late} "
    "after October 28, 2026. Everyone is welcome to join us."
)
LATER = ("later", "A new gauge", "2026-10-20T10:00:00Z", "The gauge counts drops and people who pass by.")


def conference(late: int = 120) -> tuple[str, str, str, str]:
    return ("conf", "Kiln Conference", "2026-10-12T09:00:00Z", TEXT.format(late=late))


def told(home: Home, week: str) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The entries of a week's draft, and its deadlines with their reasons."""
    with home.opened() as app:
        issue = make_draft(app, week_period(app.config.schedule, week))
    return [each.title for each in issue.entries], [
        (each.on.isoformat(), each.title, each.why) for each in issue.deadlines
    ]


def test_a_price_that_changes_is_named_again_in_its_week_only(home: Home) -> None:
    home.write(SOURCES)
    home.web["/planet.xml"] = atom(conference(), LATER)
    home.gather()
    last_day = ("2026-10-28", "Last day for Kiln Conference at EUR 90 (then EUR 120)")
    assert told(home, "2026-W42") == (["Kiln Conference"], [(*last_day, "")])
    entries, deadlines = told(home, "2026-W43")
    assert "Kiln Conference" not in entries
    assert deadlines == [(*last_day, "already told in issue 1")]
    assert told(home, "2026-W44")[1] == []
    with home.opened() as app:
        published = render_issue(app, 2)
        assert rebuild_issue(app, 2).differing == ()
    assert "Last day for Kiln Conference at EUR 90" in (published.folder / "email.txt").read_text("utf-8")
    record = json.loads((published.folder / "issue.json").read_text("utf-8"))
    assert record["deadlines"][0]["why"] == "already told in issue 1"
