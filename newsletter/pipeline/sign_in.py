"""Who is who: passwords are set, changed and checked."""

from newsletter.errors import UsageError
from newsletter.model.editor import Editor
from newsletter.pipeline import passwords
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import SET_PASSWORD, link_of, use_link
from newsletter.store import editors
from newsletter.store.database import Db


def check_password(app: Newsletter, name: str, password: str) -> Editor | None:
    """The editor of that name if the password is theirs, else None; which of the two is wrong is not told."""
    with app.database.reading() as db:
        known, secrets = editors.find_editor(db, name), editors.secrets_of(db, name)
    kept = secrets.password if secrets else None
    if not passwords.is_right(kept, password) or known is None or kept is None:
        return None
    if passwords.is_outdated(kept):
        _store(app, known.name, passwords.hashed(password))
    return known


def password_by_link(app: Newsletter, token: str, password: str) -> Editor | None:
    """Set the password of whom a link is for and end all their sessions; None when the link works no more.

    Raises UsageError when the password will not do; the link still works then.
    """
    link = link_of(app, token)
    if link is None or link.purpose != SET_PASSWORD:
        return None
    check_new(app, link.editor, password)
    hashed = passwords.hashed(password)

    def then(db: Db, editor: Editor) -> None:
        editors.set_secrets(db, editor.name, {"password": hashed})
        editors.end_logins(db, editor.name)

    return use_link(app, token, purpose=SET_PASSWORD, then=then)


def change_password(app: Newsletter, editor: Editor, *, old: str, new: str) -> None:
    """Change one's own password, which ends all sessions. Raises UsageError."""
    if check_password(app, editor.name, old) is None:
        raise UsageError("The old password is not right. Nothing was changed.")
    check_new(app, editor, new)
    hashed = passwords.hashed(new)
    with app.database.transaction() as db:
        editors.set_secrets(db, editor.name, {"password": hashed})
        editors.end_logins(db, editor.name)


def check_new(app: Newsletter, editor: Editor, password: str) -> None:
    """Refuse a password that others would guess (UsageError)."""
    passwords.check_new(password, names=(editor.name, app.config.newsletter.name, editor.address or ""))


def _store(app: Newsletter, name: str, hashed: str) -> None:
    with app.database.transaction() as db:
        editors.set_secrets(db, name, {"password": hashed})
