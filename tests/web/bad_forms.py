"""What can be wrong with a form: each way makes requests out of a good one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

Fields = Mapping[str, str | list[str]]
URLENCODED = "application/x-www-form-urlencoded"
MEGABYTE = "m" * 1_000_000
CONTROLS = "".join(map(chr, (*range(32), 127, 0x80, 0x9F, 0x202E, 0x2066, 0x200B, 0xFEFF)))
WRONG = ("x", "-1", "9" * 180, "1e9", "²", "٣", "1.5", "null", "' or 1=1 --", "../../etc/passwd", "{{ 7 * 7 }}", "%s%n")
"""Words, numbers and signs where something else is expected."""


@dataclass(frozen=True)
class Bad:
    """One request that is not as a page of ours would send it."""

    why: str
    content: bytes
    kind: str = URLENCODED


def encoded(fields: Fields) -> bytes:
    """The fields as a browser sends them."""
    return urlencode([(name, each) for name, value in fields.items() for each in _all(value)]).encode()


def every(fields: Fields, texts: tuple[str, ...]) -> Iterator[Bad]:
    """All that is wrong with a form of these fields, of which ``texts`` are what a person writes."""
    yield from too_long(fields)
    yield from unseen(fields, texts)
    yield from wrong(fields, texts)
    yield from missing(fields)
    yield from broken(fields)


def too_long(fields: Fields) -> Iterator[Bad]:
    """A megabyte of text in each field."""
    for name in fields:
        yield Bad(f"1 MB in {name}", encoded({**fields, name: MEGABYTE}))


def unseen(fields: Fields, texts: tuple[str, ...]) -> Iterator[Bad]:
    """Characters that nobody sees, bytes that are no text, and halves of characters."""
    yield Bad("controls everywhere", encoded({name: _with(value, CONTROLS) for name, value in fields.items()}))
    for name in fields:
        yield Bad(f"controls in {name}", encoded({**fields, name: _with(fields[name], CONTROLS)}))
    for raw in ("%00", "%ED%A0%80", "%FF%FE", "%E2%80%AE", "%F4%90%80%80", "%", "%u0000") if texts else ("%00",):
        told = [
            f"{quote_plus(name)}={quote_plus(_all(value)[0])}{raw}" for name, value in fields.items() if name in texts
        ]
        rest = encoded({name: value for name, value in fields.items() if name not in texts}).decode()
        yield Bad(f"{raw} in all texts", "&".join([*told, rest, f"a{raw}b=1"]).encode())
    for charset, half in (
        ("utf-7", b"+2AA-"),
        ("unicode_escape", b"\\ud800"),
        ("utf-16", b"\x00\xd8"),
        ("idna", b"xn--a"),
        ("hex", b"zz"),
    ):
        for name in texts:
            content = multipart({**fields, name: b"half " + half})
            yield Bad(f"{charset} in {name}", content, f"multipart/form-data; boundary=x; charset={charset}")


def wrong(fields: Fields, texts: tuple[str, ...]) -> Iterator[Bad]:
    """Something else than what is expected, in one field after the other; a text may be anything."""
    for name in fields:
        for value in WRONG[:3] if name in texts else WRONG:
            yield Bad(f"{name} is {value[:20]}", encoded({**fields, name: value}))


def missing(fields: Fields) -> Iterator[Bad]:
    """Each field missing, all of them missing, each twice, and each a file."""
    for name in fields:
        yield Bad(f"no {name}", encoded({each: value for each, value in fields.items() if each != name}))
        yield Bad(f"{name} is empty", encoded({**fields, name: ""}))
        yield Bad(f"{name} is a file", multipart(fields, file=name), "multipart/form-data; boundary=x")
    yield Bad("nothing", b"")
    yield Bad("all twice", encoded(fields) + b"&" + encoded(fields))


def broken(fields: Fields) -> Iterator[Bad]:
    """Bytes that are no form, or not the one they say they are."""
    whole = multipart(fields)
    yield Bad("no multipart", b"no form", "multipart/form-data; boundary=x")
    yield Bad("no boundary", whole, "multipart/form-data")
    yield Bad("cut", whole[: len(whole) // 2], "multipart/form-data; boundary=x")
    yield Bad("another boundary", whole, "multipart/form-data; boundary=y")
    yield Bad("a boundary that cannot be", whole, "multipart/form-data; boundary=\x7f")
    yield Bad("JSON", b'{"do": "keep"}', "application/json")
    yield Bad("text", encoded(fields), "text/plain")
    yield Bad("no kind", encoded(fields), "")
    yield Bad("a charset that is none", whole, "multipart/form-data; boundary=x; charset=nothing")
    yield Bad("many parts", b"&".join(b"a=1" for _ in range(6_000)))


def multipart(fields: Mapping[str, Any], *, file: str = "") -> bytes:
    """The fields as multipart/form-data with the boundary "x"; one of them as a file."""
    parts = []
    for name, value in fields.items():
        for each in _all(value):
            named = f'name="{name}"' + ('; filename="a.txt"\r\nContent-Type: text/plain' if name == file else "")
            content = each if isinstance(each, bytes) else str(each).encode()
            parts.append(f"--x\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join((*parts, b"--x--\r\n"))


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _with(value: str | list[str], more: str) -> str | list[str]:
    return [each + more for each in value] if isinstance(value, list) else value + more
