"""The accent a community chooses, and whether it can be read on every ground (WCAG 2, contrast ratio)."""

import re

ACCENT, ACCENT_DARK = "#2a3fc4", "#a9b7ff"
"""The built-in pair."""
GROUNDS = {"paper": "#fbfbf9", "raised": "#ffffff", "sunken": "#f1f2ee", "wash": "#eceffb"}
GROUNDS_DARK = {"paper": "#131517", "raised": "#1b1e21", "sunken": "#0d0f10", "wash": "#20263f"}
"""What text stands on, as in tokens.css."""
LEAST = 4.5

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours written as #rrggbb, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def check_accent(light: str | None, dark: str | None) -> list[str]:
    """What is wrong with an accent and its twin for dark ground; nothing when both may be used."""
    if light is None and dark is None:
        return []
    found = []
    for name, colour, other, grounds in (
        ("accent", light, "accent dark", GROUNDS),
        ("accent dark", dark, "accent", GROUNDS_DARK),
    ):
        if colour is None:
            found.append(f"“{other}” needs its twin: name “{name}” as well.")
        elif not _HEX.fullmatch(colour):
            found.append(f"“{name}: {colour}” is not a colour. Write it as #2a3fc4.")
        else:
            found += _unreadable(name, colour, grounds)
    return found


def _unreadable(name: str, colour: str, grounds: dict[str, str]) -> list[str]:
    ratio, ground = min((contrast(colour, each), ground) for ground, each in grounds.items())
    if ratio >= LEAST:
        return []
    change = "darker" if grounds is GROUNDS else "lighter"
    return [
        f"“{name}: {colour}” is hard to read: contrast {ratio:.1f} on {ground}, {LEAST} is needed. "
        f"Choose a {change} colour."
    ]


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
