"""How a command starts: what it does not need is not imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    *("aiohttp", "alembic", "apscheduler", "bs4", "dateparser", "fasttext", "feedparser", "icalendar", "jinja2"),
    *("numpy", "recurring_ical_events", "rich", "sqlalchemy", "structlog"),
)
FOR_HELP = (*HEAVY, "lxml", "nh3", "ruamel", "selectolax")
FOR_GATHER = tuple(name for name in HEAVY if name != "sqlalchemy")
FEEDS = """newsletter:
  name: Test
  from: Test <t@example.org>
sources:
  - name: Elections
    kind: web page
    url: https://x.example/
    watch: h2
    paused: yes
"""


def imported_by(*calls: list[str]) -> set[str]:
    """What one process has imported after these commands."""
    asked = (
        "import json, sys\nfrom newsletter.cli import main\n"
        f"for words in {list(calls)!r}:\n"
        "    sys.argv = ['newsletter', *words]\n"
        "    try: main()\n"
        "    except SystemExit as ended: assert not ended.code, (words, ended.code)\n"
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_help_waits_for_nothing() -> None:
    from newsletter.cli import COMMANDS

    assert imported_by(["--help"], *([name, "--help"] for name in COMMANDS)).isdisjoint(FOR_HELP)


@pytest.mark.slow
def test_check_and_a_gather_with_nothing_due_import_only_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    assert imported_by(["check", "--home", str(tmp_path)]).isdisjoint(HEAVY)
    assert imported_by(["gather", "--home", str(tmp_path)])  # makes the database, which needs more
    assert imported_by(["gather", "--home", str(tmp_path)]).isdisjoint(FOR_GATHER)


@pytest.mark.slow
def test_a_plain_file_is_checked_without_a_yaml_parser_and_without_readers(tmp_path: Path) -> None:
    lists = "  - name: List\n    kind: mailing list\n    url: https://x.example/pipermail/dev/\n"
    feed = "  - name: Planet\n    kind: feed\n    url: https://x.example/atom.xml\n"
    (tmp_path / "feeds.yaml").write_text(FEEDS.partition("  - name")[0] + feed + lists)
    unwanted = {"ruamel", "asyncio", "lxml", "subprocess", "multiprocessing"}
    assert imported_by(["check", "--home", str(tmp_path)]).isdisjoint(unwanted)
