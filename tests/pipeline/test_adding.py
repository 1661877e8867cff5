"""A source by its address: what is found, what is warned of, what is written, and that no flood comes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import ConfigError, FetchError, NotReadable, UsageError
from newsletter.model.period import Period
from newsletter.pipeline.adding import Probe, add, free_name, probe
from newsletter.pipeline.draft import collect, make_draft
from newsletter.pipeline.feeds_file import read_feeds, versions
from newsletter.store.sources import load_states
from tests.loopback import atom
from tests.pipeline.conftest import NOW, Home

ONES = [(f"p{n}", f"Post {n}", f"2026-10-{n:02}T09:00:00Z", f"Text of the post number {n}.") for n in range(1, 15)]
FEEDS = """\
sources:
  - name: Planet  # ours
    url: {web}/planet.xml

rules:
  - name: R
    match: {title: zz}
    drop: yes
"""
UNDATED = "<rss version='2.0'><channel><title>Plain &amp; old</title>{}</channel></rss>"


def page(*links: tuple[str, str], title: str = "A blog") -> str:
    made = "".join(f"<link rel='alternate' type='application/rss+xml' title='{t}' href='{h}'>" for h, t in links)
    return f"<!doctype html><html><head><title>{title}</title>{made}</head><body><p>Hello.</p></body></html>"


def rss(*keys: str) -> str:
    entries = "".join(
        f"<item><guid>{key}</guid><title>{key} says</title><link>https://o.example/{key}</link></item>" for key in keys
    )
    return UNDATED.format(entries)


@pytest.fixture
def begun(home: Home) -> Home:
    home.web["/planet.xml"] = atom(*ONES[:3])
    home.write(FEEDS)
    return home


def test_a_feed_is_looked_at_and_nothing_is_stored(begun: Home) -> None:
    begun.web["/new.xml"] = atom(*ONES, title="Bees, etc.: the blog")
    with begun.opened() as app:
        before = read_feeds(begun.folder)
        found = probe(app, f"{begun.web.base}/new.xml")
        assert (found.kind, found.reader, found.title, found.name) == ("feed", "feed", *["Bees, etc.: the blog"] * 2)
        assert [item.title for item in found.newest] == [f"Post {n}" for n in (14, 13, 12, 11, 10)]
        assert (found.items_count, found.newest_at) == (14, datetime(2026, 10, 14, 9, tzinfo=UTC))
        assert found.per_week == 6.8
        assert (found.overlaps, found.is_there, found.choices, found.page) == ((), "", (), "")
        assert read_feeds(begun.folder) == before
        assert [path for path, _ in begun.web.asked].count("/new.xml") == 1
        with app.database.reading() as db:
            assert list(load_states(db)) == ["planet"]


def test_the_one_feed_behind_a_page(begun: Home) -> None:
    begun.web["/blog"] = page(("/feed", "Posts"))
    begun.web["/feed"] = rss("a", "b")
    begun.web.types["/blog"] = "text/html"
    with begun.opened() as app:
        found = probe(app, f"{begun.web.base}/blog")
    assert (found.address, found.page) == (f"{begun.web.base}/feed", f"{begun.web.base}/blog")
    assert (found.title, found.items_count, found.per_week, found.newest_at) == ("Plain & old", 2, None, None)


def test_a_page_with_two_feeds_needs_a_choice(begun: Home) -> None:
    begun.web["/blog"] = page(("/comments/feed", "Comments"), ("/feed", "Posts"))
    begun.web.types["/blog"] = "text/html"
    with begun.opened() as app:
        found = probe(app, f"{begun.web.base}/blog")
        assert found.needs_choice
        assert [(each.url.removeprefix(begun.web.base), each.title) for each in found.choices] == [
            ("/feed", "Posts"),
            ("/comments/feed", "Comments"),
        ]
        with pytest.raises(UsageError, match="names 2 feeds"):
            add(app, found, by="Ann")


def test_a_page_that_only_links_its_feed_and_one_that_has_none(begun: Home) -> None:
    begun.web["/a"] = "<!doctype html><html><head><title>A</title></head><body><a href='/rss.xml'>RSS</a></body></html>"
    begun.web["/rss.xml"] = rss("a")
    begun.web["/b"] = (
        "<!doctype html><html><head><title>B page</title></head><body><h2>One</h2><p>Words.</p></body></html>"
    )
    begun.web.types.update({"/a": "text/html", "/b": "text/html"})
    begun.web["/robots.txt"] = ""
    with begun.opened() as app:
        assert probe(app, f"{begun.web.base}/a").address == f"{begun.web.base}/rss.xml"
        found = probe(app, f"{begun.web.base}/b")
    assert (found.kind, found.title) == ("web page", "B page")


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<html><form><input type='password'></form></html>", "people sign in"),
        ("<html><p>Buy this domain now.</p></html>", "offers the domain 127.0.0.1 for sale"),
    ],
)
def test_a_page_on_which_there_is_nothing_to_watch_is_not_proposed(begun: Home, html: str, said: str) -> None:
    begun.web["/page"] = html
    begun.web.types["/page"] = "text/html"
    with begun.opened() as app, pytest.raises(NotReadable, match=said):
        probe(app, f"{begun.web.base}/page")


def test_a_feed_that_breaks_off_is_not_proposed_or_says_so(begun: Home) -> None:
    begun.web["/cut.xml"] = "<rss><channel><title>Br"
    begun.web["/half.xml"] = rss("a", "b")[:-60]
    with begun.opened() as app:
        with pytest.raises(NotReadable, match="breaks off before its first entry"):
            probe(app, f"{begun.web.base}/cut.xml")
        assert "breaks off in the middle" in probe(app, f"{begun.web.base}/half.xml").warnings[0]


def test_a_source_that_carries_the_same_is_named(begun: Home) -> None:
    begun.gather()
    begun.web["/mirror.xml"] = atom(*ONES[:4], title="Mirror")
    with begun.opened() as app:
        found = probe(app, f"{begun.web.base}/mirror.xml")
        assert [(each.name, each.shared, each.of) for each in found.overlaps] == [("Planet", 3, 4)]
        begun.web["/planet.xml?utm_source=x"] = atom(*ONES[:3])
        assert probe(app, f"{begun.web.base}/planet.xml?utm_source=x").is_there == "Planet"


def test_of_an_address_that_moved_for_good_the_new_one_is_taken(begun: Home) -> None:
    base = begun.web.base
    begun.web["/now.xml"] = atom(*ONES[4:9], title="Now")
    begun.web.statuses = {
        "/old.xml": (301, {"Location": f"{base}/now.xml"}),
        "/was.xml": (308, {"Location": f"{base}/planet.xml"}),
        "/today.xml": (302, {"Location": f"{base}/now.xml"}),
        "/front.xml": (301, {"Location": f"{base}/"}),
    }
    begun.web["/"] = atom(*ONES[4:9], title="Front")
    with begun.opened() as app:
        found = probe(app, f"{base}/old.xml")
        assert (found.address, found.is_there, found.title) == (f"{base}/now.xml", "", "Now")
        assert found.warnings == (f"{base}/old.xml has moved for good; the address it has now is {base}/now.xml.",)
        assert (probe(app, f"{base}/was.xml").is_there, probe(app, f"{base}/planet.xml").is_there) == ("Planet",) * 2
        for path in ("/today.xml", "/front.xml"):
            assert (probe(app, f"{base}{path}").address, probe(app, f"{base}{path}").warnings) == (f"{base}{path}", ())


def test_what_cannot_be_read_is_refused_in_words(begun: Home) -> None:
    with begun.opened() as app:
        begun.web.statuses = {"/ill.xml": (500, {}), "/gone.xml": (410, {})}
        for path, said in (
            ("/none.xml", "answers 404 Not Found. Look at the address in a browser, and write down the right one."),
            ("/ill.xml", r"answers 500 .*\. The server is in trouble; try again later."),
            ("/gone.xml", r"\. Find its new address."),
        ):
            with pytest.raises(FetchError, match=f"{said}$"):
                probe(app, f"{begun.web.base}{path}")
        with pytest.raises(FetchError, match="Look whether the address is right; if it is, try again later"):
            probe(app, "http://127.0.0.1:1/feed.xml")
        for text in ("file:///etc/passwd", "hello there", "", "ftp://x.example/"):
            with pytest.raises(UsageError, match="no web address"):
                probe(app, text)
    begun.environ = {}
    with begun.opened() as app, pytest.raises(FetchError, match="inside your network; the program does not read such"):
        probe(app, f"{begun.web.base}/planet.xml")


def test_the_lines_are_written_and_the_rest_stays(begun: Home) -> None:
    begun.web["/new.xml"] = atom(*ONES, title="Bees: the blog")
    with begun.opened() as app:
        before = read_feeds(begun.folder).text
        added = add(app, probe(app, f"{begun.web.base}/new.xml"), by="Ann", settings={"section": "news"})
        after = read_feeds(begun.folder).text
        assert (
            after.replace(
                '\n  - name: "Bees: the blog"  # 2026-10-15, Ann\n    kind: feed\n'
                f"    url: {begun.web.base}/new.xml\n    section: news\n",
                "",
            )
            == before
        )
        assert added.lines[0] == '- name: "Bees: the blog"  # 2026-10-15, Ann'
        assert next((each.by, each.note) for each in versions(app)) == ("Ann", "added “Bees: the blog”")
        found = probe(app, f"{begun.web.base}/planet.xml")
        with pytest.raises(UsageError, match="called “planet” already"):
            add(app, found, by="Ann", name="planet")
        with pytest.raises(ConfigError, match='There is no section "nws"'):
            add(app, Probe(f"{begun.web.base}/o.xml", kind="feed", name="O"), by="Ann", settings={"section": "nws"})


def test_a_name_that_is_taken_gets_a_number(begun: Home) -> None:
    with begun.opened() as app:
        assert [free_name(app, each) for each in ("Planet", "Other <b>", "")] == ["Planet 2", "Other b", "New source"]


def offered(home: Home) -> set[str]:
    with home.opened() as app, app.database.reading() as db:
        end = home.clock()
        return {each.item.title for each in collect(app, db, Period(end - timedelta(weeks=1), end)).candidates}


def first_issue(home: Home) -> None:
    home.gather()
    with home.opened() as app:
        make_draft(app, Period(NOW - timedelta(weeks=1), NOW))


def test_a_newsletter_that_begins_takes_what_there_is(begun: Home) -> None:
    begun.web["/old.xml"] = rss("old")
    with begun.opened() as app:
        assert not add(app, probe(app, f"{begun.web.base}/old.xml"), by="Ann").is_quiet
    begun.gather()
    begun.clock.move(hours=1)
    assert "old says" in offered(begun)


def test_no_flood_comes_of_a_new_source(begun: Home) -> None:
    first_issue(begun)
    begun.web["/old.xml"] = rss(*(f"old {n}" for n in range(60)))
    with begun.opened() as app:
        add(app, probe(app, f"{begun.web.base}/old.xml"), by="Ann")
    begun.clock.move(hours=3)
    begun.gather()
    begun.clock.move(hours=3)
    with begun.opened() as app, app.database.reading() as db:
        assert load_states(db)["plain-old"].items_count == 60
    assert not any(title.startswith("old") for title in offered(begun))
    begun.web["/old.xml"] = rss("brand new", *(f"old {n}" for n in range(60)))
    begun.gather()
    begun.clock.move(hours=1)
    assert {title for title in offered(begun) if "says" in title} == {"brand new says"}


def test_what_is_dated_from_a_day_on_is_news_if_that_is_wanted(begun: Home) -> None:
    first_issue(begun)
    begun.web["/new.xml"] = atom(*ONES, title="New")
    with begun.opened() as app:
        add(app, probe(app, f"{begun.web.base}/new.xml"), by="Ann", fresh_from=NOW - timedelta(days=3))
    begun.clock.move(hours=3)
    begun.gather()
    begun.clock.move(hours=1)
    assert {title for title in offered(begun) if title > "Post 12"} == {"Post 13", "Post 14"}
