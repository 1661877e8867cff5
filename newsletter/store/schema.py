"""Bringing a database up to date: nothing to do, all at once when it is empty, else step by step."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from newsletter.errors import StoreFault
from newsletter.store.queue_tables import metadata
from newsletter.store.tables import SCHEMA, alembic_version, schema_version

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, name: str) -> None:
    """The newest schema in the database ``name``; StoreFault when it is not ours or newer than we know."""
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
    _upgrade_from(connection, found, name)


def _upgrade_from(connection: Connection, found: str, name: str) -> None:
    from alembic.util import CommandError

    try:
        upgrade(connection, "head")
    except CommandError as fault:
        text = (
            f"{name} has a schema nobody knows ({found}) and cannot be brought up to {SCHEMA}. "
            "Put a copy in its place that this program wrote."
        )
        raise StoreFault(text) from fault


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
