"""Editor and Login: who may change and approve, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["manager", "editor"]
ROLES: tuple[Role, ...] = ("manager", "editor")


@dataclass(frozen=True, slots=True)
class Editor:
    """A person who may review; a manager may also approve, send and say who else may."""

    name: str
    role: Role
    initials: str
    created_at: datetime
    address: str | None = None
    """Where reminders go, and by which another service may vouch for this person."""
    has_password: bool = False
    has_totp: bool = False
    """Whether a code from a device is asked for beside the password."""
    recovery_count: int = 0
    """How many recovery codes are left."""

    @property
    def is_manager(self) -> bool:
        """Whether approving, sending and managing editors is allowed."""
        return self.role == "manager"


@dataclass(frozen=True, slots=True)
class Login:
    """One place where an editor is signed in; ``id`` is the hash of a token that only the browser there holds."""

    id: str
    editor: Editor
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str = ""
    """What the browser says it is."""


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: for whom, what it allows and until when."""

    editor: Editor
    purpose: str
    expires_at: datetime


def initials_of(name: str) -> str:
    """One to three letters that stand for ``name``."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    chosen = words if len(words) <= 3 else [*words[:2], words[-1]]
    return "".join(word[0] for word in chosen).upper()
