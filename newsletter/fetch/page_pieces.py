"""The parts of a page that are told one by one: what selectors name, articles, or what stands under headings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from newsletter.errors import NotReadable
from newsletter.fetch.clean import Cleaned, clean_html, is_safe_url
from newsletter.fetch.losses import CODE_BROKEN_OUT, title_losses
from newsletter.fetch.mending import mend_lines
from newsletter.fetch.page_facts import time_of
from newsletter.fetch.selectors import split_selectors
from newsletter.model.item import Event, Form, Person, Thread
from newsletter.text import one_line, shorten

MOST_PIECES = 900
_TITLE_LENGTH = 100
_HEADINGS = ("h1", "h2", "h3")
_HEADING = "h1, h2, h3, h4, h5, h6"
_NOT_CONTENT = (
    "nav, footer, aside, form, script, style, noscript, template, [hidden], [aria-hidden=true], [role=navigation], "
    "[role=banner], [role=contentinfo], [role=complementary], [role=search], body > header, .sidebar, #sidebar, "
    ".comments, #comments, .cookie-notice, .breadcrumbs, .pagination, #toc, .toc, .mw-editsection"
)
_MAIN = (
    "main, [role=main], #mw-content-text, #wikiContent, #content, #main-content, #main, #bodyContent, .post-content, "
    ".entry-content"
)
_FEWEST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page. ``key`` names it as long as the page keeps it; the text alone does not change it.

    ``is_dated`` says that the page gives it a time of its own, so that it is news of that time.
    """

    key: str
    title: str
    text: str
    html: str = ""
    url: str | None = None
    links: tuple[str, ...] = ()
    author: Person | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    event: Event | None = None
    thread: Thread | None = None
    labels: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    form: Form = "page"
    language: str | None = None
    is_named: bool = field(default=True, compare=False)
    """Whether ``key`` is a name the page gave it, not its own words."""

    @property
    def is_dated(self) -> bool:
        """Whether the page says when it was written, or when it takes place."""
        return self.published_at is not None or self.event is not None


def watched_pieces(tree: LexborHTMLParser, url: str, watch: str) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """What the selectors of ``watch`` name, in the order of the page, and what there is to say about them.

    Raises NotReadable when they name nothing, or cannot be read.
    """
    selectors = split_selectors(watch)
    empty = [each for each in selectors if not _matches(tree, each)]
    if len(empty) == len(selectors):
        raise NotReadable(f'No match for "{watch.strip()}": the page changed')
    nodes = _outermost(_matches(tree, ", ".join(selectors)))
    warnings = tuple(f'no match for "{each}"' for each in empty)
    if len(nodes) > MOST_PIECES:
        warnings = (*warnings, f"more than {MOST_PIECES} parts; the rest was left out")
    return _named_once(_piece(node, url) for node in nodes[:MOST_PIECES]), warnings


def main_pieces(tree: LexborHTMLParser, url: str) -> tuple[tuple[Piece, ...], Cleaned]:
    """The parts of what a page is about, and all of that as one; no parts when it has no structure.

    Takes what surrounds it (menus, footers, forms) out of ``tree``.
    """
    for node in tree.css(_NOT_CONTENT):
        if node.tag not in ("body", "html"):
            node.decompose()
    main = _main(tree)
    if main is None:
        return (), clean_html("")
    whole = clean_html(main.html or "", url)
    articles = _outermost(main.css("article"))
    if len(articles) > 1:
        return _named_once(_piece(node, url) for node in articles[:MOST_PIECES]), whole
    return _named_once(_sections(main, whole.html, url)), whole


def _matches(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return list(tree.css(selector))
    except (SelectolaxError, ValueError) as error:
        raise NotReadable(f'"watch" holds a selector that cannot be read: "{selector}"') from error


def _outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Without those that stand in another of them."""
    there = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(above in there for above in _above(node))]


def _above(node: LexborNode) -> Iterable[int]:
    parent = node.parent
    while parent is not None:
        yield parent.mem_id
        parent = parent.parent


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    """The element that holds what the page is about: the marked one with the most text, else the whole body."""
    found = [(len(one_line(node.text())), node) for node in tree.css(_MAIN)]
    articles = tree.css("article")
    if len(articles) == 1:
        found.append((len(one_line(articles[0].text())), articles[0]))
    best = max(found, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= _FEWEST_LETTERS else tree.body


def _piece(node: LexborNode, url: str) -> Piece:
    clean = clean_html(node.html or "", url)
    heading = node if node.tag in _HEADING.split(", ") else node.css_first(_HEADING)
    link = _first_link(heading, url) or _first_link(node, url)
    name = _name(node, heading)
    title = one_line(heading.text()) if heading is not None else ""
    is_about_link = link is not None and (
        heading is not None or len(one_line((node.css_first("a[href]") or node).text())) * 2 > len(clean.text)
    )
    times = {each.attributes.get("datetime") or "" for each in node.css("time[datetime]")}
    person = node.css_first("[rel~=author], .author, .byline")
    return make_piece(
        Piece(
            key=f"#{name}" if name else (link or "") if is_about_link and link else "",
            title=title,
            text="",
            url=(link if is_about_link else None) or (f"{url.partition('#')[0]}#{name}" if name else url),
            author=_person(one_line(person.text())) if person is not None else None,
            published_at=time_of(times.pop()) if len(times) == 1 else None,
        ),
        clean,
    )


def make_piece(piece: Piece, clean: Cleaned) -> Piece:
    """``piece`` with the text of ``clean``, what was lost in it, a title and a key if it had none."""
    title = shorten(piece.title or first_words(clean.text), _TITLE_LENGTH * 10)
    code = mend_lines("\n".join(line for line in clean.text.split("\n") if line.strip())).code
    warnings = (*piece.warnings, *title_losses(piece.title, clean.text), *clean.warnings)
    return replace(
        piece,
        key=piece.key or f"words {one_line(clean.text)[:500]}",
        is_named=bool(piece.key),
        title=title,
        text=clean.text,
        html=clean.html,
        links=clean.links,
        warnings=tuple(dict.fromkeys((*warnings, *(f"{CODE_BROKEN_OUT}: {each}" for each in code)))),
    )


def first_words(text: str) -> str:
    """The beginning of ``text`` as a title for what has none."""
    line = next((one_line(line) for line in text.split("\n") if line.strip()), "").removeprefix("- ")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    return shorten(sentence, _TITLE_LENGTH)


def _person(name: str) -> Person | None:
    name = re.sub(r"^by\s+", "", name, flags=re.IGNORECASE)
    return Person(name) if 0 < len(name) <= 60 else None


def _name(node: LexborNode, heading: LexborNode | None) -> str:
    for each in (node, heading):
        found = (each.attributes.get("id") or "").strip() if each is not None else ""
        if found and not re.search(r"\s", found):
            return found
    anchor = (heading if heading is not None else node).css_first("a[name], a[id], span[id]")
    found = (anchor.attributes.get("id") or anchor.attributes.get("name") or "").strip() if anchor is not None else ""
    return "" if re.search(r"\s", found) else found


def _first_link(node: LexborNode | None, url: str) -> str | None:
    for each in node.css("a[href]") if node is not None else ():
        try:
            found = urljoin(url, (each.attributes.get("href") or "").strip())
        except ValueError:
            continue
        if is_safe_url(found) and found.partition("#")[0] != url.partition("#")[0]:
            return found
    return None


def _sections(main: LexborNode, clean: str, url: str) -> Iterable[Piece]:
    """What stands under each heading of the highest level that has several."""
    level = next((each for each in _HEADINGS if clean.count(f"<{each}") > 1), None)
    if level is None:
        return
    names = {one_line(node.text()): _name(node, node) for node in main.css(level)}
    for part in re.split(rf"(?=<{level}[ >])", clean)[:MOST_PIECES]:
        found = clean_html(part, url)
        heading = LexborHTMLParser(part).css_first(level)
        if heading is None and len(found.text) < _FEWEST_LETTERS:
            continue
        title = one_line(heading.text()) if heading is not None else ""
        name = names.get(title, "")
        link = _first_link(heading, url)
        yield make_piece(
            Piece(
                key=f"under {title}" if title else "top",
                title=title,
                text="",
                url=link or (f"{url.partition('#')[0]}#{name}" if name else url),
            ),
            found,
        )


def _named_once(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Without those that say nothing; of several with one key the later ones get a number."""
    seen: dict[str, int] = {}
    kept = []
    for piece in pieces:
        if not piece.text.strip():
            continue
        seen[piece.key] = seen.get(piece.key, 0) + 1
        kept.append(piece if seen[piece.key] == 1 else replace(piece, key=f"{piece.key} ({seen[piece.key]})"))
    return tuple(kept)
