import asyncio
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from newsletter.classify.sent_again import is_sent_again, may_be_sent_again
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import read_archive
from newsletter.model.item import Item, Person, Thread
from tests.classify.samples import SOURCES, ago, mail
from tests.corpus import CORPUS, needs_corpus

TEXT = (
    "I run a web application on an old server. It locks up on each request that takes longer than a second. "
    "I look for a server that uses threads and leaves the files alone. Which function is called when one comes in?"
)


def again(text: str = TEXT, *, title: str = "Only the core", days: float = 5, **values: object) -> tuple[Item, Item]:
    return (
        mail("a", "Only the core", TEXT, published_at=ago(days=days)),
        mail("b", title, text, published_at=ago(days=0), **values),
    )


def count(items: tuple[Item, ...]) -> int:
    return len(group_stories(items, context=StoryContext(sources=SOURCES)))


def test_a_mail_sent_again_under_nearly_the_same_title_is_one_story() -> None:
    sent = f"{TEXT}\n\n__________________________________\nBuy 3 dishwashers at dishes.example"
    (story,) = group_stories(again(sent, title="ONLY the core?"), context=StoryContext(sources=SOURCES))
    assert story.because == ("sent again",)


@pytest.mark.parametrize(
    "items",
    [
        again(days=30),
        again(TEXT.replace("a second", "9 seconds")),
        again("Thank you all. It works now, and I have written down how for those who come after me."),
        again(author=Person("Ben", "ben@kiln.example")),
        again(author=None),
    ],
)
def test_what_is_only_alike_stays_apart(items: tuple[Item, Item]) -> None:
    assert count(items) == 2


@pytest.mark.parametrize("title", ["Weekly meeting of the kiln team", "Reminder: the kiln is hot"])
def test_a_thing_of_every_week_is_told_every_week(title: str) -> None:
    items = tuple(mail(name, title, TEXT, published_at=ago(days=days)) for name, days in (("a", 7), ("b", 0)))
    assert count(items) == 2
    assert not may_be_sent_again(items[0])


def test_robots_and_words_of_a_day_are_no_second_attempt() -> None:
    robot = mail("a", "Build broken", TEXT, author=Person("Kiln CI", "ci-bot@kiln.example"))
    assert not may_be_sent_again(robot)
    assert not is_sent_again(*again("We meet tomorrow in the hall. " + TEXT))


def test_short_mails_have_to_be_equal() -> None:
    first, second = (mail(name, "Only the core", "Thanks!", published_at=ago(days=1)) for name in "ab")
    assert not is_sent_again(first, second)


@needs_corpus
def test_a_question_asked_twice_on_a_recorded_list_is_one_story() -> None:
    items = tuple(_threaded(asyncio.run(_recorded())))
    stories = group_stories(items, context=StoryContext(sources=SOURCES))
    asked = [story for story in stories if story.title.startswith("NEWBIE: how to use only")]
    assert [len(story.items) for story in asked] == [6]
    assert [story for story in stories if "sent again" in story.because] == asked


async def _recorded() -> list[Item]:
    text = gzip.decompress((CORPUS / "mail/pipermail/twisted-web/2004-January.txt.gz").read_bytes())
    parts = read_archive(text, MailSettings("dev-list", "mailing list"), is_pipermail=True)
    return [item async for part in parts for item in part.items]


def _threaded(items: Iterable[Item]) -> Iterator[Item]:
    """Each with its thread, as far as it names one itself."""
    roots: dict[str, str] = {}
    for item in items:
        root = next((roots.get(key, key) for key in item.in_reply_to), item.native_keys[0])
        roots[item.native_keys[0]] = root
        yield replace(item, thread=Thread(root))
