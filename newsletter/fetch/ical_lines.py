"""The lines of an iCalendar document as components and properties (RFC 5545, section 3), as far as they can be read.

Exporters fold in the middle of letters, end lines in any way, leave END out and break descriptions over lines:
what one record gets wrong costs that record at most.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_FOLD = re.compile(rb"\n+[ \t]")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9_-]*)\s*([;:])")
_PARAM = re.compile(r'\s*([A-Za-z0-9_-]*)\s*(=)?((?:"[^"]*"|[^":;])*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n^'])")
_DEEPEST = 20
_MOST_PARAMS = 50
_LONGEST = 50_000


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its name and parameters in upper case, and its value as it stands."""

    name: str
    params: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value of a TEXT: escapes undone."""
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END; ``source`` is its lines, to be kept when they cannot be read."""

    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)
    source: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Its properties of that name."""
        return [each for each in self.properties if each.name == name]

    def first(self, *names: str) -> Property | None:
        """The first property of the first of ``names`` that has a value."""
        for name in names:
            for each in self.properties:
                if each.name == name and each.value.strip():
                    return each
        return None

    def last(self, name: str) -> Property | None:
        """The last property of that name with a value: of two where one may stand, exporters mean the later."""
        return next((each for each in reversed(self.properties) if each.name == name and each.value.strip()), None)

    def text(self, name: str) -> str:
        """The text of the first property of that name, "" for none."""
        found = self.first(name)
        return found.text.strip() if found else ""

    def walk(self, name: str) -> Iterator["Component"]:
        """The components of that name within it, however deep."""
        for each in self.children:
            if each.name == name:
                yield each
            yield from each.walk(name)

    def as_bytes(self) -> bytes:
        """Its lines, for an aside."""
        return "\r\n".join(self.source).encode("utf-8", "replace")


def looks_like_calendar(data: bytes) -> bool:
    """Whether a document begins as iCalendar does."""
    start = data[:400].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").upper()
    return start.startswith((b"BEGIN:VCALENDAR", b"BEGIN:VEVENT", b"BEGIN:VTIMEZONE"))


def read_components(data: bytes) -> Component:
    """Everything in the document, under a component without name."""
    root = Component("")
    open_ones = [root]
    for line in _lines(data):
        made = _property(line)
        if made is None:
            _continue(open_ones[-1], line)
        elif made.name == "BEGIN":
            _begin(open_ones, made.value.strip().upper(), line)
        elif made.name == "END":
            _end(open_ones, made.value.strip().upper(), line)
        else:
            open_ones[-1].properties.append(made)
            open_ones[-1].source.append(line)
    return root


def _lines(data: bytes) -> list[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    text = _decoded(_FOLD.sub(b"", data))
    return [line for line in text.split("\n") if line.strip()]


def _decoded(data: bytes) -> str:
    """UTF-8, as it must be; else what Windows writes in the west."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _begin(open_ones: list[Component], name: str, line: str) -> None:
    if name in ("VEVENT", "VTIMEZONE", "VTODO", "VJOURNAL") and open_ones[-1].name == name:
        open_ones.pop()  # its END is missing
    if len(open_ones) > _DEEPEST:
        return
    made = Component(name, source=[line])
    open_ones[-1].children.append(made)
    open_ones.append(made)


def _end(open_ones: list[Component], name: str, line: str) -> None:
    """Close the innermost component of that name, and those within it whose END is missing."""
    names = [each.name for each in open_ones[1:]]
    if name not in names:
        return
    while len(open_ones) > 1:
        closed = open_ones.pop()
        if closed.name == name:
            closed.source.append(line)
            if len(open_ones) > 1 and open_ones[-1].name not in ("VCALENDAR", ""):
                open_ones[-1].source += closed.source
            return


def _continue(component: Component, line: str) -> None:
    """A line that is no property goes on with the text before it: somebody did not fold."""
    component.source.append(line)
    if component.properties and component.name != "VCALENDAR":
        last = component.properties[-1]
        if last.name in ("DESCRIPTION", "SUMMARY", "LOCATION", "COMMENT", "X-ALT-DESC") and len(last.value) < _LONGEST:
            component.properties[-1] = Property(last.name, last.params, f"{last.value}\\n{line.strip()}")


def _property(line: str) -> Property | None:
    found = _NAME.match(line)
    if found is None:
        return None
    name, at = found[1].upper(), found.end() - 1
    params: dict[str, str] = {}
    for _ in range(_MOST_PARAMS):
        if at >= len(line) or line[at] != ";":
            break
        part = _PARAM.match(line, at + 1)
        if part is None or part.end() == len(line):
            return None
        if part[1] and part[2]:
            params.setdefault(part[1].upper(), _unquoted(part[3]))
        at = part.end()
        if at < len(line) and line[at] not in ";:":
            at = _colon(line, at)
    if line[at : at + 1] == ";":
        at = _colon(line, at)
    return Property(name, params, line[at + 1 :].strip("\r")) if at < len(line) else None


def _colon(line: str, at: int) -> int:
    """Where the value begins behind a parameter that is not closed."""
    found = line.find(":", at)
    return found if found >= 0 else len(line)


def _unquoted(value: str) -> str:
    """A parameter's value without quotes, its carets undone (RFC 6868)."""
    plain = value.strip().strip('"')
    return _CARET.sub(lambda found: {"n": "\n", "^": "^", "'": '"'}[found[1]], plain)
