"""The mail in 32 mail programs, by the data of caniemail.com (npm caniemail 1.0.5)."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

from newsletter.model.issue import Issue
from newsletter.render.email import render_email
from tests.browser import NODE_MODULES
from tests.render import samples

CORE = (
    "apple-mail.macos", "apple-mail.ios", "gmail.desktop-webmail", "gmail.ios", "gmail.android",
    "outlook.windows", "outlook.macos", "outlook.ios", "yahoo.desktop-webmail", "thunderbird.macos",
)  # fmt: skip
# The checker finds "height" in line-height and "border" in border-top: properties the mail does not use.
NEVER_USED = {"background", "border", "height property"}
# Partly supported in values that the mail does not use: margins below 0 or auto, sizes in rem or percent.
OTHER_VALUES = {"margin", "font-size"}

Found = Mapping[str, Mapping[str, str]]


@cache
def html(name: str) -> str:
    made: Issue = getattr(samples, name)()
    return render_email(samples.press(), made).html


@cache
def lint(name: str) -> Found:
    node = shutil.which("node")
    folder = NODE_MODULES / "caniemail"
    assert node is not None, "node is not installed; “./dev test” installs it."
    assert folder.is_dir(), "caniemail is not installed; “./dev test” installs it."
    script = Path(__file__).with_name("lint.mjs")
    done = subprocess.run(
        [node, str(script), str(folder)], input=html(name).encode(), capture_output=True, check=True, timeout=60
    )
    found: Found = json.loads(done.stdout)
    return found


def score(found: Found, clients: Iterable[str]) -> float:
    """Mean over clients of 2 x unsupported + 1 x partly; untested counts as supported."""
    counted = [
        {"n": 2, "a": 1}.get(support[0], 0)
        for client in clients
        for title, support in found[client].items()
        if title not in NEVER_USED | OTHER_VALUES
    ]
    return sum(counted) / len(list(clients))


@pytest.mark.slow
def test_the_lint_stays_below_its_bars() -> None:
    found = lint("issue")
    assert len(found) == 32
    assert score(found, CORE) <= 3.2
    assert score(found, list(found)) <= 4.5


@pytest.mark.slow
def test_a_fault_would_be_seen() -> None:
    found = lint("issue")
    assert found["outlook.windows"]["border-radius"].startswith("n")
    assert score(found, CORE) > 1


def test_what_the_score_leaves_out_is_not_in_the_mail() -> None:
    styles = re.findall(r'style="([^"]*)"', html("issue"))
    used = [part.split(":") for style in styles for part in style.split(";") if part]
    names = {name.strip() for name, _ in used}
    assert not names & {"background", "border", "height"}
    assert {value.strip() for name, value in used if name.strip() == "margin"} == {"0"}
    assert all(re.fullmatch(r"\d+px", value.strip()) for name, value in used if name.strip() == "font-size")


@pytest.mark.parametrize("name", ["issue", "small_issue", "hostile_issue"])
def test_no_pictures_scripts_or_foreign_styles(name: str) -> None:
    found = html(name).lower()
    assert not re.search(r"<(img|link|script|iframe|form|input|svg|object)\b", found)
    assert "@import" not in found
    assert "url(" not in found
