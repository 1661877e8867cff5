import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.classify.sentences import sentences
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.summary import summarise
from newsletter.model.item import Item
from newsletter.text import word_count
from tests.classify.samples import mail, post


def summary(text: str, words: int = 60, title: str = "Cooling") -> str:
    (story,) = group_stories([post("a", title, text)], context=StoryContext())
    return summarise(story, words)


def test_the_first_two_sentences_of_prose() -> None:
    text = "The kiln now keeps\nits curve after a cut. Nothing has to be done by hand. A third one follows."
    assert summary(text) == "The kiln now keeps its curve after a cut. Nothing has to be done by hand."


@pytest.mark.parametrize(
    "before",
    [
        "Hi all,\n\n",
        "Hello everyone!\n",
        "Dear potters,\n\n",
        "Folks,\n",
        "On Tue, 3 Nov 2026, Ada Obi wrote:\n> Which cone do you use in such a kiln?\n> I use six.\n\n",
        "https://kiln.example/a\n\n",
        "=======\nNews\n=======\n\n",
        "    fire(cone=6)\n    cool(hours=12)\n\n",
        "```\nfire the kiln at cone six now.\n```\n",
        "- the first of some points here\n- the second\n  goes on for a while in this line.\n\n",
        "Please write to [email protected] for all the details.\n",
        "The groups have the following roles in a project:\n\n",
        "This post originates from Mira at https://odd.example/1. I have copied it here for your reference:\n\n",
        "**Cooling**\n\n",
        "Apologies for cross-posting this to both of our lists.\n\n",
    ],
)
def test_what_says_nothing_is_left_out(before: str) -> None:
    assert summary(before + "The kiln now keeps its curve.") == "The kiln now keeps its curve."


def test_a_greeting_in_the_sentence_is_taken_off() -> None:
    assert summary("Hi all, we fire the big kiln on Sunday.") == "We fire the big kiln on Sunday."


def test_what_stands_behind_a_signature_is_not_read() -> None:
    assert summary("Cheers,\nAda\n--\nThe best kilns of the whole town.") == ""


def test_the_title_is_not_said_twice() -> None:
    assert summary("Our kiln is warm again. It took a week.", title="Our kiln is warm again") == "It took a week."


def test_markup_goes_and_its_words_stay() -> None:
    text = "The **big** kiln has a [new door](https://kiln.example/door) and `fire()` is gone."
    assert summary(text) == "The big kiln has a new door and fire() is gone."


def test_an_address_is_named_by_its_host_when_there_is_nothing_else() -> None:
    assert (
        summary("Read about the door at https://www.kiln.example/door/12?x=1.") == "Read about the door at kiln.example"
    )
    text = "Read about the door at https://kiln.example/door.\n\nThe door closes by itself now."
    assert summary(text) == "The door closes by itself now."


def test_a_mail_that_says_nothing_leaves_the_word_to_the_next_item() -> None:
    one = mail("a", "Cooling", "+1")
    other = mail("b", "Re: Cooling", "It cools down too fast in the winter.", answers="a")
    (story,) = group_stories([one, other], context=StoryContext())
    assert summarise(story, 60) == "It cools down too fast in the winter."


def test_a_long_sentence_is_cut_and_a_second_one_enters_whole_or_not() -> None:
    assert summary("One two three four five six. Seven eight nine ten.", 7) == "One two three four five six."
    assert summary("One two three four five six.", 4) == "One two three four…"
    assert summary("One two three four five six.", 0) == ""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Use cones, e.g. Number six. They melt.", 2),
        ("Mr. Obi fired it. Dr. Rao watched.", 2),
        ("Kiln 2011.1.1 is out. Version 3.0 follows.", 2),
        ("J. R. Potter wrote it. It is long.", 2),
        ("Is it warm? Yes! It is…", 3),
        ("She said “It is warm.” Then she left.", 2),
        ("窯は暖かい。扉は閉まっている。", 2),
        ("Das gilt z. B. Für Ton. Gut.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


@given(st.text(max_size=400), st.integers(1, 40))
def test_any_text_gives_a_short_plain_line(text: str, words: int) -> None:
    made = summary(text, words)
    assert "\n" not in made
    assert not made.endswith(":")
    assert word_count(made) <= words


def test_texts_in_other_scripts_are_kept_short() -> None:
    made = summary("窯は暖かい。" * 80, 20)
    assert 5 < len(made) <= 180


def test_an_item_without_text_has_no_summary() -> None:
    item = Item("i", "s", "feed", "post", ("i",), "Only a title")
    (story,) = group_stories([item], context=StoryContext())
    assert summarise(story, 60) == ""
