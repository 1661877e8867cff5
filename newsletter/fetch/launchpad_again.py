"""One record of Launchpad that was set aside, made into items by the collection that held it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from newsletter.errors import NotReadable
from newsletter.fetch.launchpad import (
    KIND,
    People,
    blueprint_item,
    is_private,
    milestone_item,
    proposal_item,
    release_item,
    task_ticket,
)
from newsletter.fetch.launchpad_bugs import discussed_ticket
from newsletter.fetch.launchpad_proposals import OPERATION as PROPOSALS
from newsletter.fetch.records import MISSING, record_in
from newsletter.fetch.rest import Record
from newsletter.fetch.tracker import Ticket, discussed_items
from newsletter.model.aside import Aside
from newsletter.model.item import Item

_ALONE = "what it leads to was not kept; gather the source to ask again"


@dataclass(frozen=True, slots=True)
class Again:
    """Whose item of which project it is to be, who is known, and with how many comments a bug is told."""

    source_id: str
    project: str
    people: People
    now: datetime
    comments: int | None = None


def project_at(address: str, base: str, projects: Sequence[str]) -> str:
    """The one of ``projects`` whose records were asked for at ``address``. Raises NotReadable for none."""
    found = re.fullmatch(rf"{re.escape(base)}/[^/]+/([^?]+)(?:\?.*)?", address)
    path = f"{unquote(found[1])}/" if found else ""
    own = [name for name in projects if path.startswith(f"{name.strip(' /')}/")]
    if not own:
        raise NotReadable("its project is not one of the source any more")
    return max(own, key=len)


def items_again(aside: Aside, wanted: Again) -> tuple[Item, ...]:
    """The items of the record; none of one that is not for everybody. Raises NotReadable."""
    record = record_in(aside)
    if is_private(record) or is_private(record.record("bug")):
        return ()
    if record.record("bug"):
        ticket = discussed_ticket(record, wanted.people)
        if ticket is None:
            raise NotReadable(MISSING)
        return () if wanted.comments is None else discussed_items([ticket], wanted.comments, wanted.source_id, KIND)
    item = _item(record, aside.address, wanted)
    if item is None:
        raise NotReadable(MISSING)
    return (item,)


def task_again(aside: Aside, people: People) -> Ticket | None:
    """The bug that was counted for its week alone; None for a record of another sort. Raises NotReadable."""
    record = record_in(aside)
    if record.record("bug") or not record.text("bug_link") or is_private(record):
        return None
    ticket = task_ticket(record, people)
    if ticket is None:
        raise NotReadable(MISSING)
    return ticket


def _item(record: Record, address: str, wanted: Again) -> Item | None:
    """What the collection at ``address`` holds."""
    path, _, asked = address.partition("?")
    source_id, project, people = wanted.source_id, wanted.project, wanted.people
    if f"ws.op={PROPOSALS}" in asked:
        return proposal_item(record, source_id, project, people)
    match path.rpartition("/")[2]:
        case "all_specifications":
            return blueprint_item(record, source_id, project, people)
        case "all_milestones" | "active_milestones":
            return milestone_item(record, source_id, project, wanted.now)
        case "releases":
            return release_item(record, source_id, project, people, wanted.now)
    raise NotReadable(_ALONE)
