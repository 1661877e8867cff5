from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from newsletter.config import kind_keys as module
from newsletter.config.kind_keys import (
    PACKAGE_MISSING,
    KindKey,
    all_kind_keys,
    kind_keys,
    kind_names,
    kind_word,
    kinds_with,
    reader_for,
)
from newsletter.config.values import Wrong
from newsletter.fetch import kinds
from newsletter.fetch.kinds import kind
from newsletter.model.rule import Amount

TOLD = "feed, mailing list, mbox, gerrit, github, gitlab, launchpad, calendar, chat log, pad, web page, inbox"
CACHED = (kinds.find_kinds, kinds.load_outside, module.kind_names, module.kind_keys, module._names)


@pytest.fixture
def jam() -> Iterator[None]:
    """A kind that another package brings, with a second reader for the same word."""
    kinds.find_kinds()
    before = dict(kinds._REGISTERED)

    @kind("jam jar", reader="shelf")
    @dataclass(frozen=True)
    class Shelf:
        """Jam on a shelf."""

        url: str
        lid: bool
        fruit: tuple[str, ...] = ()
        size: int = 3
        keeps_for: timedelta | None = None
        spoons: Amount | None = None
        taste: Literal["sweet", "sour"] = "sweet"
        mood: str = "good"
        hidden: str = field(default="", init=False)

        choices: ClassVar[dict[str, tuple[str, ...]]] = {"mood": ("good", "bad")}

    @kind("jam jar", reader="cellar")
    @dataclass(frozen=True)
    class Cellar:
        """Jam in a cellar."""

        url: str
        depth: int | None = None

    for each in CACHED:
        each.cache_clear()
    yield
    kinds._REGISTERED.clear()
    kinds._REGISTERED.update(before)
    for each in CACHED:
        each.cache_clear()


@pytest.mark.usefixtures("jam")
def test_keys_are_read_off_the_dataclasses() -> None:
    found = kind_keys("jam jar")
    assert list(found.keys) == ["url", "depth", "lid", "fruit", "size", "keeps for", "spoons", "taste", "mood"]
    assert [name for name, key in found.keys.items() if key.is_needed] == ["url"]
    assert list(kind_keys("shelf").keys) == ["url", "lid", "fruit", "size", "keeps for", "spoons", "taste", "mood"]
    assert [name for name, key in kind_keys("shelf").keys.items() if key.is_needed] == ["url", "lid"]
    assert found.keys["fruit"].is_many
    assert kinds_with("keeps for") == ("jam jar",)


@pytest.mark.usefixtures("jam")
@pytest.mark.parametrize(
    ("key", "text", "meant"),
    [
        ("lid", "yes", True),
        ("size", "12", 12),
        ("fruit", "plum", "plum"),
        ("keeps for", "3 days", timedelta(days=3)),
        ("spoons", "3 or more", Amount(3)),
        ("taste", "Sour", "sour"),
        ("mood", "bad", "bad"),
        ("url", "https://jam.example/", "https://jam.example/"),
    ],
)
def test_values_are_read_by_the_type_of_their_field(key: str, text: str, meant: object) -> None:
    found = kind_keys("jam jar").keys[key]
    assert found.reader(key, text) == meant


@pytest.mark.usefixtures("jam")
@pytest.mark.parametrize(
    ("key", "text"), [("lid", "maybe"), ("size", "big"), ("keeps for", "long"), ("taste", "bitter"), ("url", "jam")]
)
def test_values_of_the_wrong_type_are_told(key: str, text: str) -> None:
    assert isinstance(kind_keys("jam jar").keys[key].reader(key, text), Wrong)


@pytest.mark.usefixtures("jam")
def test_messages_list_the_usual_kinds_and_suggest_the_others() -> None:
    assert kind_names()[0] == "feed"
    assert kind_names().index("jam jar") > kind_names().index("inbox")
    assert kind_word("kind", "Jam-Jar") == "jam jar"
    assert kind_word("kind", "cellar") == "cellar"
    wrong = kind_word("kind", "jam")
    assert isinstance(wrong, Wrong)
    assert wrong.text == f'There is no kind "jam". Did you mean "jam jar"? Kinds: {TOLD}.'
    wrong = kind_word("kind", "cellars")
    assert isinstance(wrong, Wrong)
    assert wrong.text == f'There is no kind "cellars". Did you mean "cellar"? Kinds: {TOLD}.'


@pytest.mark.usefixtures("jam")
def test_what_people_call_a_kind_leads_to_it_once_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SAID_OTHERWISE", {"marmalade": ("jam jar", "Write"), "soup": ("pot", "Write")})
    marmalade, soup = kind_word("kind", "Marmalade"), kind_word("kind", "soup")
    assert isinstance(marmalade, Wrong)
    assert isinstance(soup, Wrong)
    assert marmalade.text == f'There is no kind "Marmalade". Write "kind: jam jar". Kinds: {TOLD}.'
    assert soup.text == f'There is no kind "soup". Kinds: {TOLD}. {PACKAGE_MISSING}'


def test_without_a_kind_the_keys_of_all_kinds_may_stand_and_none_must() -> None:
    assert {"url", "file", "projects", "watch", "take", "token"} <= set(all_kind_keys())
    assert not any(key.is_needed for key in kind_keys("").keys.values())
    assert kind_keys("").one_of == ()


def test_one_of_several_keys_is_enough_where_a_kind_says_so() -> None:
    assert kind_keys("calendar").one_of == (("url", "file"),)
    assert kind_keys("github").one_of == (("repositories", "organisation", "url"),)
    assert kind_keys("feed").one_of == ()


def test_files_and_secrets_are_read_with_what_is_around() -> None:
    file = kind_keys("calendar").keys["file"]
    assert reader_for("calendar", file, base=Path("/srv"), environ={})("file", "a.ics") == "/srv/a.ics"
    token = kind_keys("github").keys["token"]
    read = reader_for("web page", token, base=Path("/srv"), environ={"T": "x"})
    assert read("token", "from T") == "x"
    wrong = read("token", "abc")
    assert isinstance(wrong, Wrong)
    assert "WEB_PAGE_TOKEN" in wrong.text
    assert "abc" not in wrong.text


@pytest.mark.parametrize("text", ["20", "20 replies", "20 replies or more", "20 or more"])
def test_a_number_of_replies(text: str) -> None:
    assert module._replies("digest threads with", text) == text


def test_what_is_no_number_of_replies_is_told() -> None:
    assert module._replies("digest threads with", "many") == Wrong(
        'digest threads with must be a number of replies such as "20 replies or more", not "many".'
    )


def test_every_kind_explains_itself_and_every_key_has_a_reader() -> None:
    for info in kinds.find_kinds().values():
        assert info.cls.__doc__
        for name in info.keys:
            assert isinstance(kind_keys(info.reader).keys[name.replace("_", " ")], KindKey)


def test_who_signs_in_may_stand_in_the_environment_and_a_password_has_to() -> None:
    keys = kind_keys("inbox").keys
    environ = {"TIPS_USER": "news", "TIPS_PASSWORD": "x"}
    user = reader_for("inbox", keys["user"], base=Path("/srv"), environ=environ)
    assert (user("user", "from TIPS_USER"), user("user", "tips")) == ("news", "tips")
    password = reader_for("inbox", keys["password"], base=Path("/srv"), environ=environ)
    assert password("password", "from TIPS_PASSWORD") == "x"
    wrong = password("password", "secret")
    assert isinstance(wrong, Wrong)
    assert "INBOX_PASSWORD" in wrong.text
