"""Editors, their one-time links and the places where they are signed in."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from newsletter.errors import NotFound
from newsletter.model.editor import Editor, Link, Login
from newsletter.store.database import Db
from newsletter.store.tables import editor_links as links
from newsletter.store.tables import editor_sessions as logins
from newsletter.store.tables import editors as rows


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an editor's sign-in is checked against."""

    password: str | None
    """The password's hash."""
    totp_secret: str | None
    totp_step: int | None
    """The newest time step whose code was used."""
    recovery: tuple[str, ...]
    """Hashes of the recovery codes that are left."""


def editor_key(name: str) -> str:
    """The one spelling of a name: case, width and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def all_editors(db: Db) -> list[Editor]:
    """Every editor, by name."""
    return [_editor(row) for row in db.execute(select(rows).order_by(rows.c.key))]


def count_editors(db: Db) -> int:
    """How many editors there are."""
    return int(db.execute(select(func.count()).select_from(rows)).scalar_one())


def first_editor_at(db: Db) -> datetime | None:
    """When the first of those who are editors now was added, None while there is none."""
    return db.execute(select(func.min(rows.c.created_at))).scalar_one_or_none()


def find_editor(db: Db, name: str) -> Editor | None:
    """The editor of that name, None when there is none."""
    row = db.execute(select(rows).where(rows.c.key == editor_key(name))).one_or_none()
    return None if row is None else _editor(row)


def editor(db: Db, name: str) -> Editor:
    """The editor of that name (NotFound)."""
    found = find_editor(db, name)
    if found is None:
        raise NotFound(f"There is no editor “{name}”. “newsletter editors list” names them.")
    return found


def editors_at(db: Db, address: str) -> list[Editor]:
    """The editors whose mail address this is."""
    # Here and not by the databases: one of them knows small letters beyond ASCII, the other does not.
    found = db.execute(select(rows).where(rows.c.address.is_not(None)).order_by(rows.c.key))
    return [_editor(row) for row in found if row.address.lower() == address.lower()]


def add_editor(db: Db, new: Editor) -> bool:
    """Store a new editor; False when there is one of that name already."""
    db.lock("editors")
    if find_editor(db, new.name) is not None:
        return False
    values = {name: getattr(new, name) for name in ("name", "role", "initials", "address", "created_at")}
    db.execute(rows.insert(), [{"key": editor_key(new.name), "recovery": [], **values}])
    return True


def remove_editor(db: Db, name: str) -> None:
    """Forget an editor with all links and sessions (NotFound); what they did stays under their name."""
    key = editor_key(editor(db, name).name)
    for table in (links, logins):
        db.execute(delete(table).where(table.c.editor == key))
    db.execute(delete(rows).where(rows.c.key == key))


def secrets_of(db: Db, name: str) -> Secrets | None:
    """What the sign-in of ``name`` is checked against, None for an unknown name."""
    row = db.execute(select(rows).where(rows.c.key == editor_key(name))).one_or_none()
    if row is None:
        return None
    return Secrets(row.password, row.totp_secret, row.totp_step, tuple(row.recovery))


def set_secrets(db: Db, name: str, values: Mapping[str, Any]) -> None:
    """Set some of the columns ``password``, ``totp_secret``, ``totp_step`` and ``recovery``."""
    db.execute(update(rows).where(rows.c.key == editor_key(name)).values(**values))


def use_totp_step(db: Db, name: str, step: int) -> bool:
    """Mark the code of ``step`` as used; False when it, or a newer one, was used before."""
    fresh = rows.c.totp_step.is_(None) | (rows.c.totp_step < step)
    marked = update(rows).where(rows.c.key == editor_key(name), fresh).values(totp_step=step)
    return db.execute(marked).rowcount == 1


def add_link(db: Db, token_hash: str, name: str, *, purpose: str, expires_at: datetime) -> None:
    """Store a one-time link; older ones of that purpose no longer work."""
    key = editor_key(name)
    db.execute(delete(links).where(links.c.editor == key, links.c.purpose == purpose))
    row = {"token_hash": token_hash, "editor": key, "purpose": purpose, "expires_at": expires_at}
    db.execute(links.insert(), [row])


def find_link(db: Db, token_hash: str, *, now: datetime) -> Link | None:
    """The link with that token, None when it was used or is too old."""
    found = (
        select(rows, links.c.purpose, links.c.expires_at)
        .join(links, links.c.editor == rows.c.key)
        .where(links.c.token_hash == token_hash, links.c.expires_at > now)
    )
    row = db.execute(found).one_or_none()
    return None if row is None else Link(_editor(row), row.purpose, row.expires_at)


def use_link(db: Db, token_hash: str) -> bool:
    """Use a link up; False when somebody else just did."""
    return db.execute(delete(links).where(links.c.token_hash == token_hash)).rowcount == 1


def add_login(db: Db, new: Login) -> None:
    """Store that an editor is signed in; logins that ended long ago go."""
    db.execute(delete(logins).where(logins.c.expires_at < new.created_at))
    values = {name: getattr(new, name) for name in ("id", "created_at", "seen_at", "expires_at", "agent")}
    db.execute(logins.insert(), [{"editor": editor_key(new.editor.name), **values}])


def find_login(db: Db, login_id: str) -> Login | None:
    """The login with that id, however old."""
    row = db.execute(_with_editor().where(logins.c.id == login_id)).one_or_none()
    return None if row is None else _login(row)


def logins_of(db: Db, name: str) -> list[Login]:
    """Where an editor is signed in, the last seen first."""
    found = _with_editor().where(logins.c.editor == editor_key(name)).order_by(logins.c.seen_at.desc(), logins.c.id)
    return [_login(row) for row in db.execute(found)]


def touch_login(db: Db, login_id: str, *, seen_at: datetime) -> None:
    """Note that a login was just used."""
    db.execute(update(logins).where(logins.c.id == login_id).values(seen_at=seen_at))


def end_login(db: Db, login_id: str) -> None:
    """Sign out in one place."""
    db.execute(delete(logins).where(logins.c.id == login_id))


def end_logins(db: Db, name: str, *, but: str | None = None) -> int:
    """Sign an editor out everywhere, or everywhere else; in how many places that was."""
    ended = delete(logins).where(logins.c.editor == editor_key(name))
    return db.execute(ended if but is None else ended.where(logins.c.id != but)).rowcount


def _with_editor() -> Any:
    mine = (logins.c.id, logins.c.seen_at, logins.c.expires_at, logins.c.agent)
    return select(rows, *mine, logins.c.created_at.label("began_at")).join(logins, logins.c.editor == rows.c.key)


def _editor(row: Any) -> Editor:
    return Editor(
        name=row.name,
        role=row.role,
        initials=row.initials,
        created_at=row.created_at,
        address=row.address,
        has_password=row.password is not None,
        has_totp=row.totp_secret is not None,
        recovery_count=len(row.recovery),
    )


def _login(row: Any) -> Login:
    return Login(row.id, _editor(row), row.began_at, row.seen_at, row.expires_at, row.agent)
