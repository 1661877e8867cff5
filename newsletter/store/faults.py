"""What a database's own error means for the person at the keyboard."""

from sqlalchemy.exc import DBAPIError

_FULL = "{name} takes no more connections. Raise max_connections of the server, or stop a program."
_SQLITE = (
    ("locked", "{name} is in use by another program that does not let go. Stop it, or try again in a minute."),
    ("not a database", "{name} is not a database. Move it away and start anew, or put a copy of it in its place."),
    ("malformed", "{name} is damaged. Put a copy of it in its place, or move it away and start anew."),
    ("unable to open", "{name} cannot be opened. Check that its folder is there and that you may write in it."),
    ("readonly", "{name} cannot be written. Check who owns it and its folder."),
    ("disk is full", "{name} cannot grow: the disk is full. Make room, then run the same command again."),
    ("disk i/o", "{name} cannot be read or written: the disk answers with an error."),
    ("no such table", "{name} lacks a table of this program: {text}. Run a command that brings it up to date."),
)
_POSTGRES = (
    ("password authentication", "{name} refuses the user or the password. Put NEWSLETTER_DATABASE_URL right."),
    ("does not exist", "{name}: {text}. Make it with createdb, or put NEWSLETTER_DATABASE_URL right."),
    ("too many", _FULL),
    ("connection slots", _FULL),
    (
        "no space left",
        "{name} cannot grow: the disk of its server is full. Make room, then run the same command again.",
    ),
    ("read-only", "{name} cannot be written: its server only copies another one. Name that one."),
    ("deadlock", "{name} stopped two programs that waited for each other. Run the same command again."),
    ("", "{name} cannot be used: {text}. Check that the server runs and that NEWSLETTER_DATABASE_URL names it."),
)


def explain(fault: DBAPIError, name: str, *, is_sqlite: bool) -> str:
    """One line for ``fault``: what is wrong with the database ``name`` and what to do."""
    lines = str(fault.orig).strip().splitlines()
    text = lines[0].strip().rstrip(".") if lines else type(fault).__name__
    fallback = "{name} cannot be used: {text}."
    for part, found in _SQLITE if is_sqlite else _POSTGRES:
        if part in text.lower():
            fallback = found
            break
    return fallback.format(name=name, text=text)


def is_full(words: str) -> bool:
    """Whether :func:`explain` said that the server answers and has no connection left."""
    return words.endswith(_FULL.removeprefix("{name}"))
