"""A record of a code host that was set aside: told when it alone says that it is wished for."""

import json
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.code_host import Place
from newsletter.fetch.code_host_api import Wishes
from newsletter.fetch.code_host_document import items_again
from newsletter.fetch.github import GithubApi
from newsletter.model.aside import Aside
from tests.fetch.kinds.test_github import issue, pull, release

API = GithubApi.at("https://github.com", None)
LIST = "https://api.github.com/repos/kiln/glaze/issues?state=all"
ALL = Wishes(releases=True, merged=True, first=True, comment_count=2)


def keys(record: dict[str, Any], wishes: Wishes = ALL, address: str = LIST) -> list[str]:
    aside = Aside(address, "torn", json.dumps(record).encode())
    return [item.native_keys[0] for item in items_again(API, wishes, aside, Place("code", "github"))]


@pytest.mark.parametrize(
    ("record", "wishes", "found"),
    [
        (pull(1, merged=3), ALL, ["kiln/glaze!1"]),
        (pull(1, merged=3), Wishes(first=True), []),
        (pull(1), ALL, []),
        (issue(2, comments=2), ALL, ["kiln/glaze#2"]),
        (issue(2, comments=1), ALL, []),
        (issue(2, comments=5), Wishes(merged=True), []),
        (release(1, "v2"), Wishes(), []),
        (release(1, "v2", draft=True), ALL, []),
    ],
)
def test_it_is_told_as_far_as_it_is_wished_for(record: dict[str, Any], wishes: Wishes, found: list[str]) -> None:
    assert keys(record, wishes) == found
    assert len(keys(release(1, "v2"))) == 1


def test_its_project_is_told_by_its_list_or_its_page() -> None:
    numbered = "https://api.github.com/repositories/1296269/issues?page=2"
    assert keys(issue(2, comments=2), address=numbered) == ["kiln/glaze#2"]
    with pytest.raises(NotReadable, match="of which project"):
        keys({**issue(2, comments=2), "html_url": ""}, address=numbered)


@pytest.mark.parametrize("record", [{"title": "no number"}, {"tag_name": ""}])
def test_what_is_still_nothing_says_so(record: dict[str, Any]) -> None:
    with pytest.raises(NotReadable, match="is missing"):
        keys(record)
