"""The entries of a feed become Items: cleaned, dated, named, each with its own id."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import urljoin, urlsplit

from newsletter.fetch.clean import Cleaned, clean_html, is_safe_url, paragraphs, title_text
from newsletter.fetch.dates import DATE_UNREADABLE, believed
from newsletter.fetch.feed_entries import NOBODY, Author, Content, RawEntry, RawFeed
from newsletter.fetch.losses import title_losses
from newsletter.model.item import Form, Item, Person, item_id
from newsletter.text import one_line, shorten, shorten_words

SAME_ID = "entries share one id"

ITEMS_AT_MOST = 5_000
_SAME_AT_MOST = 100
_TITLE_WORDS = 12
_TITLE_LENGTH = 1000
_LABELS_AT_MOST = 20
_LABEL_LENGTH = 60
_LINKS_AT_MOST = 200
_RELEASES = re.compile(r"/(?:-/)?(?:releases|tags)(?:\.atom|\.xml|\.rss)?/?$")
_NAMED = re.compile(r"([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,4})(?:\s*:|\s[-–])\s+(\S.*)")
_MARKUP_OR_SPACE = re.compile(r"<[^<>]*>|\s+")
_BY = re.compile(
    r"(?:^|\n)\W{0,3}(?:(?:posted|written|published|contributed)\s+by|author:|by)\s+"
    r"([^\W\d_][\w.'’-]*(?:[ \t]+[^\W\d_][\w.'’-]*){0,3})\s*(?:\n|$|[,|(])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose items they are: the source's id, the document's address, and where the real author stands."""

    source_id: str
    url: str
    now: datetime
    real_author_from: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Items, oldest first, and warnings about the feed.

    ``hashes`` are those of the entries that are known with them; the ones of the items stand first, in their order.
    """

    items: tuple[Item, ...]
    hashes: tuple[str, ...]
    warnings: tuple[str, ...]
    is_partial: bool = False


def make_items(feed: RawFeed, entries: Mapping[str, RawEntry], naming: Naming, known: Collection[str]) -> Made:
    """The Items of the ``entries`` (by hash) that are not ``known``; of very many, the oldest."""
    keys, warnings = _keys(entries)
    new = _oldest_first([digest for digest in keys if digest not in known], entries)
    batch = new[:ITEMS_AT_MOST]
    items = tuple(_item(entries[digest], keys[digest], feed, naming) for digest in batch)
    is_partial = len(batch) < len(new)
    hashes = batch if is_partial else dict.fromkeys([*batch, *entries])
    return Made(items, tuple(hashes), tuple(warnings), is_partial)


def _keys(entries: Mapping[str, RawEntry]) -> tuple[dict[str, str], list[str]]:
    """A native key for each entry, by its hash.

    Of entries that share an id the last (the oldest, in most feeds) keeps it, so that a later one does not take
    over its name. A feed that gives one id to everything is taken at its word: one entry, the first.
    """
    native = {digest: _native_key(entry) for digest, entry in entries.items()}
    counts, seen = Counter(native.values()), Counter[str]()
    owners: dict[str, str] = {}
    for digest, key in native.items():
        seen[key] += 1
        if counts[key] <= _SAME_AT_MOST:
            owners[key if seen[key] == counts[key] else f"{key}#{_said(entries[digest])}"] = digest
        else:
            owners.setdefault(key, digest)
    many = [(key, count) for key, count in counts.items() if count > _SAME_AT_MOST]
    warnings = [f"{count} {SAME_ID}, only the first is taken: {shorten(key, 80)}" for key, count in many]
    return {digest: key for key, digest in owners.items()}, warnings


def _native_key(entry: RawEntry) -> str:
    if key := one_line(entry.key) or one_line(entry.link):
        return key
    return f"hash:{_said(entry)}"


def _said(entry: RawEntry) -> str:
    """A hash of what an entry says, without the mark-up it is written in."""
    words = _MARKUP_OR_SPACE.sub("", f"{entry.title.value}\0{entry.body.value}")
    said = f"{words}\0{entry.published_at}\0{entry.link}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(said).hexdigest()[:24]


def _item(entry: RawEntry, key: str, feed: RawFeed, naming: Naming) -> Item:
    url = _absolute(entry.link, naming.url)
    body = _cleaned(entry.body, naming.url if feed.is_atom or not url else url, naming.url)
    title, person = _title_and_author(entry, feed, body.text, naming.real_author_from)
    published_at, updated_at, date_warnings = _dates(entry, naming.now)
    enclosures = (found for link in entry.enclosures if (found := _absolute(link, naming.url)))
    return Item(
        id=item_id(naming.source_id, key),
        source_id=naming.source_id,
        kind="feed",
        form=_form(naming.url),
        native_keys=(key,),
        title=title or shorten_words(body.text[:1000], _TITLE_WORDS) or url or "",
        url=url,
        author=person,
        published_at=published_at,
        updated_at=updated_at,
        text=body.text,
        html=_with_picture(body.html, _absolute(entry.picture, naming.url), title),
        links=tuple(dict.fromkeys([*body.links[:_LINKS_AT_MOST], *enclosures])),
        language=(entry.language or feed.language).replace("_", "-").partition("-")[0].strip().lower()[:8] or None,
        labels=_labels(entry.labels),
        warnings=(*title_losses(title, body.text), *date_warnings, *body.warnings),
    )


def _with_picture(html: str, picture: str | None, title: str) -> str:
    """``html`` with the picture of the whole in front, described by the title, unless it has pictures of its own."""
    if picture is None or "<img" in html:
        return html
    return f'<p><img src="{escape(picture)}" alt="{escape(title)}"></p>{html}'


def _title_and_author(entry: RawEntry, feed: RawFeed, text: str, real_from: str | None) -> tuple[str, Person | None]:
    title = title_text(entry.title.value) if entry.title.is_html else one_line(entry.title.value)
    title = shorten(title, _TITLE_LENGTH)
    if real_from == "title" and (found := _NAMED.fullmatch(title)):
        return found[2], Person(found[1])
    if real_from == "body" and (found := _BY.search(text[:600]) or _BY.search(text[-300:])):
        return title, Person(one_line(found[1]))
    return title, _person(entry.author if entry.author != NOBODY else feed.author)


def _person(author: Author) -> Person | None:
    name, address = title_text(author.name), one_line(author.email)
    if "@" in name or not name:
        # An address is for telling people apart, not for showing.
        address = address or name
        name = address.partition("@")[0]
    return Person(shorten(name, 1000), address.lower()[:200]) if name else None


def _dates(entry: RawEntry, now: datetime) -> tuple[datetime | None, datetime | None, list[str]]:
    published_at, bad_published = believed(entry.published_at, now)
    updated_at, bad_updated = believed(entry.updated_at, now)
    warnings = [warning for warning in dict.fromkeys((bad_published, bad_updated)) if warning]
    if entry.bad_date:
        warnings.append(f"{DATE_UNREADABLE}: {shorten(entry.bad_date, 60)}")
    # Many feeds have one date only, and call it as they like.
    return published_at or (None if bad_published else updated_at), updated_at, warnings


def _cleaned(content: Content, page_url: str, document_url: str) -> Cleaned:
    if not content.value:
        return clean_html("")
    base = urljoin(document_url, content.base) if content.base else page_url
    return clean_html(content.value if content.is_html else paragraphs(content.value), base)


def _absolute(link: str, base: str) -> str | None:
    """``link`` as an address that may be shown, or None."""
    link = link.strip()
    if not link:
        return None
    # Line breaks and their like would go unnoticed through urljoin; spaces are a slip.
    if not link.isprintable():
        return None
    url = link.replace(" ", "%20")
    if not url.startswith(("http://", "https://")):
        try:
            url = urljoin(base, url)
        except ValueError:
            return None
    return url if is_safe_url(url) else None


def _form(url: str) -> Form:
    try:
        path = urlsplit(url).path
    except ValueError:
        return "post"
    return "release" if _RELEASES.search(path) else "post"


def _labels(labels: Iterable[str]) -> tuple[str, ...]:
    named = (shorten(title_text(label), _LABEL_LENGTH) for label in labels)
    return tuple(dict.fromkeys(label for label in named if label))[:_LABELS_AT_MOST]


def _oldest_first(hashes: list[str], entries: Mapping[str, RawEntry]) -> list[str]:
    dated = [at for digest in hashes if (at := entries[digest].published_at or entries[digest].updated_at)]
    # Without dates a feed is taken to begin with its newest entry, as nearly all do.
    return hashes if len(dated) > 1 and dated[0] < dated[-1] else hashes[::-1]
