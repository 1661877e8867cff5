"""card_view: everything that a card of the desk shows, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.edit.changes import act_of
from newsletter.edit.desk import Card, Desk
from newsletter.edit.joined import JoinedStory, joined_stories
from newsletter.edit.said import said_of
from newsletter.model.editor import initials_of
from newsletter.model.issue import Change
from newsletter.model.item import Item
from newsletter.model.rule_said import RuleSaid
from newsletter.model.story import ScorePart, place_label
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.card_facts import CardFacts, card_facts
from newsletter.pipeline.presence import AtCard
from newsletter.render import words
from newsletter.render.press import language_tag, safe_url
from newsletter.text import canonical_url, one_line, without_controls
from newsletter.web import card_words
from newsletter.web.assets import asset_url
from newsletter.web.card_contexts import (
    AtView,
    CardView,
    DoneView,
    EditView,
    JoinedView,
    OriginalView,
    PartView,
    PlaceView,
    RemarkView,
    RuleView,
    TargetView,
    WhyView,
)
from newsletter.web.event_views import event_card
from newsletter.web.file_lines import line_url, line_words
from newsletter.web.merge_views import merge_views

_SHOWN_LETTERS, _MOST_LETTERS = 700, 6_000
_MOST_ORIGINALS = 12
_DISCUSSIONS = ("thread", "review", "ticket", "chat")
_LOCKED = {
    "approved": "This issue is approved. Take the approval back to change it.",
    "sending": "This issue is being sent.",
    "stopped": "Sending this issue was stopped.",
    "sent": "This issue went out. What is wrong in it can be corrected.",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody sent and could not be stored: it comes back in the fields, with what is wrong."""

    title: str | None = None
    text: str | None = None
    errors: tuple[str, ...] = ()
    event: Mapping[str, str] = field(default_factory=dict)
    event_errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where and when a card is looked at."""

    zone: ZoneInfo
    now: datetime
    editor: str
    names: dict[str, str]
    """Of the sources, by id."""

    def clock(self, at: datetime | None) -> str:
        return card_words.clock(at, self.zone, self.now)

    def day(self, at: datetime | None) -> str:
        return card_words.day_and_clock(at, self.zone, self.now)


def card_view(
    app: Newsletter,
    desk: Desk,
    card: Card,
    at_cards: Mapping[str, AtCard],
    *,
    editor: str,
    typed: Typed | None = None,
) -> CardView:
    """The card of an entry for ``editor``; ``at_cards`` says who is at which card."""
    entry, facts, typed = card.entry, card_facts(app, desk, card), typed or Typed()
    zone, now = app.config.schedule.zone, app.now()
    seen = _Seen(zone, now, editor, {name: each.name for name, each in (facts.sources or {}).items()})
    sign, state, style = card_words.state_of(card)
    waited, proposal = card_words.waited_since(entry), facts.proposal
    changed = card.drafted if card.is_outdated else None
    section = desk.section(card.section)
    here = f"/desk/issues/{desk.issue.number}"
    return CardView(
        id=entry.id,
        issue=desk.issue.number,
        url=f"{here}/items/{entry.id}",
        section=card.section,
        section_title=one_line(section.title) if section else card.section,
        seen=desk.last_number,
        sign=sign,
        state=state,
        style=style,
        is_kept=card.state == "kept",
        score=f"score {entry.score}",
        title=one_line(entry.title) or "Without a title",
        original_url=safe_url(entry.url),
        discussion_url=_discussion(card),
        replies=words.replies(entry.reply_count, entry.people_count),
        since=words.since(entry.since, desk.issue.publish_on, zone),
        author=one_line(entry.author),
        project=words.project(entry.project),
        waited=f"put off in issue {waited}" if waited else "",
        labels=tuple(map(one_line, entry.labels)),
        places=_places(card, facts, seen),
        originals=tuple(_original(item, seen) for item in facts.items[:_MOST_ORIGINALS]),
        joined=tuple(map(_joined, joined_stories(entry, card.changes))),
        edit=_edit(card, typed),
        proposal=one_line(proposal.text) if proposal else "",
        proposal_by=one_line(proposal.model) if proposal else "",
        warnings=card_words.warnings_of(entry, facts.items),
        outdated=_outdated(card, seen),
        changed_title=one_line(changed.title) if changed else "",
        changed_text=changed.summary if changed else "",
        why=_why(card, facts),
        history=tuple(_done(each, seen) for each in reversed(card.changes) if each.action != "remark"),
        remarks=tuple(_remark(each, seen) for each in card.changes if each.action == "remark"),
        targets=_targets(desk, card),
        can_pin=any(each.settings and each.settings.pick and each.id != card.section for each in desk.sections),
        event=event_card(entry, now.astimezone(zone).date(), typed=typed.event, errors=typed.event_errors),
        merges=merge_views(facts.alike, desk, seen.names, zone=zone, now=now),
        at=at_view(at_cards.get(entry.id), seen),
        locked=_LOCKED.get(desk.issue.state, ""),
        script_url=asset_url(app, "cards.js"),
    )


def at_view(at: AtCard | None, seen: _Seen) -> AtView | None:
    """Who else is at a card; None when nobody but the reader is."""
    if at is None or at.editor == seen.editor:
        return None
    return AtView(at.editor, initials_of(at.editor), seen.clock(at.opened_at))


def _discussion(card: Card) -> str | None:
    """Where people talk about it."""
    places = {place.label: place.url for place in reversed(card.entry.places)}
    return next((safe_url(places[label]) for label in _DISCUSSIONS if label in places), None)


def _places(card: Card, facts: CardFacts, seen: _Seen) -> tuple[PlaceView, ...]:
    """Every address of the story once, with the kind and the date of the item that stands there."""
    by_url = {canonical_url(item.url): item for item in reversed(facts.items) if item.url}
    found: dict[str, PlaceView] = {}
    for label, url in [*((each.label, each.url) for each in card.entry.places), ("page", card.entry.url or "")]:
        safe, key = safe_url(url), canonical_url(url) if url else ""
        if safe is None or key in found:
            continue
        item = by_url.get(key)
        label = place_label(item) if item and label == "page" else label
        detail = words.sentence([_source_words(item, seen), seen.day(item.published_at)]) if item else ""
        found[key] = PlaceView(one_line(label) or "page", safe, detail)
    return tuple(found.values())


def _source_words(item: Item, seen: _Seen) -> str:
    name = one_line(seen.names.get(item.source_id, ""))
    return f"{name} ({one_line(item.kind)})" if name and item.kind else name or one_line(item.kind)


def _original(item: Item, seen: _Seen) -> OriginalView:
    text = card_words.unwrapped(without_controls(item.text).strip())
    shown, rest = card_words.cut(text[:_MOST_LETTERS], _SHOWN_LETTERS)
    author = one_line(item.author.name) if item.author else ""
    robot = ", a robot" if card_words.is_by_robot(item) else ""
    return OriginalView(
        id=item.id,
        title=one_line(item.title),
        start=shown,
        more=rest,
        is_cut=len(text) > _MOST_LETTERS,
        facts=words.sentence([f"{author}{robot}", _source_words(item, seen), seen.day(item.published_at)]),
        url=safe_url(item.url),
        language=language_tag(item.language),
        direction=words.direction(item.language),
    )


def _joined(story: JoinedStory) -> JoinedView:
    made_of = words.counted(len(story.items), "item")
    return JoinedView(one_line(story.entry.title) or "Without a title", made_of, story.items)


def _edit(card: Card, typed: Typed) -> EditView:
    entry, drafted = card.entry, card.drafted
    return EditView(
        title=entry.title if typed.title is None else typed.title,
        text=entry.summary if typed.text is None else typed.text,
        drafted_title=drafted.title if drafted else "",
        drafted_text=drafted.summary if drafted else "",
        is_rewritten=card.is_rewritten,
        size=words.counted(len(entry.summary), "character"),
        errors=typed.errors,
    )


def _outdated(card: Card, seen: _Seen) -> str:
    last = next(
        (each for each in reversed(card.changes) if each.action in ("title", "summary", "event", "blurb")), None
    )
    if not card.is_outdated or last is None:
        return ""
    return f"{'you' if last.editor == seen.editor else last.editor} wrote, {seen.clock(last.made_at)}"


def _why(card: Card, facts: CardFacts) -> WhyView:
    entry = card.entry
    dropping = next((each for each in facts.rules if each.rule.drop and each.is_decisive), None)
    kept = f"Rule {dropping.rule.number} would drop it; an editor keeps it." if dropping else ""
    return WhyView(
        sentence=one_line(entry.why) or "No reason is known.",
        parts=tuple(_part(part, facts) for part in entry.parts),
        rules=tuple(_rule(each) for each in facts.rules if each.does),
        note=kept if card.state == "kept" else "",
    )


def _rule(said: RuleSaid) -> RuleView:
    rule = said.rule
    text = f"rule {rule.number}, “{one_line(rule.name)}”: {one_line('; '.join(said.does))}"
    return RuleView(text, line_words(rule.line), line_url(rule.line))


def _part(part: ScorePart, facts: CardFacts) -> PartView:
    sign = "+" if part.points > 0 else "−" if part.points < 0 else "±"
    line = facts.lines.get(part.name, 0) if part.line else 0
    return PartView(f"{sign}{abs(part.points)}", one_line(part.name), line_words(line), line_url(line))


def _done(change: Change, seen: _Seen) -> DoneView:
    return DoneView(
        batch=act_of(change),
        who=one_line(change.editor),
        what=said_of(change),
        words=one_line(card_words.said_in_change(change)),
        when=seen.clock(change.made_at),
        is_mine=change.editor == seen.editor,
    )


def _remark(change: Change, seen: _Seen) -> RemarkView:
    value: Any = change.value
    return RemarkView(one_line(change.editor), one_line(str(value.get("text") or "")), seen.clock(change.made_at))


def _targets(desk: Desk, card: Card) -> tuple[TargetView, ...]:
    """The sections that take entries, but the one it stands in; keys count all sections."""
    return tuple(
        TargetView(section.id, one_line(section.title), str(number) if number < 10 else "")
        for number, section in enumerate(desk.sections, 1)
        if section.id not in (card.section, "statistics") and not (section.settings and section.settings.show)
    )
