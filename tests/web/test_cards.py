import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from newsletter.edit.desk import Card
from newsletter.model.item import Event
from newsletter.pipeline.presence import at_cards
from newsletter.pipeline.review import act, open_desk
from newsletter.store import stories
from newsletter.web.event_fields import LABELS
from tests.web.desk import Desk, Signed
from tests.web.drafted_cards import GAUGE, SPRINT, WORDS, cards, drafted_desk, item_of, save

BRIDGE, GAUGES, TALLINN = "The sunny bridge opens", "A new gauge", "Contributor sprint in Tallinn"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a draft."""
    with drafted_desk(tmp_path / "home") as running:
        yield running


@pytest.fixture
def ines(desk: Desk) -> Signed:
    """A browser in which Ines is signed in."""
    return desk.signed_in("Ines")


def url(desk: Desk, title: str, form: str = "") -> str:
    return f"/desk/issues/1/items/{cards(desk.app)[title].entry.id}{form and '/'}{form}"


def card(desk: Desk, title: str) -> Card:
    return cards(desk.app)[title]


def count(desk: Desk) -> int:
    return len(open_desk(desk.app, 1).changes)


def test_a_card_needs_a_signed_in_editor_and_an_entry(desk: Desk, ines: Signed) -> None:
    assert desk.client.get(url(desk, BRIDGE)).status_code == 303
    page = ines.get(url(desk, BRIDGE))
    assert page.status_code == 200
    assert WORDS in unescape(page.text)
    assert ines.get("/desk/issues/1/items/nothing").status_code == 404
    assert ines.get("/desk/issues/9/items/nothing").status_code == 404


def test_every_link_outwards_is_cut_from_our_page(desk: Desk, ines: Signed) -> None:
    page = ines.get(url(desk, BRIDGE)).text
    outward = re.findall(r'<a [^>]*href="https?:[^>]*>', page)
    assert outward
    assert all('rel="noopener noreferrer"' in link for link in outward)


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    bad = item_of(
        "planet",
        "bad",
        "<script>alert(1)</script>",
        url="javascript:alert(1)",
        text='"><img src=x onerror=alert(1)> </textarea><script>alert(2)</script>',
    )
    with drafted_desk(tmp_path / "home", bad) as desk:
        (name,) = [each.entry.id for each in cards(desk.app).values()]
        page = desk.signed_in().get(f"/desk/issues/1/items/{name}").text
    body = page.partition("<main")[2]
    assert "<img" not in body
    assert "alert(2)&lt;/script&gt;" in body
    assert "javascript:" not in body
    assert body.count("<script") == 1


def test_title_and_text_are_saved_once(desk: Desk, ines: Signed) -> None:
    sent = {"title": "It  opens", "text": "Two\r\nlines\x07.\u202e", "seen": "0", "what": "save"}
    answer = ines.post(url(desk, BRIDGE, "text"), **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, url(desk, "It opens"))
    assert card(desk, "It opens").entry.summary == "Two\nlines."
    before = count(desk)
    assert ines.post(url(desk, "It opens", "text"), **sent).status_code == 303
    assert count(desk) == before


def test_a_form_names_where_to_go_back_to_but_only_on_the_desk(desk: Desk, ines: Signed) -> None:
    sent = {"title": "A", "text": "B", "what": "save"}
    back = ines.post(url(desk, GAUGES, "text"), **sent, back="/desk/issues/1/?section=general")
    assert back.headers["location"] == "/desk/issues/1/?section=general"
    away = ines.post(url(desk, "A", "text"), **sent, back="https://evil.example/")
    assert away.headers["location"].startswith("/desk/")


def test_back_to_the_original_is_one_act(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, GAUGES, "text"), title="Ours", text="Mine", what="save")
    ines.post(url(desk, "Ours", "text"), what="original", seen=str(count(desk)))
    assert (card(desk, GAUGES).is_rewritten, card(desk, GAUGES).state) == (False, "kept")
    act_number = open_desk(desk.app, 1).changes[-1].batch
    ines.post("/desk/issues/1/history", batch=str(act_number))
    assert card(desk, "Ours").entry.summary == "Mine"


def test_a_text_that_is_wrong_comes_back_whole(desk: Desk, ines: Signed) -> None:
    long = "long " * 8_000
    answer = ines.post(url(desk, GAUGES, "text"), title="", text=long, what="save")
    assert answer.status_code == 400
    assert long.strip() in answer.text
    assert "The title is empty" in answer.text
    assert "39,999 letters" in answer.text
    assert count(desk) == 0
    assert '<details class="edit" open>' in answer.text


def test_more_than_a_form_may_hold_is_refused_and_nothing_is_lost(desk: Desk, ines: Signed) -> None:
    answer = ines.post(url(desk, GAUGES, "text"), title="T", text="x" * 1_100_000, what="save")
    assert answer.status_code == 413
    assert count(desk) == 0


def test_two_editors_see_both_texts(desk: Desk, ines: Signed) -> None:
    act(desk.app, 1, [("summary", card(desk, GAUGES).entry.id, "Ben’s words")], editor="Ben")
    mine = {"title": GAUGES, "text": "Ines’ words", "what": "save"}
    answer = ines.post(url(desk, GAUGES, "text"), **mine, seen="0")
    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "Ben changed the text of this 0 s ago, after you opened the page" in page
    assert "Ben, 20:35" in page
    assert "Ben’s words" in page
    assert "Ines’ words" in page
    assert card(desk, GAUGES).entry.summary == "Ben’s words"
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen is not None
    assert ines.post(url(desk, GAUGES, "text"), **mine, seen=seen[1]).status_code == 303
    assert card(desk, GAUGES).entry.summary == "Ines’ words"


def test_another_tab_of_the_same_editor_does_not_overwrite_either(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, GAUGES, "text"), title=GAUGES, text="One", what="save", seen="0")
    answer = ines.post(url(desk, GAUGES, "text"), title=GAUGES, text="Two", what="save", seen="0")
    assert answer.status_code == 409
    assert "You changed the text" in answer.text


def test_the_text_for_an_item_that_is_gone_can_be_copied(desk: Desk, ines: Signed) -> None:
    form = url(desk, GAUGES, "text")
    act(desk.app, 1, [("drop", card(desk, GAUGES).entry.id, "")], editor="Ben")
    answer = ines.post(form, title="Kept for copying", text="So is this", what="save")
    assert answer.status_code == 404
    assert "Kept for copying" in answer.text
    assert "So is this" in answer.text
    for name in ("hold", "take-over", "remark"):
        assert ines.post(form.replace("text", name), text="x").status_code == 404


def test_a_changed_original_is_taken_or_mine_is_kept(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, GAUGES, "text"), title="Ours", text="Mine", what="save")
    save(desk, replace(GAUGE, title="Newer", text="The gauge was taken down again, and nobody knows why it was."))
    page = ines.get(url(desk, "Ours"))
    assert "The original changed since you wrote this" in page.text
    ines.post(url(desk, "Ours", "text"), what="mine")
    assert not card(desk, "Ours").is_outdated
    assert card(desk, "Ours").entry.summary == "Mine"
    save(
        desk, replace(GAUGE, title="Newest", text="The gauge stands again, where it stood before, and it is counting.")
    )
    assert card(desk, "Ours").is_outdated
    ines.post(url(desk, "Ours", "text"), what="original")
    assert (card(desk, "Newest").is_outdated, card(desk, "Newest").state) == (False, "kept")


def test_a_proposal_is_taken_by_an_editor_only(desk: Desk, ines: Signed) -> None:
    name = card(desk, GAUGES).entry.id
    folder = desk.app.issue_folder(1)
    folder.mkdir(parents=True, exist_ok=True)
    proposal = {"entry_id": name, "text": "It counts drops.", "model": "small", "source_text": "x"}
    (folder / "proposals.json").write_text(json.dumps([proposal]))
    assert "small proposes:" in ines.get(url(desk, GAUGES)).text
    ines.post(url(desk, GAUGES, "text"), what="proposal")
    assert card(desk, GAUGES).entry.summary == "It counts drops."
    assert ines.post(url(desk, BRIDGE, "text"), what="proposal").status_code == 404


def date_form(**typed: str) -> dict[str, str]:
    """The form of a date with some of its fields filled in."""
    return {**dict.fromkeys(LABELS, ""), "what": "save", **typed}


def test_a_guessed_date_is_confirmed_as_it_stands(desk: Desk, ines: Signed) -> None:
    page = ines.get(url(desk, TALLINN)).text
    fields = dict(re.findall(r'id="event-\w+" name="(\w+)" value="([^"]*)"', page))
    assert fields["start"] == "27 October 2026"
    assert 'aria-describedby="note-start"' in page
    assert "! guessed from “later this month" in page
    assert ines.post(url(desk, TALLINN, "event"), **fields, what="save").status_code == 303
    event = card(desk, TALLINN).entry.event
    assert SPRINT.event is not None
    assert event == replace(SPRINT.event, is_guess=False, words=None, title=event.title if event else None)


def test_a_wrong_date_says_so_at_its_field_and_nothing_typed_is_lost(desk: Desk, ines: Signed) -> None:
    answer = ines.post(url(desk, TALLINN, "event"), **date_form(start="soon", zone="Talinn", place="<b>Here</b>"))
    assert answer.status_code == 400
    page = answer.text
    assert 'value="soon" autocomplete="off" aria-describedby="wrong-start' in page
    assert "Did you mean Europe/Tallinn?" in page
    assert "&lt;b&gt;Here&lt;/b&gt;" in page
    assert count(desk) == 0


def test_an_event_can_be_shown_without_a_date_and_an_entry_can_get_one(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, TALLINN, "event"), what="none", start="")
    assert card(desk, TALLINN).entry.event is None
    ines.post(url(desk, GAUGES, "event"), **date_form(start="14 November 2026 18:00", zone="Oslo", seats="40"))
    event = card(desk, GAUGES).entry.event
    assert isinstance(event, Event)
    assert (event.timezone, event.seats) == ("Europe/Oslo", 40)


def test_two_editors_of_a_date_see_both(desk: Desk, ines: Signed) -> None:
    name = card(desk, TALLINN).entry.id
    act(desk.app, 1, [("event", name, {"starts_at": "2026-11-01", "ends_at": None})], editor="Ben")
    answer = ines.post(url(desk, TALLINN, "event"), **date_form(start="2 November 2026"), seen="0")
    assert answer.status_code == 409
    assert "1 November 2026" in answer.text
    assert "2 November 2026" in answer.text


def test_alike_entries_are_joined_or_kept_apart_for_good(desk: Desk, ines: Signed) -> None:
    other = "Walking over the river again"
    page = ines.get(url(desk, BRIDGE)).text
    assert "One story or two?" in page
    assert "<mark>" in page
    name = card(desk, other).entry.id
    ines.post(url(desk, BRIDGE, "apart"), other=name)
    assert "One story or two?" not in ines.get(url(desk, BRIDGE)).text
    with desk.app.database.reading() as db:
        assert len(stories.decisions(db).apart) == 1
    ines.post(url(desk, BRIDGE, "merge"), other=name)
    assert other not in cards(desk.app)
    assert len(card(desk, BRIDGE).entry.revisions) == 2


def test_a_story_is_split_as_ticked(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, BRIDGE, "merge"), other=card(desk, GAUGES).entry.id)
    page = ines.get(url(desk, BRIDGE)).text
    ticks = re.findall(r'type="checkbox" id="[^"]*" name="item" value="(\w+)"( checked)?', page)
    assert [bool(checked) for _, checked in ticks] == [False, True]
    assert ines.post(url(desk, BRIDGE, "split")).status_code == 400
    assert ines.post(url(desk, BRIDGE, "split"), item=ticks[1][0]).status_code == 303
    assert GAUGES in cards(desk.app)
    assert ines.post(url(desk, BRIDGE, "split"), item="nothing").status_code == 400


def test_a_story_that_was_joined_is_offered_before_single_items(desk: Desk, ines: Signed) -> None:
    assert "joined to it" not in ines.get(url(desk, BRIDGE)).text
    act(desk.app, 1, [("title", card(desk, GAUGES).entry.id, "Our gauge")], editor="Ines")
    ines.post(url(desk, BRIDGE, "merge"), other=card(desk, "Our gauge").entry.id)
    page = ines.get(url(desk, BRIDGE)).text
    offered = page.index("Take out what was joined to it: “Our gauge” <small>1 item</small>")
    assert offered < page.index("Or take out single items") < page.index("What goes out of this story?")
    (item,) = re.findall(r'<input type="hidden" name="item" value="(\w+)">', page)
    assert ines.post(url(desk, BRIDGE, "split"), item=item).status_code == 303
    assert "Our gauge" in cards(desk.app)
    assert "joined to it" not in ines.get(url(desk, BRIDGE)).text


def test_merging_without_a_second_one_says_how(desk: Desk, ines: Signed) -> None:
    answer = ines.post(url(desk, BRIDGE, "merge"))
    assert answer.status_code == 400
    assert "Mark the other item first" in answer.text


def test_a_note_to_the_other_editor_stays_at_the_card(desk: Desk, ines: Signed) -> None:
    ines.post(url(desk, BRIDGE, "remark"), text="Ask <Kim>")
    assert "Ask &lt;Kim&gt;" in desk.signed_in("Ben").get(url(desk, BRIDGE)).text
    assert ines.post(url(desk, BRIDGE, "remark"), text=" ").status_code == 400
    assert card(desk, BRIDGE).state == "open"


def test_the_second_editor_reads_and_can_take_over(desk: Desk, ines: Signed) -> None:
    ben = desk.signed_in("Ben Moe")
    ines.get(url(desk, BRIDGE))
    page = ben.get(url(desk, BRIDGE)).text
    assert "Ines has been at this card since 20:35" in page
    assert 'name="text"' not in page
    assert ben.post(url(desk, BRIDGE, "hold")).status_code == 303
    assert [each.editor for each in at_cards(desk.app, 1).values()] == ["Ines"]
    assert ben.post(url(desk, BRIDGE, "take-over")).status_code == 303
    assert 'name="text"' in ben.get(url(desk, BRIDGE)).text
    assert "Ben Moe is here" in ines.get(url(desk, BRIDGE)).text
    ben.post(url(desk, BRIDGE, "hold"), leave="1")
    assert at_cards(desk.app, 1) == {}


def test_a_script_learns_whose_the_card_is(desk: Desk, ines: Signed) -> None:
    ben = desk.signed_in("Ben")
    ines.get(url(desk, BRIDGE))
    headers = {"sec-fetch-site": "same-origin", "x-desk": "1"}
    answer = ben.client.post(url(desk, BRIDGE, "hold"), data={"csrf": ben.csrf}, headers=headers)
    assert answer.json() == {"mine": False, "editor": "Ines", "seen": 0}


def test_an_approved_issue_is_read_only(desk: Desk, ines: Signed) -> None:
    from newsletter.store import issues  # the step itself belongs to another page

    with desk.app.database.transaction() as db:
        issues.step(db, 1, "approved", now=desk.app.now())
    page = ines.get(url(desk, BRIDGE)).text
    assert "This issue is approved" in page
    assert 'name="text"' not in page
    answer = ines.post(url(desk, BRIDGE, "text"), title="T", text="U", what="save")
    assert answer.status_code == 409
    assert ines.post(url(desk, BRIDGE, "apart"), other=card(desk, GAUGES).entry.id).status_code == 409


def test_a_form_without_our_token_changes_nothing(desk: Desk, ines: Signed) -> None:
    sent = {"title": "T", "text": "U", "what": "save", "csrf": "wrong"}
    answer = ines.client.post(url(desk, BRIDGE, "text"), data=sent, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 403
    assert count(desk) == 0
