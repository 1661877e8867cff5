"""What any feed says, before it is cleaned: RawFeed and RawEntry, whoever read them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_HASHED_AS = b"1"
"""Counted up when the same entry would become another Item, so that every entry is read once more."""


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of text: plain, or HTML whose relative addresses hang on ``base``."""

    value: str = ""
    is_html: bool = False
    base: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an entry, as far as the feed says."""

    name: str = ""
    email: str = ""


NOBODY = Author()


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as it stands in the feed; "" is what it does not say."""

    key: str = ""
    link: str = ""
    title: Content = Content()
    body: Content = Content()
    author: Author = NOBODY
    published_at: datetime | None = None
    updated_at: datetime | None = None
    bad_date: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    picture: str = ""
    """The address of a picture that stands for the whole, as video channels give one."""

    @property
    def hash(self) -> str:
        """The same for entries that would become the same Item, and for no others."""
        title, body = self.title, self.body
        said = (
            *(self.key, self.link, title.value, body.value, title.base, body.base, self.bad_date, self.language),
            *(self.author.name, self.author.email, f"{title.is_html} {body.is_html}"),
            f"{self.published_at} {self.updated_at} {self.labels} {self.enclosures}",
            *((self.picture,) if self.picture else ()),
        )
        written = "\0".join(said).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(written, digest_size=9, key=_HASHED_AS).hexdigest()


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed in document order. ``author`` holds for entries without one; ``base`` is where links start."""

    title: str = ""
    entries: tuple[RawEntry, ...] = ()
    author: Author = NOBODY
    language: str = ""
    is_atom: bool = False
    warnings: tuple[str, ...] = ()


def chosen_link(link: str, key: str, others: Iterable[str]) -> str:
    """``link``, unless it is an id that is no address; then the first of the ``others``."""
    return link if link and (link != key or link.startswith(("http://", "https://"))) else next(iter(others), "")


def chosen_picture(thumbnails: Iterable[str], images: Iterable[str]) -> str:
    """The first of the ``thumbnails``, else of the ``images`` that are not somebody's face beside each entry."""
    faces = ("gravatar.com/avatar", "/wp-content/plugins/")
    shown = (url for url in images if not any(face in url for face in faces))
    return next((url.strip() for url in (*thumbnails, *shown) if url.strip()), "")


def fullest(contents: list[Content]) -> Content:
    """The content that says most."""
    return max(contents, key=lambda content: (len(content.value), content.is_html), default=Content())
