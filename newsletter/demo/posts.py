"""Posts of the sample community: blog entries, releases, dates, press lines, read from the files they are written in.

Each stands under a line ``=== name | writer | 10-09 07:48 | title``. A line ``url: …`` may follow;
paragraphs are parted by empty lines, lists begin with "- ", links are ``[words](address)``, and a
block that begins with "<" is HTML already. A time of "-" is unknown.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape

from newsletter.demo.clock import written_at
from newsletter.demo.people import Member, members, read_document

_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Post:
    """One entry of a feed. ``writer`` is a member, or a name that only this post knows."""

    key: str
    writer: Member | str
    posted_at: datetime | None
    title: str
    url: str
    body: str
    language: str | None = None

    @property
    def author(self) -> str:
        """The writer's name."""
        return self.writer if isinstance(self.writer, str) else self.writer.name

    @property
    def html(self) -> str:
        """The body as HTML."""
        return "\n".join(_block(part) for part in re.split(r"\n\s*\n", self.body) if part.strip())


@cache
def posts(name: str, address: str) -> tuple[Post, ...]:
    """The posts of one file, the newest first; ``address`` holds "{key}" where a post's name goes."""
    found = [_post(part, address) for part in re.split(r"(?m)^=== ", read_document(f"posts/{name}.txt"))[1:]]
    dated = [post for post in found if post.posted_at]
    undated = [post for post in found if not post.posted_at]
    return (*undated, *sorted(dated, key=lambda post: (post.posted_at, post.key), reverse=True))


def _post(part: str, address: str) -> Post:
    head, _, body = part.partition("\n")
    key, writer, at, title = (word.strip() for word in head.split("|", 3))
    fields = {}
    while found := re.match(r"(url|language): (.*)\n", body):
        fields[found[1]] = found[2].strip()
        body = body[found.end() :]
    return Post(
        key=key,
        writer=members().get(writer, writer),
        posted_at=None if at == "-" else written_at(at),
        title=title,
        url=fields.get("url", address.format(key=key)),
        body=body.strip(),
        language=fields.get("language"),
    )


def _block(text: str) -> str:
    text = text.strip()
    if text.startswith("<"):
        return text
    if text.startswith("- "):
        lines = re.split(r"(?m)^- ", text)[1:]
        return "<ul>\n" + "".join(f"<li>{_inline(line)}</li>\n" for line in lines) + "</ul>"
    return f"<p>{_inline(text)}</p>"


def _inline(text: str) -> str:
    return _LINK.sub(r'<a href="\2">\1</a>', escape(" ".join(text.split()), quote=False))
