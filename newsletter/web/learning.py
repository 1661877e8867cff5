"""The learning bar: what editors do again and again is proposed as a rule on the review page, once a session."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.config.splice import add_rule
from newsletter.errors import UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.feeds_file import read_feeds, save_feeds
from newsletter.pipeline.proposals import (
    Proposal,
    Repeated,
    WriteRule,
    accept,
    decline,
    next_proposal,
    stamp_of_decisions,
    what_repeats,
)
from newsletter.web.pages import go
from newsletter.web.sessions import check_complete, editor_of, field, newsletter_of, session_of, signed_in

SAID = {
    "rule-yes": "The rule stands in feeds.yaml now; it decides from the next draft on.",
    "rule-later": "Not now: it is asked again when there is one more.",
    "rule-never": "That rule is not proposed again.",
}
_SHARE = 20
"""Of the server's time at most the twentieth part goes into looking for rules."""
_PATIENCE = 0.01
_KEY_LETTERS = 1_000

log = structlog.get_logger()


class Learner:
    """Looks for rules beside the pages, so that none waits for it; what was found last is what is proposed."""

    def __init__(self, look: Callable[[Newsletter], Sequence[Repeated]] = what_repeats) -> None:
        self._look, self._lock = look, threading.Lock()
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="learner")
        self._work: Future[Sequence[Repeated]] | None = None
        self._seen: object = None
        self._rests_until = 0.0
        self._found: Sequence[Repeated] = ()

    def found(self, app: Newsletter, *, patience: float = _PATIENCE) -> Sequence[Repeated]:
        """What repeats as far as is known; a look is begun when something was decided since the last one."""
        seen = stamp_of_decisions(app)
        with self._lock:
            if self._work is None and seen != self._seen and time.monotonic() >= self._rests_until:
                self._seen, self._work = seen, self._workers.submit(self._timed, app)
            work = self._work
        if work is not None:
            with suppress(TimeoutError):
                self._take(work, work.result(patience))
        return self._found

    def _timed(self, app: Newsletter) -> Sequence[Repeated]:
        start = time.monotonic()
        try:
            return self._look(app)
        except Exception:
            # A page is not spoilt by what would only have been a proposal.
            log.exception("no rule was looked for")
            return ()
        finally:
            now = time.monotonic()
            self._rests_until = now + _SHARE * (now - start)

    def _take(self, work: "Future[Sequence[Repeated]]", found: Sequence[Repeated]) -> None:
        with self._lock:
            if self._work is work:
                self._work, self._found = None, found


def proposal_for(request: Request) -> Proposal | None:
    """The question of this session, if there is one."""
    session, app = session_of(request), newsletter_of(request)
    learner: Learner = request.app.state.learner
    known = learner.found(app)
    return next_proposal(app, session=session.id, known=known) if session and known else None


@signed_in
def post_proposal(request: Request) -> Response:
    """Yes: the rule is written into the file. No: not now, or never."""
    check_complete(request, "key", "do")
    app, editor = newsletter_of(request), editor_of(request).name
    key, do, number = field(request, "key", at_most=_KEY_LETTERS), field(request, "do"), field(request, "issue")
    if do == "yes":
        accept(app, key, editor=editor, write=_writer(app, editor))
    elif do in ("later", "never"):
        decline(app, key, editor=editor, never=do == "never")
    else:
        raise UsageError(f"There is no “{do}” on this page. Open it again.")
    base = f"/desk/issues/{int(number)}/" if number.isascii() and number.isdigit() and len(number) < 9 else "/desk/"
    return go(f"{base}?said=rule-{do}")


def _writer(app: Newsletter, editor: str) -> WriteRule:
    def write(lines: Sequence[str], before: str | None) -> None:
        now = read_feeds(app.home)
        text = add_rule(now.text, lines, note=f"{app.now():%Y-%m-%d}, {editor}", before=before or "")
        save_feeds(app, text, base_hash=now.hash, by=editor, note="a rule that was proposed")

    return write


ROUTES = [Route("/desk/sources/proposal", post_proposal, methods=["POST"])]
