"""Lines of feeds.yaml and of the files it includes as the desk names them, and where they can be read."""

from urllib.parse import urlencode

from newsletter.pipeline.in_force import FEEDS

FILE_PAGE = "/desk/sources/file"
"""The address of the page that shows feeds.yaml with its lines."""


def line_words(line: int | None) -> str:
    """line 142 of feeds.yaml; empty for none."""
    return f"line {line} of feeds.yaml" if line else ""


def file_page(file: str = FEEDS, **more: str) -> str:
    """The page that shows feeds.yaml, or a file that it includes."""
    query = urlencode({**({} if file == FEEDS else {"file": file}), **more}, safe="/")
    return f"{FILE_PAGE}?{query}" if query else FILE_PAGE


def line_url(line: int | None, *, page: str | None = None, file: str = FEEDS) -> str:
    """The address of that line on the page that shows the file; empty when there is no such page."""
    page = file_page(file) if page is None else page
    return f"{page}#L{line}" if page and line else ""
