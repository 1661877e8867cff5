"""Other services on the same database: each works in a home of its own, and what it makes lies there."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter.errors import NotFound, StoreFault
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.holding import LEASE, is_gone
from newsletter.pipeline.send_right import this_holder
from newsletter.pipeline.snapshot import Snapshot, read_snapshot
from newsletter.store.database import Db
from newsletter.store.holds import held_under, stand_at

_RUN = "run "


@dataclass(frozen=True, slots=True)
class Run:
    """A “newsletter run”: on which machine, in which home."""

    host: str
    home: str

    def __str__(self) -> str:
        return f"{self.host}, {self.home}"


def announce(app: Newsletter, worker: str) -> list[Run]:
    """Write down that ``worker`` is the service of this home, for as long as it keeps its places; the other ones."""
    mark, now = this_holder(app).mark, app.now()
    with app.database.transaction() as db:
        stand_at(db, f"{_RUN}{mark}", holder=f"{worker}/{app.home.resolve()}", now=now, until=now + LEASE)
        return other_runs(db, mark, now=now)


def other_runs(db: Db, mark: str, *, now: datetime) -> list[Run]:
    """The services that are alive on this database, but that of the installation ``mark``."""
    held = held_under(db, _RUN, now=now)
    others = sorted(holder for name, holder in held.items() if name != f"{_RUN}{mark}" and not is_gone(holder))
    return [Run(each.partition(":")[0], f"/{each.partition('/')[2].lstrip('/')}") for each in others]


def snapshot_at(app: Newsletter, folder: Path, *, with_items: bool = True) -> Snapshot:
    """As :func:`read_snapshot`; of one that is not in this home, NotFound names the homes where it may be."""
    try:
        return read_snapshot(folder, with_items=with_items)
    except NotFound as fault:
        if folder.exists() or not (found := _others_of(app)):
            raise
        raise NotFound(f"{fault} Another run is alive on this database: {'; '.join(map(str, found))}.") from fault


def _others_of(app: Newsletter) -> list[Run]:
    try:
        with app.database.reading() as db:
            return other_runs(db, this_holder(app).mark, now=app.now())
    except StoreFault:
        return []
