"""The pages about a subscription, in the look of the public site; the program serves them beside it."""

from collections.abc import Collection, Sequence
from typing import Any

from newsletter.model.issue import SectionSettings
from newsletter.model.settings import Schedule
from newsletter.model.subscriber import Choice, Rhythm
from newsletter.render.contexts import LinkView, PageContext
from newsletter.render.press import Press
from newsletter.render.subscription_contexts import ChoiceFormView, OptionView
from newsletter.render.subscription_words import rhythm_words
from newsletter.text import one_line

_NAV = (("Archive", "/index.html"), ("Planet", "/planet/index.html"), ("Feed", "/feed.xml"), ("Send a tip", "/tip"))
_NOTES: dict[Rhythm, str] = {
    "weekly": "every issue",
    "monthly": "what the issues of the month told, in one mail",
    "highlights": "of each issue the few things that matter most",
}
PAUSES = (1, 2, 4, 8, 12, 26)
"""Weeks that the page offers for a pause."""


def render_subscription_page(press: Press, template: str, title: str, *, style_url: str, **context: Any) -> str:
    """The page ``template`` ("web/x.html") with ``context``; its style lies at ``style_url``."""
    nav = tuple(LinkView(label, url) for label, url in (*_NAV, ("Subscribe", "/subscribe")))
    page = PageContext(
        title=f"{title}: {press.name}",
        name=press.name,
        language=press.language,
        home="/index.html",
        nav=nav,
        style_links=(style_url,),
        style="",
        script=None,
        feeds=(LinkView(press.name, "/feed.xml"),),
        footer=f"No tracking: nobody knows whether you read this. {one_line(press.newsletter.postal_address)}".strip(),
    )
    return press.templates.render(template, page=page, **context)


def choice_form(choice: Choice, sections: Sequence[SectionSettings], schedule: Schedule) -> ChoiceFormView:
    """The boxes for ``choice``."""

    def is_in(section: SectionSettings, chosen: Collection[str] | None) -> bool:
        return chosen is None or section.id in chosen

    return ChoiceFormView(
        sections=tuple(
            OptionView(
                each.id,
                one_line(each.title) or each.id,
                f"at most {each.at_most} an issue" if each.at_most else "",
                is_in(each, choice.sections),
            )
            for each in sections
        ),
        rhythms=tuple(
            OptionView(each, _capital(rhythm_words(each, schedule)), note, each == choice.rhythm)
            for each, note in _NOTES.items()
        ),
    )


def pause_options(chosen: int = 4) -> tuple[OptionView, ...]:
    """How long a pause may be."""
    return tuple(
        OptionView(str(each), "1 week" if each == 1 else f"{each} weeks", "", each == chosen) for each in PAUSES
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
