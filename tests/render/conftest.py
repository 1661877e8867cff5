"""Fixtures of the rendering tests."""

from tests.browser import browser

__all__ = ["browser"]
