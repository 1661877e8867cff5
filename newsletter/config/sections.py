"""The part "sections": the named parts of an issue, in order."""

import re

from newsletter.classify.statistics import FIGURES
from newsletter.config.nodes import Block
from newsletter.config.parts import Part
from newsletter.config.problems import Report, did_you_mean, listed, plain, shown
from newsletter.config.values import Reader, Wrong, one_of, whole, yes_or_no
from newsletter.model.issue import SectionSettings
from newsletter.model.settings import DEFAULT_SECTIONS

SECTION_KEYS = (
    *("id", "title", "at most", "pick", "order", "hide after", "calendar file", "group by", "show", "lines per item"),
    *("quiet projects", "at most per vendor"),
)
PICK = ("best of everything",)
ORDER = ("best first", "by date")
HIDE_AFTER = ("the event",)
GROUP_BY = ("project",)
QUIET_PROJECTS = ("name", "leave out")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHOW = tuple(FIGURES)


def read_sections(blocks: list[Block], report: Report) -> tuple[SectionSettings, ...]:
    """The sections in the order of the file; the usual six when there are none."""
    found: dict[str, SectionSettings] = {}
    for block in blocks:
        section = _read_section(block, report)
        if section.id in found:
            first = found[section.id].line
            report.tell(block.line, f'The section "{section.id}" stands twice; the first is on line {first}. Keep one.')
        elif section.id:
            found[section.id] = section
        if report.is_full:
            break
    return tuple(found.values()) or DEFAULT_SECTIONS


def _read_section(block: Block, report: Report) -> SectionSettings:
    part = Part(block, report, what="a section", keys=SECTION_KEYS)
    if "id" not in part:
        report.tell(block.line, 'This section has no "id:". Give it a short one that sources and rules can name.')
    section_id = part.value("id", _short_name, "")
    return SectionSettings(
        id=section_id,
        title=part.text("title") or section_id.replace("-", " ").capitalize(),
        at_most=part.optional("at most", whole(1, 1000)),
        pick=part.optional("pick", one_of(*PICK)),
        order=part.optional("order", one_of(*ORDER)),
        hide_after=part.optional("hide after", one_of(*HIDE_AFTER)),
        calendar_file=part.value("calendar file", yes_or_no, False),
        group_by=part.optional("group by", one_of(*GROUP_BY)),
        show=part.many("show", one_of(*SHOW)),
        quiet_projects=_is_named(part.optional("quiet projects", one_of(*QUIET_PROJECTS))),
        at_most_per_vendor=part.optional("at most per vendor", whole(1, 1000)),
        lines_per_item=part.optional("lines per item", whole(1, 20)),
        line=block.line,
    )


def _is_named(choice: str | None) -> bool | None:
    return None if choice is None else choice == "name"


def _short_name(key: str, text: str) -> str | Wrong:
    name = text.casefold()
    if _ID.fullmatch(name) and len(name) <= 40:
        return name
    return Wrong(f'{key} must be a short name of letters, digits and hyphens such as events, not "{shown(text)}".')


def section_reader(sections: tuple[SectionSettings, ...], *, is_sure: bool) -> Reader[str]:
    """A reader of section ids; when not ``is_sure`` which there are, any will do."""
    ids = tuple(section.id for section in sections)
    by_plain = {plain(each): each for each in ids}

    def read(key: str, text: str) -> str | Wrong:
        found = by_plain.get(plain(text))
        if found or not is_sure:
            return found or text
        return Wrong(f'There is no section "{shown(text)}".{did_you_mean(text, ids)} Sections: {listed(ids)}.')

    return read
