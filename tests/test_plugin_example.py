"""The example of docs/plugins.md: built as a wheel, installed beside the program, gathered, written and sent with."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.store.database import Database
from newsletter.store.delivery_reports import counts as delivery_counts
from newsletter.store.mailings import known_mailing
from tests.loopback import Web, serving
from tests.mailed import add_readers

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "tests" / "data" / "plugin_example"
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
READERS = [f"reader{number}@example.org" for number in range(12)]
FEEDS = """\
newsletter:
  name: Town weekly
  from: Town <town@example.org>
sources:
  - name: The crier
    kind: town crier
    url: {web}/crier.txt
delivery:
  by: maildrop
  folder: drop
  at most per minute: 100000
  also write: gemini
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("wheel")]


@dataclass
class Town:
    """A home, the packages beside the program, and the web its source lies on."""

    folder: Path
    site: Path
    web: Web

    def run(self, *words: str, code: int = 0, program: str = "") -> str:
        """What a command says; ``program`` runs before it in the same process."""
        start = f"{program}\nfrom newsletter.cli import main\nmain()"
        path = os.pathsep.join(map(str, (self.site, ROOT)))
        environ = {**os.environ, "PYTHONPATH": path, "NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
        command = [sys.executable, "-c", start, *words, "--home", str(self.folder)]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database; this process has no such packages, and cannot open the newsletter itself."""
        opened = Database(f"sqlite:///{self.folder / 'data' / 'newsletter.db'}")
        try:
            yield opened
        finally:
            opened.close()

    def add_readers(self) -> None:
        """Everybody subscribes."""
        with self.database() as database:
            add_readers(database, READERS)

    def drop(self) -> Counter[str]:
        """The readers whose mails lie in the drop, and how many each."""
        return Counter(path.read_bytes().split(b"\n", 1)[0].decode() for path in (self.folder / "drop").glob("*.mail"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built as a wheel and installed into a folder, without asking anybody."""
    folder = tmp_path_factory.mktemp("example")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(EXAMPLE)]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--target", str(folder / "site")]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return folder / "site"


@pytest.fixture
def town(tmp_path: Path, site: Path) -> Iterator[Town]:
    with serving() as web:
        day = datetime.now(UTC) - timedelta(days=2)
        web["/crier.txt"] = f"{day:%Y-%m-%d}\thttps://town.example/bridge\tThe bridge opens\nnothing\n"
        web.types["/crier.txt"] = "text/plain"
        (tmp_path / "feeds.yaml").write_text(FEEDS.format(web=web.base))
        yield Town(tmp_path, site, web)


def test_the_page_shows_the_very_files_of_the_example() -> None:
    shown = dict(re.findall(r"`(\S+)`:\n\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
    files = {str(path.relative_to(EXAMPLE)): path.read_text() for path in EXAMPLE.rglob("*") if path.is_file()}
    files = {name: text for name, text in files.items() if not name.endswith(("__init__.py", ".pyc"))}
    assert shown == files


def test_from_the_wheel_to_the_readers(town: Town) -> None:
    assert "feeds.yaml is well: 1 source" in town.run("check")
    said = town.run("doctor")
    for line in (
        "The kind “town crier” of newsletter-town 1.2 can be used (“kind: town crier”).",
        "The target “gemini” of newsletter-town 1.2 can be used (“also write: gemini”).",
        "The delivery “maildrop” of newsletter-town 1.2 can be used (“by: maildrop”).",
    ):
        assert line in said
    today = datetime.now(UTC).date()
    period = ("--from", f"{today - timedelta(days=6)}", "--to", f"{today}")
    town.run("build", *period)
    folder = town.folder / "data" / "issues" / "0001"
    page = (folder / "page.gmi").read_text()
    assert "=> https://town.example/bridge The bridge opens" in page.splitlines()
    assert (town.folder / "data" / "site" / "issues" / "1" / "page.gmi").read_text() == page
    assert "no notice" in town.run("aside")
    town.run("rebuild", "1")
    town.add_readers()
    town.run("approve", "1", "--anyway", "--no-links")
    town.run("send", "1", "--now")
    assert town.drop() == Counter(READERS)
    counts(town, accepted=len(READERS))


def test_without_the_package_everything_else_goes_on(town: Town) -> None:
    town.run("build")
    town.add_readers()
    town.run("approve", "1", "--anyway", "--no-links")
    with_it, town.site = town.site, town.folder / "nothing"
    said = town.run("check", code=1)
    assert 'feeds.yaml:6: There is no kind "town crier".' in said
    assert 'feeds.yaml:9: by cannot be "maildrop".' in said
    assert "No installed package has the target “gemini”." in said
    assert said.count("A package that brought it may be missing: install it.") == 2
    for words in (("sources",), ("deliveries", "1"), ("schedule",), ("subscribers", "list"), ("aside",)):
        town.run(*words)
    assert "no installed package has the kind “town crier”" in town.run("gather", "The crier", code=3)
    with_site = (town.folder / "data" / "site" / "issues" / "1" / "index.html").read_text()
    assert "The bridge opens" in with_site
    said = town.run("send", "1", "--now", code=1)
    assert "No installed package has the delivery “maildrop”" in said
    assert not (town.folder / "data" / "outbox").exists()
    counts(town, queued=len(READERS))
    town.site = with_it
    town.run("send", "1", "--now")
    assert town.drop() == Counter(READERS)


DIE = """
import os, signal
import town_plugins.maildrop as maildrop
written, real = [], maildrop.Path.replace
def replace(path, target):
    done = real(path, target)
    if target.suffix == ".mail":
        written.append(target)
        if len(written) == {after}:
            os.kill(os.getpid(), signal.SIGKILL)
    return done
maildrop.Path.replace = replace
"""
"""The program dies when a mail lies in the drop, and the ledger does not know it yet."""


def test_killed_while_it_delivers_each_reader_gets_one_mail(town: Town) -> None:
    town.run("build")
    town.add_readers()
    town.run("approve", "1", "--anyway", "--no-links")
    for after in (3, 1, 4):
        town.run("send", "1", "--now", code=-signal.SIGKILL, program=DIE.format(after=after))
    assert 0 < town.drop().total() < len(READERS)
    town.run("send", "1", "--now")
    assert town.drop() == Counter(READERS)
    counts(town, accepted=len(READERS))


FAIL = """
import town_plugins.maildrop as maildrop, town_plugins.gemini as gemini
def deliver(self, mail): raise ZeroDivisionError("no drop")
def render(self, issue, settings): raise KeyError("no page")
maildrop.Maildrop.deliver, gemini.Gemini.render = deliver, render
"""


def test_what_fails_is_held_and_the_rest_goes_on(town: Town) -> None:
    said = town.run("build", program=FAIL)
    assert "The target “gemini” of newsletter-town 1.2 failed (KeyError: 'no page')" in said
    assert sorted(path.name for path in (town.folder / "data" / "issues" / "0001").iterdir() if path.is_file()) == [
        *("email.html", "email.txt", "events.ics", "figures.html", "issue.eml", "issue.html", "issue.json"),
    ]
    town.add_readers()
    town.run("approve", "1", "--anyway", "--no-links")
    said = town.run("send", "1", "--now", code=1, program=FAIL)
    assert "The delivery “maildrop” failed (ZeroDivisionError: no drop)" in said
    counts(town, queued=len(READERS) - 1, deferred=1)
    town.run("send", "1", "--now", code=3)
    assert town.drop().total() == len(READERS) - 1
    counts(town, accepted=len(READERS) - 1, deferred=1)


def counts(town: Town, **expected: int) -> None:
    """The deliveries of issue 1 by state."""
    with town.database() as database, database.reading() as db:
        found = delivery_counts(db, known_mailing(db, 1).id)
    assert {name: count for name, count in found.items() if count} == expected
