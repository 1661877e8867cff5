"""Bringing a database up to date: nothing to do, all at once when it is empty, else step by step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from newsletter.errors import StoreFault
from newsletter.store.every_table import metadata
from newsletter.store.tables import SCHEMA, alembic_version, schema_version

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, name: str, *, before: Callable[[], Path | None] | None = None) -> None:
    """The newest schema in the database ``name``; StoreFault when it is not ours or newer than we know.

    ``before`` is called when there are steps to go, before the first one; it gives where a copy lies.
    """
    tables = set(inspect(connection).get_table_names())
    if not tables:
        _create_all(connection)
        return
    if alembic_version.name not in tables:
        text = f"{name} holds tables of another program ({', '.join(sorted(tables)[:3])}). Name a database of its own."
        raise StoreFault(text)
    found = connection.scalar(select(alembic_version.c.version_num)) or ""
    if found == SCHEMA:
        return
    if found > SCHEMA:
        text = f"{name} was written by a newer newsletter (schema {found}; this one knows {SCHEMA}). Install that one."
        raise StoreFault(text)
    _upgrade_from(connection, found, name, before)


def schema_of(connection: Connection) -> str:
    """The schema of a database; empty when it has no tables, or those of another program."""
    if alembic_version.name not in inspect(connection).get_table_names():
        return ""
    return connection.scalar(select(alembic_version.c.version_num)) or ""


def create_at(connection: Connection, schema: str) -> None:
    """The tables of an older (or today's) ``schema`` in an empty database."""
    if schema == SCHEMA:
        _create_all(connection)
    else:
        upgrade(connection, schema)


def _upgrade_from(connection: Connection, found: str, name: str, before: Callable[[], Path | None] | None) -> None:
    if found and found not in known_schemas(connection):
        text = (
            f"{name} has a schema nobody knows ({found}) and cannot be brought up to {SCHEMA}. "
            "Put a copy in its place that this program wrote."
        )
        raise StoreFault(text)
    copy = before() if before and found else None
    try:
        upgrade(connection, "head")
    except Exception as fault:  # whatever a step stumbles over, the person must know what holds now
        said = str(getattr(fault, "orig", None) or fault).strip().splitlines() or [type(fault).__name__]
        where = f" A copy of it lies at {copy}." if copy else ""
        text = f"{name} cannot be brought from schema {found} to {SCHEMA}: {said[0].rstrip('.')}."
        raise StoreFault(f"{text} It is as it was, and the version that wrote it goes on with it.{where}") from fault


def known_schemas(connection: Connection) -> list[str]:
    """Every schema that was ever in use, the oldest first."""
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
    return [step.revision for step in steps][::-1]


def _create_all(connection: Connection) -> None:
    """An empty database gets all tables at once: the same as all migrations, and Alembic is not imported."""
    metadata.create_all(connection, checkfirst=False)
    schema_version.create_all(connection, checkfirst=False)
    connection.execute(alembic_version.insert().values(version_num=SCHEMA))


def upgrade(connection: Connection, revision: str) -> None:
    """Run the migrations up to ``revision``, inside the connection's transaction."""
    from alembic import command

    command.upgrade(alembic_config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Run the migrations back to ``revision``, inside the connection's transaction."""
    from alembic import command

    command.downgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> Any:
    """Alembic's settings: where the steps lie (in the wheel, too) and the connection to run them on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
