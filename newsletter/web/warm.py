"""warm_up: what the first request would wait for is made while nobody waits yet."""

import structlog

from newsletter.errors import NewsletterError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import open_desk
from newsletter.store import issues
from newsletter.web.assets import style
from newsletter.web.card_views import card_view
from newsletter.web.review_page import Around, Asked, open_card_of, review_of

_PAGES = ("desk/layout.html", "desk/review.html", "desk/card.html")

log = structlog.get_logger()


def warm_up(app: Newsletter) -> None:
    """Compile the templates of the review page, fold the newest draft and look for what is alike in it.

    It is for speed alone: nothing is stored, and whatever is wrong is told by the page that meets it.
    """
    try:
        style(app)
        parts = [name for name in app.templates.files("desk", ".html") if name.startswith("desk/_")]
        app.templates.compile((*_PAGES, *parts))
        _look_at_newest(app)
    except NewsletterError as fault:
        log.info("the desk is not warm", trouble=str(fault))
    except Exception:
        log.exception("the desk is not warm")


def _look_at_newest(app: Newsletter) -> None:
    with app.database.reading() as db:
        newest = issues.newest(db)
    if newest is None:
        return
    desk, asked = open_desk(app, newest[0]), Asked()
    review_of(app, desk, asked, Around(editor="", others={}, size=None, newest=newest[0]))
    card = open_card_of(desk, asked)
    if card is not None:
        card_view(app, desk, card, {}, editor="")
