import re
from datetime import timedelta
from pathlib import Path

from newsletter.model.period import Period
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.review import open_desk
from newsletter.web.states import notices_of
from tests.loopback import atom, serving
from tests.web.desk import FEEDS, Desk, hidden, running_desk, send

LOOPBACK = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
POST = ("a", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")


def test_the_first_day_shows_three_steps_and_the_field_that_adds(tmp_path: Path) -> None:
    with serving() as web, running_desk(tmp_path / "home", environ=LOOPBACK) as desk:
        web["/planet.xml"] = atom(POST)
        ines = desk.signed_in()
        assert "Three steps" in ines.get("/desk/").text
        page = ines.get("/desk/")
        assert "feeds.yaml" not in page.text
        found = send(ines.client, page, "/desk/sources/look", address=f"{web.base}/planet.xml")
        page = ines.get(found.headers["location"])
        assert "The bridge opens" in page.text
        form = {**hidden(page.text), "csrf": ines.csrf, "name": "Planet", "section": ""}
        assert ines.post("/desk/sources/add", **form).headers["location"] == "/desk/sources/planet?said=added"
        page = ines.get("/desk/")
        assert "No draft yet" in page.text
        assert 'action="/desk/sources/look"' in page.text


def test_a_draft_is_made_now_and_the_page_says_how_far_it_is(tmp_path: Path) -> None:
    with serving() as web:
        web["/planet.xml"] = atom(POST)
        lines = [f"  - name: {name}\n    url: {web.base}/{name}.xml\n" for name in ("planet", "gone")]
        feeds = f"{FEEDS}sources:\n{''.join(lines)}"
        with running_desk(tmp_path / "home", feeds, environ=LOOPBACK) as desk:
            ines = desk.signed_in()
            page = ines.get("/desk/").text
            assert "No draft yet" in page
            assert "2 sources, 0 answered today" in page
            assert ines.get("/desk/making").headers["location"] == "/desk/"
            assert ines.post("/desk/make").headers["location"] == "/desk/making"
            progress = desk.web.state.maker.progress
            desk.web.state.maker.thread.join(60)
            assert (progress.is_done, progress.problem, progress.number) == (True, "", 1)
            assert (progress.sources, progress.read, progress.failed) == (2, 2, 1)
            assert ines.get("/desk/making").headers["location"] == "/desk/issues/1/"


def test_a_quiet_week_can_wait_for_the_next(desk: Desk) -> None:
    now = desk.clock()
    make_draft(desk.app, Period(now - timedelta(days=7), now))
    assert [each.text for each in notices_of(desk.app, open_desk(desk.app, 1))] == ["Nothing was told this week."]
    ines = desk.signed_in()
    assert ines.post("/desk/issues/1/join").status_code == 303
    (notice,) = notices_of(desk.app, open_desk(desk.app, 1))
    assert (notice.label, notice.look) == ("Take that back", "kept")
    ines.post("/desk/issues/1/approve", do="subject", subject="A quiet week")
    page = ines.get("/desk/issues/1/").text
    form = page.partition('action="/desk/issues/1/undo"')[2].partition("Take that back")[0]
    batch = re.search(r'name="batch" value="(\d+)"', form)
    assert batch
    for _ in range(2):
        assert ines.post("/desk/issues/1/undo", batch=batch[1]).status_code == 303
    (notice,) = notices_of(desk.app, open_desk(desk.app, 1))
    assert notice.label == "Join with next week"
    assert open_desk(desk.app, 1).issue.title == "A quiet week"
    assert ines.post("/desk/issues/7/join").status_code == 404
