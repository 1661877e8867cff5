import random
from dataclasses import replace
from datetime import date

import pytest

from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.item import Event, Item, Person, Thread
from newsletter.model.story import Place, Story
from tests.classify.samples import SOURCES, ago, change, mail, post

LONG = (
    "The kiln controller now keeps its curve after a power cut. We rewrote the small file where it lies. "
    "Old curves are read once and written in the new form. Nothing has to be done by hand on any machine. "
    "If your kiln is older than six years, please read the second page before you try it."
)


def group(*items: Item, **values: object) -> tuple[Story, ...]:
    return group_stories(items, context=StoryContext(sources=SOURCES, **values))  # type: ignore[arg-type]


def titles(stories: tuple[Story, ...]) -> list[str]:
    return sorted(story.title for story in stories)


def test_robots_are_not_counted_among_the_people_of_a_story() -> None:
    root = mail("a", "Cooling curve", author=Person("Ada", "ada@kiln.example"))
    replies = [
        mail(f"b{number}", "Re: Cooling curve", answers="a", author=Person(*who), published_at=ago(days=1))
        for number, who in enumerate((("Jun", "jun@kiln.example"), ("Zuul", "zuul@kiln.example"), ("Kiln CI", "")))
    ]
    (story,) = group(root, *replies)
    assert story.people_count == 2


def test_a_thread_is_one_story_with_its_counts() -> None:
    root = mail("a", "[dev] [glaze] Cooling curve")
    reply = mail("b", "Re: [dev] Cooling curve", answers="a", published_at=ago(days=1))
    (story,) = group(
        reply, root, change(7, "Glaze it"), threads={"<a@kiln.example>": Thread("<a@kiln.example>", 23, 9)}
    )[:1]
    assert (story.title, story.reply_count, story.people_count) == ("Cooling curve", 23, 9)
    assert story.lead == root
    assert story.places == (Place("thread", root.url or ""),)
    assert story.project == "kiln/glaze"
    assert story.because == ("one thread",)


def test_roots_that_are_no_message_ids_hold_within_one_source() -> None:
    one = mail("a", "First words here", thread=Thread("root"))
    other = mail("b", "Other words there", thread=Thread("root"), source="users-list")
    assert len(group(one, other)) == 2


def test_one_mail_on_two_lists_is_told_once_and_counted_once() -> None:
    one, other = (
        mail("a", "Hello", source=name, thread=Thread("<a@kiln.example>", 4, 3)) for name in SOURCES if "list" in name
    )
    (story,) = group(one, other)
    assert (story.reply_count, len(story.places)) == (4, 1)


def test_announcement_on_list_blog_and_planet_is_one_story_led_by_the_blog() -> None:
    url = "https://blog.kiln.example/curves"
    own = post("curves", "Curves that survive a power cut", LONG, published_at=ago(days=2))
    copy = post(
        "p1", "Noor Haddad: Curves that survive a power cut", LONG, source="planet", url=url + "/?utm_source=planet"
    )
    told = mail(
        "x", "[dev] New: curves that survive", "Read about it at " + url, links=(url,), published_at=ago(days=1)
    )
    (story,) = group(copy, told, own)
    assert story.lead == own
    assert story.title == "Curves that survive a power cut"
    assert [place.label for place in story.places] == ["blog", "thread"]


def test_a_mail_that_only_mentions_a_post_is_another_story() -> None:
    own = post("curves", "Curves that survive a power cut", LONG)
    url = own.url or ""
    text = "We should talk about the budget of the next meeting. " * 12
    aside = mail("x", "Budget of the winter meeting", text + url, links=(url,))
    assert len(group(own, aside)) == 2


def test_a_mail_that_links_many_items_is_a_digest_and_joins_none() -> None:
    posts = [
        post(f"p{number}", f"Post of the {word} day", LONG[number:])
        for number, word in enumerate(("first", "wet", "last", "odd"))
    ]
    digest = mail("d", "Post of the week", "short", links=tuple(each.url or "" for each in posts))
    assert all(digest not in story.items or len(story.items) == 1 for story in group(digest, *posts))


def test_a_thread_about_a_change_joins_it() -> None:
    review = change(11, "Keep the curve after a power cut", published_at=ago(days=4))
    told = mail("x", "[dev] Keep the curve after a power cut: please review", "See below", links=(review.url or "",))
    (story,) = group(told, review)
    assert [place.label for place in story.places] == ["review", "thread"]


def test_a_copy_is_led_by_what_it_names_and_its_author_is_the_real_one() -> None:
    text = "This post originates from Mira Sandoval at https://oddclay.example/42. I have copied it here: " + LONG
    copy = post(
        "copy", "Firing without a cone", text, author=Person("Blog Keeper"), links=("https://oddclay.example/42",)
    )
    (story,) = group(copy)
    assert story.author == Person("Mira Sandoval")
    assert story.url == "https://oddclay.example/42"
    assert [place.url for place in story.places] == ["https://oddclay.example/42", copy.url]


def test_a_copied_mail_is_led_by_the_mail() -> None:
    told = mail("m", "[dev] The new front panel", LONG, author=Person("Devi Rao", "devi"), published_at=ago(days=5))
    text = f"Devi Rao posted news at {told.url}. The complete posting is also reproduced here: {LONG}"
    copy = post("panel", "A new panel", text, links=(told.url or "",))
    (story,) = group(copy, told)
    assert story.lead == told
    assert story.author == Person("Devi Rao", "devi")


@pytest.mark.parametrize(("days", "count"), [(0, 1), (24, 2)])
def test_equal_titles_of_five_words_join_sources_within_three_weeks(days: int, count: int) -> None:
    one = post("a", "How to read a cone", "x", published_at=ago(days=days + 1))
    other = post(
        "b", "Re: How to read a cone!", "y", source="press", url="https://other.example/b", published_at=ago(days=1)
    )
    assert len(group(one, other)) == count


def test_short_equal_titles_do_not_join() -> None:
    assert len(group(post("a", "Weekly notes"), post("b", "Weekly notes", source="planet"))) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Minutes of the weekly meeting #12", "Minutes of the weekly meeting #13"),
        ("Kiln 3.1 of the long autumn", "Kiln 3.2 of the long autumn"),
        ("Kiln 4.0 rc1 ready to be tested", "Kiln 4.0 rc2 ready to be tested"),
        ("Proposal 9 of curves is under review", "Proposal 9 of curves is accepted"),
    ],
)
def test_numbered_series_and_living_pages_are_not_repeats(first: str, second: str) -> None:
    url = "https://blog.kiln.example/living"
    assert len(group(post("a", first, LONG, url=url), post("b", second, LONG, url=url, source="planet"))) == 2


def test_one_date_of_a_repeated_event_is_not_the_other() -> None:
    url = "https://blog.kiln.example/evening"
    one, other = (post(str(day), "Open kiln evening", url=url, event=Event(date(2026, 10, day))) for day in (20, 27))
    assert len(group(one, other)) == 2


def test_a_source_that_repeats_a_form_letter_tells_several_stories() -> None:
    one, other = (mail(name, f"Nightly build of {name}", LONG) for name in ("wheel", "clay"))
    assert len(group(one, other)) == 2
    assert len(group(one, post("x", "Something of a build", LONG))) == 1


def test_front_pages_join_nothing() -> None:
    one, other = (
        post(name, name, url="https://kiln.example/", source=source) for name, source in (("a", "blog"), ("b", "press"))
    )
    assert len(group(one, other)) == 2


def test_decisions_of_an_editor_stand_above_all_signals() -> None:
    one, other = mail("a", "Cooling"), mail("b", "Re: Cooling", answers="a")
    third = post("c", "Something else")
    assert len(group(one, other, apart=((other.id, one.id),))) == 2
    (story,) = group(one, third, merge=((one.id, third.id),))
    assert story.because == ("an editor joined them",)
    stories = group(one, other, third, merge=((one.id, third.id),), apart=((third.id, other.id),))
    assert sorted(len(story.items) for story in stories) == [1, 2]


def test_what_a_rule_calls_a_copy_joins_the_page_it_links() -> None:
    own = post("curves", "Curves that survive", LONG)
    copy = mail("x", "A word on firing", "other words " * 80, links=(own.url or "",))
    assert len(group(own, copy)) == 2
    assert len(group(own, copy, merge_marks={copy.id})) == 1


def test_ids_outlive_regrouping_and_are_never_shared() -> None:
    one, other, third = (
        mail("a", "Cooling"),
        mail("b", "Re: Cooling", answers="a"),
        mail("c", "Re: Cooling", answers="a"),
    )
    (first,) = group(one)
    (again,) = group(one, other, known={one.id: first.id})
    assert again.id == first.id
    known = {each.id: first.id for each in (one, other, third)}
    split = group(one, other, third, known=known, apart=((one.id, other.id), (one.id, third.id)))
    assert len({story.id for story in split}) == len(split)
    assert first.id in {story.id for story in split}


def test_the_order_of_the_items_does_not_matter() -> None:
    items = [
        mail(str(number), f"Talk {number}", answers=str(number - 1) if number % 3 else None) for number in range(30)
    ]
    items += [post(str(number), f"About the {number} little things", LONG) for number in range(5)]
    shuffled = random.Random(1).sample(items, len(items))
    assert group(*items) == group(*shuffled)


def test_unknown_dates_are_no_obstacle() -> None:
    one = replace(post("a", "How to read a cone"), published_at=None)
    other = post("b", "How to read a cone", source="press", url="https://other.example/b")
    (story,) = group(one, other)
    assert story.lead == other or story.lead == one
    assert story.first_at == other.published_at
