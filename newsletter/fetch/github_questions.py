"""Questions to GitHub in GraphQL, where one saves many, or where REST has no answer; and what is answered. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from newsletter.fetch.code_host import Comment, Ticket, person
from newsletter.fetch.code_host_api import DiscussionPage, Size
from newsletter.fetch.rest import Record
from newsletter.model.item import Person

DISCUSSIONS = """query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    discussions(first: 20, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number title url body createdAt updatedAt closed
        author { login __typename }
        labels(first: 10) { nodes { name } }
        comments(first: 30) {
          totalCount
          nodes {
            createdAt author { login __typename }
            replies(first: 20) { totalCount nodes { createdAt author { login __typename } } }
          }
        }
      }
    }
  }
}"""
"""The discussions of a repository, the last changed first."""


def owner_and_name(project: str) -> Mapping[str, str]:
    """The variables that name a repository."""
    owner, _, name = project.partition("/")
    return {"owner": owner, "name": name}


def size_question(numbers: Sequence[int]) -> str:
    """A question for the sizes of those pull requests."""
    parts = " ".join(
        f"p{number}: pullRequest(number: {number}) {{ number state mergedAt additions deletions changedFiles }}"
        for number in numbers
    )
    return f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {parts} }} }}"


def read_sizes(data: Record) -> Iterator[Size]:
    """The sizes in the answer; a pull request that is not there is left out."""
    repository = data.record("repository")
    for name in repository.fields:
        found = repository.record(name)
        number = found.whole("number")
        if number is not None:
            yield Size(
                number,
                found.text("state").lower(),
                found.when("mergedAt"),
                found.whole("additions"),
                found.whole("deletions"),
                found.whole("changedFiles"),
            )


def read_discussions(data: Record, project: str, host: str) -> DiscussionPage:
    """The discussions in the answer, each with its answers and the answers to these."""
    listed = data.record("repository", "discussions")
    found = []
    for node in listed.records("nodes"):
        number = node.whole("number")
        if number is None:
            continue
        comments = node.records("comments", "nodes")
        replies = [each for comment in comments for each in comment.records("replies", "nodes")]
        count = (node.whole("comments", "totalCount") or 0) + sum(
            comment.whole("replies", "totalCount") or 0 for comment in comments
        )
        told = tuple(
            Comment(_person(each, host), at) for each in (*comments, *replies) if (at := each.when("createdAt"))
        )
        found.append((_ticket(node, number, project, host, count), told, count))
    after = listed.text("pageInfo", "endCursor") if listed.is_true("pageInfo", "hasNextPage") else ""
    return DiscussionPage(tuple(found), after or None)


def _ticket(node: Record, number: int, project: str, host: str, count: int) -> Ticket:
    return Ticket(
        number=number,
        project=project,
        url=node.line("url"),
        title=node.line("title"),
        state="closed" if node.is_true("closed") else "open",
        author=_person(node, host),
        created_at=node.when("createdAt"),
        updated_at=node.when("updatedAt"),
        body=node.text("body"),
        labels=tuple(name for each in node.records("labels", "nodes") if (name := each.line("name"))),
        comment_count=count,
        is_discussion=True,
    )


def _person(node: Record, host: str) -> Person | None:
    author = node.record("author")
    return person(author.text("login"), host, is_bot=author.text("__typename") == "Bot")
