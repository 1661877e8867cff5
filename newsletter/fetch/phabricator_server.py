"""A Phabricator server during one fetch: its methods, tasks page by page, and who is who."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import NotReadable
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside
from newsletter.fetch.phabricator import (
    Server,
    is_for_everybody,
    project_ids,
    read_comments,
    read_names,
    stored_names,
    task_ticket,
)
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import MOST_PAGES, PAGE_REPEATED, TOO_MANY_PAGES, Record, ask_in_form
from newsletter.fetch.tracker import Ticket
from newsletter.text import host_of, one_line, shorten

IN_A_PAGE = 100
_MOST_NAMES = 5_000

Constraints = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class PhabricatorServer:
    """Asks the server at ``base`` with a Conduit ``token``. ``names`` are those it has told, and is added to."""

    http: Http
    base: str
    token: str
    names: dict[str, Any]
    warnings: list[str]
    aside: list[Aside] = field(default_factory=list)
    _has_comments: bool = True

    async def call(self, method: str, asked: Iterable[tuple[str, str]]) -> Any:
        """The result of one of the server's methods. Raises NotReadable with what the server says."""
        _refuse_open(self.base)
        fields = (*asked, ("api.token", self.token))
        answer = (await ask_in_form(self.http, f"{self.base}/api/{method}", fields)).value
        if not isinstance(answer, dict) or "error_code" not in answer:
            raise NotReadable(f"{host_of(self.base)} does not answer as Phabricator does")
        if answer["error_code"]:
            # The server repeats a token that it does not know.
            said = Record(answer).line("error_info").replace(self.token, "(token)")
            raise NotReadable(f"{host_of(self.base)} refuses {method}: {shorten(said, 200)}")
        return answer.get("result")

    async def tasks(self, asked: Constraints, *, with_comments: bool = True) -> AsyncIterator[list[Ticket]]:
        """The tasks that ``asked`` is about, page by page, the one that rests longest first."""
        after, seen = "", set[str]()
        for _ in range(MOST_PAGES):
            page = (("order", "outdated"), ("limit", str(IN_A_PAGE)), ("attachments[projects]", "1"))
            result = await self.call("maniphest.search", (*page, *asked, *((("after", after),) if after else ())))
            found = Record(result if isinstance(result, dict) else {})
            yield await self._tickets(found.records("data"), with_comments=with_comments)
            after = found.key("cursor", "after")
            if not after:
                return
            if after in seen:
                self.warnings.append(PAGE_REPEATED)
                return
            seen.add(after)
        self.warnings.append(TOO_MANY_PAGES)

    async def _tickets(self, found: tuple[Record, ...], *, with_comments: bool) -> list[Ticket]:
        shown = [each for each in found if is_for_everybody(each)]
        happened = await self._happened(shown) if with_comments else None
        people = {each.line("fields", "authorPHID") for each in shown} | _speakers(happened)
        await self._meet("user.search", people)
        await self._meet("project.search", {phid for each in shown for phid in project_ids(each)})
        server = self.server
        comments = read_comments(happened, server) if happened is not None else {}

        def ticket(each: Record) -> Ticket | None:
            return task_ticket(each, server, comments.get(each.key("id")))

        return [made for _, made in made_of(shown, ticket, f"{self.base}/api/maniphest.search", self.aside)]

    @property
    def server(self) -> Server:
        """The server with the names that are known by now."""
        return Server(self.base, stored_names(self.names))

    async def _happened(self, tasks: list[Record]) -> Any:
        """All that happened to ``tasks``, in one call; None when the server does not tell."""
        numbers = [each.key("id") for each in tasks if each.key("id")]
        if not numbers or not self._has_comments:
            return None
        try:
            return await self.call(
                "maniphest.gettasktransactions", [(f"ids[{at}]", number) for at, number in enumerate(numbers)]
            )
        except NotReadable as fault:
            self._has_comments = False
            self.warnings.append(f"comments were not read: {fault}")
            return None

    async def _meet(self, method: str, phids: set[str]) -> None:
        """Learn the names of people or projects that are not known."""
        unknown = sorted(phid for phid in phids if phid and phid not in self.names)
        for at in range(0, len(unknown), IN_A_PAGE):
            part = unknown[at : at + IN_A_PAGE]
            asked = [(f"constraints[phids][{place}]", phid) for place, phid in enumerate(part)]
            try:
                self.names.update(
                    (phid, list(name)) for phid, name in read_names(await self.call(method, asked)).items()
                )
            except NotReadable as fault:
                self.warnings.append(f"names were not read: {fault}")
                return
            self.names.update((phid, ["", ""]) for phid in part if phid not in self.names)
        while len(self.names) > _MOST_NAMES:
            del self.names[next(iter(self.names))]


def _speakers(happened: Any) -> set[str]:
    lists = happened.values() if isinstance(happened, dict) else ()
    return {
        one_line(each["authorPHID"])
        for happened in lists
        if isinstance(happened, list)
        for each in happened
        if isinstance(each, dict) and isinstance(each.get("authorPHID"), str) and each.get("comments")
    }


def _refuse_open(base: str) -> None:
    """A token is part of every question; over plain http anybody on the way could read it."""
    parts = urlsplit(base)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise NotReadable(f"The token would be sent to {parts.hostname} in the open. Write the address with https://.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
