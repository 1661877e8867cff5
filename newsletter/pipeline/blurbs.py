"""Summaries that a model proposes: asked for, kept beside the issue, taken over by an editor's change only."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.edit.changes import fold
from newsletter.errors import NotFound, UsageError
from newsletter.fetch.blurbs import MOST_LETTERS, Model, Told, ask_model
from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import Entry, Issue
from newsletter.model.item import Item
from newsletter.model.settings import BlurbSettings
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import change
from newsletter.pipeline.snapshot import write_whole
from newsletter.store import issues, items

FILE = "proposals.json"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What ``model`` would say of an entry, beside the text it was given and the address of that text."""

    entry_id: str
    text: str
    model: str
    source_text: str
    url: str | None = None
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The proposals for an issue, and what went wrong on the way to them."""

    proposals: tuple[Proposal, ...]
    problems: tuple[str, ...] = ()


def propose_blurbs(app: Newsletter, number: int) -> Proposed:
    """Ask the model of feeds.yaml about each entry of issue ``number`` that it was not asked about yet.

    Whatever the model's server does is told as a problem, never raised. Raises UsageError without a model, NotFound.
    """
    settings = app.config.newsletter.blurbs
    if settings is None:
        raise UsageError(
            'No model is named. Write "blurbs from:" and "blurb model:" under "newsletter:" in feeds.yaml.'
        )
    with app.database.reading() as db:
        issue = fold(issues.issue(db, number).issue, issues.changes(db, number))
        read = items.revisions(db, [entry.revisions[0] for entry in issue.entries if entry.revisions])
    before = {each.entry_id: each for each in read_proposals(app, number)}
    wanted = {entry.id: (entry, item) for entry in issue.entries if (item := _item_of(entry, read))}
    known = {
        name: each
        for name, each in before.items()
        if name in wanted and (each.model, each.revision) == (settings.model, wanted[name][0].revisions[0])
    }
    asked = [pair for name, pair in wanted.items() if name not in known]
    found = _ask(app, settings, asked) if asked else Proposed(())
    proposals = _in_order(issue, {**known, **{each.entry_id: each for each in found.proposals}})
    _write(app, number, proposals)
    return Proposed(proposals, found.problems)


def read_proposals(app: Newsletter, number: int) -> tuple[Proposal, ...]:
    """What is proposed for the entries of issue ``number``, for editors; none when nobody was asked."""
    try:
        rows = json.loads((app.issue_folder(number) / FILE).read_bytes())
        return tuple(from_json(Proposal, row) for row in rows)
    except (OSError, ValueError, TypeError):
        return ()


def take_blurb(app: Newsletter, number: int, entry_id: str, *, editor: str) -> Issue:
    """Make the proposal for an entry its summary, as a change of ``editor``. Raises NotFound, WrongState."""
    proposal = next((each for each in read_proposals(app, number) if each.entry_id == entry_id), None)
    if proposal is None:
        raise NotFound(f"Nothing is proposed for the entry {entry_id} of issue {number}.")
    value = {"text": proposal.text, "model": proposal.model}
    return change(app, number, action="blurb", target=entry_id, value=value, editor=editor)


def _item_of(entry: Entry, read: Mapping[str, Item]) -> Item | None:
    """The item in front of an entry, if it has a text to tell of; what readers sent to the editors stays here."""
    item = read.get(entry.revisions[0]) if entry.revisions else None
    return item if item and item.text.strip() and not item.is_tip else None


def _ask(app: Newsletter, settings: BlurbSettings, asked: Sequence[tuple[Entry, Item]]) -> Proposed:
    model = Model(settings.url, settings.model, settings.key, app.config.newsletter.language)
    texts = [Told(item.title, item.text) for _, item in asked]
    answers = asyncio.run(ask_model(app.web, model, texts, now=app.now))
    found = tuple(
        Proposal(entry.id, text, settings.model, item.text[:MOST_LETTERS], entry.url, entry.revisions[0])
        for (entry, item), text in zip(asked, answers.texts, strict=True)
        if text
    )
    return Proposed(found, answers.problems)


def _in_order(issue: Issue, found: Mapping[str, Proposal]) -> tuple[Proposal, ...]:
    return tuple(found[entry.id] for entry in issue.entries if entry.id in found)


def _write(app: Newsletter, number: int, proposals: tuple[Proposal, ...]) -> None:
    content = json.dumps([to_json(each) for each in proposals], ensure_ascii=False, indent=1)
    write_whole(app.issue_folder(number) / FILE, f"{content}\n".encode("utf-8", "replace"))
