"""Pen: a connection of its own for what is written thousands of times, by the driver's own means."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from newsletter.errors import StoreFault
from newsletter.store.database import Database
from newsletter.store.faults import explain


class Pen:
    """Writes SQL with a ? for each value. It is for one thread, and has to be closed.

    Making a statement and a connection ready for each of two rows costs six times what writing them does.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self.is_postgres = not database.is_sqlite

    def run(self, sql: str, values: tuple[Any, ...]) -> int:
        """Run ``sql`` inside :meth:`transaction`; how many rows it changed."""
        return int(self._connection.execute(sql.replace("?", "%s") if self.is_postgres else sql, values).rowcount)

    @contextmanager
    def transaction(self) -> Iterator["Pen"]:
        """All of it is stored when the block ends, nothing when it raises. Raises StoreFault."""
        driver = self._database.driver
        try:
            if self._connection is None:
                self._connection = self._database.own_connection()
            if not self.is_postgres:
                self._connection.execute("BEGIN IMMEDIATE")
            yield self
            self._connection.commit()
        except driver.Error as fault:
            self._give_up()
            text = explain(DBAPIError("", None, fault), self._database.name, is_sqlite=not self.is_postgres)
            raise StoreFault(text) from fault
        except BaseException:
            self._give_up()
            raise

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self) -> None:
        """Close what may be in the middle of something; the next transaction has a new connection."""
        try:
            self.close()
        except self._database.driver.Error:
            self._connection = None
