"""An issue as its mail will be, for readers of one choice: the very bytes, and what they weigh."""

from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from newsletter.deliver.message import Edition, Personal
from newsletter.edit.check import Check
from newsletter.model.issue import Issue
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.checking import check_issue
from newsletter.pipeline.editions import EditionMaker, edition_key, edition_name
from newsletter.pipeline.pinned import approved_files
from newsletter.pipeline.publish import render_files
from newsletter.render.email import SIZE_LIMIT, EmailParts
from newsletter.render.entries import EntryViews
from newsletter.render.plain import unflowed
from newsletter.store import issues, links
from newsletter.store.approvals import pinned_files

EVERYONE = Choice()
SAMPLE_TOKEN = "sample-token-that-opens-nothing-"
"""What stands in a preview for a reader's own; as long as a token."""
_HOLDS_SECONDS = 600
"""How long a check that counts the minutes may be shown."""


@dataclass(frozen=True, slots=True)
class MailPreview:
    """The mail of an issue for one reader; ``whole`` is the issue that everybody gets."""

    whole: Issue
    issue: Issue
    parts: EmailParts
    eml: bytes
    preheader: str
    minutes: int
    size_limit: int
    titles: tuple[tuple[str, str], ...]
    """Id and title as shown of every entry, in reading order."""
    remarks: tuple[str, ...]
    """Faults in the newsletter's own templates; the built-in design was taken for those."""
    checks: tuple[Check, ...] = ()


def preview_key(app: Newsletter, number: int, choice: Choice) -> tuple[Any, ...]:
    """What a preview depends on: while this is the same, so is the preview. Raises NotFound."""
    with app.database.reading() as db:
        stamp, looked_at = issues.stamp(db, number), links.newest_look(db)
    hashes = tuple(app.templates.hashes().items())
    while_it_holds = int(app.now().timestamp() // _HOLDS_SECONDS)
    return (str(app.home), number, choice, *stamp, looked_at, while_it_holds, app.config.file_hash, hashes)


def preview_mail(app: Newsletter, number: int, choice: Choice = EVERYONE) -> MailPreview:
    """The mail of issue ``number`` for readers of ``choice``, with the checks of the whole issue. Raises NotFound."""
    made = render_files(app, number)
    edition = EditionMaker(app, made).edition(choice)
    eml = for_nobody(_pinned(app, number, choice) or edition.data, number)
    html, text = bodies_of(eml)
    shown = edition.issues[0]
    views = EntryViews(made.press, shown)
    return MailPreview(
        whole=made.issue,
        issue=shown,
        parts=replace(edition.parts, html=html, text=text),
        eml=eml,
        preheader=edition.context.preview,
        minutes=edition.context.minutes,
        size_limit=SIZE_LIMIT,
        titles=tuple((each.id, views.entry(each).title) for each in shown.entries),
        remarks=made.remarks,
        checks=check_issue(app, number, made=made),
    )


def edition_data(app: Newsletter, number: int, choice: Choice) -> bytes:
    """The file of the edition that readers of ``choice`` get: as it was approved, else as it is now."""
    return _pinned(app, number, choice) or EditionMaker(app, render_files(app, number)).edition(choice).data


def for_nobody(data: bytes, number: int) -> bytes:
    """The mail of an edition with sample tokens, addressed to nobody."""
    name = f"<sample-{number}@newsletter.invalid>"
    return Edition.read(data).for_reader(
        Personal("reader@newsletter.invalid", 0, name, SAMPLE_TOKEN, SAMPLE_TOKEN, SAMPLE_TOKEN)
    )


def bodies_of(eml: bytes) -> tuple[str, str]:
    """The HTML and the text of a mail as programs show them."""
    mail = message_from_bytes(eml, policy=default)
    assert isinstance(mail, EmailMessage)
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    return html.get_content().replace("\r\n", "\n"), unflowed(text.get_content())


def _pinned(app: Newsletter, number: int, choice: Choice) -> bytes | None:
    """The edition as it was approved; None when it was not, or nobody chose it then."""
    name = edition_name(edition_key(choice))
    with app.database.reading() as db:
        is_there = name in pinned_files(db, number)
    return approved_files(app, number)[name] if is_there else None
