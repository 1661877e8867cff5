"""Lines of feeds.yaml as the desk names them, and where they can be read."""

FILE_PAGE = "/desk/sources/file"
"""The address of the page that shows feeds.yaml with its lines."""


def line_words(line: int | None) -> str:
    """line 142 of feeds.yaml; empty for none."""
    return f"line {line} of feeds.yaml" if line else ""


def line_url(line: int | None, *, page: str | None = None) -> str:
    """The address of that line on the page that shows the file; empty when there is no such page."""
    page = FILE_PAGE if page is None else page
    return f"{page}#L{line}" if page and line else ""
