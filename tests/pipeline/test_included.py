"""A home whose feeds.yaml includes others: noticed, saved, kept in its history, in snapshots, in backups."""

from pathlib import Path

import pytest

from newsletter.config.splice import add_source
from newsletter.errors import ConfigError, FeedsChanged, NotFound, WrongState
from newsletter.pipeline.app import open_newsletter, read_again
from newsletter.pipeline.backup import write_backup
from newsletter.pipeline.current import CurrentNewsletter, Surroundings
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.export import export
from newsletter.pipeline.feeds_file import (
    BY_HAND,
    differences,
    go_back_to,
    read_feeds,
    save_feeds,
    version_text,
    versions,
    whole_hash,
)
from newsletter.pipeline.in_force import config_in_force
from newsletter.pipeline.looking import look_into, read_feeds_file
from newsletter.pipeline.publish import render_files
from newsletter.pipeline.rebuild import rebuild_issue
from newsletter.pipeline.restore import restore
from newsletter.pipeline.times import week_period
from newsletter.pipeline.trying import try_issues
from tests.loopback import atom
from tests.pipeline.conftest import Home

MAIN = "include: more/*.yaml\nsources:\n  - name: Own\n    kind: feed\n    url: {web}/own.xml\n"
MORE = "# theirs\nsources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
RULE = "rules:\n  - name: No songs\n    match:\n      title: song\n    drop: yes\n"
NAME = "more/planet.yaml"


@pytest.fixture
def split(home: Home) -> Home:
    """A home with one included file."""
    (home.folder / "more").mkdir()
    home.write(MAIN)
    put(home, MORE)
    return home


def put(home: Home, text: str, name: str = NAME) -> None:
    (home.folder / name).write_text(text.replace("{web}", home.web.base))


def names(home: Home) -> list[str]:
    return [source.name for source in config_in_force(home.folder, home.environ)[0].sources]


def test_the_last_good_version_holds_with_all_that_it_included(split: Home) -> None:
    assert names(split) == ["Own", "Planet"]
    put(split, MORE.replace("name:", "nam:"))
    config, fault, since = config_in_force(split.folder, split.environ)
    assert [each.name for each in config.sources] == ["Own", "Planet"]
    assert isinstance(fault, ConfigError)
    assert fault.problems[0].file == NAME
    assert since is not None


def test_an_included_file_is_changed_alone_and_every_version_is_whole(split: Home) -> None:
    with split.opened() as app:
        before = read_feeds(split.folder, NAME)
        text = add_source(before.text, ["name: New", "url: https://new.example/f.xml"])
        saved = save_feeds(app, text, base_hash=before.hash, by="Ann", name=NAME)
        assert [source.name for source in saved.config.sources] == ["Own", "Planet", "New"]
        assert [source.name for source in read_again(app).config.sources] == ["Own", "Planet", "New"]
        assert [(each.number, each.by) for each in versions(app)] == [(2, "Ann"), (1, BY_HAND)]
        assert (version_text(app, 1, NAME), version_text(app, 2, NAME)) == (before.text, text)
        assert version_text(app, 1) == version_text(app, 2) == read_feeds(split.folder).text
        assert [line for line in dict(differences(app, 2))[NAME] if line[0] in "+-"][:2] == ["+", "+  - name: New"]
        assert (save_feeds(app, text, base_hash=saved.hash, by="Ann", name=NAME).is_new) is False
        back = go_back_to(app, 1, "Bob", base_hash=whole_hash(app.home))
        assert (read_feeds(split.folder, NAME).text, back.number) == (before.text, 3)
        assert go_back_to(app, 3, "Bob", base_hash=whole_hash(app.home)).is_new is False
        put(split, "# later\n", "more/z.yaml")
        with pytest.raises(WrongState, match=r"more/z\.yaml would be included, too, and was not there in version 2"):
            go_back_to(app, 2, "Bob", base_hash=whole_hash(app.home))


def test_mistakes_and_changes_of_others_stop_a_saving(split: Home) -> None:
    with split.opened() as app:
        opened = read_feeds(split.folder, NAME)
        with pytest.raises(ConfigError, match=r"more/planet\.yaml:3: "):
            save_feeds(app, opened.text.replace("Planet", "Own"), base_hash=opened.hash, by="Ann", name=NAME)
        put(split, MORE.replace("# theirs", "# ours"))
        with pytest.raises(FeedsChanged, match=r"more/planet\.yaml was changed on the disk since") as caught:
            save_feeds(app, f"{opened.text}# mine\n", base_hash=opened.hash, by="Ann", name=NAME)
        assert caught.value.both == MORE.replace("# theirs", "# ours").replace("{web}", split.web.base) + "# mine\n"


@pytest.mark.parametrize("name", ["more/other.yaml", "../feeds.yaml", "data/newsletter.db", "/etc/passwd"])
def test_no_other_file_is_read_or_written(split: Home, name: str) -> None:
    with split.opened() as app:
        with pytest.raises(NotFound, match=r"feeds\.yaml includes no file"):
            read_feeds(split.folder, name)
        with pytest.raises(NotFound, match=r"feeds\.yaml includes no file"):
            save_feeds(app, "sources:\n", base_hash="", by="Ann", name=name)


def test_a_change_of_an_included_file_or_a_new_one_is_noticed(split: Home) -> None:
    current = CurrentNewsletter(Surroundings(split.folder, split.environ, split.clock, {}))
    current.open()
    try:
        first = current.get()
        assert current.get() is first
        put(split, MORE + RULE)
        assert [rule.name for rule in current.get().config.rules] == ["No songs"]
        put(split, "sources:\n  - name: Third\n    url: https://c.example/f.xml\n", "more/third.yaml")
        assert [source.name for source in current.get().config.sources] == ["Own", "Planet", "Third"]
        put(split, MORE.replace("name:", "nam:"))
        assert current.get().problems[0].file == NAME
        put(split, MORE)
        assert not current.get().problems
        (split.folder / "more" / "third.yaml").unlink()
        assert [source.name for source in current.get().config.sources] == ["Own", "Planet"]
    finally:
        current.close()


def test_an_issue_is_made_again_whatever_the_files_say_by_now(split: Home) -> None:
    put(split, MORE + RULE)
    split.web["/own.xml"] = atom(("own", "Own news", "2026-10-12T09:00:00Z", "It is told."))
    split.web["/planet.xml"] = atom(
        ("song", "A river song", "2026-10-12T09:00:00Z", "La la."), ("gate", "A gate", "2026-10-13T09:00:00Z", "Open.")
    )
    split.gather()
    with split.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        assert {each.title for each in render_files(app, 1).issue.entries} == {"Own news", "A gate"}
    (split.folder / NAME).unlink()
    with split.opened() as app:
        made = render_files(app, 1)
        for name, content in made.files.items():
            (app.issue_folder(1) / name).write_bytes(content)
        assert rebuild_issue(app, 1).differing == ()
    put(split, MORE + RULE)
    with look_into(split.folder, environ=split.environ, now=split.clock) as shelf:
        path = split.folder / "feeds.yaml"
        same = try_issues(shelf, read_feeds_file(path, split.folder, split.environ), last=1, file=path.name)
        assert (same.changes_count, same.remarks) == (0, ())
        put(split, MORE)
        other = try_issues(shelf, read_feeds_file(path, split.folder, split.environ), last=1, file=path.name)
        assert [each.difference.entry.title for each in other.issues[0].changes] == ["A river song"]


def test_backups_and_exports_hold_all_files(split: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")
    with split.opened() as app:
        export(app, out / "export")
    written = (split.folder / NAME).read_bytes()
    assert (out / "export" / NAME).read_bytes() == written
    write_backup(split.folder, out / "copy", environ=split.environ, now=split.clock)
    restore(out / "copy", out / "again", environ=split.environ, now=split.clock)
    assert (out / "again" / NAME).read_bytes() == written
    with open_newsletter(out / "again", environ=split.environ, now=split.clock) as app:
        assert [source.name for source in app.config.sources] == ["Own", "Planet"]


def test_a_link_to_a_folder_elsewhere_is_not_written_through(
    split: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    with split.opened() as app:
        (split.folder / NAME).unlink()
        (split.folder / "more").rmdir()
        (split.folder / "more").symlink_to(elsewhere)
        with pytest.raises(ConfigError, match="leads out of the folder"):
            go_back_to(app, 1, "Ann", base_hash=whole_hash(app.home))
    assert list(elsewhere.iterdir()) == []
