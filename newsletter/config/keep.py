"""The part "keep" of feeds.yaml: for how long what nobody needs any more is kept."""

from dataclasses import dataclass
from datetime import timedelta

from newsletter.config.amounts import span
from newsletter.config.nodes import Block
from newsletter.config.parts import Part
from newsletter.config.problems import Report, plain, shown
from newsletter.config.values import Reader, Wrong

KEEP_KEYS = ("documents set aside", "items", "tips", "readers who left", "deliveries", "mail answers", "sign ins")
FOREVER = timedelta(days=365 * 1000)
_DAY, _MONTH, _YEAR = timedelta(days=1), timedelta(days=30), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """How long each sort of thing is kept; FOREVER where it is."""

    documents_set_aside: timedelta = 90 * _DAY
    items: timedelta = FOREVER
    """The texts of items that no issue told; that they were read is kept."""
    tips: timedelta = _YEAR
    """Who sent a tip."""
    readers_who_left: timedelta = 2 * _YEAR
    """The addresses of those who left or were removed."""
    deliveries: timedelta = 3 * _YEAR
    """Which reader was sent an issue; how many got it is kept."""
    mail_answers: timedelta = _YEAR
    """What mail servers answered, and what came back."""
    sign_ins: timedelta = 90 * _DAY
    """Sign-ins of editors that ended."""


def read_keep(block: Block | None, report: Report) -> KeepSettings:
    """The part "keep"."""
    if block is None:
        return KeepSettings()
    part, usual = Part(block, report, what='"keep"', keys=KEEP_KEYS), KeepSettings()
    return KeepSettings(
        documents_set_aside=part.value(
            "documents set aside", span(_DAY, 90 * _DAY, "30 days"), usual.documents_set_aside
        ),
        items=part.value("items", _long(6 * _MONTH, "3 years"), usual.items),
        tips=part.value("tips", _long(_MONTH, "1 year"), usual.tips),
        readers_who_left=part.value("readers who left", _long(_DAY, "2 years"), usual.readers_who_left),
        deliveries=part.value("deliveries", _long(3 * _MONTH, "2 years"), usual.deliveries),
        mail_answers=part.value("mail answers", _long(3 * _MONTH, "1 year"), usual.mail_answers),
        sign_ins=part.value("sign ins", _long(_DAY, "90 days"), usual.sign_ins),
    )


def _long(least: timedelta, example: str) -> Reader[timedelta]:
    """A reader of spans, or of "forever"."""
    read_span = span(least, 100 * _YEAR, example)

    def read(key: str, text: str) -> timedelta | Wrong:
        if plain(text) == "forever":
            return FOREVER
        found = read_span(key, text)
        if isinstance(found, Wrong):
            days = least // _DAY
            least_words = f"{days} day{'' if days == 1 else 's'}"
            said = f'{key} must be "forever" or a time of at least {least_words}, for example "{example}"'
            return Wrong(f'{said}, not "{shown(text)}".')
        return found

    return read
