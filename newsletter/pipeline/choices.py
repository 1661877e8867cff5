"""What editors choose: stored with each issue, learned with it, and used to rank the next one's stories."""

import gzip
import hashlib
import json
from collections.abc import Sequence

from newsletter.classify.contenders import Pool
from newsletter.classify.pick_model import PickModel
from newsletter.classify.ranked_stories import ranked_by
from newsletter.classify.standing import Ranker
from newsletter.edit.changes import fold
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.contending import unpack_contenders
from newsletter.store import issues, models
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue
from newsletter.store.models import StoredModel

CHOICES = "choices"
VERSION = "choices-1"


def learn_choices(app: Newsletter, db: Db, new: Sequence[StoredIssue]) -> None:
    """Take in which of their contenders the issues ``new`` told, the oldest first. Call it under the lock."""
    model = load_choices(app, db)
    for stored in new:
        content = models.contenders_of(db, stored.number)
        if content is not None:
            told = {entry.story_id for entry in fold(stored.issue, issues.changes(db, stored.number)).entries}
            model.learn(Pool.of(unpack_contenders(content)), told)
    if new:
        text = json.dumps(model.as_json(), separators=(",", ":"), sort_keys=True)
        packed = gzip.compress(text.encode(), 6, mtime=0)
        models.save_model(db, CHOICES, StoredModel(VERSION, app.now(), packed))


def load_choices(app: Newsletter, db: Db) -> PickModel:
    """The stored model; an empty one when there is none, or when another version of the program wrote it."""
    uses_people = app.config.newsletter.people_picked_before == "count"
    stored = models.model(db, CHOICES)
    if stored is None or stored.version != VERSION:
        return PickModel(uses_people=uses_people)
    return PickModel.from_json(json.loads(gzip.decompress(stored.content)), uses_people=uses_people)


def ranker_for(app: Newsletter) -> tuple[str, Ranker] | None:
    """Who ranks by what editors chose, and its version; None while the readable rule decides."""
    with app.database.reading() as db:
        stored = models.model(db, CHOICES)
        model = load_choices(app, db)
    fit = model.fit()
    if fit is None or stored is None:
        return None
    return f"{VERSION}:{hashlib.sha256(stored.content).hexdigest()[:16]}", ranked_by(model, fit)
