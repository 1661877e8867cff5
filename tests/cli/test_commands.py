"""The commands as a user calls them: exit codes, what stands on stdout and on stderr."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from newsletter.cli import main
from newsletter.jobs.lock import only_one
from newsletter.web.api_shapes import Item
from tests.loopback import Web, atom, serving

ONE = ("one", "The bridge opens", "2025-10-13T09:00:00Z", "The bridge over the river opens on a sunny day.")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Newsletter = Callable[..., Ended]


@pytest.fixture
def newsletter(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Newsletter:
    """Runs one command in this process, from its words to its exit code."""

    def call(*words: str | Path, **environ: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, words)])
        monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)
        for name, value in {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", **environ}.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return call


def home_with(folder: Path, web: Web, more: str = "") -> Path:
    web["/planet.xml"] = atom(ONE)
    (folder / "feeds.yaml").write_text(
        "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"
        f"  - name: Planet\n    url: {web.base}/planet.xml\n{more}"
    )
    return folder


def test_init_check_and_a_second_init(newsletter: Newsletter, tmp_path: Path) -> None:
    home = tmp_path / "weekly"
    made = newsletter("init", home)
    assert made.returncode == 0
    assert (home / "feeds.yaml").is_file()
    checked = newsletter("check", "--home", home)
    assert checked.returncode == 0
    assert checked.stdout.startswith("feeds.yaml is well: ")
    again = newsletter("init", home)
    assert again.returncode == 1
    assert "stays as it is" in again.stderr


def test_check_tells_every_mistake_and_what_holds_meanwhile(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        (home / "feeds.yaml").write_text((home / "feeds.yaml").read_text() + "    secton: general\n    wieght: 3\n")
        checked = newsletter("check", "--home", home)
        assert checked.returncode == 1
        lines = checked.stdout.splitlines()
        assert lines[0] == 'feeds.yaml:7: "secton" is not something a source can have. Did you mean "section"?'
        assert lines[1] == 'feeds.yaml:8: "wieght" is not something a source can have. Did you mean "weight"?'
        assert lines[2].startswith("2 to mend; there is no good version yet")
        built = newsletter("build", "--home", home)
        assert (built.returncode, built.stdout) == (1, "")


def test_build_ends_in_an_issue_and_names_the_source_that_failed(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web, f"  - name: Broken\n    kind: feed\n    url: {web.base}/none.xml\n")
        built = newsletter("build", "--home", home, "--week", "2025-W42")
    assert built.returncode == 3
    assert "Issue 1: The bridge opens" in built.stdout
    assert " answers 404 Not Found. Look at the address in a browser" in built.stderr
    assert (home / "data" / "issues" / "0001" / "issue.eml").is_file()
    rebuilt = newsletter("rebuild", "1", "--home", home)
    assert rebuilt.returncode == 0
    assert rebuilt.stdout == "Issue 1 is the same, byte for byte: 7 files.\n"


def test_the_halves_of_build_one_at_a_time(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        assert newsletter("gather", "Planet", "--home", home, "--since", "2025-10-01").returncode == 0
    note = tmp_path / "note.txt"
    note.write_text("Dear all.")
    drafted = newsletter(
        *("draft", "--home", home, "--from", "2025-10-10", "--to", "2025-10-16", "--note", f"@{note}", "--by", "Ada")
    )
    assert drafted.returncode == 0, drafted.stderr
    assert "Draft of issue 1: 1 entry," in drafted.stdout
    out = tmp_path / "out"
    assert newsletter("render", "1", "--home", home, "--out", out).returncode == 0
    text = (out / "email.txt").read_text()
    assert "Dear all." in text
    assert "Ada" in text


def test_json_is_all_that_stands_on_stdout(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        built = newsletter("build", "--home", home, "--week", "2025-W42", "--json")
        assert json.loads(built.stdout)["number"] == 1
        shown = newsletter("preview", f"{web.base}/planet.xml", "--json")
        items = [json.loads(line) for line in shown.stdout.splitlines()]
        assert [item["title"] for item in items] == ["The bridge opens"]
        assert items[0]["kind"] == "feed"
        assert TypeAdapter(list[Item]).validate_python(items, strict=True) == items
        health = json.loads(newsletter("sources", "--home", home, "--json").stdout)
    assert [(each["name"], each["kind"], each["reader"], each["state"]) for each in health] == [
        ("Planet", "feed", "feed", "ok")
    ]
    assert list(health[0]) == [
        "name", "kind", "reader", "state", "state_reason", "items_count", "last_new_at", "checked_at", "next_at",
    ]  # fmt: skip


def test_a_mistake_later_leaves_the_last_good_version_in_force(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        assert newsletter("gather", "--home", home).returncode == 0
        with (home / "feeds.yaml").open("a") as file:
            file.write("    wieght: 3\n    secton: general\n")
        again = newsletter("gather", "Planet", "--home", home)
    assert again.returncode == 1
    first, *others = again.stderr.splitlines()
    assert first.startswith("2 mistakes in feeds.yaml; “newsletter check” tells them. The last good version, of ")
    assert not any("wieght" in line for line in others)
    assert "Planet" in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["build", "--week", "2011-08"], 2, "is not a week"),
        (["build", "--week", "2011-W08", "--from", "2011-02-01"], 2, "not both"),
        (["build", "--from", "2011-02-01"], 2, "go together"),
        (["gather", "Nobody"], 1, "There is no source “Nobody”"),
        (["gather", "--since", "yesterday"], 2, "is not a date"),
        (["render", "9"], 1, "There is no issue 9."),
        (["rebuild", "9"], 1, "There is no issue 9."),
        (["bild"], 2, "Did you mean “build”?"),
        (["build", "--wek", "x"], 2, "--week"),
        (["build", "--week", "2999-W01"], 2, "This period begins on 2998-12-27 18:00 UTC: nothing can be in its issue"),
        (["draft", "--from", "2999-01-01", "--to", "2999-01-08"], 2, "Name one that has begun."),
        (["preview", "no-such-file.xml"], 1, "neither a web address"),
        (["preview", "https://example.org/x", "--kind", "rss feed"], 2, "There is no kind"),
    ],
)
def test_what_cannot_be_meant_is_said_in_words(
    newsletter: Newsletter, tmp_path: Path, words: list[str], code: int, says: str
) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        more = [] if words[0] in ("bild", "preview") else ["--home", str(home)]
        ended = newsletter(*words, *more)
    assert ended.returncode == code
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["mysql://x", "postgresql+psycopg://nobody@127.0.0.1:1/x", "?"])
def test_a_database_that_cannot_be_used_is_said_in_a_line(newsletter: Newsletter, tmp_path: Path, url: str) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        ended = newsletter("sources", "--home", home, NEWSLETTER_DATABASE_URL=url)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip()


def test_no_home_says_how_to_make_one(newsletter: Newsletter, tmp_path: Path) -> None:
    ended = newsletter("build", "--home", tmp_path)
    assert ended.returncode == 1
    assert "newsletter init DIR" in ended.stderr


def test_sources_that_were_never_read_have_a_sign_of_their_own(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        told = newsletter("sources", "--home", home).stdout.splitlines()
        assert told[0] == "1 source · 0 well · 1 not read yet · 0 with a word to say"
        assert told[1].startswith("· Planet  new ")
        assert told[1].endswith("  not read yet")
        newsletter("gather", "--home", home)
        told = newsletter("sources", "--home", home).stdout.splitlines()
    assert told[0] == "1 source · 1 well · 0 with a word to say"
    assert told[1].split() == ["✓", "Planet", "ok", "1", "item"]


def test_run_is_refused_where_it_runs_already_and_gather_is_not(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        with only_one(home):
            second = newsletter("run", "--home", home)
            assert (second.returncode, second.stdout) == (1, "")
            assert f"runs already as process {os.getpid()}. Stop that one first" in second.stderr
            assert newsletter("gather", "--home", home).returncode == 0


def test_check_looks_for_files_and_build_does_without_them(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web, "  - name: Old mails\n    kind: mbox\n    file: old.mbox\n")
        checked = newsletter("check", "--home", home)
        assert checked.returncode == 1
        assert checked.stdout.startswith(f"feeds.yaml:9: There is no file {home}/old.mbox. Put it there")
        assert checked.stdout.endswith("1 to mend; the other sources are read meanwhile.\n")
        assert newsletter("build", "--home", home, "--week", "2025-W42").returncode == 3


def test_schedule_tells_the_next_runs(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        told = newsletter("schedule", "--home", home_with(tmp_path, web))
    assert told.returncode == 0
    assert "UTC  read Planet" in told.stdout
    assert "make the draft of the issue for Fri" in told.stdout


def test_preview_shows_the_newest_and_counts(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        web["/planet.xml"] = atom(ONE)
        told = newsletter("preview", f"{web.base}/planet.xml").stdout
        assert told.splitlines()[-1] == "1 item, read as “feed”. Nothing was stored."
        web["/planet.xml"] = atom(
            *((str(at), f"Post {at}", f"2025-10-{at:02d}T09:00:00Z", "Words.") for at in range(1, 31))
        )
        lines = newsletter("preview", f"{web.base}/planet.xml").stdout.splitlines()
    assert lines[-2:] == ["20 of 30 shown; --json prints all.", "30 items, read as “feed”. Nothing was stored."]
    assert (lines[0], len(lines)) == ("2025-10-11  Post 11  (Ada Obi)", 22)


def test_preview_tells_when_events_begin_and_what_a_list_names(newsletter: Newsletter, tmp_path: Path) -> None:
    fair = tmp_path / "fair.ics"
    begins = ("DTSTART:20900301T173000Z", "DTSTART;TZID=Europe/Berlin:20900302T180000", "DTSTART:20900303")
    events = "".join(
        f"BEGIN:VEVENT\nUID:{at}\n{line}\nSUMMARY:Fair {at}\nEND:VEVENT\n" for at, line in enumerate(begins)
    )
    fair.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    assert newsletter("preview", fair).stdout.splitlines()[:3] == [
        "2090-03-01 17:30 UTC  Fair 0",
        "2090-03-02 18:00 UTC+1  Fair 1",
        "2090-03-03  Fair 2",
    ]
    team = tmp_path / "team.opml"
    team.write_text('<opml><body><outline text="Ada" type="rss" xmlUrl="https://ada.example/f.xml"/></body></opml>')
    assert newsletter("preview", team).stdout == (
        "Ada  https://ada.example/f.xml\n"
        "1 source that it names, read as “opml”. None of them was asked, nothing was stored.\n"
    )


@pytest.mark.slow
def test_as_a_module_and_for_a_reader_who_leaves() -> None:
    told = subprocess.run(
        f"{sys.executable} -m newsletter --help | head -1", shell=True, capture_output=True, text=True, check=True
    )
    assert told.stdout == "Usage: python -m newsletter [OPTIONS] COMMAND [ARGS]...\n"
    assert told.stderr == ""


def test_an_archive_that_is_broken_or_empty_says_so(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        broken, empty = "  - name: Broken\n    file: bad.mbox.gz\n", "  - name: Empty\n    file: empty.mbox\n"
        home = home_with(tmp_path, web, broken + empty)
        (home / "bad.mbox.gz").write_bytes(b"\x1f\x8bjunk")
        (home / "empty.mbox").touch()
        gathered = newsletter("gather", "--home", home)
    assert gathered.returncode == 3
    assert f"“Broken” ({home / 'bad.mbox.gz'}): the packed archive ends in the middle" in gathered.stderr
    assert "empty.mbox is empty: no mail is in it" in gathered.stderr
    for words in ((home / "bad.mbox.gz",), (home / "bad.mbox.gz", "--kind", "mbox")):
        assert newsletter("preview", *words).returncode == 1
    looked = newsletter("preview", home / "empty.mbox")
    assert (looked.returncode, "is empty" in looked.stderr) == (0, True)
    assert looked.stdout.startswith("0 items, read as")
