"""Was an issue useful: two links in each mail, a button behind each, and a count that knows nobody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NotFound
from newsletter.pipeline.useful import answer_useful, is_out
from newsletter.render.contexts import LinkView
from newsletter.render.subscription_contexts import AskContext
from newsletter.web.sessions import for_links, newsletter_of
from newsletter.web.subscribe_limits import limits_of
from newsletter.web.subscription_pages import ask_page

_BUTTONS = {"yes": "Yes, it was useful", "no": "No, it was not"}


@for_links
def look(request: Request) -> Response:
    """The question with its button; opening the link counts nothing."""
    number, answer = _asked(request)
    lines = ("Only a number is kept: how many said so. Nobody learns who.",)
    asked = AskContext(f"Was issue {number} useful?", lines, _BUTTONS[answer], f"/useful/{number}/{answer}")
    return ask_page(request, asked)


@for_links
def count(request: Request) -> Response:
    """Count an answer."""
    number, answer = _asked(request)
    if limits_of(request).may_answer(request, number):
        answer_useful(newsletter_of(request), number, answer)
    lines = ("Thank you. To say more, answer the mail: a person reads it.",)
    return ask_page(request, AskContext("Counted", lines, links=(LinkView(f"Issue {number}", f"/issues/{number}/"),)))


ROUTES = [
    Route("/useful/{number:int}/{answer}", look, methods=["GET"]),
    Route("/useful/{number:int}/{answer}", count, methods=["POST"]),
]


def _asked(request: Request) -> tuple[int, str]:
    number, answer = int(request.path_params["number"]), request.path_params["answer"]
    if answer not in _BUTTONS or not is_out(newsletter_of(request), number):
        raise NotFound("There is nothing to answer here: no issue of that number is out.")
    return number, answer
