"""Issues as feeds: Atom (RFC 4287) and JSON Feed 1.1, with full content; an Atom feed for each section."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from newsletter.model.codec import time_text
from newsletter.model.issue import Entry, Issue, Section
from newsletter.render import words
from newsletter.render.contexts import ContentContext
from newsletter.render.press import Press, safe_url
from newsletter.render.views import issue_context, section_id, section_view
from newsletter.text import one_line, shorten

ISSUES_IN_FEED = 20
_START = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 cannot hold (section 2.2), surrogates included.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Told:
    """One entry of a feed."""

    id: str
    title: str
    url: str | None
    at: datetime
    html: str
    summary: str = ""
    author: str = ""


def issue_feeds(press: Press, issues: Sequence[Issue]) -> tuple[bytes, bytes]:
    """The newest issues as Atom and as JSON Feed 1.1; each is rendered once."""
    told = [_told(press, each) for each in _newest(issues)]
    return _atom(press, "feed.xml", press.name, press.urn("feed"), told), _json(press, told)


def _json(press: Press, told: Sequence[_Told]) -> bytes:
    items = [_item(each, press.language) for each in told]
    found: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": press.name}
    if press.site:
        found |= {"home_page_url": press.site, "feed_url": press.web_url("feed.json")}
    found |= {"language": press.language, "authors": [{"name": press.sender[0]}], "items": items}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def section_atom(press: Press, issues: Sequence[Issue], name: str) -> bytes:
    """The entries of section ``name`` (its id in addresses) in the newest issues, as Atom."""
    told: list[_Told] = []
    title = name
    today = max((issue.publish_on for issue in issues), default=date.min)
    for issue in reversed(_newest(issues)):
        for section in issue.sections:
            if section_id(section) == name:
                title = one_line(section.title) or name
                told = [*_told_entries(press, issue, _without_past(section, today)), *told]
    seen: dict[str, _Told] = {}
    for each in told:
        seen.setdefault(each.id, each)
    return _atom(
        press, f"sections/{name}/feed.xml", f"{press.name}: {title}", press.urn("section", name), list(seen.values())
    )


def _without_past(section: Section, today: date) -> Section:
    """``section`` without the dates that are over by the newest issue, if it hides them then."""
    if section.settings is None or not section.settings.hide_after:
        return section
    entries = (each for each in section.entries if not each.event or words.last_day(each.event) >= today)
    return replace(section, entries=tuple(entries))


def _newest(issues: Sequence[Issue]) -> list[Issue]:
    return sorted(issues, key=lambda each: (each.publish_on, each.number), reverse=True)[:ISSUES_IN_FEED]


def _told(press: Press, issue: Issue) -> _Told:
    context = issue_context(press, issue)
    content = ContentContext(context.note, context.note_by, context.deadlines, context.sections)
    return _Told(
        id=press.urn("issue", issue.number),
        title=f"{issue.number}: {context.title}",
        url=context.web_url,
        at=press.published_at(issue),
        html=press.templates.render("web/content.html", content=content),
        summary=context.preview,
    )


def _told_entries(press: Press, issue: Issue, section: Section) -> list[_Told]:
    """The entries of a section; its figures are one entry an issue."""
    found = [_told_entry(press, issue, section, entry) for entry in section.entries]
    view = section_view(press, issue, section)
    if view.statistics:
        content = ContentContext(sections=(replace(view, title="", groups=()),))
        found.append(
            _Told(
                id=press.urn("figures", issue.number, section.id),
                title=f"{view.title}, {view.span}",
                url=_anchor(press, issue, section),
                at=press.published_at(issue),
                html=press.templates.render("web/content.html", content=content),
            )
        )
    return found


def _told_entry(press: Press, issue: Issue, section: Section, entry: Entry) -> _Told:
    view = section_view(press, issue, replace(section, entries=(entry,)))
    groups = tuple(replace(group, title="") for group in view.groups)
    shown = replace(view, title="", groups=groups, statistics=())
    return _Told(
        id=press.urn("entry", issue.number, section.id, entry.story_id),
        title=one_line(entry.title) or "Without a title",
        url=safe_url(entry.url) or _anchor(press, issue, section),
        at=press.published_at(issue),
        html=press.templates.render("web/content.html", content=ContentContext(sections=(shown,))),
        summary=one_line(entry.summary),
        author=one_line(entry.author),
    )


def _anchor(press: Press, issue: Issue, section: Section) -> str | None:
    return press.web_url(f"issues/{issue.number}/#{section_id(section)}")


def _atom(press: Press, path: str, title: str, feed_id: str, told: Sequence[_Told]) -> bytes:
    updated = max((each.at for each in told), default=_START)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{press.language}">',
        f"<title>{_xml(title)}</title>",
        f"<id>{feed_id}</id>",
        f"<updated>{time_text(updated)}</updated>",
        f"<author><name>{_xml(press.sender[0])}</name></author>",
    ]
    if press.site:
        lines.append(f'<link rel="alternate" type="text/html" href="{_xml(press.site)}"/>')
        lines.append(f'<link rel="self" type="application/atom+xml" href="{_xml(press.web_url(path) or "")}"/>')
    for each in told:
        lines += _atom_entry(each)
    return "\n".join([*lines, "</feed>\n"]).encode()


def _atom_entry(told: _Told) -> list[str]:
    lines = ["<entry>", f"<title>{_xml(shorten(told.title, 200))}</title>", f"<id>{told.id}</id>"]
    if told.url:
        lines.append(f'<link rel="alternate" type="text/html" href="{_xml(told.url)}"/>')
    lines += [f"<updated>{time_text(told.at)}</updated>", f"<published>{time_text(told.at)}</published>"]
    if told.author:
        lines.append(f"<author><name>{_xml(told.author)}</name></author>")
    if told.summary:
        lines.append(f"<summary>{_xml(told.summary)}</summary>")
    return [*lines, f'<content type="html">{_xml(told.html)}</content>', "</entry>"]


def _item(told: _Told, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": told.id, "title": shorten(told.title, 200), "content_html": told.html}
    if told.url:
        found["url"] = told.url
    return found | {"summary": told.summary, "date_published": time_text(told.at), "language": language}


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
