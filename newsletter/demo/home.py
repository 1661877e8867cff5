"""The sample community's home: its feeds.yaml, pointing at the running server."""

import re
from pathlib import Path

from newsletter.demo.people import read_document
from newsletter.demo.server import DemoWeb

EDITOR = "Jules Okafor-Lindner"
"""Who edits the sample's newsletter."""

NOTE = """\
Two things cannot wait until next Friday: nominations for the council close on Sunday, and from the 26th a ticket for \
Maribor costs 30 euros more. And if your panel says Peg 3.0 or 3.1, please update it before you read on.

The long read of the week begins with a capacitor and ends with a lentil: 24 answers to the question what a door \
should do without electricity. Oskari’s summary at the end is the quickest way in."""
"""What the editor says at the top of the newest issue."""

CONFIRMED = ("list messages", "busiest thread")
"""Figures far above the last ones that the editor let through: the door was much debated indeed."""

_HOST = re.compile(r"\{([a-z.]+\.example)\}")


def feeds_text(web: DemoWeb) -> str:
    """The sample's feeds.yaml with the addresses at which ``web`` answers."""
    return _HOST.sub(lambda found: web.address(found[1]), read_document("feeds.yaml"))


def write_home(folder: Path, web: DemoWeb) -> Path:
    """Write the sample's feeds.yaml into ``folder``, which is made if needed, and give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "feeds.yaml"
    path.write_text(feeds_text(web), encoding="utf-8")
    return path
