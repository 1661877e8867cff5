"""An Issue as a mail: HTML with its styles in the tags, the plain text beside it, and both as one message."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import css_inline

from newsletter.errors import UsageError
from newsletter.model.issue import Issue
from newsletter.model.mail_policy import MAIL
from newsletter.render import plain
from newsletter.render.address import parse_address
from newsletter.render.contexts import IssueContext
from newsletter.render.press import Press, digest
from newsletter.render.reader_links import ReaderLinks, sample_links
from newsletter.render.shortening import shorten_to_fit
from newsletter.render.views import issue_context
from newsletter.text import one_line

SIZE_LIMIT = 80_000
"""Bytes of HTML; Gmail cuts a mail at 102,400 and people's proxies add some."""

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, minify_css=True)
_OPTIONAL_TAGS = re.compile(r"</?(?:body|tbody)>")
_TAG = re.compile(r"<[a-z][^<>]*>")
_CLASS = re.compile(r' class="([^"]*)"')
_CLASS_RULE = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class EmailParts:
    """A mail's subject and its two bodies; ``flowed`` is ``text`` with soft line ends (RFC 3676)."""

    subject: str
    html: str
    text: str
    flowed: str
    full_size: int = 0
    """Bytes of HTML before it was shortened to fit."""
    left_out_count: int = 0
    """Summaries and entries that the HTML leaves out."""


def render_email(
    press: Press, issue: Issue, *, links: ReaderLinks | None = None, reason: str | None = None
) -> EmailParts:
    """The mail of ``issue``; the text is complete, the HTML is shortened to SIZE_LIMIT by rule.

    ``links`` are a reader's; a mail without them is as short as one with them.
    """
    return render_context(press, issue_context(press, issue, links=links, reason=reason))


def render_context(press: Press, context: IssueContext) -> EmailParts:
    """The mail that shows ``context``."""
    sizes: list[int] = []

    def fits(found: IssueContext) -> bool:
        sizes.append(_weight(press, found))
        return sizes[-1] <= SIZE_LIMIT

    short = shorten_to_fit(context, fits)
    text = press.templates.render("email/issue.txt", issue=context)
    return EmailParts(
        subject=context.subject,
        html=_html(press, short),
        text=plain.fixed(text),
        flowed=plain.flowed(plain.squeezed(text)),
        full_size=sizes[0],
        left_out_count=short.summaries_left_out + sum(each.left_out_count for each in short.sections),
    )


def _weight(press: Press, issue: IssueContext) -> int:
    """The bytes of the HTML with the links of a reader in it."""
    links = sample_links(press, issue.number)
    measured = replace(
        issue,
        unsubscribe_url=links.unsubscribe_url,
        preferences_url=links.preferences_url,
        pause_url=links.pause_url,
        useful_url=links.useful_url,
        useless_url=links.useless_url,
    )
    return len(_html(press, measured).encode())


def _html(press: Press, issue: IssueContext) -> str:
    return inlined(press.templates.render("email/issue.html", issue=issue))


def mail_weight(press: Press, issue: Issue) -> tuple[int, int]:
    """The bytes of the HTML before anything is shortened to fit, and the minutes it takes to read."""
    context = issue_context(press, issue)
    return _weight(press, context), context.minutes


def inlined(html: str) -> str:
    """``html`` with its styles in the tags; only @media rules stay in the head, and the classes that they name.

    The tags of body and tbody go: they are optional, and webmail replaces them by its own.
    """
    found = _without_idle_classes(_INLINER.inline(html))
    return _BLANK.sub("\n", _OPTIONAL_TAGS.sub("", found)).strip() + "\n"


def _without_idle_classes(html: str) -> str:
    """``html`` without the classes that no rule in its head asks for: their styles stand in the tags."""
    head, _, rest = html.partition("</head>")
    named = set(_CLASS_RULE.findall(head))

    def left(match: re.Match[str]) -> str:
        names = " ".join(name for name in match[1].split() if name in named)
        return f' class="{names}"' if names else ""

    return f"{head}</head>{_TAG.sub(lambda tag: _CLASS.sub(left, tag[0]), rest)}" if rest else html


def message(press: Press, issue: Issue, parts: EmailParts, *, name: str = "issue", at: datetime | None = None) -> bytes:
    """The complete mail but for its recipient (RFC 5322); the same input gives the same bytes.

    ``name`` tells what it is about the issue, ``at`` its date if it is not the issue's.
    """
    settings = press.newsletter
    made = EmailMessage(policy=MAIL)
    made["From"] = _address(settings.sender, "from", name=press.name)
    if settings.reply_to:
        made["Reply-To"] = _address(settings.reply_to, "reply to")
    made["Subject"] = one_line(parts.subject)
    made["Date"] = format_datetime(at or press.published_at(issue))
    mark = digest(parts.html, parts.text)
    made["Message-ID"] = f"<{name}-{issue.number}.{mark}@{press.host}>"
    made.set_content(parts.flowed, cte="quoted-printable")
    made.set_param("format", "flowed")
    made.add_alternative(parts.html, subtype="html", cte="quoted-printable")
    # "=_" never occurs in quoted-printable, so the boundary cannot be met inside a part (RFC 2045, 6.7).
    made.set_boundary(f"=_{name}-{issue.number}-{mark}")
    return made.as_bytes()


def _address(text: str, key: str, *, name: str = "") -> Address:
    """The address in ``text``; without a name of its own it gets ``name``. Line breaks never survive."""
    found = parse_address(text)
    if found is None:
        raise UsageError(f"“{key}: {one_line(text)}” is not a mail address. Write it as Name <name@example.org>.")
    return Address(display_name=found[0] or name, addr_spec=found[1])
