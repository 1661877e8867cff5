"""What readers would be told: random titles of recorded documents with their summaries, and what is wrong with them.

    python bench/summary.py [--show 40] [--seed 1] [--words 60] [--all-with FAULT]

The stories of recorded mails, feeds, forum topics, changes, chats and calendars are summarised as an issue would
do it. Counted are summaries that a reader would stumble over: an end without a stop or with a colon, a start
in the middle of a thought, an address, a greeting, mark-up, fewer than five words, the title said again.
A person has to read the rest.
"""

import argparse
import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from newsletter.classify.stories import StoryContext, group_stories
from newsletter.classify.summary import summarise
from newsletter.errors import FetchError
from newsletter.fetch.once import look_at_file
from newsletter.model.item import Item
from newsletter.model.source import Source
from newsletter.model.story import Story

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
FOLDERS = {
    "feeds/recorded": "feed",
    "mail/pipermail": "mbox",
    "mail/mbox": "mbox",
    "discourse": "discourse",
    "github": "github",
    "gitlab": "gitlab",
    "gerrit": "gerrit",
    "mastodon": "mastodon",
    "irc": "chat log",
    "calendar": "calendar",
}
FAULTS = {
    "ends with a colon": re.compile(r"[:;,]$"),
    "ends without a stop": re.compile(r"[^.!?…。！？؟۔।॥\"”’»)\]]$"),
    "cut short": re.compile(r"…$"),
    "starts in the middle": re.compile(
        r"^(?:[a-zß-öø-ÿ]|[)\],.;:]|(?:But|And|So|Or|Also|However|Therefore|Thus|Then|Hence|Because|Anyway|He|She|They"
        r"|That|Those|Which|Yes|No|Well|Nope|Yep|Yeah|Ok|Okay|Oh|Ah|Hmm|Btw)\b)"
    ),
    "leans on what went before": re.compile(r"^(?:This|These|It|Its|Their|His|Her|Such)\b"),
    "holds an address": re.compile(r"https?://|www\.\w|\S@\S+\.\w"),
    "greets": re.compile(
        r"^(?:hi|hello|dear|hey|thanks|thank you|cheers|regards)\b|\b(?:regards|cheers),?$", re.IGNORECASE
    ),
    "holds mark-up": re.compile(r"\*\*|```|\]\(|</?\w+>|&\w+;|^#|^[>|+*•-]\s|\[/?\w+\]"),
    "is short": re.compile(r"^\S+(?:\s+\S+){0,3}$"),
    "holds boilerplate": re.compile(
        r"click here|read more|originat|unsubscribe|cookie|sign up for our|share (?:this|on)|in reply to|"
        r"appeared first",
        re.IGNORECASE,
    ),
    "points elsewhere": re.compile(
        r"\b(?:the following|as follows|see below|below:|attached|picture|screenshot)\b", re.IGNORECASE
    ),
}


def items() -> Iterator[tuple[str, list[Item]]]:
    """Each recorded document that can be read, with its items."""
    for folder, kind in FOLDERS.items():
        for path in sorted((CORPUS / folder).rglob("*")):
            if not path.is_file() or path.name in ("README.md", "expected.json"):
                continue
            source = Source(path.name, path.name, kind, {"url": path.as_uri()})
            try:
                yield folder, list(asyncio.run(look_at_file(source, path)).items)
            except (FetchError, ValueError):
                continue


def stories() -> list[tuple[str, Story]]:
    """The stories of each document by itself, with the folder that it is from."""
    return [(folder, story) for folder, found in items() for story in group_stories(found, context=StoryContext())]


def faults(title: str, summary: str) -> list[str]:
    """The names of what is wrong with one summary."""
    found = [name for name, pattern in FAULTS.items() if pattern.search(summary)]
    plain = "".join(re.findall(r"\w", summary.casefold()))
    if plain and plain == "".join(re.findall(r"\w", title.casefold())):
        found.append("says the title")
    return found


def main() -> None:
    """Read, summarise, count, show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--all-with", default="", help="show the summaries with this fault")
    parser.add_argument("--only", default="", help="one folder of the recorded documents")
    asked = parser.parse_args()
    found = [(folder, story) for folder, story in stories() if asked.only in folder]
    begun = time.perf_counter()
    made = [(folder, story.title, summarise(story, asked.words)) for folder, story in found]
    seconds = time.perf_counter() - begun
    counts = Counter(fault for _, title, summary in made if summary for fault in faults(title, summary))
    clean = sum(bool(summary) and not faults(title, summary) for _, title, summary in made)
    shown = [row for row in made if not asked.all_with or (row[2] and asked.all_with in faults(row[1], row[2]))]
    for folder, title, summary in random.Random(asked.seed).sample(shown, min(asked.show, len(shown))):
        print(f"[{folder}] {title}\n    {summary or '-'}   {faults(title, summary) or ''}")
    told = sum(bool(summary) for *_, summary in made)
    print(
        f"\n{len(made)} stories, {told} with a summary, {clean} of them without a fault ({clean / max(told, 1):.1%});"
    )
    print(f"{len(made) / seconds:,.0f} stories a second")
    for name, count in counts.most_common():
        print(f"{count:6} {count / max(told, 1):6.1%}  {name}")


if __name__ == "__main__":
    main()
