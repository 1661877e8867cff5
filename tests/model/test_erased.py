"""Those who were erased are found in every spelling, others of a like name are left alone."""

from datetime import UTC, datetime

import pytest

from newsletter.model.erased import Erased, kind_of, words_for
from newsletter.model.item import Item, Person, Thread
from newsletter.model.unnamed import REMOVED, Unnamed

KEY = b"k" * 32
ADA = Erased(KEY, words_for(KEY, ["Ada Måkrell", "ada@example.org"], 1))
HANDLE = Erased(KEY, words_for(KEY, ["adam99"], 2))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ada Måkrell wrote it", "[name removed] wrote it"),
        ("by ADA  MÅKRELL.", "by [name removed]."),
        ("Måkrell, Ada", "[name removed]"),
        ("Ada Ma\u030akrell's plan", "[name removed]'s plan"),
        ("Ada&nbsp;M&aring;krell", "[name removed]"),
        ("Ada M&#229;krell", "[name removed]"),
        ("Ada\nMåkrell", "[name removed]"),
        ("https://example.org/wiki/Ada_M%C3%A5krell#top", "https://example.org/wiki/removed#top"),
        ("write to ada@example.org.", "write to [address removed]."),
        ("ada at example.org", "[address removed]"),
        ("to ada@example.org.Then go", "to [address removed].Then go"),
        ("ada (at) example dot org", "[address removed]"),
        ("<ada+lists@Example.ORG>", "<[address removed]>"),
        ('<a href="mailto:ada@example.org">', '<a href="mailto:removed">'),
        ("https://example.org/q?who=ada%40example.org&x=1", "https://example.org/q?who=removed&x=1"),
        ("<20261012.1f.ada@example.org>", "<20261012.1f.[address removed]>"),
        ("ada&#64;example.org", "[address removed]"),
    ],
)
def test_every_spelling_is_found(text: str, wanted: str) -> None:
    assert ADA.text(text) == wanted
    assert ADA.text(wanted) == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_document_in_an_unknown_encoding_names_them_or_not(encoding: str) -> None:
    sieved = Erased(KEY, words_for(KEY, ["Ada Måkrell"], 1), lambda text: "Måk" in text)
    for text, is_named in (("\xa7 by Ada Måkrell", True), ("\xa7 by Nada Måkrell", False)):
        assert sieved.is_in(text.encode(encoding)) == is_named
        assert sieved.may_be_in(text.encode(encoding))
    assert not sieved.may_be_in(b"by nobody")
    assert not sieved.is_in(b"by nobody")


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace",
        "Ada. " + " " * 20 + "Måkrell is a fish",
        "mary.ada@example.org",
        "ada@example.org.uk.example",
        "Nada Måkrell",
        "Ada Måkrells",
        "ada@example.com",
        "adam99 alone in a sentence is a word like others, and says nothing",
    ],
)
def test_others_are_left_alone(text: str) -> None:
    assert ADA.text(text) == text


def test_an_account_is_found_where_accounts_stand() -> None:
    assert HANDLE.text("thanks @Adam99, see https://git.example.org/adam99/tool") == (
        "thanks @removed, see https://git.example.org/removed/tool"
    )
    assert HANDLE.text("adam99 in a sentence stays, however short") == "adam99 in a sentence stays, however short"
    assert HANDLE.text("adam99") == "removed-2"


def test_a_person_is_one_number_whatever_they_call_themselves() -> None:
    found = ADA.value({"author": {"name": "A. M.", "key": "Ada@example.org"}, "who": ["ada@example.org", 3, None]})
    assert found == {"author": {"name": REMOVED, "key": "removed-1"}, "who": ["removed-1", 3, None]}
    assert ADA.value({"name": "Ada Måkrell"}) == {"name": REMOVED, "key": "removed-1"}
    assert ADA.value({"name": "Bo", "key": "bo@example.org"}) == {"name": "Bo", "key": "bo@example.org"}


def test_an_item_keeps_all_but_the_names() -> None:
    at = datetime(2026, 10, 12, tzinfo=UTC)
    item = Item("a" * 20, "s", "feed", "mail", ("<7.ada@example.org>",), "From Ada Måkrell", published_at=at)
    item = ADA.item(item)
    assert item.title == "From [name removed]"
    assert item.published_at == at
    clean = Item("b" * 20, "s", "feed", "mail", ("<8@x>",), "T", author=Person("Bo"), thread=Thread("r", 3))
    assert ADA.item(clean) is clean
    assert not Erased(KEY)
    assert Erased(KEY).item(item) is item
    assert Unnamed().name_of(Person(REMOVED, "removed-1")) is None


def test_nothing_that_is_kept_can_be_read() -> None:
    kept = repr(words_for(KEY, ["Ada Måkrell", "ada@example.org", "adam99"], 1)).lower()
    assert not any(each in kept for each in ("ada", "makrell", "example", "måkrell"))
    assert [kind_of(each) for each in ("Ada Måkrell", "a@b.org", "ada")] == ["name", "address", "account"]


@pytest.mark.slow
def test_a_hostile_text_is_read_in_time() -> None:
    for text in ("a" * 300_000, "a." * 150_000, "a at " * 60_000, "@a." * 100_000, "%41" * 100_000):
        assert ADA.text(text) == text
