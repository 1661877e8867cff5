"""The desk of an issue as it stands, put together once for each state the issue is in."""

from datetime import datetime
from weakref import WeakKeyDictionary

from newsletter.edit.desk import Desk
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import open_desk
from newsletter.store import issues
from newsletter.store.database import Database

Version = tuple[datetime, str, int]
"""When it was drafted, its state, its last change: the same version is the same desk."""
_MOST = 4
_known: WeakKeyDictionary[Database, dict[int, tuple[Version, Desk]]] = WeakKeyDictionary()


def version_of(app: Newsletter, number: int) -> Version:
    """What tells the states of issue ``number`` apart (NotFound)."""
    with app.database.reading() as db:
        return issues.stamp(db, number)


def desk_now(app: Newsletter, number: int) -> Desk:
    """The desk of issue ``number`` (NotFound); reading the draft is what takes time, so it is kept."""
    version = version_of(app, number)
    known = _of(app).get(number)
    if known and known[0] == version:
        return known[1]
    desk = open_desk(app, number)
    _keep(app, number, version, desk)
    return desk


def remember(app: Newsletter, number: int, before: Version, desk: Desk) -> None:
    """Keep the desk that an act gave; ``before`` is the version the act was made on."""
    now = version_of(app, number)
    if now[:2] == before[:2] and now[2] == desk.last_number:
        _keep(app, number, now, desk)


def _keep(app: Newsletter, number: int, version: Version, desk: Desk) -> None:
    if version[1] != desk.issue.state or version[2] != desk.last_number:
        return
    kept = _of(app)
    kept.pop(number, None)
    kept[number] = (version, desk)
    for old in list(kept)[:-_MOST]:
        kept.pop(old, None)


def _of(app: Newsletter) -> dict[int, tuple[Version, Desk]]:
    return _known.setdefault(app.database, {})
