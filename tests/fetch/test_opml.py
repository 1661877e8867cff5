import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.opml import FeedList, Listed, read_list
from newsletter.text import canonical_url
from tests.corpus import CORPUS, expected, needs_corpus

SKIPPED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("skipped_opml.toml").read_text(encoding="utf-8"))


def result(found: FeedList) -> dict[str, Any]:
    """The list as the origin's own assertions speak of it."""

    def told(each: Listed) -> dict[str, Any]:
        tags = [path[0] for path in each.paths if len(path) == 1]
        return {"url": each.url, "title": each.title, "tags": tags, "categories": [list(path) for path in each.paths]}

    return {"feeds": [told(each) for each in found.feeds], "lists": [told(each) for each in found.lists]}


def value_of(node: ast.expr, known: dict[str, Any]) -> Any:
    """What an expression of the few sorts that assertions are made of comes to."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id="result"):
            return known
        case ast.Subscript(value=inside, slice=at):
            return value_of(inside, known)[value_of(at, known)]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [value_of(each, known) for each in parts]
        case ast.Call(func=ast.Name(id="len"), args=[inside]):
            return len(value_of(inside, known))
        case ast.UnaryOp(op=ast.Not(), operand=inside):
            return not value_of(inside, known)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return value_of(left, known) == value_of(right, known)
        case ast.Compare(left=left, ops=[ast.In()], comparators=[right]):
            return value_of(left, known) in value_of(right, known)
    raise AssertionError(ast.dump(node))


def same_page(first: str, second: str) -> bool:
    return canonical_url(first.strip()) == canonical_url(second.strip())


@needs_corpus
def test_every_recorded_list_gives_its_facts() -> None:
    wrong: list[tuple[str, str]] = []
    documents = held = 0
    for path, document in expected("opml").items():
        if path in SKIPPED["documents"]:
            continue
        documents += 1
        expect = document["expect"]
        found = read_list((CORPUS / "opml" / path).read_bytes())
        for assertion in expect.get("peer_asserts", ()):
            if any(f"result['{name}']" in assertion.replace('"', "'") for name in SKIPPED["names"]):
                continue
            held += 1
            if not value_of(ast.parse(assertion, mode="eval").body, result(found)):
                wrong.append((path, assertion))
        if expect.get("root") != "opml":
            continue
        named = {canonical_url(each.url): each for each in (*found.feeds, *found.lists)}
        has_title = any("'title'" in each for each in expect.get("peer_asserts", ()))
        for fact in expect["subscriptions"]:
            url, folders = fact["xml_url"].strip(), tuple(name.strip() for name in fact["folders"])
            listed = named.get(canonical_url(url))
            if not url:
                continue
            # What the origin asserts about a title counts more; of a feed that stands there twice the first has it.
            titles = {each["title"].strip() for each in expect["subscriptions"] if same_page(each["xml_url"], url)}
            if listed is None or not (has_title or listed.title in titles):
                wrong.append((path, url))
            elif folders and folders not in listed.paths:
                wrong.append((path, f"{url} in {folders}"))
    assert wrong == []
    assert (documents, held) == (111, 162)


@needs_corpus
def test_what_is_no_list_is_refused() -> None:
    for path in SKIPPED["documents"]:
        with pytest.raises(NotReadable, match="neither OPML nor FOAF"):
            read_list((CORPUS / "opml" / path).read_bytes())


@pytest.mark.parametrize("data", [b"", b" ", b"{}", b"<html>", b"<rss/>", b"\xff\xfe\x00", b"not a list"])
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(NotReadable, match="neither OPML nor FOAF"):
        read_list(data)


def outline(**values: str) -> bytes:
    return (
        "<opml><body><outline " + " ".join(f'{key}="{value}"' for key, value in values.items()) + "/></body>"
    ).encode()


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://a.example.org/feed", "https://a.example.org/feed"),
        ("/feed?a b", "https://list.example.org/feed?a%20b"),
        ("feed://a.example.org/rss", "http://a.example.org/rss"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
        ("https://a.example.org/&#8238;x", "https://a.example.org/x"),
    ],
)
def test_only_addresses_that_may_be_asked_are_feeds(url: str, read: str | None) -> None:
    found = read_list(outline(xmlUrl=url), "https://list.example.org/opml.xml").feeds
    assert [each.url for each in found] == ([read] if read else [])


def test_a_list_nested_for_harm_is_read_in_a_moment() -> None:
    deep = b"<opml><body>" + b"<outline text='x'>" * 200 + outline(xmlUrl="https://a.example.org/")[12:] + b"</opml>"
    assert len(read_list(deep).feeds) == 1
    many = b"".join(b'<outline text="f" xmlUrl="https://%d.example.org/f"/>' % number for number in range(20_000))
    assert len(read_list(b"<opml><body>" + many + b"</body></opml>").feeds) == 20_000
    endless = b"<opml><body>" + b"<outline text='x'>" * 100_000
    assert read_list(endless).feeds == ()
    bomb = b'<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;" xmlUrl="http://a.example/"/>'
    assert [each.url for each in read_list(bomb).feeds] == ["http://a.example/"]
