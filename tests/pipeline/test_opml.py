"""Subscription lists in and out: nothing doubled, folders become sections where one fits, what goes out comes in."""

from pathlib import Path

import pytest

from newsletter.errors import FileFault, NotFound
from newsletter.fetch.opml import read_list
from newsletter.pipeline.app import read_again
from newsletter.pipeline.feeds_file import read_feeds, versions
from newsletter.pipeline.opml import export_list, import_list, read_listing
from tests.pipeline.conftest import Home

FEEDS = """\
sections:
  - id: dev
    title: Developer Community

sources:
  - name: Planet   # ours
    kind: feed
    url: https://planet.example/atom.xml
    section: dev
  - name: List
    kind: mailing list
    url: https://lists.example/pipermail/dev/
  - name: A "quoted" & <odd> one
    url: https://odd.example/feed?a=1&b=2
"""
LIST = """<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="developer community"><outline text="Ada: blog" type="rss" xmlUrl="https://ada.example/f.xml"/></outline>
<outline text="Planet" type="rss" xmlUrl="HTTPS://planet.example:443/atom.xml"/>
<outline text="Ada: blog" type="rss" xmlUrl="https://ada.example/other.xml"/>
<outline text="Ada again" type="rss" xmlUrl="https://ada.example/f.xml"/>
<outline type="rss" xmlUrl="https://nameless.example/f.xml"/>
<outline text="More" type="include" url="https://more.example/list.opml"/>
</body></opml>"""


def test_what_is_new_is_written_and_nothing_twice(home: Home, tmp_path: Path) -> None:
    home.write(FEEDS)
    path = tmp_path / "mine.opml"
    path.write_text(LIST)
    with home.opened() as app:
        before = read_feeds(home.folder).text
        listing = read_listing(app, path)
        assert read_feeds(home.folder).text == before
        done = import_list(app, path, by="Ann")
        assert done.listing == listing
        assert [(each.name, each.section) for each in listing.new] == [
            ("Ada: blog", "dev"),
            ("Ada: blog 2", None),
            ("nameless.example", None),
        ]
        assert [name for _, name in listing.there] == ["Planet"]
        assert listing.lists == ("https://more.example/list.opml",)
        after = read_feeds(home.folder).text
        assert after.startswith(before)
        assert '  - name: "Ada: blog"  # 2026-10-15, Ann\n    kind: feed\n' in after
        assert versions(app)[0].note == "3 feeds from mine.opml"
        again = import_list(read_again(app), path, by="Ann")
        assert (len(again.listing.new), len(again.listing.there)) == (0, 4)
        assert read_feeds(home.folder).text == after


def test_what_goes_out_is_a_list_that_comes_in_again(home: Home, tmp_path: Path) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        found = export_list(app)
        assert (found.count, found.left_out) == (2, ("List",))
        read = read_list(found.content)
        assert [(each.url, each.title, each.folders) for each in read.feeds] == [
            ("https://planet.example/atom.xml", "Planet", ("Developer Community",)),
            ("https://odd.example/feed?a=1&b=2", 'A "quoted" & <odd> one', ("Other sources",)),
        ]
        assert b'<opml version="2.0">' in found.content
        path = tmp_path / "out.opml"
        path.write_bytes(found.content)
        assert read_listing(app, path).new == ()


@pytest.mark.slow
def test_a_long_list_is_written_at_once(home: Home, tmp_path: Path) -> None:
    home.write(FEEDS)
    path = tmp_path / "long.opml"
    made = "".join(f'<outline text="Feed {n}" type="rss" xmlUrl="https://f{n}.example/x"/>' for n in range(300))
    path.write_text(f"<opml><body>{made}</body></opml>")
    with home.opened() as app:
        import_list(app, path, by="Ann")
        assert len(versions(app)) == 2
        assert len(read_again(app).config.sources) == 303


def test_what_is_no_list(home: Home, tmp_path: Path) -> None:
    home.write(FEEDS)
    path = tmp_path / "x.opml"
    with home.opened() as app:
        with pytest.raises(NotFound):
            read_listing(app, path)
        path.write_text("hello")
        with pytest.raises(FileFault, match="no list of feeds"):
            read_listing(app, path)
