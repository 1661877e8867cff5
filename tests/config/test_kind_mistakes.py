"""What a kind can know of its keys without asking anybody is told with its line by who tries the sources."""

from pathlib import Path

import pytest

from newsletter.config.load import load_config
from newsletter.config.surroundings import Strictness
from newsletter.errors import ConfigError

HEAD = "newsletter:\n  name: Test\n  from: Test <t@example.org>\nsources:\n  - name: One\n"
SELECTOR = 'is not a CSS selector. Write it as in a style sheet: "#content h2".'
OWNER = "is not owner/name. Write it as in its address, for example openstack/nova."


def told(tmp_path: Path, source: str, *, how: Strictness = "try") -> list[str]:
    path = tmp_path / "feeds.yaml"
    path.write_text(HEAD + "".join(f"    {line}\n" for line in source.strip().splitlines()))
    try:
        load_config(path, {}, how=how)
    except ConfigError as fault:
        return [str(problem) for problem in fault.problems]
    return []


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ('kind: web page\nurl: https://x.example/\nwatch: "h2, li["', f'feeds.yaml:8: "li[" {SELECTOR}'),
        ("kind: github\nrepositories: [foo]", f'feeds.yaml:7: "foo" {OWNER}'),
        ("kind: github\nrepositories:\n  - openstack/nova\n  - foo bar", f'feeds.yaml:9: "foo bar" {OWNER}'),
        ("kind: gitea\nrepositories: [a/b/c]", f'feeds.yaml:7: "a/b/c" {OWNER}'),
        ("kind: gitlab\nrepositories: gnome", f'feeds.yaml:7: "gnome" {OWNER}'),
        (
            "kind: github\norganisation: open stack",
            'feeds.yaml:7: "open stack" is not an organisation, a group or a person. '
            "Write it as in its address, for example openstack.",
        ),
        (
            "kind: github\nurl: https://github.com/",
            "feeds.yaml:7: https://github.com names no project. Write its repositories, or an organisation.",
        ),
        (
            "kind: pagure\nrepositories: https://pagure.io/releng",
            'feeds.yaml:7: "https://pagure.io/releng" is not a project on Pagure. '
            "Write it as in its address, for example fedora-docs/docs.",
        ),
        (
            "kind: launchpad\nprojects: [nova, Open Stack]",
            'feeds.yaml:7: "Open Stack" is not a project on Launchpad. '
            "Write it as in its address, for example nova or ubuntu/+source/nova.",
        ),
        (
            "kind: launchpad\nurl: https://launchpad.net",
            "feeds.yaml:7: https://launchpad.net names no project. Write which ones to read, as in projects: [nova].",
        ),
        (
            "kind: gerrit\nurl: https://review.x.example\nprojects: [https://review.x.example/nova]",
            'feeds.yaml:8: "https://review.x.example/nova" is not a project on Gerrit. '
            "Write it as in its address, for example openstack/nova.",
        ),
    ],
)
def test_a_value_that_its_kind_can_make_nothing_of(tmp_path: Path, source: str, says: str) -> None:
    assert told(tmp_path, source) == [says]
    assert told(tmp_path, source, how="run") == [], "it stops its own source alone"


@pytest.mark.parametrize(
    "source",
    [
        "kind: web page\nurl: https://x.example/\nwatch: \"#content h2, a[href^='http'], li:has(b)\"",
        "kind: github\nrepositories: [openstack/nova, https://github.com/a/b.js, a/b.git]",
        "kind: github\norganisation: openstack",
        "url: https://github.com/openstack/nova",
        "kind: gitlab\nurl: https://gitlab.example\nrepositories: [a/b/c/d]\norganisation: g/sub",
        "kind: gitea\nurl: https://codeberg.org/forgejo",
        "kind: pagure\nrepositories: [releng, fedora-docs/docs]",
        "kind: launchpad\nprojects: [nova, ubuntu/+source/nova, python3.12]",
        'kind: gerrit\nurl: https://review.x.example\nprojects: [openstack/nova, "^openstack/.*"]',
        "kind: mailing list\nurl: https://x.example/list",
    ],
)
def test_what_can_be_meant_is_no_mistake(tmp_path: Path, source: str) -> None:
    assert told(tmp_path, source) == []


def test_what_is_wrong_already_is_not_told_twice(tmp_path: Path) -> None:
    assert len(told(tmp_path, "kind: github\nrepositories: [foo]\ntoken: from NOWHERE")) == 2
    assert len(told(tmp_path, "kind: gerrit\nprojects: [https://x.example]")) == 1


def test_a_missing_file_is_a_mistake_for_who_tries_it(tmp_path: Path) -> None:
    (tmp_path / "here.mbox").write_text("")
    (tmp_path / "logs").mkdir()
    missing = f"There is no file {tmp_path}/none.mbox. Put it there, or mend the path: it begins at the folder of "
    assert told(tmp_path, "kind: mbox\nfile: none.mbox") == [f"feeds.yaml:7: {missing}feeds.yaml."]
    assert told(tmp_path, "kind: mbox\nfile: none.mbox", how="run") == []
    assert told(tmp_path, "kind: mbox\nfile: here.mbox") == []
    assert told(tmp_path, "kind: chat log\nfolder: logs") == []
    [said] = told(tmp_path, "kind: chat log\nfolder: here.mbox")
    assert "here.mbox. It is a file. Put it there" in said
    [said] = told(tmp_path, "kind: mbox\nfile: logs")
    assert said.endswith("logs is a folder, not a file. Name the file in it.")
    [said] = told(tmp_path, "kind: inbox\nmailbox: tips")
    assert said.startswith(f"feeds.yaml:7: There is no mailbox {tmp_path}/tips.")
