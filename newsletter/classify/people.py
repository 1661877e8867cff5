"""Who is a person, and who is a robot."""

import re

from newsletter.model.item import Person

_ROBOT = re.compile(
    r".*\[bot\]|.*[-_ ]bot|.*\bbot\b.*|.*\brobot\b.*|(?:jenkins|hudson|zuul|buildbot|gerrit|launchpad janitor|travis|"
    r"dependabot|renovate|coveralls|codecov|github|gitlab|git|pootle|transifex|weblate|no-?reply|do-?not-?reply|"
    r"mailer-daemon|postmaster|root|cron daemon)(?: ci)?(?:@.*)?|.*(?:[-_ ]ci|proposal bot|continuous integration)",
    re.IGNORECASE,
)


def is_robot(person: Person | None) -> bool:
    """Whether ``person`` is a program that mails, reviews or merges by itself."""
    return person is not None and any(_ROBOT.fullmatch(name.strip()) for name in (person.name, person.key) if name)
