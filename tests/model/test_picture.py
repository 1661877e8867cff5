import pytest

from newsletter.model.picture import Picture, first_picture


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (
            '<p><img src="https://a.example/x?a=1&amp;b=2" alt="A &quot;tall&quot; lamp"></p>',
            ("x?a=1&b=2", 'A "tall" lamp'),
        ),
        ('<p>x</p><img alt="" width="3" src="https://a.example/y">', ("y", "The title")),
        ('<img alt="lost"><img src="https://a.example/z" alt="kept">', ("z", "kept")),
        ("<p>no picture</p>", None),
        ("", None),
    ],
)
def test_the_first_picture_and_its_words(html: str, found: tuple[str, str] | None) -> None:
    assert first_picture(html, "The title") == (Picture(f"https://a.example/{found[0]}", found[1]) if found else None)


def test_a_picture_never_goes_without_words() -> None:
    assert first_picture('<img src="https://a.example/x">', "") == Picture("https://a.example/x", "picture")
