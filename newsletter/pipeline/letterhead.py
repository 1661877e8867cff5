"""What every mail to readers says of itself: from whom it is, why it comes, and where one leaves."""

from datetime import datetime

from newsletter.deliver.campaign_texts import CHANGE, LEAVE
from newsletter.deliver.edition_file import Heading, Placeholders
from newsletter.model.issue import Issue
from newsletter.model.subscriber import Choice
from newsletter.render.address import parse_address
from newsletter.render.press import Press
from newsletter.render.reader_links import ReaderLinks, reader_links
from newsletter.text import one_line, slug


def links_of(press: Press, placeholders: Placeholders, *, useful: int | None = None) -> ReaderLinks:
    """The links of a mail with placeholders for a reader's tokens."""
    return reader_links(
        press, unsubscribe=placeholders.unsubscribe, preferences=placeholders.preferences, useful=useful
    )


def links_at_service(placeholders: Placeholders) -> ReaderLinks:
    """The links of a mail that a service sends: it puts its own in their places when the mail is handed over.

    Whether it was useful is not asked: a service may mark the links of each reader.
    """
    return ReaderLinks(f"{LEAVE}{placeholders.unsubscribe}", f"{CHANGE}{placeholders.preferences}")


def heading_of(
    press: Press,
    issue: Issue,
    subject: str,
    links: ReaderLinks,
    *,
    farewells: str | None = None,
    at: datetime | None = None,
) -> Heading:
    """What the headers say of a mail about ``issue``; ``at`` is its date if it is not the issue's.

    ``farewells`` is the address at which the program reads who unsubscribes by mail, if it reads one.
    """
    sender, answers = press.sender, parse_address(press.newsletter.reply_to)
    is_web = links.preferences_url is not None
    return Heading(
        sender=sender,
        subject=subject,
        at=at or press.published_at(issue),
        list_name=press.name,
        list_label=f"{slug(sender[1].rpartition('@')[0])}.{press.host}",
        language=press.language,
        answers=answers or ("", sender[1]),
        has_reply_to=answers is not None,
        farewells=farewells,
        unsubscribe_url=links.unsubscribe_url if is_web else None,
        archive_url=press.site,
        issue_url=press.issue_url(issue.number),
    )


def reason_of(press: Press, whole: Issue, choice: Choice) -> str:
    """Why the mail comes."""
    name = press.name
    if choice.sections is None:
        wishes = {
            "weekly": f"subscribed to {name}",
            "monthly": f"wished for {name} once a month",
            "highlights": f"wished for the highlights of {name} only",
        }
        return f"You get this mail because you {wishes[choice.rhythm]}."
    names = [one_line(each.title) for each in whole.sections if each.id in choice.sections]
    often = {"weekly": "", "monthly": ", once a month", "highlights": ", the highlights only"}[choice.rhythm]
    return (
        f"You get this mail because you chose these sections of {name}{often}: {', '.join(names) or 'none of today'}."
    )
