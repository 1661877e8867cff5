"""Who is a program: accounts that mail, review, build and merge by themselves are no people."""

import re
from functools import lru_cache

from newsletter.model.item import Person

_SERVICES = (
    "jenkins", "hudson", "zuul", "buildbot", "build-bot", "gerrit", "gerrit code review", "travis ci", "appveyor",
    "circleci", "drone", "woodpecker", "concourse", "teamcity", "azure pipelines", "github actions", "github",
    "gitlab", "gitea actions", "forgejo actions", "git", "web-flow", "codeberg translate", "launchpad janitor",
    "launchpad bug tracker", "openstack infra", "openstack gerrit", "openstack release", "infra-root", "pagure",
    "dependabot", "dependabot preview", "renovate", "greenkeeper", "greenkeeperio", "snyk", "pyup", "mergify",
    "mergify.io", "bors", "homu", "kodiakhq", "copybara", "copybara service", "scala steward", "allcontributors",
    "pre-commit", "imgbot", "rustbot", "googlebot", "stalebot", "probot", "welcomebot", "githubbot", "gitlabbot",
    "k8s-bot", "fejta-bot", "triagebot", "mirrorbot", "releasebot", "testbot", "commitbot", "meetbot", "coveralls",
    "codecov", "codecov io", "codeclimate", "sonarcloud", "sonarqubecloud", "deepsource autofix", "claassistant",
    "cla assistant", "linux foundation easycla", "netlify", "vercel", "read the docs", "pootle", "transifex",
    "weblate", "hosted weblate", "crowdin", "mailer-daemon", "mail delivery subsystem", "mail delivery system",
    "postmaster", "listmaster", "mailman", "root", "cron", "cron daemon", "builds", "build system", "buildd",
    "chanserv", "nickserv", "memoserv", "botserv", "hostserv", "travisci", "opendevmeet", "opendevreview",
    "openstackgerrit", "openstackstatus", "ubottu", "limnoria", "hubot", "bot", "robot",
)  # fmt: skip
"""Accounts known by their whole name; "-", "_" and a space between words are the same, and so is "ci" behind it."""

_SHAPES = (
    r"(?-i:.*[a-z0-9]Bot\d{0,3})",  # StoryBot, not Talbot
    r"(?:class|meet|supy|lightning|status|log|info|egg|err|empty|git|irc|karma|news|rss|test|build|release|review|commit"
    r"|bug|zod|hydra|u|web)bot\d{0,3}",  # what MeetBot and others are called in chats
    r"irker\d{0,4}|kgb-\d|cia-\d{1,3}|[\w-]+-git-spam",
    r".*\[bot\]",  # applications on GitHub
    r".*[-_ .]bot\d{0,3}",  # kiln-bot, snyk_bot
    r"bot[-_ .].*",  # bot-kiln
    r".*\b(?:ro)?bot\b.*",  # OpenStack Proposal Bot, k8s-ci-robot
    r".*[-_ .]ci(?:[-_ .](?:user|account|build|builds))?",  # kiln-ci, Kiln CI
    r".*\bcontinuous[-_ ]integration\b.*",
    r"(?:project|group)_\d+_bot(?:\d*|_\w+)",  # access tokens of GitLab
    r"service_account_(?:group_\d+_)?\w+",  # service accounts of GitLab
    r"(?:[\w.+-]+[-_.+])?(?:no|do-?not|dont)[-_. ]?reply(?:[-_.+][\w.+-]+)?",  # build-noreply, do-not-reply
    r".*[-_ ](?:janitor|autobuilder|auto-?merger?|autoroller|proposal-?bot)",
)

_ROBOT = re.compile(
    "|".join(
        (*_SHAPES, "(?:" + "|".join(re.sub("[-_ ]", "[-_ ]", each.replace(".", r"\.")) for each in _SERVICES) + ")")
    ),
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 200


def is_robot(person: Person | None) -> bool:
    """Whether ``person`` is a program that mails, reviews or merges by itself; None is nobody."""
    return person is not None and (is_robot_name(person.name) or is_robot_name(person.key.partition("@")[0]))


@lru_cache(8192)
def is_robot_name(name: str) -> bool:
    """Whether a name, a nick, or an account without its host, is that of a robot."""
    return bool(_ROBOT.fullmatch(name.strip()[:_LONGEST])) if name else False
