from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsletter.edit.desk import Card
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Entry
from newsletter.model.item import Event, Item, Person
from newsletter.model.story import Place, ScorePart
from newsletter.pipeline.app import read_again
from newsletter.pipeline.presence import AtCard
from newsletter.pipeline.review import act, open_desk
from newsletter.web import card_words, file_lines
from newsletter.web.card_contexts import CardView
from newsletter.web.card_views import Typed, card_view
from newsletter.web.event_views import event_card
from newsletter.web.merge_views import runs
from tests.web.desk import FEEDS, Desk
from tests.web.drafted_cards import BRIDGE, GAUGE, NOW, SOURCES, cards, drafted_desk, item_of, save

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a draft."""
    with drafted_desk(tmp_path / "home") as running:
        yield running


def view(desk: Desk, title: str, *, at: dict[str, AtCard] | None = None, typed: Typed | None = None) -> CardView:
    card = cards(desk.app)[title]
    return card_view(desk.app, open_desk(desk.app, 1), card, at or {}, editor="Ines", typed=typed)


def test_a_card_shows_the_original_beside_ours(desk: Desk) -> None:
    card = view(desk, "The sunny bridge opens")
    assert (card.sign, card.state, card.style, card.score) == ("?", "open", "open", "score 50")
    assert card.originals[0].start == BRIDGE.text
    assert card.originals[0].facts == "Kim Berg, Planet (feed), Tuesday 13 October 11:00"
    assert [(place.label, place.url) for place in card.places] == [("blog", "https://planet.example/bridge")]
    assert (card.edit.text, card.edit.is_rewritten) == (card.edit.drafted_text, False)
    assert [target.id for target in card.targets] == ["highlights", "events", "developer", "news"]
    assert [target.key for target in card.targets] == ["1", "2", "3", "6"]
    assert card.can_pin


def test_why_names_the_rules_that_speak_for_and_against(desk: Desk) -> None:
    why = view(desk, "The sunny bridge opens").why
    assert [(each.text, each.line, each.url) for each in why.rules] == [
        ("rule 1, “Big things stay”: keeps it", "line 20 of feeds.yaml", "/desk/sources/file#L20"),
        ("rule 2, “No adverts”: would drop it; rule 1 keeps it", "line 24 of feeds.yaml", "/desk/sources/file#L24"),
    ]
    assert why.note == ""
    assert [(part.points, part.name) for part in why.parts] == [("+50", "start")]


def test_a_part_of_the_score_names_its_line_and_its_sign(desk: Desk) -> None:
    card = cards(desk.app)["A new gauge"]
    parts = (ScorePart("rule “No adverts”", 30, 142), ScorePart("told", -4), ScorePart("gone rule", 0, 9))
    shown = replace(card, entry=replace(card.entry, parts=parts))
    why = card_view(desk.app, open_desk(desk.app, 1), shown, {}, editor="Ines").why
    assert [(each.points, each.line) for each in why.parts] == [
        ("+30", "line 24 of feeds.yaml"),  # where the rule stands now, not where it stood
        ("−4", ""),
        ("±0", ""),
    ]


def test_lines_lead_to_the_page_of_the_file_when_there_is_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_lines, "FILE_PAGE", "/desk/sources/file")
    assert view(desk, "The sunny bridge opens").why.rules[0].url == "/desk/sources/file#L20"
    shown = cards(desk.app)["The sunny bridge opens"].entry.id
    page = desk.signed_in().get(f"/desk/issues/1/items/{shown}").text
    assert '<a href="/desk/sources/file#L24">line 24 of feeds.yaml</a>' in page


def test_what_a_rule_drops_and_an_editor_keeps_says_so(desk: Desk) -> None:
    desk.app.home.joinpath("feeds.yaml").write_text(FEEDS + SOURCES.replace("title: bridge", "title: no such"))
    app = read_again(desk.app)
    card = replace(cards(app)["The sunny bridge opens"], state="kept")
    why = card_view(app, open_desk(app, 1), card, {}, editor="Ines").why
    assert [each.text for each in why.rules] == ["rule 2, “No adverts”: drops it"]
    assert why.note == "Rule 2 would drop it; an editor keeps it."


def test_a_long_original_is_cut_with_more(tmp_path: Path) -> None:
    long = replace(GAUGE, text="word " * 3_000, html="<script>alert(1)</script>")
    with drafted_desk(tmp_path / "home", long) as desk:
        (original,) = view(desk, "A new gauge").originals
    assert len(original.start) <= 700
    assert len(original.start) + len(original.more) <= 6_000
    assert original.is_cut


def test_warnings_are_said_in_words(desk: Desk) -> None:
    assert view(desk, "Nightly build failed").warnings == (
        "A link of the original got lost. Look at the original.",
        "Written by a robot: kiln-bot.",
    )


def test_other_warnings_are_whole_sentences() -> None:
    item = Item("a", "s", "feed", "post", ("a",), "T", warnings=("date guessed: “mid-April” (Sprint)", "odd thing"))
    entry = Entry("a", "a", "T", None, parts=(ScorePart("already told in issue 41", -40),))
    assert card_words.warnings_of(entry, [item]) == (
        "A date is guessed from “mid-April” (Sprint).",
        "Odd thing.",
        "Told in issue 41 already.",
    )


def test_what_waited_says_since_when() -> None:
    assert card_words.waited_since(Entry("a", "a", "T", None, why="Put off from issue 12. Long debate.")) == 12
    assert card_words.waited_since(Entry("a", "a", "T", None, why="Long debate.")) is None


def test_no_hostile_address_becomes_a_link(desk: Desk) -> None:
    card = cards(desk.app)["A new gauge"]
    places = (Place("thread", "javascript:alert(1)"), Place("blog", "https://ok.example/?a=<b>"))
    entry = replace(card.entry, url="data:text/html,<script>", places=places, title="<img src=x onerror=alert(1)>")
    shown = card_view(desk.app, open_desk(desk.app, 1), replace(card, entry=entry), {}, editor="Ines")
    assert (shown.original_url, shown.discussion_url) == (None, None)
    assert [place.url for place in shown.places] == ["https://ok.example/?a=%3Cb%3E"]


def test_somebody_else_at_the_card_makes_it_read_only(desk: Desk) -> None:
    name = cards(desk.app)["A new gauge"].entry.id
    shown = view(desk, "A new gauge", at={name: AtCard("Ben Moe", NOW)})
    assert shown.at is not None
    assert (shown.at.initials, shown.at.since, shown.is_read_only) == ("BM", "20:35", True)
    assert not view(desk, "A new gauge", at={name: AtCard("Ines", NOW)}).is_read_only


def test_a_changed_original_says_so_and_shows_what_it_would_be(desk: Desk) -> None:
    name = cards(desk.app)["A new gauge"].entry.id
    act(desk.app, 1, [("title", name, "Our gauge")], editor="Ben")
    save(desk, replace(GAUGE, title="An even newer gauge"), BRIDGE)
    shown = view(desk, "Our gauge")
    assert (shown.outdated, shown.changed_title) == ("Ben wrote, 20:35", "An even newer gauge")
    assert shown.edit.is_rewritten


def test_history_and_remarks_are_apart(desk: Desk) -> None:
    name = cards(desk.app)["A new gauge"].entry.id
    act(desk.app, 1, [("title", name, "Our gauge")], editor="Ben")
    act(desk.app, 1, [("remark", name, {"text": "Ask Kim"})], editor="Ben")
    shown = view(desk, "Our gauge")
    assert [(done.who, done.what, done.words, done.batch) for done in shown.history] == [
        ("Ben", "changed the title of", "Our gauge", 1),
        ("Ben", "kept", "", 1),
    ]
    assert [(remark.who, remark.text) for remark in shown.remarks] == [("Ben", "Ask Kim")]


def test_what_was_typed_comes_back_with_what_is_wrong(desk: Desk) -> None:
    shown = view(desk, "A new gauge", typed=Typed(title="", text="Mine", errors=("The title is empty.",)))
    assert (shown.edit.title, shown.edit.text, shown.edit.errors) == ("", "Mine", ("The title is empty.",))


def test_entries_that_look_alike_are_proposed_as_one(desk: Desk) -> None:
    (merge,) = view(desk, "The sunny bridge opens").merges
    assert merge.title == "Walking over the river again"
    assert merge.percent >= 50
    assert "words in a row" in merge.because
    assert merge.first.heading == "Planet, Tuesday 13 October 11:00"
    assert any(run.is_shared and "old bridge over" not in run.text for run in merge.second.text)
    assert view(desk, "A new gauge").merges == ()


def test_equal_words_are_shaded_in_runs() -> None:
    found = runs("The old bridge, over there", {"bridge", "old", "over"})
    assert [(run.text, run.is_shared) for run in found] == [
        ("The ", False),
        ("old bridge", True),
        (", ", False),
        ("over", True),
        (" there", False),
    ]
    assert "".join(run.text for run in runs("<b>a</b> &", ())) == "<b>a</b> &"


def test_guessed_fields_are_marked_with_their_words() -> None:
    event = Event(date(2026, 4, 14), date(2026, 4, 16), is_guess=True, words="mid-April", deadline_at=date(2026, 4, 1))
    card = event_card(Entry("a", "a", "Sprint", None, event=event), date(2026, 3, 25))
    marked = {field.name: field.note for field in card.fields if field.is_guess}
    assert marked == dict.fromkeys(("start", "end"), "! guessed from “mid-April”")
    assert next(field.note for field in card.fields if field.name == "register_by") == "in 7 days"
    assert "mid-April" in card.question
    assert card.is_open
    nothing = event_card(Entry("a", "a", "Sprint", None), date(2026, 3, 25))
    assert (nothing.has_event, nothing.is_open, nothing.question) == (False, False, "")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 10, 15, 10, 4, tzinfo=UTC), "12:04"),
        (datetime(2026, 10, 13, 10, 4, tzinfo=UTC), "Tuesday 12:04"),
        (datetime(2026, 9, 1, 10, 4, tzinfo=UTC), "1 September 12:04"),
        (datetime(2025, 9, 1, 10, 4, tzinfo=UTC), "1 September 2025 12:04"),
        (None, ""),
    ],
)
def test_a_time_is_said_as_short_as_it_can_be(at: datetime | None, said: str) -> None:
    assert card_words.clock(at, OSLO, NOW) == said


def test_what_a_change_brought_is_said_shortly() -> None:
    def said(action: str, value: object) -> str:
        return card_words.said_in_change(Change(1, "Ben", NOW, action, "a", value))

    assert said("title", "x" * 500).endswith("…")
    assert said("remark", {"text": "Ask"}) == "Ask"
    assert said("event", {"none": True}) == ""
    assert said("merge", {"entry": "b", "other": {"title": "A  gauge"}}) == "A gauge"
    assert said("merge", {"entry": "b"}) == ""
    assert said("split", {"entries": [{"title": "One"}, {"title": "Two"}]}) == "One; Two"
    assert said("say quiet", {"project": "nova", "say": True}) == "nova"
    assert said("event", {"starts_at": "2026-04-14"}) == "2026-04-14"
    assert said("keep", to_json({"section": "news"})) == ""
    assert card_words.cut("one two three", 9) == ("one two", "three")


def test_a_robot_is_known_by_its_name() -> None:
    assert card_words.is_by_robot(item_of("s", "k", "T", author=Person("kiln-bot")))
    assert not card_words.is_by_robot(item_of("s", "k", "T", author=None))


def test_a_guess_below_the_line_does_not_warn() -> None:
    guess = Entry("a", "a", "T", None, event=Event(date(2026, 1, 1), is_guess=True))
    assert card_words.state_of(Card(guess, "s", "below")) == ("↓", "below the line", "below")
    assert card_words.state_of(Card(guess, "s", "kept"))[0] == "!"


def test_the_columns_of_a_mail_are_no_line_ends_and_lists_quotes_and_short_lines_are() -> None:
    long = "For ninety seconds after the mains come on, the panel accepts"
    assert card_words.unwrapped(f"{long}\na telephone.") == f"{long} a telephone."
    assert card_words.unwrapped(f"{long}\n{long}\nend\nKim") == f"{long} {long} end\nKim"
    own = ("\nNext", "* one", "    code()", "1. one", "> quoted")
    for kept in (*(f"{long}\n{each}" for each in own), f"> {long}\n> more", "short\nlines"):
        assert card_words.unwrapped(kept) == kept
