"""The second step of a sign-in: codes that a device shows (TOTP, RFC 6238), and recovery codes for a lost one."""

import secrets
from datetime import datetime

import pyotp

from newsletter.model.editor import Editor
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.logins import token_hash
from newsletter.store import editors

RECOVERY_CODES = 10
_SECONDS = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for a device to share."""
    return pyotp.random_base32()


def device_address(app: Newsletter, editor: Editor, secret: str) -> str:
    """What a device reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=editor.name, issuer_name=app.config.newsletter.name)


def turn_on(app: Newsletter, editor: Editor, *, secret: str, code: str) -> tuple[str, ...] | None:
    """Ask for codes from now on; the recovery codes, shown this once. None when ``code`` is not the device's."""
    step = _step_of(secret, code, app.now())
    if step is None:
        return None
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    kept = [token_hash(_plain(code)) for code in codes]
    with app.database.transaction() as db:
        editors.set_secrets(db, editor.name, {"totp_secret": secret, "totp_step": step, "recovery": kept})
    return codes


def turn_off(app: Newsletter, editor: Editor) -> None:
    """Ask for the password alone again."""
    with app.database.transaction() as db:
        editors.set_secrets(db, editor.name, {"totp_secret": None, "totp_step": None, "recovery": []})


def check_code(app: Newsletter, name: str, code: str) -> bool:
    """Whether ``code`` is the device's or a recovery code, neither of them used before."""
    with app.database.transaction() as db:
        db.lock("editors")
        known = editors.secrets_of(db, name)
        if known is None or known.totp_secret is None:
            return False
        step = _step_of(known.totp_secret, code, app.now())
        if step is not None:
            return editors.use_totp_step(db, name, step)
        used = token_hash(_plain(code))
        if used not in known.recovery:
            return False
        editors.set_secrets(db, name, {"recovery": [each for each in known.recovery if each != used]})
        return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is: the present one, or one beside it, for clocks are never equal."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // _SECONDS
    totp = pyotp.TOTP(secret)
    matching = [step for step in (present - 1, present, present + 1) if _same(totp.generate_otp(step), digits)]
    return matching[-1] if matching else None


def _same(right: str, said: str) -> bool:
    return secrets.compare_digest(right.encode(), said.encode("utf-8", "replace"))


def _new_recovery_code() -> str:
    """Four groups of four letters: 78 bits, so that a plain hash of it is enough."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
