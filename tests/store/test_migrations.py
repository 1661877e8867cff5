"""The migrations lead to the tables the program works with: up, down and up again, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from newsletter.store.database import Database
from newsletter.store.schema import alembic_config, downgrade, upgrade
from newsletter.store.tables import SCHEMA, metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
    return list(compare_metadata(context, metadata))


def in_words(index: object) -> dict[str, object]:
    """What a database tells about an index; a condition is an object of its own each time, so it stands in words."""
    found = dict(index)  # type: ignore[call-overload]
    found["dialect_options"] = {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    return found


def shape(connection: Connection) -> dict[str, object]:
    """Everything a database tells about its tables, to compare two ways of making them."""
    found = inspect(connection)
    return {
        name: {
            "columns": [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
            "key": found.get_pk_constraint(name),
            "foreign": sorted(found.get_foreign_keys(name), key=str),
            "indexes": sorted(map(in_words, found.get_indexes(name)), key=str),
            "unique": sorted(found.get_unique_constraints(name), key=str),
        }
        for name in found.get_table_names()
    }


@pytest.mark.slow
def test_up_down_and_up_again(empty_url: str) -> None:
    database = Database(empty_url)
    with database.transaction() as db:
        upgrade(db.connection, "head")
        first = shape(db.connection)
        assert differences(db.connection) == []
    with database.transaction() as db:
        downgrade(db.connection, "base")
        assert inspect(db.connection).get_table_names() == ["alembic_version"]
    with database.transaction() as db:
        upgrade(db.connection, "head")
        assert shape(db.connection) == first
        downgrade(db.connection, "base")
    database.migrate()
    with database.reading() as db:
        assert shape(db.connection) == first
    database.close()


@pytest.mark.slow
def test_made_at_once_is_the_same_as_made_by_steps(empty_url: str) -> None:
    database = Database(empty_url)
    with database.transaction() as db:
        upgrade(db.connection, "head")
        by_steps = shape(db.connection)
        downgrade(db.connection, "base")
        db.connection.exec_driver_sql("DROP TABLE alembic_version")
    database.migrate()
    with database.reading() as db:
        assert shape(db.connection) == by_steps
    database.close()


def test_the_newest_step_is_the_schema_the_program_knows(empty_url: str) -> None:
    database = Database(empty_url)
    with database.transaction() as db:
        steps = ScriptDirectory.from_config(alembic_config(db.connection))
        assert steps.get_heads() == [SCHEMA]
    database.close()
