import pytest

from newsletter.fetch.discreet import without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/?key=a/b c&x=1", "https://a.example/?key=•••&x=1"),
        ("https://a.example/?key=a%2Fb%20c", "https://a.example/?key=•••"),
        ("https://a.example/?key=a%2Fb+c", "https://a.example/?key=•••"),
        ("pw and pw", "••• and •••"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_secret_is_not_shown_however_it_is_written(text: str, shown: str) -> None:
    assert without_secrets(text, {"token": "a/b c", "password": "pw", "url": "of"}) == shown


def test_an_empty_secret_or_none_hides_nothing() -> None:
    for value in ("", "  ", None, 7):
        assert without_secrets("a b  7", {"token": value}) == "a b  7"
