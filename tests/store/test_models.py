from datetime import timedelta

from newsletter.store.database import Database
from newsletter.store.models import StoredModel, has_models, lock_models, model, save_model
from tests.store.samples import AT

BLOB = bytes(range(256)) * 40


def test_a_model_is_kept_whole_and_replaced_whole(database: Database) -> None:
    with database.reading() as db:
        assert model(db, "sections") is None
        assert not has_models(db)
    stored = StoredModel("linear-1", AT, BLOB)
    with database.transaction() as db:
        lock_models(db)
        save_model(db, "sections", stored)
        save_model(db, "other", StoredModel("1", AT, b""))
    with database.transaction() as db:
        assert has_models(db)
        assert model(db, "sections") == stored
        save_model(db, "sections", StoredModel("linear-2", AT + timedelta(1), BLOB[::-1]))
    with database.reading() as db:
        assert model(db, "sections") == StoredModel("linear-2", AT + timedelta(1), BLOB[::-1])
        assert model(db, "other") == StoredModel("1", AT, b"")
