"""A feeds.yaml of our own for tests, the full example where it is at hand, and ways to put mistakes into them."""

import re
from pathlib import Path

from newsletter.config.load import Config, read_config
from newsletter.errors import ConfigError
from tests.corpus import SHARED

ENVIRON = {"GITHUB_TOKEN": "g", "SMTP_USER": "u", "SMTP_PASSWORD": "p"}
BASE = Path("/srv/home")

EXAMPLE = """\
# The beekeepers' weekly.
newsletter:
  name: Hive Weekly
  from: The Hive <hive@bees.example>
  site: https://bees.example
  accent: "#c98a00"

schedule:
  timezone: Europe/Ljubljana
  collect until: Thursday 18:00
  draft ready: Thursday 18:30
  remind reviewer: Thursday 21:00
  send: Friday 10:00   # after breakfast
  skip: [2026-12-25]

sections:
  - id: highlights
    title: Highlights
    at most: 5
    pick: best of everything
  - id: events
    order: by date
    hide after: the event
    calendar file: yes
  - id: workshop
    title: From the workshop
    group by: project

defaults:
  check every: 2 hours
  quote at most: 40 words

sources:
  - name: Hive planet
    kind: feed
    url: https://planet.bees.example/atom.xml
    section: workshop
    weight: 20
    real author from: title

  - name: Smoker reviews
    kind: gerrit
    url: https://review.bees.example
    projects: [smoker, frames]
    take: [merged, waiting more than 14 days]
    token: from GITHUB_TOKEN

  - name: Meeting places
    kind: calendar
    url: https://bees.example/dates.ics
    look ahead: 6 weeks
    section: events

  - name: Tips
    kind: inbox
    address: tips@bees.example

rules:
  - name: Swarm warnings
    match:
      title: [swarm, "foulbrood:"]
      source: Hive planet
    section: highlights
    boost: 20

  - name: Honey for sale
    match:
      text: /\\b(for sale|selling)\\b/
      not:
        author: ["*[bot]"]
    drop: yes

delivery:
  by: smtp
  server: mail.bees.example
  user: from SMTP_USER
  password: from SMTP_PASSWORD
  test readers: [me@bees.example]
"""


def read(text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    """The configuration in ``text``."""
    data = text if isinstance(text, bytes) else text.encode()
    return read_config(data, file="feeds.yaml", environ=ENVIRON if environ is None else environ, base=BASE)


def problems(text: str | bytes, environ: dict[str, str] | None = None) -> list[str]:
    """Every mistake that is told about ``text``, as the editor sees it."""
    try:
        read(text, environ)
    except ConfigError as fault:
        return [str(problem) for problem in fault.problems]
    return []


def put(text: str, *changes: tuple[str, str]) -> str:
    """``text`` with each first line that is ``old`` (its white space aside) written as ``new`` in its place."""
    lines = text.split("\n")
    for old, new in changes:
        at = next(at for at, line in enumerate(lines) if line.strip() == old.strip())
        lines[at] = new
    return "\n".join(lines)


def replace_line(text: str, number: int, *new: str) -> str:
    """``text`` with line ``number`` written as ``new``."""
    lines = text.split("\n")
    return "\n".join([*lines[: number - 1], *new, *lines[number:]])


def before_line(text: str, number: int, *new: str) -> str:
    """``text`` with lines put in before line ``number``."""
    lines = text.split("\n")
    return "\n".join([*lines[: number - 1], *new, *lines[number - 1 :]])


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds ``part``."""
    return text[: text.index(part)].count("\n") + 1


def shared_example(number: int) -> str:
    """A yaml example of the recorded description of the language, by its place in it."""
    page = (SHARED / "feeds_yaml.md").read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[number]
