import pytest

from newsletter.model.item import Person
from newsletter.model.robots import is_robot

ROBOTS = (
    ("Jenkins", ""), ("Hudson", ""), ("jenkins", "jenkins@review.example"), ("depends[bot]", ""), ("Weblate", ""),
    ("dependabot[bot]", "dependabot[bot]@github.com"), ("renovate", ""), ("Renovate Bot", ""), ("renovate-bot", ""),
    ("Proposal Bot", ""), ("OpenStack Proposal Bot", "11131@review.openstack.org"), ("OpenStack Infra", ""),
    ("Zuul", "22348@review.opendev.org"), ("zuul-ci", ""), ("Launchpad Janitor", ""), ("k8s-ci-robot", ""),
    ("github-actions[bot]", ""), ("github-actions", ""), ("GitHub Actions", ""), ("x", "noreply@x.example"),
    ("Kiln CI", ""), ("Ada", "ada-ci"), ("Build", "builds-noreply@kiln.example"), ("", "do-not-reply@kiln.example"),
    ("Project token", "project_4_bot_0a9f@gitlab.com"), ("Group token", "group_12_bot@gitlab.com"),
    ("pre-commit-ci", ""),
    ("Deploys", "service_account_group_7_ab12@gitlab.com"), ("kiln_bot2", ""), ("Mail Delivery Subsystem", ""),
    ("Autobuild", "bot@kiln.example"), ("gitea-actions", ""), ("Travis CI", ""), ("rustbot", ""), ("mergify[bot]", ""),
    ("StoryBot", ""), ("update bot", ""), ("Bot of Mira", ""), ("ClassBot2", ""), ("ChanServ", ""), ("supybot", ""),
    ("CIA-12", ""), ("irker904", ""), ("grimoire_bot", ""), ("Robot", ""), ("Kiln-CI Bot", ""),
)  # fmt: skip
PEOPLE = (
    ("Katherine Jenkins", "kj"), ("Abbot Smith", ""), ("Robothy", ""), ("Ada Obi", "ada"), ("Greg Abbott", "abbott"),
    ("Talbot", "talbot@kiln.example"), ("Eve Talbot", ""), ("Cabot", ""), ("Bottas", ""), ("Travis", ""), ("Lucci", ""),
    ("Marci", "marci@x.example"), ("Hudson Taylor", ""), ("Gitta", ""), ("Reply Norton", ""), ("turbot", ""),
    ("Jan", "12345+jan@users.noreply.github.com"), ("Root Canal", ""), ("Mary Cron", ""), ("Ann", "jenkinsa@x.example"),
    ("", ""), ("Renovate Kim", ""), ("Ciara", "ci.ara@x.example"), ("Dependable Dan", ""),
    ("Bottle", ""), ("ABBOT", ""), ("OpenStack", ""), ("robot_fan", ""), ("Ciabatta", ""), ("Kgb", ""),
    ("logbotham", ""),
)  # fmt: skip


@pytest.mark.parametrize(("name", "key"), ROBOTS)
def test_robots_are_not_people(name: str, key: str) -> None:
    assert is_robot(Person(name, key))


@pytest.mark.parametrize(("name", "key"), PEOPLE)
def test_people_are_not_robots(name: str, key: str) -> None:
    assert not is_robot(Person(name, key))


def test_nobody_is_no_robot_and_an_endless_name_costs_nothing() -> None:
    assert not is_robot(None)
    assert not is_robot(Person("-" * 1_000_000 + "x", "a." * 500_000))
