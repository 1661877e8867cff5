import pytest

from newsletter.render.languages import in_language


@pytest.mark.parametrize(
    ("tag", "said"),
    [("de", "in German"), ("de-AT", "in German"), ("pt_BR", "in Portuguese"), ("xx", "in xx"), ("", ""), (None, "")],
)
def test_in_language(tag: str | None, said: str) -> None:
    assert in_language(tag) == said
