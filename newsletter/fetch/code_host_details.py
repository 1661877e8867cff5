"""What only single documents tell of tickets: sizes of changes, first contributions, who answered; within a bound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.code_host import Talk, Ticket, talk_of
from newsletter.fetch.code_host_api import CodeHost, Size, Wishes
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.code_host_memory import HostMemory
from newsletter.fetch.rest import next_link
from newsletter.model.robots import is_robot

_IN_A_QUESTION = 50
_PAGES_OF_COMMENTS = 5


@dataclass(slots=True)
class Details:
    """Asks for what lists leave out, as ``wishes`` need it."""

    asking: Asking
    memory: HostMemory
    wishes: Wishes
    answers_questions: bool = True
    """Whether the host answers questions in GraphQL, until it does not."""

    @property
    def api(self) -> CodeHost:
        """The host that is asked."""
        return self.asking.api

    async def sized(self, project: str, changes: Sequence[Ticket]) -> list[Ticket]:
        """The changes with what only their own documents tell: lines, files, at times whether they were merged."""
        asked = [each for each in changes if each.files_count is None or each.state == ""]
        sizes = await self._sizes(project, [each.number for each in asked])
        by_number: dict[int, Ticket] = {each.number: each for each in changes}
        for change in asked:
            size = sizes.get(change.number)
            if size:
                by_number[change.number] = _with_size(change, size)
            if (not size or self._needs_document(change)) and self.asking.may_ask_single():
                by_number[change.number] = await self._alone(by_number[change.number])
        return list(by_number.values())

    def _needs_document(self, change: Ticket) -> bool:
        """Whether only the document of the change says that it is somebody's first."""
        return self.wishes.first and change.is_first is None and self.api.tells_first

    async def _sizes(self, project: str, numbers: Sequence[int]) -> dict[int, Size]:
        found: dict[int, Size] = {}
        for at in range(0, len(numbers), _IN_A_QUESTION):
            asked = self.api.size_question(project, numbers[at : at + _IN_A_QUESTION])
            if asked is None or not self.answers_questions:
                break
            try:
                sizes = self.api.read_sizes(await self.asking.question(*asked))
                found.update((size.number, size) for size in sizes)
            except (BadStatus, Gone, NotReadable):
                self.answers_questions = False
        return found

    async def _alone(self, change: Ticket) -> Ticket:
        """The change as its own document tells it; as it is when there is none."""
        try:
            answer = await self.asking.ask(self.api.change_url(change.project, change.number))
            found = self.asking.read(
                replace(answer, value=[answer.value]), lambda record: self.api.read_ticket(record, change.project)
            )
        except (BadStatus, Gone, NotReadable) as fault:
            self.asking.warnings.append(f"the size of {change.key} is unknown ({fault})")
            return change
        if not found or found[0].number != change.number:
            return change
        told = found[0]
        return replace(
            told,
            url=told.url or change.url,
            lines_added=change.lines_added if told.lines_added is None else told.lines_added,
            lines_removed=change.lines_removed if told.lines_removed is None else told.lines_removed,
            files_count=change.files_count if told.files_count is None else told.files_count,
            updated_at=change.updated_at,
        )

    async def with_first(self, change: Ticket) -> Ticket:
        """The change, and whether its author had none merged before; None when that cannot be known."""
        author = change.author
        login = author.key.partition("@")[0] if author else ""
        url = self.api.changes_of_url(change.project, login) if login and not is_robot(author) else None
        if change.is_first is not None or url is None:
            return change
        firsts = self.memory.of(change.project, "firsts")
        if login not in firsts:
            number = await self._first_merged(change, url)
            if number is None:
                return change
            firsts[login] = number
        return replace(change, is_first=firsts[login] == change.number)

    async def _first_merged(self, change: Ticket, url: str) -> int | None:
        """The number of the first merged change at ``url``, ``change`` being one of them; None when it is not told."""
        if not self.asking.may_ask_single() or change.done_at is None:
            return None
        try:
            answer = await self.asking.ask(url)
        except (BadStatus, Gone, NotReadable) as fault:
            self.asking.warnings.append(f"the server does not tell who contributes for the first time ({fault})")
            return None
        read = self.asking.read(answer, lambda record: self.api.read_ticket(record, change.project))
        found = [each for each in read if each.is_change]
        merged = [(each.done_at, each.number) for each in found if each.state == "merged" and each.done_at]
        earliest = min(merged, default=(change.done_at, change.number))
        if earliest[0] < change.done_at:
            return earliest[1]
        is_all = next_link(answer) is None and not any(each.state == "" for each in found)
        return change.number if is_all else None

    async def talk(self, ticket: Ticket) -> Talk | None:
        """Who answered ``ticket``; None when that may not be asked."""
        wanted = self.wishes.comment_count or 0
        if not self.asking.may_ask_single():
            return None
        comments = []
        try:
            async for answer in self.asking.pages(self.api.comments_url(ticket), most=_PAGES_OF_COMMENTS):
                comments += self.asking.read(answer, self.api.read_comment)
        except (BadStatus, Gone, NotReadable) as fault:
            self.asking.warnings.append(f"the answers to {ticket.key} cannot be read ({fault})")
            return None
        return talk_of(ticket, comments, wanted=wanted)


def _with_size(change: Ticket, size: Size) -> Ticket:
    return replace(
        change,
        state=size.state or change.state,
        merged_at=size.merged_at or change.merged_at,
        lines_added=size.lines_added,
        lines_removed=size.lines_removed,
        files_count=size.files_count,
    )
