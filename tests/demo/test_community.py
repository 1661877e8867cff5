import gzip
import re
from collections import Counter
from datetime import datetime, timedelta

from newsletter.demo.changes import all_changes
from newsletter.demo.clock import DEMO_NOW, LAST_LOOK, WEEK
from newsletter.demo.community import HOSTS, community_pages
from newsletter.demo.letters import letters
from newsletter.demo.people import members, read_document
from newsletter.demo.posts import posts

POSTS = ("planet", "blog", "nives", "tesfaye", "greta", "solar", "releases", "events", "press", "repair-cafes")
FORMATS = {"www.w3.org", "purl.org", "jsonfeed.org"}
HOST = re.compile(rb"https?://([^/\s\"'<>)\]&]+)")
MAIL = re.compile(rb"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")


def all_posts(name: str) -> list[datetime | None]:
    return [post.posted_at for post in posts(name, "https://drumlin.example/{key}")]


def items(of: str) -> list[datetime | None]:
    if of in ("dev", "announce", "users"):
        return [letter.sent_at for letter in letters(of)]
    if of == "reviews":
        return [change.updated_at for change in all_changes() if change.status == "MERGED"]
    return all_posts(of)


def plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_the_week_has_at_least_150_candidates_from_at_least_nine_sources() -> None:
    sources = ("dev", "announce", "users", "reviews", *POSTS)
    counts = Counter({of: sum(at is None or at in WEEK for at in items(of)) for of in sources})
    assert counts.total() >= 150
    assert sum(count > 0 for count in counts.values()) >= 9


def test_three_weeks_of_history_stand_before_it() -> None:
    sources = ("dev", "announce", "users", "reviews", *POSTS)
    for back in (1, 2, 3):
        start = WEEK.start - timedelta(weeks=back)
        found = sum(at is not None and start <= at < start + timedelta(weeks=1) for of in sources for at in items(of))
        assert 30 <= found <= 70, back


def test_nothing_happens_after_the_last_look() -> None:
    for of in ("dev", "announce", "users", "reviews", *POSTS):
        assert all(at < LAST_LOOK for at in items(of) if at), of
    assert LAST_LOOK in WEEK
    assert WEEK.end <= DEMO_NOW


def test_every_host_and_address_is_invented() -> None:
    for name, page in community_pages().items():
        body = plain(page.body)
        found = {host.decode().lower() for host in (*HOST.findall(body), *MAIL.findall(body))} - FORMATS
        strange = {host for host in found if not host.endswith(".example")}
        assert not strange, name


def test_every_host_that_serves_a_page_is_known() -> None:
    assert {name.partition("/")[0] for name in community_pages()} <= set(HOSTS)


def test_people_are_many_and_write_from_all_over_the_world() -> None:
    people = members().values()
    assert len(people) >= 45
    assert len({person.zone for person in people}) >= 12
    assert len({person.address for person in people}) == len(people)
    assert sum(not person.name.isascii() for person in people) >= 12


def test_the_same_announcement_stands_on_list_blog_and_planet() -> None:
    title = "Spin 2026 in Maribor: the programme is public"
    assert title in {letter.subject for letter in letters("announce")}
    for name in ("blog.drumlin.example/feed.rss", "planet.drumlin.example/atom.xml"):
        assert title.encode() in community_pages()[name].body


def test_a_post_was_copied_and_names_the_original() -> None:
    copy = next(post for post in posts("blog", "{key}") if "I have copied it here" in post.body)
    original = next(post for post in posts("nives", "https://nives.example/2026/{key}") if post.key == copy.key)
    assert original.url in copy.body
    assert original.body.split("\n\n")[0] in copy.body
    assert original.posted_at
    assert copy.posted_at
    assert original.posted_at < copy.posted_at


def test_the_traits_of_real_sources_are_there() -> None:
    announce = read_document("announce/all.txt")
    blog = read_document("posts/blog.txt")
    assert "later this month" in announce
    assert "close on 18 October 2026" in announce
    assert "release candidate" in announce
    assert "EUR 85 until 25 October, then EUR 115" in " ".join(announce.split())
    assert "[email protected]" in blog
    assert "per language are:\n\nSee you" in blog


def test_at_least_five_dates_are_still_to_come() -> None:
    found = posts("events", "{key}")
    days = [re.search(r"(\d+)(?:-\d+)? (October|November) 2026", post.body) for post in found]
    ahead = [day for day in days if day and (day[2] == "November" or int(day[1]) > DEMO_NOW.day)]
    assert len(ahead) >= 5
