import pytest

from newsletter.classify.origins import Origin, origin_of
from tests.classify.samples import post


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("This originates from https://noor.example/kiln.", Origin("https://noor.example/kiln")),
        (
            "Originally posted by Noor Haddad on her page https://noor.example/kiln, and copied here.",
            Origin("https://noor.example/kiln", "Noor Haddad"),
        ),
        ("I copied this here so that all can read it.", Origin()),
        ("Copy the file into the folder, then fire the kiln.", None),
        ("The kiln cools.", None),
    ],
)
def test_a_copy_says_where_it_is_from(text: str, origin: Origin | None) -> None:
    assert origin_of(post("a", "Kiln", text)) == origin
