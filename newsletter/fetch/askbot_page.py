"""The page of a question on an Askbot site: the whole question, and who wrote on it. Pure."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsletter.text import one_line

_LONGEST = 2_000_000
_QUESTION = ".js-question, #question, .question"
_BODIES = ".js-question-body, .question-body, .post-body"
_NOT_SAID = ".post-update-info-container, .post-update-info, .comments, .post-controls, script, style"
_PEOPLE = ".user-info > a[href], .comment-body a.author[href], a.js-user-link[href]"


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """What a page tells: the question as HTML, how many people wrote, how many answers stand on it."""

    title: str
    html: str
    people_count: int
    answers_count: int
    is_answered: bool


def read_question_page(page: bytes) -> QuestionPage | None:
    """The question on ``page``, None when there is none."""
    tree = LexborHTMLParser(page[:_LONGEST])
    question = tree.css_first(_QUESTION)
    if question is None:
        return None
    head = question.css_first("h1") or tree.css_first("h1")
    people = {_account(each.attributes.get("href") or "") for each in tree.css(_PEOPLE)} - {""}
    return QuestionPage(
        title=one_line(head.text()) if head else "",
        html=_said(question),
        people_count=len(people),
        answers_count=len(tree.css(".post.answer, .js-answer")),
        is_answered=tree.css_first(".accepted-answer") is not None,
    )


def _said(question: LexborNode) -> str:
    body = question.css_first(_BODIES)
    if body is None:
        return ""
    for each in body.css(_NOT_SAID):
        each.decompose()
    return body.inner_html or ""


def _account(href: str) -> str:
    """The number in ``/en/users/53/name/``: whoever signs twice is one."""
    parts = href.split("/users/")
    return parts[1].partition("/")[0] if len(parts) > 1 else ""
