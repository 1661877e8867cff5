"""check_issue: everything that is looked at before an issue is approved, with the mail as it would be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsletter.edit.changes import effective
from newsletter.edit.check import Check, CheckInput, MailFacts, Shown
from newsletter.edit.checks import checks_of, looked_at
from newsletter.edit.links import links_of
from newsletter.model.issue import Change, Issue
from newsletter.model.item import Item
from newsletter.model.link import LinkReport
from newsletter.model.settings import NewsletterSettings
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.last_few import LastFew
from newsletter.pipeline.publish import Rendering, render_files
from newsletter.pipeline.site_shelf import stamp_of
from newsletter.pipeline.times import send_time
from newsletter.render.colours import check_accent
from newsletter.render.email import SIZE_LIMIT
from newsletter.render.entries import EntryViews
from newsletter.render.legible import look_at_html, lowest_accent
from newsletter.render.words import whole_subject
from newsletter.store import corrections, issues, items
from newsletter.store import links as link_rows
from newsletter.store.database import Db


@dataclass(frozen=True, slots=True)
class Looked:
    """What checks need of an issue that takes long to make: while its key is the same, so is this."""

    issue: Issue
    changes: tuple[Change, ...]
    mail: MailFacts
    settings: NewsletterSettings
    warnings: Mapping[str, tuple[str, ...]]
    tips: frozenset[str]
    urls: tuple[str, ...]


LookKey = tuple[Any, ...]
_known: LastFew[tuple[LookKey, Looked]] = LastFew(2)


def look_key(app: Newsletter, number: int) -> LookKey:
    """All that :func:`look_at` depends on (NotFound)."""
    with app.database.reading() as db:
        stamp = issues.stamp(db, number)
        corrected = tuple(each.number for each in corrections.corrections_of(db, number))
    folder = app.issue_folder(number) / SNAPSHOT
    files = tuple(stamp_of(path) for path in sorted(folder.glob("*")))
    return (number, *stamp, corrected, files, tuple(app.templates.hashes().items()))


def look_at(app: Newsletter, number: int, key: LookKey | None = None) -> Looked:
    """Render issue ``number`` and look at its mail and its page, once for each state of it. Raises NotFound.

    ``key`` is its :func:`look_key`, where that is known just now.
    """
    key = key or look_key(app, number)  # before it is read: what changes meanwhile has another key
    known = _known.get(app, number)
    if known is not None and known[0] == key:
        return known[1]
    found = _look(app, render_files(app, number))
    _known.put(app, number, (key, found))
    return found


def _look(app: Newsletter, made: Rendering) -> Looked:
    with app.database.reading() as db:
        read = _originals(db, made.issue)
    return Looked(
        issue=made.issue,
        changes=made.snapshot.changes,
        mail=mail_facts(made),
        settings=made.config.newsletter,
        warnings={each: tuple(w for item in found for w in item.warnings) for each, found in read.items()},
        tips=frozenset(each for each, found in read.items() if any(item.is_tip for item in found)),
        urls=tuple(each.url for each in links_of(made.issue)),
    )


def check_issue(
    app: Newsletter, number: int, *, links: LinkReport | None = None, made: Rendering | None = None
) -> tuple[Check, ...]:
    """The checks of issue ``number``: what stops it first. Raises NotFound.

    No link is asked here: ``links`` is what :func:`newsletter.pipeline.link_check.check_links` gave; without it,
    what is remembered. ``made`` is what render_files gave, if it was asked.
    """
    return checks_of_look(app, look_at(app, number) if made is None else _look(app, made), links=links)


def checks_of_look(app: Newsletter, looked: Looked, *, links: LinkReport | None = None) -> tuple[Check, ...]:
    """The checks of an issue that was looked at, as of now."""
    issue = looked.issue
    with app.database.reading() as db:
        states = issues.states(db)
        known = link_rows.known_links(db, looked.urls) if links is None else {}
    return checks_of(
        CheckInput(
            issue=issue,
            mail=looked.mail,
            now=app.now(),
            send_at=send_time(app.config.schedule, issue),
            zone=app.config.schedule.zone,
            links=links if links is not None else LinkReport({url: known[url] for url in looked.urls if url in known}),
            others=states,
            looked_at=seen_entries(issue, looked.changes),
            item_warnings=looked.warnings,
            tips=looked.tips,
            unnamed=app.config.newsletter.leave_out_names,
            since_drafted=_since_drafted(looked.settings, app.config.newsletter),
        )
    )


def _since_drafted(before: NewsletterSettings, now: NewsletterSettings) -> dict[str, tuple[str, str]]:
    """What the mail says of its sender and its site, where feeds.yaml says something else by now."""
    pairs = {
        "site": (before.site, now.site),
        "from": (before.sender, now.sender),
        "reply to": (before.reply_to, now.reply_to),
    }
    return {key: (old or "", new or "") for key, (old, new) in pairs.items() if old != new}


def seen_entries(issue: Issue, changes: Sequence[Change]) -> frozenset[str]:
    """Ids of the entries that an editor kept or did something about."""
    return looked_at(effective(changes)) | {each.id for each in issue.entries if each.is_kept}


def mail_facts(made: Rendering) -> MailFacts:
    """What the checks need to know of the mail and of the web page."""
    parts = made.parts
    views = EntryViews(made.press, made.issue)
    mail = look_at_html(parts.html)
    page = look_at_html(made.files["issue.html"].decode())
    light, dark = made.press.accents
    settings = made.press.newsletter
    return MailFacts(
        subject=parts.subject,
        text=parts.text,
        html_size=len(parts.html.encode()),
        full_size=parts.full_size,
        size_limit=SIZE_LIMIT,
        left_out_count=parts.left_out_count,
        shown=tuple(
            Shown(each.id, view.title, view.url) for each in made.issue.entries for view in [views.entry(each)]
        ),
        no_alt=tuple(dict.fromkeys((*mail.no_alt, *page.no_alt))),
        pictures_count=sum(each.picture is not None for each in made.issue.entries),
        lowest_contrast=min(mail.lowest, lowest_accent(light, dark)),
        faint=mail.faint,
        accent_remarks=tuple(check_accent(settings.accent, settings.accent_dark)),
        whole_subject=whole_subject(made.issue.title, parts.subject),
    )


def _originals(db: Db, issue: Issue) -> dict[str, list[Item]]:
    """The items that each entry was made from, in the revision it was made from."""
    read = items.revisions(db, [name for entry in issue.entries for name in entry.revisions])
    return {entry.id: [read[name] for name in entry.revisions if name in read] for entry in issue.entries}
