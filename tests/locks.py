"""Which tables a transaction on PostgreSQL keeps others from: none, in normal work."""

from sqlalchemy import text

from newsletter.store.database import Db

TABLE_LOCKS = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
"""The modes in which a table is closed to everybody else who writes."""
_ASKED = text(
    "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind = 'r' AND l.mode = ANY(:modes) "
    "ORDER BY c.relname, l.mode"
)


def table_locks(db: Db) -> list[tuple[str, str]]:
    """The tables that the transaction of ``db`` has to itself until its end, each with the mode."""
    return [(row.relname, row.mode) for row in db.execute(_ASKED.bindparams(modes=list(TABLE_LOCKS)))]
