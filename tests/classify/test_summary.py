from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.classify.sentences import sentences
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.summary import summarise
from newsletter.model.item import Event, Item
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


@pytest.mark.parametrize(
    "said",
    [
        "As you can see in the picture below, the glaze runs off.",
        "The steps are as follows.",
        "Click here to see the whole gallery of glazes.",
        "You can read the full list of kilns here.",
        "This site makes use of cookies to serve you better.",
        "Sign up for our newsletter to hear more of kilns.",
        "Thanks to everybody who helped with the big firing.",
        "But she was not able to open the door at all.",
        "And he told her about the kiln in the yard.",
        "Build succeeded after nine minutes on all of the platforms.",
        "Share this post with your friends who like kilns.",
        "# What is new with the kilns in this year of ours.",
        "Signed-off-by: Ada Obi, who fired the big kiln.",
        "(The door (of the big one is still open today.",
        "import kiln from the shed of the potter today",
        "<div>The kiln is on fire today and tomorrow</div>: see the log;",
        "VGhlIGtpbG4gbm93IGtlZXBzIGl0cyBjdXJ2ZSBhZnRlciBhIGN1dCBhbmQgbW9yZS4= is it.",
    ],
)
def test_what_leads_nowhere_leans_or_is_noise_is_left_out(said: str) -> None:
    assert summary(f"{said}\n\nThe kiln now keeps its curve.") == "The kiln now keeps its curve."


def test_what_is_new_and_named_by_the_title_comes_before_small_talk() -> None:
    text = (
        "I have been away for a few weeks, as some of you know. What a long summer it was for all? "
        "Version 3 of the cooling controller is released. It keeps the curve after a power cut."
    )
    told = "Version 3 of the cooling controller is released. It keeps the curve after a power cut."
    assert summary(text, title="Cooling controller 3") == told


def test_the_order_of_the_text_is_kept_and_what_leans_follows_what_it_leans_on() -> None:
    text = "The shed is dry. The new kiln controller supports two curves. This makes it slower. The shed is warm now."
    assert summary(text, title="Kiln controller") == (
        "The new kiln controller supports two curves. This makes it slower."
    )


def test_a_date_that_stands_beside_the_summary_is_not_told_twice() -> None:
    text = "Come to the shed on March 5 at 7:00 pm. Ada shows how a salt kiln is built. Bring your own clay for it."
    event = post("a", "Kiln evening", text, form="event", event=Event(date(2027, 3, 5)))
    (story,) = group_stories([event], context=StoryContext())
    assert summarise(story, 60) == "Ada shows how a salt kiln is built. Bring your own clay for it."


def test_a_release_of_points_is_told_by_its_first_two() -> None:
    text = (
        "## What's Changed\n\n* Bump foo from 1.0 to 1.1 by @dependabot in https://git.example/pull/3\n"
        "* feat(core): Keep the **curve** after a cut by @ada in https://git.example/pull/4\n"
        "* Doors close by themselves (#5)\n  when it is cold\n* Third\n\n**Full Changelog**: https://git.example/c\n"
    )
    (story,) = group_stories([post("a", "kiln 2.0", text, form="release")], context=StoryContext())
    assert summarise(story, 60) == "Keep the curve after a cut; doors close by themselves when it is cold."


def test_a_meeting_is_told_by_what_it_decided() -> None:
    text = "Chair: Ada. 9 people spoke: Bo, Cy.\n\nTopics:\n- the door\n\n{}Action items:\n- Ada mends the door\n"
    for more, told in (
        (
            "Decisions:\n- Accepted: a new door\n- no second kiln\n\n",
            "Decisions: accepted: a new door; no second kiln.",
        ),
        ("", "Action items: Ada mends the door."),
    ):
        (story,) = group_stories([post("a", "Meeting", text.format(more), form="chat")], context=StoryContext())
        assert summarise(story, 60).casefold() == told.casefold()


def test_footnotes_smileys_and_quoted_addresses_go() -> None:
    text = "The _new_ door [1] is `here <https://kiln.example>`_ and *shut* now. ;-) Ask [b]Ada[/b] for its key. :)"
    assert summary(text) == "The new door is here and shut now. Ask Ada for its key."


def test_no_mail_address_is_shown() -> None:
    assert summary("Write to ada@kiln.example about the door of the kiln.") == ""


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
        ("It holds (The door is open. Ada knows.) a lot. Yes.", 2),
        ("They sell it in Kerala.The company grows there.", 2),
        ("Booking.com grows there.", 1),
        ("یہ بھٹی گرم ہے۔ دروازہ بند ہے۔", 2),
        ("See vol. 3 and fig. 4 of the book approx. 9 Days later.", 1),
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
