import pytest

from newsletter.render.address import parse_address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@b.example", ("", "a@b.example")),
        ("Name of Us <a@b.example>", ("Name of Us", "a@b.example")),
        ('"Us, all" <a+c@b.example>', ("Us, all", "a+c@b.example")),
        ("A\r\nBcc: x@y.example <a@b.example>", ("A Bcc: x@y.example", "a@b.example")),
        ("<a@localhost>", ("", "a@localhost")),
        *[
            (text, None)
            for text in ("", None, "a", "a@", "@b", "a b@c", "a..b@c", "a@b <", "ä@b.example", "a@-b", "a@b@c")
        ],
    ],
)
def test_parse_address(text: str | None, found: tuple[str, str] | None) -> None:
    assert parse_address(text) == found
