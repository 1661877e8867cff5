"""Tokens of the API: made, listed, withdrawn, and looked up when a program shows one."""

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from newsletter.errors import UsageError
from newsletter.model.token import SCOPES, ApiToken, Scope
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.logins import new_token, token_hash
from newsletter.pipeline.times import parse_day
from newsletter.store import tokens
from newsletter.text import one_line, shorten, without_controls

PREFIX = "newsletter_"
"""So begins every token, so that programs which look for secrets in what is published find it."""
LONGEST_NAME = 60
_TOUCH_EVERY = timedelta(minutes=1)
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def end_of_day(app: Newsletter, text: str) -> datetime | None:
    """The end of the day written in ``text``, in the newsletter's zone; None when nothing is. Raises UsageError."""
    if not text:
        return None
    try:
        return datetime.combine(parse_day(text), time.max, tzinfo=app.config.schedule.zone).astimezone(UTC)
    except OverflowError:
        raise UsageError(f"“{text}” is later than dates go. Name an earlier day, or none for good.") from None


def add_token(
    app: Newsletter, name: str, *, scopes: Iterable[str], expires_at: datetime | None = None, by: str = ""
) -> str:
    """Make a token; its secret, which is nowhere else from then on. Raises UsageError."""
    secret, now = PREFIX + new_token(), app.now()
    if expires_at is not None and expires_at <= now:
        day = f"{expires_at.astimezone(app.config.schedule.zone):%Y-%m-%d}"
        raise UsageError(f"The token would have run out on {day} already. Name a later day.")
    new = ApiToken(secrets.token_hex(8), _name(name), _scopes(scopes), now, by, expires_at)
    with app.database.transaction() as db:
        if not tokens.add_token(db, new, token_hash(secret)):
            raise UsageError(f"There is a token “{new.name}” already. Withdraw it first, or choose another name.")
    return secret


def all_tokens(app: Newsletter) -> list[ApiToken]:
    """Every token, by name; also those that ran out."""
    with app.database.reading() as db:
        return tokens.all_tokens(db)


def remove_token(app: Newsletter, name: str) -> ApiToken:
    """Withdraw a token, at once and everywhere (NotFound)."""
    with app.database.transaction() as db:
        return tokens.remove_token(db, name)


def token_of(app: Newsletter, secret: str) -> ApiToken | None:
    """The token whose secret this is; None when there is none, or when it ran out."""
    if not _SHAPE.fullmatch(secret):
        return None
    now = app.now()
    with app.database.reading() as db:
        found = tokens.find_token(db, token_hash(secret))
    if found is None or not found.holds(now):
        return None
    if found.used_at is None or now - found.used_at > _TOUCH_EVERY:
        with app.database.transaction() as db:
            tokens.touch_token(db, found.id, used_at=now)
    return found


def _name(text: str) -> str:
    name = one_line(without_controls(text))
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"A name has 1 to {LONGEST_NAME} characters, “{shorten(name, 80)}” has {len(name)}.")
    return name


def _scopes(wanted: Iterable[str]) -> tuple[Scope, ...]:
    asked = list(wanted)
    wrong = next((each for each in asked if each not in SCOPES), None)
    if wrong is not None:
        raise UsageError(f"“{shorten(wrong, 40)}” is nothing a token allows. Write {', '.join(SCOPES)}.")
    if not asked:
        raise UsageError(f"Say what the token allows: {', '.join(SCOPES)}, or several of them.")
    return tuple(each for each in SCOPES if each in asked)
