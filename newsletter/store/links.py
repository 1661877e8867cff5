"""What the addresses of issues answered when they were asked last."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from newsletter.model.link import LinkResult
from newsletter.store.columns import stored_key
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import links


def known_links(db: Db, urls: Iterable[str]) -> dict[str, LinkResult]:
    """The stored results of those of ``urls`` that were asked before, by address."""
    found: dict[str, LinkResult] = {}
    for part in in_parts(urls):
        for row in db.execute(select(links).where(links.c.key.in_(map(stored_key, part)))):
            found[row.url] = LinkResult(
                row.url,
                row.state,
                row.checked_at,
                row.status,
                row.final_url,
                row.reason,
                row.mended,
                row.archived,
            )
    return found


def newest_look(db: Db) -> datetime | None:
    """When an address was asked last; None when none ever was."""
    found: datetime | None = db.execute(select(func.max(links.c.checked_at))).scalar()
    return found


def save_links(db: Db, results: Sequence[LinkResult]) -> None:
    """Remember ``results``; an older one of the same address is replaced."""
    rows = [
        {
            **{"key": each.url, "url": each.url, "state": each.state, "status": each.status},
            **{"final_url": each.final_url, "checked_at": each.checked_at, "reason": each.reason},
            **{"mended": each.mended, "archived": each.archived},
        }
        for each in sorted(results, key=lambda each: each.url)
    ]
    db.upsert(links, rows)
