"""Repositories on GitHub."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import quote

from newsletter.fetch.code_host_api import CodeHost
from newsletter.fetch.code_host_source import CodeHostSource, named_by
from newsletter.fetch.github import GithubApi
from newsletter.fetch.kinds import kind
from newsletter.model.evidence import ProofAsked
from newsletter.model.item import Person

_IN_A_SEARCH = 20
_SECOND = timedelta(seconds=1)
_NO_ACCOUNTS = "about|apps|collections|contact|explore|features|login|marketplace|pricing|search|sponsors|topics"


@kind("github")
@dataclass(frozen=True, slots=True)
class Github(CodeHostSource):
    """Releases, merged changes and much discussed issues of repositories on GitHub, or on a server of its kind.

    ``repositories`` are "owner/name". ``organisation`` stands for all public repositories of an
    organisation or a person, without forks and archived ones. ``url`` is the address of a server
    of your own; alone, it is the page of a repository or an organisation. ``take`` says what to read:
    "releases"; "merged" (pull requests); "first-time contributor" (alone: only pull requests of people
    who had none merged before); "waiting more than N days" (one item that lists the open pull requests
    nobody has touched for so long, drafts apart); "issues with N comments" (also discussions, if there
    is a token). ``token`` is an access token that may read public repositories. Without one GitHub
    answers 60 questions an hour, which is enough for a few repositories; the rest waits for its turn.

        - name: Client code
          kind: github
          repositories: [openstack/python-novaclient]
          take: [releases, merged, issues with 20 comments]
          token: from GITHUB_TOKEN

    Not read: commits without a pull request, wikis, projects, drafts of releases, files of releases.
    """

    host: ClassVar[type[CodeHost]] = GithubApi
    address_shape: ClassVar[str] = (
        rf"^https?://(www\.)?github\.com/(?!(?:{_NO_ACCOUNTS})(?:/|$))"
        r"(orgs/[^/]+(/repositories)?|[^/.]+|[^/]+/[^/]+?(?<!\.atom)(/(releases|pulls|issues|discussions))?)/?$"
    )

    def proof_url(self, asked: ProofAsked) -> str | None:
        """A search for the pull requests of the period, where single repositories are read."""
        if asked.what == "mails" or (asked.what == "merged" and "merged" not in self.take):
            return None
        named = named_by(self, GithubApi)
        projects = asked.projects or named.projects
        if not projects or len(projects) > _IN_A_SEARCH:
            return None
        first, last = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (asked.period.start, asked.period.end - _SECOND))
        when = "is:merged merged" if asked.what == "merged" else "created"
        words = [f"is:pr {when}:{first}..{last}", *(f"repo:{name}" for name in projects)]
        words += (f"-author:{_login(each)}" for each in asked.left_out)
        site = GithubApi.at(named.server, None).site
        return f"{site}/search?type=pullrequests&q={quote(' '.join(words), safe=':/')}"


def _login(person: Person) -> str:
    """As the search wants it: applications stand behind "app/"."""
    login = (person.key or person.name).partition("@")[0]
    return f"app/{login.removesuffix('[bot]')}" if login.endswith("[bot]") else login
