"""Texts for services: foreign signs stay text there, and the only live ones are the service's own links."""

import html as html_module
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from newsletter.deliver.campaign_buttondown import LANGUAGE as BUTTONDOWN
from newsletter.deliver.campaign_listmonk import LANGUAGE as LISTMONK
from newsletter.deliver.campaign_mailchimp import LANGUAGE as MAILCHIMP
from newsletter.deliver.campaign_texts import CHANGE, JOINER, LEAVE, Language, in_html, in_subject, in_text
from newsletter.errors import StoreFault

TOKEN = "t" * 32
LINKS = (
    f'<a href="{LEAVE}{TOKEN}">Unsubscribe</a> <a href="{CHANGE}{TOKEN}">Change</a> '
    f'<a href="{CHANGE}{TOKEN}#pause">Pause</a>'
)
LINES = f"Unsubscribe:  {LEAVE}{TOKEN}\nChange:       {CHANGE}{TOKEN}\n"
HOSTILE = [
    "{{ .Subscriber.Email }}",
    "{{{{{ triple }}}}}",
    "{% debug %}",
    "{# hidden #}",
    "*|EMAIL|*",
    "**||IF:X||**",
    '{{ TrackLink "https://a.example" }}',
    "https://a.example@TrackLink",
    "a < b and x <script and {<",
    '{{ "quoted" }} \\ back',
    "{{",
    "}} {",
    "{",
]
SIGNS = st.lists(st.sampled_from([*'{}%#*|<>&"\\@ aT\n', "@TrackLink", "é", "\U0001f600"]), max_size=30).map("".join)
_ACTION = re.compile(r"\{\{(.*?)\}\}(?!\})", re.DOTALL)


def of_go(text: str) -> str:
    """What Go's templates make of ``text``: strings as they are, "Safe" too, listmonk's links as marks.

    Anything else is a fault; so is a tracked link.
    """
    assert "@TrackLink" not in text
    made, at = "", 0
    while (start := text.find("{{", at)) >= 0:
        made += text[at:start]
        rest = text[start + 2 :]
        found = re.match(r' (?:Safe )?("(?:[^"\\]|\\.)*") \}\}', rest) or re.match(
            r" (UnsubscribeURL|\"TrackLink\") \}\}", rest
        )
        assert found is not None, rest[:40]
        said = found[1]
        made += "[leave]" if said == "UnsubscribeURL" else json.loads(said.replace(r"\x54", "T"))
        at = start + 2 + found.end()
    return made + text[at:]


def marked(text: str) -> str:
    """``text`` with our links as marks."""
    pairs = ((f"{CHANGE}{TOKEN}#pause", "[leave]?manage=true"), (f"{CHANGE}{TOKEN}", "[leave]?manage=true"))
    for link, mark in (*pairs, (f"{LEAVE}{TOKEN}", "[leave]")):
        text = text.replace(link, mark)
    return text


@pytest.mark.parametrize("said", HOSTILE)
def test_listmonk_shows_what_was_written(said: str) -> None:
    escaped = html_module.escape(said)
    markup = f"<!--[if mso]><p>{{{{</p><![endif]--><p>{escaped}</p>{LINKS}"
    assert of_go(in_html(markup, TOKEN, LISTMONK)) == marked(markup)
    assert of_go(in_text(f"{said}\n{LINES}", TOKEN, LISTMONK)) == marked(f"{said}\n{LINES}")
    assert of_go(in_subject(said, LISTMONK)) == said


@given(SIGNS)
def test_listmonk_shows_any_text(said: str) -> None:
    assert of_go(in_text(f"{said}\n{LINES}", TOKEN, LISTMONK)) == marked(f"{said}\n{LINES}")
    escaped = f"<p>{html_module.escape(said)}</p>{LINKS}"
    assert of_go(in_html(escaped, TOKEN, LISTMONK)) == marked(escaped)


@given(SIGNS)
def test_listmonks_plain_text_has_no_tag_of_its_own(said: str) -> None:
    assert "<" not in re.sub(r'\{\{ Safe "[^"]*" \}\}', "", in_text(f"{said}\n{LINES}", TOKEN, LISTMONK))


def variables(text: str) -> list[str]:
    """The live signs that a template language like Django's finds."""
    tokens = list(Environment(autoescape=True).lex(text))
    kinds = {kind for _, kind, _ in tokens}
    assert kinds <= {"data", "variable_begin", "whitespace", "name", "variable_end"}, kinds
    return [value for _, kind, value in tokens if kind == "name"]


@given(SIGNS)
def test_buttondown_finds_its_own_links_alone(said: str) -> None:
    made = in_html(
        f'<a href="https://a.example/{html_module.escape(said)}">x</a><p>{html_module.escape(said)}</p>{LINKS}',
        TOKEN,
        BUTTONDOWN,
    )
    own = ["unsubscribe_url", "manage_subscription_url", "manage_subscription_url"]
    assert variables(made) == own
    assert variables(html_module.unescape(made)) == own
    assert variables(in_subject(said, BUTTONDOWN)) == []


@given(SIGNS)
def test_mailchimp_finds_its_own_links_alone(said: str) -> None:
    made = in_html(f"<p>{html_module.escape(said)}</p>{LINKS}", TOKEN, MAILCHIMP)
    for text in (made, html_module.unescape(made)):
        assert re.findall(r"\*\|.*?\|\*", text) == ["*|UNSUB|*", "*|UPDATE_PROFILE|*", "*|UPDATE_PROFILE|*"]
    assert "*|" not in in_subject(said, MAILCHIMP)
    assert in_text(f"{said}\n{LINES}", TOKEN, MAILCHIMP).count("*|") == 2


@pytest.mark.parametrize("language", [BUTTONDOWN, MAILCHIMP])
def test_what_is_read_stays_the_same(language: Language) -> None:
    for said in HOSTILE:
        made = in_html(f"<p>{html_module.escape(said)}</p>{LINKS}", TOKEN, language)
        assert html_module.unescape(made).replace(JOINER, "").startswith(f"<p>{said}</p>")


@pytest.mark.parametrize("language", [LISTMONK, BUTTONDOWN, MAILCHIMP])
def test_styles_hold_nothing_live(language: Language) -> None:
    style = "<style>@media all{{body{margin:0}}} a{%b} *|x|*</style>"
    made = in_html(f"{style}{LINKS}", TOKEN, language).partition("</style>")[0]
    live = {LISTMONK.leave: ("{{",), BUTTONDOWN.leave: ("{{", "{%", "{#"), MAILCHIMP.leave: ("*|",)}[language.leave]
    assert not any(sign in made for sign in live)


@pytest.mark.parametrize("make", [in_html, in_text])
@pytest.mark.parametrize("language", [LISTMONK, BUTTONDOWN, MAILCHIMP])
def test_a_mail_that_nobody_could_leave_is_a_fault(
    make: Callable[[str, str, Language], str], language: Language
) -> None:
    with pytest.raises(StoreFault, match="no link to unsubscribe"):
        make(f"nothing {CHANGE}{TOKEN}", TOKEN, language)
    with pytest.raises(StoreFault, match="no link to unsubscribe"):
        make(f"{LINES} and somewhere else {TOKEN}", TOKEN, language)
