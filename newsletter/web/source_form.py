"""The settings of a source as a form. What a field holds is what stands in the file; an empty one stands there not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from newsletter.config.amounts import span_text
from newsletter.config.kind_keys import PATHS, kind_keys, kind_names
from newsletter.config.sources import DEFAULT_KEYS, SHOW_AS, SOURCE_KEYS, THEN
from newsletter.model.issue import SectionSettings
from newsletter.model.source import Source
from newsletter.plugins import is_secret
from newsletter.text import one_line, without_controls

NEW, WAS = "set ", "was "
"""How the names of the fields begin, with what stands in them and with what stood there when the page was made."""
_FIRST = ("name", "kind", "url", "section", "weight", "check every", "at most per week")
_OF_BUTTONS = ("paused",)
_YES_NO = ("yes", "no")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a source: ``value`` as the form shows it, ``was`` as it stands in the file."""

    key: str
    value: str
    was: str
    options: tuple[str, ...] = ()
    hint: str = ""
    """What holds while the field is empty."""
    is_first: bool = True
    """Whether it is shown at once."""
    clash: str = ""
    """What somebody else wrote there meanwhile."""

    @property
    def id(self) -> str:
        """The id of its field on the page."""
        return f"set-{self.key.replace(' ', '-')}"

    @property
    def label(self) -> str:
        """The key with a capital."""
        return self.key[:1].upper() + self.key[1:]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the fields that were changed, and what they held before."""

    changes: Mapping[str, str | None]
    before: Mapping[str, str]


def fields_of(
    source: Source, written: tuple[tuple[str, object], ...], sections: tuple[SectionSettings, ...]
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The fields of a source whose settings are ``written``, and the keys that only the lines can show: lists."""
    said = dict(written)
    kind = str(said.get("kind", source.kind))
    own = (
        [key for key, about in kind_keys(kind).keys.items() if not (about.is_many or is_secret(key) or key in PATHS)]
        if kind
        else ["url"]
    )
    keys = dict.fromkeys((*_FIRST, *SOURCE_KEYS, *sorted(own), *said))
    options = {
        "kind": kind_names(),
        "section": tuple(each.id for each in sections),
        "show as": SHOW_AS,
        "then": THEN,
        "hold bursts": _YES_NO,
    }
    made, lists = [], []
    for key in keys:
        value = said.get(key, "")
        if key in _OF_BUTTONS or (key == "url" and key not in own and not value):
            continue
        if key == "vendor hosts" or not isinstance(value, str):
            lists += [key] if value else []
            continue
        choices = options.get(key, ())
        choices = (*choices, value) if choices and value and value not in choices else choices
        made.append(Field(key, value, value, choices, _hint(source, key), key in _FIRST or bool(value)))
    return tuple(made), tuple(lists)


def typed_in(form: FormData, fields: tuple[Field, ...]) -> Typed:
    """What the form changes; a field that did not come is as it was, and what the file says already is no change."""
    changes: dict[str, str | None] = {}
    before: dict[str, str] = {}
    for each in fields:
        new, was = form.get(NEW + each.key), form.get(WAS + each.key)
        if not isinstance(new, str):
            continue
        text = one_line(without_controls(new))[:_LONGEST]
        before[each.key] = was if isinstance(was, str) else each.was
        if text not in (before[each.key], each.was):
            changes[each.key] = text or None
    return Typed(changes, before)


def filled(fields: tuple[Field, ...], typed: Typed) -> tuple[Field, ...]:
    """``fields`` with what was typed, each with what somebody else wrote there meanwhile."""
    made = []
    for each in fields:
        if each.key not in typed.changes:
            made.append(each)
            continue
        value, before = typed.changes[each.key] or "", typed.before.get(each.key, "")
        clash = (each.was or "nothing") if before != each.was and each.was != value else ""
        made.append(replace(each, value=value, clash=clash, is_first=True))
    return tuple(made)


def _hint(source: Source, key: str) -> str:
    """What holds where nothing is written."""
    if key not in DEFAULT_KEYS:
        return {"kind": "found by looking", "vendor": ""}.get(key, "")
    limits = {"at most per week": source.at_most_per_week, "at most per vendor": source.at_most_per_vendor}
    if key in limits:
        return "no limit" if limits[key] is None else str(limits[key])
    values: dict[str, object] = {
        "section": source.section or "chosen by its words",
        "weight": source.weight,
        "check every": span_text(source.check_every),
        "quote at most": f"{source.quote_at_most} words",
        "when broken for": span_text(source.broken_for),
        "then": source.then,
        "show as": source.show_as or "an entry",
        "hold bursts": "yes" if source.hold_bursts else "no",
    }
    return str(values.get(key, ""))
