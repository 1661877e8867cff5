"""What single documents tell, and what comes of those that do not."""

from dataclasses import replace

from newsletter.errors import BadStatus
from newsletter.fetch.code_host import Ticket
from newsletter.fetch.code_host_api import Wishes
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.code_host_details import Details
from newsletter.fetch.code_host_memory import HostMemory
from newsletter.fetch.github import GithubApi
from newsletter.model.item import Person
from tests.fakes import FakeHttp
from tests.fetch.kinds import test_github
from tests.fetch.test_code_host import later, ticket

PULL = "https://api.github.com/repos/lantern/wick/pulls/7"
COMMENTS = "https://api.github.com/repos/lantern/wick/issues/7/comments?per_page=100"
CHANGE = replace(ticket(7), is_change=True, state="merged", merged_at=later(60))


def details(answers: dict[str, object], *take: str) -> Details:
    http = FakeHttp(answers)  # type: ignore[arg-type]
    return Details(Asking(http, GithubApi.at("https://github.com", None)), HostMemory(), Wishes.read(take))


async def sized(answers: dict[str, object], *changes: Ticket) -> tuple[list[Ticket], list[str]]:
    asked = details(answers, "merged")
    return await asked.sized("lantern/wick", changes), asked.asking.warnings


async def test_nothing_is_asked_for_what_is_known() -> None:
    known = replace(CHANGE, files_count=3)
    assert await sized({}, known) == ([known], [])
    assert await sized({}) == ([], [])


async def test_a_document_that_is_not_there_leaves_the_size_unknown_and_says_so() -> None:
    found, [warning] = await sized({PULL: BadStatus(404, "none")}, CHANGE)
    assert found == [CHANGE]
    assert warning == "the size of lantern/wick!7 is unknown (none)"


async def test_a_document_about_another_change_is_not_believed() -> None:
    found, _ = await sized({PULL: test_github.alone(test_github.pull(8, merged=1), changed_files=9)}, CHANGE)
    assert found == [CHANGE]


async def test_a_document_tells_the_size() -> None:
    alone = test_github.alone(test_github.pull(7, merged=1), additions=5, deletions=2, changed_files=9)
    [found], warnings = await sized({PULL: alone}, CHANGE)
    assert (found.lines_added, found.lines_removed, found.files_count) == (5, 2, 9)
    assert found.updated_at == CHANGE.updated_at
    assert warnings == []


async def test_documents_are_asked_for_within_a_bound() -> None:
    asked = details({}, "merged")
    asked.asking.singles_left = 0
    assert await asked.sized("lantern/wick", [CHANGE]) == [CHANGE]
    assert await asked.talk(CHANGE) is None


async def test_whoever_is_unknown_or_a_robot_has_no_first_change() -> None:
    asked = details({}, "first-time contributor")
    assert await asked.with_first(CHANGE) == CHANGE
    robot = replace(CHANGE, author=Person("renovate[bot]", "renovate[bot]@github.com"))
    assert await asked.with_first(robot) == robot
    told = replace(CHANGE, is_first=True, author=Person("Ada", "ada@github.com"))
    assert await asked.with_first(told) == told
