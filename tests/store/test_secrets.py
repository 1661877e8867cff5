"""A secret is made once and stays the same."""

from newsletter.store.database import Database
from newsletter.store.secrets import known_secret, secret


def test_a_secret_is_made_once(database: Database) -> None:
    with database.transaction() as db:
        assert known_secret(db, "links") is None
        made = secret(db, "links")
        assert len(made) == 32
        assert secret(db, "links") == made == known_secret(db, "links")
        assert secret(db, "other") != made
