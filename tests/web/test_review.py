"""The review page: every act by a form, without a script; what is wrong is said and nothing stored is lost."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter.edit.desk import Desk as Draft
from newsletter.model.issue import Section, SectionSettings, Statistic
from newsletter.pipeline.presence import open_card
from newsletter.pipeline.review import act, open_desk
from newsletter.store import issues
from tests.web.desk import Desk, Signed
from tests.web.drafted import build_home, drafted_desk

HERE = "/desk/issues/1/"
SCRIPT = {"x-desk": "1", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Desk]:
    with drafted_desk(built, tmp_path / "home") as running:
        yield running


@pytest.fixture
def ines(desk: Desk) -> Signed:
    return desk.signed_in("Ines")


def draft(desk: Desk) -> Draft:
    return open_desk(desk.app, 1)


def ids(desk: Desk) -> dict[str, str]:
    return {card.entry.title: card.entry.id for card in draft(desk).cards()}


def state(desk: Desk, title: str) -> str:
    card = next((card for card in draft(desk).cards() if card.entry.title == title), None)
    return card.state if card else "gone"


def open_title(page: str) -> str:
    found = re.search(r'<h3 id="ct">(.*?)</h3>', page)
    return found[1] if found else ""


def follow(ines: Signed, answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == 303, answer.text
    return str(ines.get(answer.headers["location"].partition("#")[0]).text)


def test_the_page_shows_sections_the_open_card_and_how_it_stands(ines: Signed) -> None:
    answer = ines.get("/desk/")
    page = follow(ines, answer)
    assert open_title(page) == "Street lamps learn to dim"
    assert "<b>Draft</b><span>0 kept</span><span>9 open (about 11 min)</span>" in page
    assert "! 1 to check, ? 4 open" in page
    assert "Section 3 of 4" in page
    assert "2 runners-up below the line" in page
    assert "9 open items would change the issue. The other 3 would not make it." in page
    assert page.count("<h1>") == 1


def test_a_section_is_grouped_by_project_and_quiet_ones_can_be_left_out(desk: Desk, ines: Signed) -> None:
    page = ines.get(f"{HERE}?section=developer").text
    assert re.findall(r'<h2 class="proj">(.*?)</h2>', page) == ["Rudder", "Engine", "anchor"]
    assert "Readers are told so" in page
    answer = ines.post(f"{HERE}act", action="leave out", target="developer", value="anchor", seen="0")
    assert "It is left out" in follow(ines, answer)
    assert draft(desk).sections[1].quiet_projects == ()
    ines.post(f"{HERE}act", action="say", target="developer", value="anchor")
    assert draft(desk).sections[1].quiet_projects == ("anchor",)


def test_the_whole_review_by_forms(desk: Desk, ines: Signed) -> None:
    """What a browser without script does: press the first card's button until nothing is open."""
    page = follow(ines, ines.get("/desk/"))
    decided = 0
    while found := re.search(r'name="target" value="(\w+)">\n<button class="go" name="action" value="keep"', page):
        action = ("drop", "keep", "snooze")[decided % 3]
        page = follow(ines, ines.post(f"{HERE}act", target=found[1], action=action, seen=str(draft(desk).last_number)))
        decided += 1
        assert decided < 30
    # Where some left the issue, those below the line came in reach.
    assert decided == 12
    assert "Everything is decided." in page
    assert "<span>4 kept</span><span>0 open</span>" in page
    assert 'id="card" tabindex="-1"' in page


def test_acts_go_on_to_the_next_in_worth_also_in_another_section(desk: Desk, ines: Signed) -> None:
    order = [card.entry.title for card in draft(desk).open]
    page = follow(ines, ines.get("/desk/"))
    for title, following in pairwise(order[:5]):
        assert open_title(page) == title
        page = follow(ines, ines.post(f"{HERE}act", do=f"keep {ids(desk)[title]}", seen="0"))
        assert open_title(page) == following
    assert {draft(desk).card(ids(desk)[title]).section for title in order[:5]} == {"general", "developer"}  # type: ignore[union-attr]


def test_a_form_sent_twice_counts_once(desk: Desk, ines: Signed) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    for _ in range(2):
        assert ines.post(f"{HERE}act", do=f"drop {lamp}", seen="0").status_code == 303
    assert len(draft(desk).changes) == 1


def test_undo_goes_back_act_by_act_and_names_it(desk: Desk, ines: Signed) -> None:
    found = ids(desk)
    ines.post(f"{HERE}act", do=f"keep {found['Keels grow wings']}")
    page = follow(ines, ines.post(f"{HERE}act", do=f"drop {found['The bridge opens']}"))
    assert "You dropped “The bridge opens”." in page
    batch = re.search(r'name="batch" value="(\d+)"', page)
    assert batch
    page = follow(ines, ines.post(f"{HERE}undo", batch=batch[1]))
    assert open_title(page) == "The bridge opens"
    assert state(desk, "The bridge opens") == "open"
    page = follow(ines, ines.post(f"{HERE}undo"))
    assert open_title(page) == "Keels grow wings"
    assert "There is nothing of yours to take back." in follow(ines, ines.post(f"{HERE}undo"))


def test_several_at_once_are_one_act_and_never_more_than_marked(desk: Desk, ines: Signed) -> None:
    found = ids(desk)
    marked = [found[title] for title in ("The bridge opens", "A new gauge counts drops", "Valves open by radio")]
    form = {"csrf": ines.csrf, "seen": "0", "do": "bulk keep", "marked": marked, "value": "news"}
    answer = ines.client.post(f"{HERE}act", data=form, headers={"sec-fetch-site": "same-origin"})
    assert "You kept 3 items." in follow(ines, answer)
    assert draft(desk).kept_count == 3
    ines.post(f"{HERE}undo")
    assert draft(desk).kept_count == 0
    ines.client.post(f"{HERE}act", data=form | {"do": "bulk move"}, headers={"sec-fetch-site": "same-origin"})
    assert {card.entry.id for card in draft(desk).section("news").cards} == set(marked)  # type: ignore[union-attr]
    assert ines.post(f"{HERE}act", do="bulk drop").status_code == 400
    assert "Nothing is marked" in ines.post(f"{HERE}act", do="bulk drop").text


def test_two_marked_ones_become_one_story(desk: Desk, ines: Signed) -> None:
    found = ids(desk)
    form = {"csrf": ines.csrf, "do": "bulk merge", "marked": [found["The bridge opens"], found["Keels grow wings"]]}
    page = follow(ines, ines.client.post(f"{HERE}act", data=form, headers={"sec-fetch-site": "same-origin"}))
    assert state(desk, "Keels grow wings") == "gone"
    assert "Undo" in page
    assert "You joined “Keels grow wings” to “The bridge opens”." in ines.get(HERE).text
    answer = ines.post(f"{HERE}act", do="bulk merge", marked=found["The bridge opens"])
    assert "1 items are marked" in answer.text


def test_moving_pinning_and_the_order(desk: Desk, ines: Signed) -> None:
    found = ids(desk)
    ines.post(f"{HERE}act", action="move", target=found["The bridge opens"], value="news")
    assert draft(desk).card(found["The bridge opens"]).section == "news"  # type: ignore[union-attr]
    ines.post(f"{HERE}act", do=f"pin {found['Keels grow wings']}")
    assert draft(desk).card(found["Keels grow wings"]).section == "highlights"  # type: ignore[union-attr]
    titles = [card.entry.title for card in draft(desk).section("general").cards]  # type: ignore[union-attr]
    page = follow(ines, ines.post(f"{HERE}act", do=f"down {found[titles[0]]}"))
    assert open_title(page) == titles[0]
    now = [card.entry.title for card in draft(desk).section("general").cards]  # type: ignore[union-attr]
    assert now[:2] == [titles[1], titles[0]]
    form = {"csrf": ines.csrf, "section": "general", "id": [found[title] for title in reversed(now)]}
    assert ines.client.post(f"{HERE}order", data=form, headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert [card.entry.title for card in draft(desk).section("general").cards] == now[::-1]  # type: ignore[union-attr]
    answer = ines.post(f"{HERE}order", section="general", id="0123456789ab")
    assert answer.status_code == 404
    assert ines.post(f"{HERE}act", action="move", target=found["The bridge opens"], value="nowhere").status_code == 404


def test_what_was_dropped_stands_below_and_comes_back(desk: Desk, ines: Signed) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    ines.post(f"{HERE}act", do=f"drop {lamp}")
    page = ines.get(f"{HERE}?section=general").text
    assert "1 taken out of this section" in page
    restore = re.search(r'value="(restore \w+)"', page)
    assert restore
    assert open_title(follow(ines, ines.post(f"{HERE}act", do=restore[1])))
    assert state(desk, "Street lamps learn to dim") == "kept"
    ines.post(f"{HERE}act", do=f"snooze {lamp}")
    ines.post(f"{HERE}act", do=f"keep {lamp}", seen=str(draft(desk).last_number))
    assert state(desk, "Street lamps learn to dim") == "kept"


def test_what_another_editor_did_meanwhile_is_not_gone_over(desk: Desk, ines: Signed) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    act(desk.app, 1, [("drop", lamp, "")], editor="Ben")
    desk.clock.move(seconds=10)
    answer = ines.post(f"{HERE}act", do=f"keep {lamp}", seen="0")
    assert answer.status_code == 409
    assert "Ben dropped this 10 s ago." in answer.text
    assert "Street lamps learn to dim" in answer.text
    restore = re.search(r'value="(restore \w+)"', answer.text)
    assert restore
    follow(ines, ines.post(f"{HERE}act", do=restore[1]))
    assert state(desk, "Street lamps learn to dim") == "kept"
    act(desk.app, 1, [("title", lamp, "Lamps!")], editor="Ben")
    answer = ines.post(f"{HERE}act", action="title", target=lamp, value="My own <words>", seen="2")
    assert "My own &lt;words&gt;" in answer.text
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen
    follow(ines, ines.post(f"{HERE}act", action="title", target=lamp, value="My own <words>", seen=seen[1]))
    assert draft(desk).card(lamp).entry.title == "My own <words>"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, 400, "does not say what to do"),
        ({"do": "explode {lamp}"}, 400, "There is no act"),
        ({"do": "keep 0123456789ab"}, 404, "not in this issue any more"),
        ({"do": "keep"}, 400, "does not say what to do"),
        ({"action": "title", "target": "{lamp}", "value": "x" * 30_000}, 400, "20,000 are the most"),
        ({"do": "restore nothing"}, 404, "Load the page again"),
        ({"do": "up 0123456789ab"}, 404, "not in this issue any more"),
    ],
)
def test_bad_forms_are_answered_in_words(
    desk: Desk, ines: Signed, fields: dict[str, str], status: int, said: str
) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    answer = ines.post(f"{HERE}act", **{name: value.replace("{lamp}", lamp) for name, value in fields.items()})
    assert answer.status_code == status
    assert said in answer.text
    assert draft(desk).changes == ()


def test_a_megabyte_and_control_characters(desk: Desk, ines: Signed) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    answer = ines.post(f"{HERE}act", action="title", target=lamp, value="x" * 1_100_000)
    assert (answer.status_code, draft(desk).changes) == (413, ())
    follow(ines, ines.post(f"{HERE}act", action="title", target=lamp, value="A\x00 bell\x07 rings\x1b", seen="0"))
    assert draft(desk).card(lamp).entry.title == "A bell rings"  # type: ignore[union-attr]


def test_a_script_gets_the_parts_and_a_refusal_in_words(desk: Desk, ines: Signed) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    data = {"csrf": ines.csrf, "do": f"keep {lamp}", "seen": "0"}
    answer = ines.client.post(f"{HERE}act", data=data, headers=SCRIPT)
    assert answer.status_code == 200
    assert answer.headers["x-url"].startswith(f"{HERE}?at=")
    assert "<b>Draft</b><span>1 kept</span>" in answer.text.partition("</p>")[0]
    assert "<html" not in answer.text
    refused = ines.client.post(f"{HERE}act", data=data | {"do": "keep 0123456789ab"}, headers=SCRIPT)
    assert (refused.status_code, refused.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    ended = desk.browser().post(f"{HERE}act", data=data, headers=SCRIPT)
    assert (ended.status_code, ended.headers["x-session"]) == (401, "ended")


def test_search_looks_at_everything_of_the_issue(desk: Desk, ines: Signed) -> None:
    ines.post(f"{HERE}act", do=f"drop {ids(desk)['The bridge opens']}")
    page = ines.get(f"{HERE}search?q=brass+BAND").text
    assert "1 item found." in page
    assert "dropped" in page
    assert "2 runners-up" not in page
    assert "1 item found." in ines.get(f"{HERE}search?q=br%C3%A0ss+B%C3%84ND").text, "accents do not count"
    assert "below" in ines.get(f"{HERE}search?q=cyclists").text
    assert "We are hiring" in ines.get(f"{HERE}search?q=hiring").text
    assert "Nothing holds these words" in ines.get(f"{HERE}search?q=%3Cscript%3E").text


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (("approved",), "is approved and goes out on Friday 16 October 10:00"),
        (("approved", "sending", "sent"), "Issue 1 went out on Friday 16 October 10:00"),
    ],
)
def test_an_issue_that_is_no_draft_is_read_only(desk: Desk, ines: Signed, steps: tuple[str, ...], said: str) -> None:
    lamp = ids(desk)["Street lamps learn to dim"]
    with desk.app.database.transaction() as db:
        for step in steps:
            issues.step(db, 1, step, now=desk.clock())  # type: ignore[arg-type]
    page = ines.get(HERE).text
    assert said in page
    assert 'id="rows"' not in page
    assert "Highlights only" not in page
    assert ines.post(f"{HERE}act", do=f"keep {lamp}").status_code == 409


def test_figures_can_be_reached_whether_or_not_a_section_holds_them(desk: Desk, ines: Signed) -> None:
    figures, counted = (Statistic("merged changes", 12),), SectionSettings("counted", "Figures", show=("x",))
    with desk.app.database.transaction() as db:
        found = replace(issues.issue(db, 1).issue, statistics=figures)
        issues.save_draft(db, found, now=desk.clock())
    assert f'<a href="{HERE}figures"><span>Figures</span><b>1</b></a>' in ines.get(HERE).text
    assert "1 figure" in ines.get(f"{HERE}figures").text
    with desk.app.database.transaction() as db:
        section = Section("counted", "Figures", found.period, settings=counted)
        issues.save_draft(db, replace(found, sections=(*found.sections, section)), now=desk.clock())
    assert ines.get(f"{HERE}?section=counted").headers["location"] == f"{HERE}figures"
    assert ines.get(HERE).text.count(f'href="{HERE}figures"') == 1


def test_the_size_of_the_mail_is_known_a_little_later(ines: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.web.mail_sizes.QUIET_SECONDS", 0.01)
    assert "being measured" in ines.get(HERE).text
    for _ in range(200):
        meter = ines.get(f"{HERE}size").text
        if "data-old" not in meter:
            break
    assert re.search(r"<span>\d+ of 80 KB</span><span>1 min</span>", meter)


def test_all_keys_stand_on_a_page_and_can_be_switched_off(desk: Desk, ines: Signed) -> None:
    assert "put off to the next issue and go on" in ines.get("/desk/keys").text
    answer = ines.post("/desk/keys", keys="off")
    assert "desk-keys=off" in answer.headers["set-cookie"]
    assert "Keys are switched off in this browser" in follow(ines, answer)


def test_unknown_issues_and_entries(ines: Signed) -> None:
    assert ines.get("/desk/issues/99/").status_code == 404
    assert ines.get(f"{HERE}?at=nothing&section=nothing&rows=x").status_code == 200


def test_a_new_draft_is_seen_at_once(desk: Desk, ines: Signed) -> None:
    assert "Street lamps" in ines.get(HERE).text
    with desk.app.database.transaction() as db:
        drafted = issues.issue(db, 1).issue
        issues.save_draft(db, replace(drafted, sections=drafted.sections[:2]), now=desk.clock())
    assert "Street lamps" not in ines.get(HERE).text


def test_what_another_is_writing_at_is_not_decided_over_their_head(desk: Desk) -> None:
    ines, bo = desk.signed_in("Ines"), desk.signed_in("Bo", role="editor")
    entry = open_desk(desk.app, 1).open[0].entry
    open_card(desk.app, 1, entry.id, editor="Ines")
    refused = bo.post("/desk/issues/1/act", do=f"drop {entry.id}", seen="0")
    assert refused.status_code == 409
    assert "Ines is at" in refused.text
    assert open_desk(desk.app, 1).card(entry.id) is not None
    assert ines.post("/desk/issues/1/act", do=f"drop {entry.id}", seen="0").status_code == 303
