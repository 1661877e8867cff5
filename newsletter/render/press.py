"""Press: what every page, mail and feed of one newsletter shares."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from newsletter.model.issue import Issue
from newsletter.model.settings import NewsletterSettings, Schedule
from newsletter.render.address import parse_address
from newsletter.render.colours import ACCENT, ACCENT_DARK, check_accent
from newsletter.render.environment import Templates
from newsletter.text import is_web_url, one_line, slug

_NAMES = uuid.UUID("7b1f0b0e-52a3-5c0c-9d6b-0f3c6a0c2a57")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_UNSAFE = str.maketrans({letter: f"%{ord(letter):02X}" for letter in "<>\"'`\\{}|^"})


def safe_url(url: str | None) -> str | None:
    """``url`` if it is a web address, with the letters written as %XX that no address may hold; else None."""
    return url.translate(_UNSAFE) if url and is_web_url(url) else None


def language_tag(language: str | None) -> str | None:
    """``language`` as ``lang`` takes it (BCP 47), None when it is none."""
    found = (language or "").replace("_", "-")
    return found if _TAG.fullmatch(found) else None


@dataclass(frozen=True, slots=True)
class Press:
    """The templates, the newsletter's settings and its hours."""

    templates: Templates
    newsletter: NewsletterSettings
    schedule: Schedule = Schedule()

    @property
    def site(self) -> str | None:
        """The address of the public site with a "/" at its end, None when there is none."""
        found = safe_url(self.newsletter.site)
        return f"{found.rstrip('/')}/" if found else None

    @property
    def accents(self) -> tuple[str, str]:
        """The accent on light and on dark ground; the built-in pair when the chosen one cannot be read."""
        light, dark = self.newsletter.accent, self.newsletter.accent_dark
        if light and dark and not check_accent(light, dark):
            return light.lower(), dark.lower()
        return ACCENT, ACCENT_DARK

    @property
    def name(self) -> str:
        """The newsletter's name on one line."""
        return one_line(self.newsletter.name) or "Newsletter"

    @property
    def language(self) -> str:
        """The newsletter's language."""
        return language_tag(self.newsletter.language) or "en"

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address of the sender; an address nobody has when feeds.yaml names none."""
        name, address = parse_address(self.newsletter.sender) or ("", "nobody@newsletter.invalid")
        return name or self.name, address

    @property
    def host(self) -> str:
        """The part after "@" of the sender's address, for names that must be unique in the world."""
        return self.sender[1].rpartition("@")[2].lower()

    def web_url(self, path: str = "") -> str | None:
        """The absolute address of ``path`` on the site."""
        return f"{self.site}{path}" if self.site else None

    def issue_url(self, number: int) -> str | None:
        """The absolute address of an issue."""
        return self.web_url(f"issues/{number}/")

    def urn(self, *words: object) -> str:
        """A name that stays the same wherever the site moves (RFC 4122)."""
        return uuid.uuid5(_NAMES, "/".join([slug(self.name), *map(str, words)])).urn

    def published_at(self, issue: Issue) -> datetime:
        """The send hour on the issue's day, in UTC, unless an editor set another."""
        return issue.send_at or self.hour_of(issue.publish_on)

    def hour_of(self, day: date) -> datetime:
        """The send hour on ``day``, in UTC."""
        return datetime.combine(day, self.schedule.send.at, tzinfo=self.schedule.zone).astimezone(UTC)


def digest(*parts: str | bytes) -> str:
    """Sixteen hex digits that stand for ``parts``."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:16]
