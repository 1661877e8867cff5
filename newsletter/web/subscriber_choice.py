"""A manager changes what a reader gets, who asked for it by mail or on the telephone; who did it is kept with it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import UsageError
from newsletter.pipeline import subscribing
from newsletter.pipeline.reader_choices import choice_from
from newsletter.web.pages import go
from newsletter.web.sessions import editor_of, field, for_managers, newsletter_of
from newsletter.web.subscribe import sections_of
from newsletter.web.subscribers import PATH

_LONGEST = 300


@for_managers
def choose(request: Request) -> Response:
    """Sections and rhythm, a pause, or the end of one."""
    app, number, do = newsletter_of(request), int(request.path_params["number"]), field(request, "do")
    way = f"{subscribing.DESK} {editor_of(request).name}"
    if how := field(request, "how", at_most=_LONGEST):
        way = f"{way}: {how}"
    if do == "choose":
        subscribing.choose(app, number, choice_from(app, field(request, "rhythm"), sections_of(request)), way=way)
    elif do == "pause":
        weeks = field(request, "weeks")
        subscribing.pause(app, number, int(weeks) if weeks.isascii() and weeks.isdecimal() else 0, way=way)
    elif do == "resume":
        subscribing.resume(app, number, way=way)
    else:
        raise UsageError(f"There is no “{do}” on this page. Open it again.")
    return go(f"{PATH}/{number}?said=changed#now")


ROUTES = [Route(f"{PATH}/{{number:int}}/choice", choose, methods=["POST"])]
