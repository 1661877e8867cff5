import pytest

from newsletter.classify.address_marks import Address, address_marks, read_address


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        ("https://git.kiln.example/kiln/glaze/pull/12", "change address"),
        ("https://review.kiln.example/c/kiln/glaze/+/1234", "change address"),
        ("https://bugs.kiln.example/show_bug.cgi?id=4", "ticket address"),
        ("https://git.kiln.example/kiln/rfcs", "proposal address"),
        ("https://kiln.example/packages/glaze", "package address"),
        ("https://git.kiln.example/kiln/glaze", "repository"),
        ("https://packages.kiln.example/glaze", "package host"),
        ("https://www.meetup.example/ghent/events/12/", "event host"),
        ("https://kiln.example/events/12", "event address"),
        ("https://kilncon.example/", "event host"),
        ("https://blog.kiln.example/x", "blog host"),
        ("https://noor.example/2026/10/cones", "article address"),
        ("https://noor.example/blog/cones", "article address"),
        ("https://talk.kiln.example/t/cones/12", "discussion address"),
        ("https://films.example/watch?v=1", "talk address"),
    ],
)
def test_an_address_says_what_lies_there(url: str, mark: str) -> None:
    assert mark in address_marks(read_address(url))


@pytest.mark.parametrize("url", ["https://kiln.example/issues", "https://kiln.example/t", "https://kiln.example/pull"])
def test_a_list_of_things_is_none_of_them(url: str) -> None:
    assert address_marks(read_address(url)) == set()


def test_the_parts_are_in_lower_case_and_numbers_are_0() -> None:
    found = read_address("HTTPS://Ada@www.Kiln.example:8080/A//b12/?q=1&r=2#top")
    assert found == Address("kiln.example", "a//b12/", ("a", "b0"), "q=1&r=2")


@pytest.mark.parametrize("url", ["", "x", "mailto:ada@kiln.example", "http://[::1", "///", "?", "http://\ud800/\ud800"])
def test_what_is_no_address_does_no_harm(url: str) -> None:
    assert isinstance(address_marks(read_address(url)), set)
