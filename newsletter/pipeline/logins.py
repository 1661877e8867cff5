"""Where editors are signed in: a login begins, is used and ends. Tokens are kept as hashes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from newsletter.errors import NotFound
from newsletter.model.editor import Login
from newsletter.pipeline.app import Newsletter
from newsletter.store import editors

IDLE = timedelta(days=14)
"""A login that is not used for so long ends."""
LONGEST = timedelta(days=60)
"""A login ends after so long in any case."""
_TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 200


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin_login(app: Newsletter, name: str, *, agent: str = "") -> str:
    """Sign an editor in; the token that proves it from now on (NotFound)."""
    token, now = new_token(), app.now()
    with app.database.transaction() as db:
        editor = editors.editor(db, name)
        editors.add_login(db, Login(token_hash(token), editor, now, now, now + LONGEST, agent[:_LONGEST_AGENT]))
    return token


def login_of(app: Newsletter, token: str) -> Login | None:
    """Who is signed in with that token, None when nobody is, or no longer."""
    now = app.now()
    with app.database.reading() as db:
        login = editors.find_login(db, token_hash(token))
    if login is None or has_ended(login, now):
        return None
    if now - login.seen_at > _TOUCH_EVERY:
        with app.database.transaction() as db:
            editors.touch_login(db, login.id, seen_at=now)
    return login


def has_ended(login: Login, now: datetime) -> bool:
    """Whether a login is too old, or was not used for too long."""
    return now >= login.expires_at or now - login.seen_at >= IDLE


def logins_of(app: Newsletter, name: str) -> list[Login]:
    """Where an editor is signed in now, the last seen first."""
    now = app.now()
    with app.database.reading() as db:
        return [login for login in editors.logins_of(db, name) if not has_ended(login, now)]


def end_login(app: Newsletter, login_id: str) -> None:
    """Sign out in one place."""
    with app.database.transaction() as db:
        editors.end_login(db, login_id)


def end_own_login(app: Newsletter, name: str, login_id: str) -> None:
    """Sign ``name`` out in one place, which must be theirs (NotFound)."""
    with app.database.transaction() as db:
        login = editors.find_login(db, login_id)
        if login is None or editors.editor_key(login.editor.name) != editors.editor_key(name):
            raise NotFound("This session has ended already.")
        editors.end_login(db, login_id)


def end_other_logins(app: Newsletter, name: str, *, but: str) -> int:
    """Sign an editor out everywhere but in the place ``but``; in how many places that was."""
    with app.database.transaction() as db:
        return editors.end_logins(db, name, but=but)
