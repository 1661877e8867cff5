"""Files drawn at random in every layout people write, with what each of them means, for trying changes on."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from newsletter.config.written import in_brackets, scalar

WORDS = st.text(
    st.sampled_from("abcxyzÄé 019_-.:#/@*&!?%'\"\\,[]{}|>“’()=~+"),
    min_size=1,
    max_size=9,
).map(lambda text: text.strip() or "w")
NAMES = st.text(st.sampled_from("abcde fghij:#'-Ä"), min_size=1, max_size=8).map(lambda text: "n" + text.strip())
KEYS = ("url", "section", "weight", "take", "ignore", "at most per week")
NOTES = st.sampled_from(["", "  # a note: with a colon", "   # “odd” - [note"])
BETWEEN = st.sampled_from(["", "", "", "  # - name: put away\n", "\n", "# at the edge\n", "        # far in\n"])


@dataclass(frozen=True)
class Drawn:
    """A file: its text, and what its sources and rules say."""

    text: str
    sources: list[dict[str, Any]]
    rules: list[dict[str, Any]]


@st.composite
def entry(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """The settings of one item."""
    found: dict[str, Any] = {"name": name}
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=4)):
        found[key] = draw(st.lists(WORDS, max_size=3) if key in ("take", "ignore") else WORDS)
    return found


@st.composite
def value_lines(draw: st.DrawFn, key: str, value: Any, indent: str) -> list[str]:
    """A key with its value, in one of the ways there are."""
    note = draw(NOTES)
    is_odd = isinstance(value, list) and any("," in each and set(each) & set("“’") for each in value)
    if isinstance(value, list) and value and (is_odd or draw(st.booleans())):
        inner = indent + draw(st.sampled_from(["", "  ", "    "]))
        lines = [f"{indent}{key}:{note}"]
        for each in value:
            lines += [f"{inner}- {scalar(each)}{draw(NOTES)}", *draw(st.sampled_from([[], [], [f"{inner}# between"]]))]
        return lines
    if isinstance(value, list):
        if len(value) > 1 and draw(st.booleans()):
            parts = [in_brackets(each) for each in value]
            return [f"{indent}{key}: [{parts[0]},", f"{indent}    {', '.join(parts[1:])}]{note}"]
        return [f"{indent}{key}: {in_brackets(value)}{note}"]
    gap = draw(st.sampled_from([" ", " ", "   "]))
    style = draw(st.sampled_from(["plain", "plain", "single", "folded"]))
    if style == "single":
        return [f"{indent}{key}:{gap}'" + value.replace("'", "''") + f"'{note}"]
    if style == "folded" and value == value.strip() and value[0] not in " #":
        return [f"{indent}{key}: >-", f"{indent}  {value}"]
    return [f"{indent}{key}:{gap}{scalar(value)}{note}"]


@st.composite
def items(draw: st.DrawFn, entries: list[dict[str, Any]]) -> str:
    """The lines of a list of such entries."""
    dash = draw(st.sampled_from(["", "  ", "    "]))
    gap = draw(st.sampled_from([" ", " ", "   "]))
    is_apart = draw(st.booleans())
    out: list[str] = []
    for at, each in enumerate(entries):
        lines: list[str] = []
        for key, value in each.items():
            lines += draw(value_lines(key, value, ""))
        if at and is_apart:
            out.append("")
        inner = dash + " " + " " * len(gap)
        out.append(f"{dash}-{gap}{lines[0]}")
        out += [inner + line for line in lines[1:]]
    return "".join(line + "\n" for line in out)


@st.composite
def files(draw: st.DrawFn) -> Drawn:
    """A whole file."""
    names = draw(st.lists(NAMES, unique_by=lambda name: name.casefold(), min_size=1, max_size=4))
    sources = [draw(entry(name)) for name in names]
    rules = []
    for number in range(draw(st.integers(0, 2))):
        rules.append({"name": f"rule {number}", "boost": draw(WORDS)})
    parts = ["newsletter:\n  name: N  # ours\n  from: a@b.example\n"]
    if draw(st.booleans()):
        parts.append("defaults:\n  weight: 3\n")
    parts.append("sources:" + draw(NOTES) + "\n" + draw(items(sources)))
    if rules:
        parts.append("rules:\n" + draw(items(rules)))
    if draw(st.booleans()):
        parts = [parts[0], *reversed(parts[1:])]
    text = "".join(part + draw(BETWEEN) for part in parts)
    if ">-" in text:
        # Under a folded text such a line would be a part of it.
        text = text.replace("        # far in\n", "")
    if draw(st.booleans()):
        text = text.rstrip("\n")
    text = draw(st.sampled_from(["", "# first line\n", "---\n"])) + text
    text = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))
    return Drawn(draw(st.sampled_from(["", "", "\ufeff"])) + text, sources, rules)
