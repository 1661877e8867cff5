"""Whether the links of an issue answer: what is new, old or failed is asked; the rest is remembered."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.edit.changes import fold
from newsletter.edit.links import links_of
from newsletter.model.link import LinkReport, LinkResult
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues, links
from newsletter.store.sources import save_throttles, throttles

if TYPE_CHECKING:
    from newsletter.fetch.links import LinkSettings

HOLDS = timedelta(hours=6)
"""How long the answer of a link that was well is believed."""


def check_links(
    app: Newsletter, number: int, *, again: bool = False, settings: "LinkSettings | None" = None
) -> LinkReport:
    """The state of every link of issue ``number`` as it stands now; it may take a minute. Raises NotFound.

    What answered within the last six hours is not asked, unless ``again``.
    """
    # Whoever only shows what is known of links needs no client for the web.
    from newsletter.fetch.links import check_all

    known, urls = _known(app, number)
    since = app.now() - HOLDS
    fresh = {
        url: each
        for url, each in known.items()
        if not again and each.state in ("good", "moved") and each.checked_at >= since
    }
    asked = [url for url in urls if url not in fresh]
    if asked:
        with app.database.reading() as db:
            waiting = throttles(db)
        found, until = check_all(asked, app.web, now=app.now, throttles=waiting, settings=settings)
        found = [_with_what_was_known(each, known.get(each.url)) for each in found]
        with app.database.transaction() as db:
            links.save_links(db, found)
            if until:
                save_throttles(db, until)
        fresh |= {each.url: each for each in found}
    return LinkReport({url: fresh[url] for url in urls})


def known_links(app: Newsletter, number: int) -> LinkReport:
    """What is remembered of the links of issue ``number``; nothing is asked. Raises NotFound."""
    known, urls = _known(app, number)
    return LinkReport({url: known[url] for url in urls if url in known})


def _known(app: Newsletter, number: int) -> tuple[dict[str, LinkResult], list[str]]:
    with app.database.reading() as db:
        issue = fold(issues.issue(db, number).issue, issues.changes(db, number))
        urls = [each.url for each in links_of(issue)]
        return links.known_links(db, urls), urls


def _with_what_was_known(found: LinkResult, before: LinkResult | None) -> LinkResult:
    """A remedy that was known stays when this time nobody could be asked for one."""
    if before is None or found.state != "dead" or found.mended or found.archived:
        return found
    return replace(found, mended=before.mended, archived=before.archived)
