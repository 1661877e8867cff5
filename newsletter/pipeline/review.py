"""What a person does to a draft: each is a Change, stored and folded, never written over what was fetched."""

from pathlib import Path
from typing import Any

from newsletter.edit.changes import check_change, fold
from newsletter.errors import NotFound
from newsletter.model.issue import Change, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues


def change(app: Newsletter, number: int, *, action: str, target: str, value: Any, editor: str) -> Issue:
    """Store one change and give the issue after it. Raises UsageError, NotFound, WrongState."""
    check_change(action, value)
    with app.database.transaction() as db:
        stored = issues.issue(db, number)
        issues.add_change(db, number, Change(0, editor, app.now(), action, target, value))
        return fold(stored.issue, issues.changes(db, number))


def add_note(app: Newsletter, number: int, *, text: str, by: str) -> Issue:
    """Put the editor's note at the top of issue ``number``."""
    return change(app, number, action="note", target="issue", value={"text": text, "by": by}, editor=by or "editor")


def read_note(text: str) -> str:
    """The note itself: ``text``, or the content of the file it names as ``@FILE``."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise NotFound(f"The note {text[1:]} cannot be read: {said}.") from fault
