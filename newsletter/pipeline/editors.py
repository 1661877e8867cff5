"""Who may sign in to the desk: editors are added, listed and removed, and get one-time links."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from newsletter.errors import UsageError
from newsletter.model.editor import ROLES, Editor, Link, Role, initials_of
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.logins import new_token, token_hash
from newsletter.store import editors
from newsletter.store.database import Db
from newsletter.text import one_line, shorten

SET_PASSWORD, SIGN_IN = "password", "sign in"
"""What a one-time link allows."""
LINK_LASTS = timedelta(days=3)
_LONGEST_NAME = 60
_ADDRESS = re.compile(r"[^\s@<>(),;]{1,64}@[^\s@<>(),;]{1,190}")


def add_editor(app: Newsletter, name: str, *, role: str, address: str | None = None) -> str:
    """Let a person sign in; the token of the link with which they choose a password. Raises UsageError."""
    called = _name(name)
    new = Editor(called, _role(role), initials_of(called), app.now(), _address(address))
    with app.database.transaction() as db:
        if not editors.add_editor(db, new):
            raise UsageError(f"There is an editor “{new.name}” already. “newsletter editors link” makes a new link.")
        return _add_link(db, new.name, SET_PASSWORD, app.now())


def make_link(app: Newsletter, name: str, *, purpose: str = SET_PASSWORD) -> str:
    """The token of a new one-time link for an editor (NotFound); older ones no longer work."""
    with app.database.transaction() as db:
        return _add_link(db, editors.editor(db, name).name, purpose, app.now())


def link_of(app: Newsletter, token: str) -> Link | None:
    """For whom a link is and what it allows; None when it was used or is too old."""
    with app.database.reading() as db:
        return editors.find_link(db, token_hash(token), now=app.now())


def use_link(app: Newsletter, token: str, *, purpose: str, then: Callable[[Db, Editor], None]) -> Editor | None:
    """Use a link up and do ``then`` in the same step; None when the link works no more."""
    with app.database.transaction() as db:
        link = editors.find_link(db, token_hash(token), now=app.now())
        if link is None or link.purpose != purpose or not editors.use_link(db, token_hash(token)):
            return None
        then(db, link.editor)
        return link.editor


def all_editors(app: Newsletter) -> list[Editor]:
    """Every editor, by name."""
    with app.database.reading() as db:
        return editors.all_editors(db)


def has_editors(app: Newsletter) -> bool:
    """Whether anybody may sign in at all."""
    with app.database.reading() as db:
        return editors.count_editors(db) > 0


def remove_editor(app: Newsletter, name: str) -> None:
    """Take a person's right to sign in away, at once and everywhere (NotFound)."""
    with app.database.transaction() as db:
        editors.remove_editor(db, name)


def _add_link(db: Db, name: str, purpose: str, now: datetime) -> str:
    token = new_token()
    editors.add_link(db, token_hash(token), name, purpose=purpose, expires_at=now + LINK_LASTS)
    return token


def _name(text: str) -> str:
    name = one_line(text)
    if not name or len(name) > _LONGEST_NAME:
        raise UsageError(f"A name has 1 to {_LONGEST_NAME} characters, “{name[:80]}” has {len(name)}.")
    return name


def _address(text: str | None) -> str | None:
    if not text:
        return None
    address = one_line(text)
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"“{shorten(address, 80)}” is no mail address. Write it as name@example.org.")
    return address


def _role(text: str) -> Role:
    for role in ROLES:
        if text == role:
            return role
    raise UsageError(f"“{text}” is no role. Write {' or '.join(ROLES)}.")
