"""feeds.yaml saved by the program: whole, with its rights, with its history, and never over another's change."""

import os
import threading
from pathlib import Path

import pytest

from newsletter.config.splice import add_source, set_key
from newsletter.errors import ConfigError, FeedsChanged, NotFound, WrongState
from newsletter.pipeline.app import Newsletter, read_again
from newsletter.pipeline.feeds_file import (
    BY_HAND,
    differences,
    go_back_to,
    read_feeds,
    save_feeds,
    version_text,
    versions,
)
from tests.pipeline.conftest import Home

FEEDS = """\
# ours
sources:
  - name: A
    url: https://a.example/feed
    weight: 1

rules:
  - name: R
    match: {title: x}
    drop: yes
"""
NEW = ["name: B", "url: https://b.example/feed"]


def told(app: Newsletter) -> list[tuple[int, str, str]]:
    return [(each.number, each.by, each.note) for each in versions(app)]


def test_saving_keeps_a_version_and_a_file_by_hand_is_one_too(any_home: Home) -> None:
    any_home.write(FEEDS)
    with any_home.opened() as app:
        before = read_feeds(any_home.folder)
        saved = save_feeds(app, add_source(before.text, NEW), base_hash=before.hash, by="Ann", note="added B")
        assert (saved.number, saved.is_new, len(saved.config.sources)) == (2, True, 2)
        assert read_feeds(any_home.folder).hash == saved.hash
        assert told(app) == [(2, "Ann", "added B"), (1, BY_HAND, "")]
        assert version_text(app, 1) == before.text
        assert [line for line in dict(differences(app, 2))["feeds.yaml"] if line[0] in "+-"] == [
            "+  - name: B",
            "+    url: https://b.example/feed",
            "+",
        ]
        assert len(dict(differences(app, 1))["feeds.yaml"]) == len(before.text.splitlines()) + 1
        again = save_feeds(app, read_feeds(any_home.folder).text, base_hash=saved.hash, by="Ann")
        assert (again.number, again.is_new) == (2, False)
    any_home.write(FEEDS.replace("weight: 1", "weight: 9"))
    any_home.clock.move(hours=1)
    with any_home.opened() as app:
        assert told(app)[0] == (3, BY_HAND, "1 line written, 4 lines taken out")
        back = go_back_to(app, 2, "Bob", base_hash=read_feeds(app.home).hash)
        assert told(app)[0] == (4, "Bob", "back to version 2")
        assert back.hash == saved.hash
        assert [source.name for source in read_again(app).config.sources] == ["A", "B"]
        with pytest.raises(NotFound, match="no version 9"):
            go_back_to(app, 9, "Bob", base_hash=read_feeds(app.home).hash)


def test_a_file_with_mistakes_is_refused_and_nothing_is_changed(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        before = read_feeds(home.folder)
        with pytest.raises(ConfigError) as caught:
            save_feeds(app, before.text.replace("weight: 1", "weight: much"), base_hash=before.hash, by="Ann")
        assert [problem.line for problem in caught.value.problems] == [8]
        assert read_feeds(home.folder) == before
        assert len(versions(app)) == 1


def test_a_broken_file_can_be_mended_and_is_no_version(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        home.write(FEEDS.replace("weight: 1", "weight: much"))
        broken = read_feeds(home.folder)
        mended = set_key(broken.text, ("sources", "A"), "weight", "2")
        assert save_feeds(app, mended, base_hash=broken.hash, by="Ann").number == 2


def test_a_change_by_another_is_told_with_both_in_one_where_they_do_not_touch(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        base = read_feeds(home.folder)
        theirs = base.text.replace("# ours", "# everybody's")
        saved = save_feeds(app, theirs, base_hash=base.hash, by="Bob")
        mine = add_source(base.text, NEW)
        with pytest.raises(FeedsChanged) as caught:
            save_feeds(app, mine, base_hash=base.hash, by="Ann")
        fault = caught.value
        assert (fault.editor, fault.number, fault.theirs, fault.clashes) == ("Bob", saved.number, theirs, ())
        assert fault.both == mine.replace("# ours", "# everybody's")
        assert read_feeds(home.folder).text == theirs
        assert save_feeds(app, fault.both, base_hash=saved.hash, by="Ann").number == 3


def test_changes_of_one_line_clash(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        base = read_feeds(home.folder)
        home.write(FEEDS.replace("weight: 1", "weight: 5"))
        with pytest.raises(FeedsChanged, match="changed on the disk since") as caught:
            save_feeds(app, base.text.replace("weight: 1", "weight: 9"), base_hash=base.hash, by="Ann")
        assert caught.value.both is None
        assert caught.value.clashes == ((8, "    weight: 1\n", "    weight: 9\n", "    weight: 5\n"),)
        with pytest.raises(FeedsChanged) as unknown:
            save_feeds(app, base.text + "# mine\n", base_hash="f" * 64, by="Ann")
        assert (unknown.value.both, unknown.value.clashes) == (None, ())


def test_rights_links_breaks_and_marks_stay(home: Home, tmp_path: Path) -> None:
    home.write(FEEDS)
    path = home.folder / "feeds.yaml"
    kept = home.folder / "kept" / "ours.yaml"
    kept.parent.mkdir()
    kept.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    kept.chmod(0o640)
    path.unlink()
    path.symlink_to("kept/ours.yaml")
    with home.opened() as app:
        base = read_feeds(home.folder)
        save_feeds(app, add_source(base.text, NEW), base_hash=base.hash, by="Ann")
    assert path.is_symlink()
    assert (kept.stat().st_mode & 0o777, kept.read_bytes()[:3]) == (0o640, b"\xef\xbb\xbf")
    assert kept.read_bytes().count(b"\n") == kept.read_bytes().count(b"\r\n") > 10
    assert [each.name for each in kept.parent.iterdir()] == ["ours.yaml"]


def test_a_disk_that_refuses_leaves_all_as_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        base = read_feeds(home.folder)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(WrongState, match=r"No space left on device. It is as it was"):
            save_feeds(app, base.text + "# mine\n", base_hash=base.hash, by="Ann")
        assert read_feeds(home.folder) == base
        assert len(versions(app)) == 1
        assert not list(home.folder.glob(".feeds*"))


@pytest.mark.slow
def test_of_many_who_save_at_once_each_is_told_or_kept(any_home: Home) -> None:
    any_home.write(FEEDS)
    with any_home.opened() as app:
        base = read_feeds(any_home.folder)
        came: list[str] = []

        def save(number: int) -> None:
            try:
                save_feeds(app, base.text + f"# {number}\n", base_hash=base.hash, by=f"editor {number}")
                came.append("kept")
            except FeedsChanged:
                came.append("told")

        threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(came) == ["kept", *["told"] * 7]
        assert len(versions(app)) == 2
