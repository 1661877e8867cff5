"""Chromium for tests that look at pages; a new context for each test, no other host reachable."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
NODE_MODULES = Path(__file__).resolve().parents[1] / ".venv" / "npm" / "node_modules"
"""Where “./dev test” puts the checkers that are written in JavaScript."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium, the distribution's, for a module: its driver holds an event loop that others could not start."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is not installed; “./dev test” installs it."
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=[*_OPTIONS, *sandbox])
        yield running
        running.close()
