"""Issues of three weeks made of recorded sources: feeds, a list archive of 163 months, a raw mbox, Gerrit pages."""

from collections.abc import Iterator

import pytest

from newsletter.model.issue import Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.looking import IssueShelf, read_feeds_file
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.times import week_period
from newsletter.pipeline.trying import try_issues
from newsletter.store.items import count_by_source
from tests.corpus import CORPUS, expected, needs_corpus
from tests.recorded import NOW, gather, recorded_feeds, recorded_home, recorded_web

pytestmark = [needs_corpus, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("real")]

WEEKS = ("2006-W03", "2018-W39", "2025-W08")


def feeds_yaml() -> str:
    feeds = "\n".join(f"{line[:-1]}, section: general}}" for line in recorded_feeds())
    return f"""newsletter:
  name: Recorded weekly
  from: Recorded <recorded@example.org>
defaults:
  at most per week: 40
sources:
  - name: twisted-web
    kind: mailing list
    url: http://lists.test/twisted-web/
    section: developer
  - name: ksummit
    kind: mbox
    file: {CORPUS / "mail" / "mbox" / "ksummit.mbox.gz"}
    section: developer
  - name: Reviews
    kind: gerrit
    url: http://gerrit.test
    take: [merged, open, abandoned]
    section: developer
{feeds}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsletter]:
    """A home that has gathered everything."""
    with (
        recorded_web() as web,
        recorded_home(tmp_path_factory.mktemp("real"), web, lambda: NOW, feeds=feeds_yaml()) as opened,
    ):
        reports = gather(opened).values()
        assert {report.source.name: report.state.state_reason for report in reports if report.is_failed} == {}
        yield opened


def made(app: Newsletter, week: str) -> Issue:
    issue = make_draft(app, week_period(app.config.schedule, week))
    render_issue(app, issue.number)
    return issue


def test_every_mail_of_the_archives_is_stored(app: Newsletter) -> None:
    with app.database.reading() as db:
        counts = count_by_source(db)
    months = [each["expect"] for path, each in expected("mail/pipermail").items() if path.startswith("twisted-web/")]
    distinct = sum(each.get("distinct_message_ids", 0) for each in months)
    assert abs(counts["twisted-web"] - distinct) <= 12
    assert counts["ksummit"] == 2597
    assert counts["reviews"] == 3


@pytest.mark.parametrize("week", WEEKS)
def test_a_week_becomes_an_issue_worth_reading(app: Newsletter, week: str) -> None:
    issue = made(app, week)
    assert issue.entries, "nothing in the week"
    for entry in issue.entries:
        assert entry.title
        assert "\n" not in entry.title
        assert not entry.title.lower().startswith(("re:", "fwd:"))
        assert sum(part.points for part in entry.parts) == entry.score
        assert not entry.summary.endswith(":")
    ids = [entry.id for entry in issue.entries]
    assert len(ids) == len(set(ids))
    folder = app.issue_folder(issue.number)
    assert (folder / "email.html").stat().st_size <= 80_000
    longest = max(len(line) for line in (folder / "email.txt").read_text().splitlines() if "://" not in line)
    assert longest <= 72
    assert not rebuild_issue(app, issue.number).differing


def test_a_long_debate_is_one_entry_with_all_its_people(app: Newsletter) -> None:
    issue = made(app, "2025-W08")
    debates = {
        entry.title: (entry.reply_count, entry.people_count) for entry in issue.entries if entry.reply_count > 20
    }
    assert any("Rust kernel policy" in title for title in debates), debates


def test_the_same_file_would_have_changed_nothing_in_any_week(app: Newsletter) -> None:
    for week in WEEKS:
        made(app, week)
    path = app.home / "other.yaml"
    path.write_text(f"# another comment\n{app.config.text}", encoding="utf-8")
    shelf = IssueShelf(app.home, app.database, app.now)
    trial = try_issues(shelf, read_feeds_file(path, app.home, app.environ), last=len(WEEKS), file=path.name)
    assert [(issue.changes, issue.trouble) for issue in trial.issues] == [((), "")] * len(WEEKS)
    assert trial.remarks == ()
    path.write_text(f"{app.config.text}\nrules:\n  - name: No patches\n    match: {{title: patch}}\n    drop: yes\n")
    trial = try_issues(shelf, read_feeds_file(path, app.home, app.environ), last=len(WEEKS), file=path.name)
    left = [each for issue in trial.issues for each in issue.changes if each.difference.kind == "left"]
    assert left
    assert all("patch" in each.difference.entry.title.lower() or each.difference.causes for each in left)
