import pytest

from newsletter.fetch.feed_page import page_instead_of_feed
from newsletter.fetch.moved import is_new_address
from newsletter.fetch.refusal import words_of
from newsletter.fetch.wrong_page import wrong_page

OLD = "https://blog.example/feed.xml"


@pytest.mark.parametrize(
    ("new", "is_new"),
    [
        ("https://new.example/feed.xml", True),
        ("https://blog.example/index.xml", True),
        ("https://feeds.example/?feed=rss2", True),
        ("https://blog.example/author/feed.xml", True),
        ("https://new.example/", False),
        ("https://new.example/index.html", False),
        ("https://blog.example/login?next=/feed.xml", False),
        ("https://id.example/oauth2/authorize", False),
        ("https://blog.example/wp-login.php", False),
        ("https://www.hugedomains.com/domain_profile.cfm?d=blog.example", False),
        ("https://blog.example/feed.xml", False),
        ("ftp://blog.example/feed.xml", False),
        ("", False),
    ],
)
def test_which_places_are_proposed(new: str, is_new: bool) -> None:
    assert is_new_address(OLD, new) is is_new


def test_another_scheme_is_another_address_and_a_front_page_may_move_to_another() -> None:
    assert is_new_address("http://blog.example/feed.xml", OLD)
    assert is_new_address("https://old.example/", "https://new.example/")


SALE = b"<html><title>blog.example</title><body>Buy this domain. The domain blog.example is for sale!</body></html>"
SIGN_IN = b"<html><body><form><input name=u><input type='password' name=p></form></body></html>"


def test_pages_that_stand_where_a_feed_was() -> None:
    assert wrong_page(SALE, OLD) == "parked"
    assert wrong_page(SIGN_IN, OLD) == "sign-in"
    assert wrong_page(b"<html><body>Hello</body></html>", "https://x.example/login/") == "sign-in"
    assert wrong_page(b"<html><main>How to buy this domain of knowledge</main></html>", OLD) == ""
    assert wrong_page(b"<html><article>x</article><input type=password></html>", OLD) == ""
    told = page_instead_of_feed(SALE, address=OLD, url=OLD)
    assert told == (
        f"{OLD} shows a page that offers the domain blog.example for sale: its owner let it go. "
        "Find the new address, or take the source out."
    )
    assert "leads to a page of sso.example where people sign in" in page_instead_of_feed(
        SIGN_IN, address=OLD, url="https://sso.example/x"
    )


def test_the_words_of_a_server_without_its_mark_up() -> None:
    page = b"<html><head><title>503</title><style>p{}</style></head><p>Closed</p><script>x()</script>Back\non Monday"
    assert words_of(page) == "Closed Back on Monday"
    assert words_of(b"<html><head><title>Only this") == "Only this"
    assert words_of(b"plain \x1b[31mwords\xe2\x80\xae") == "plain [31mwords"
    assert words_of(b"\x00\x01") == ""
    assert len(words_of(b"word " * 1000)) <= 500
