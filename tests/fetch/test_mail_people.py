import pytest

from newsletter.fetch.mail_people import author
from newsletter.model.item import Person


@pytest.mark.parametrize(
    ("value", "name", "key"),
    [
        ("jo at tide.example (Jo M. Vega)", "Jo M. Vega", "jo@tide.example"),
        ("JO AT tide.example (Jo Vega)", "Jo Vega", "jo@tide.example"),
        ("jo@tide.example (Jo Vega)", "Jo Vega", "jo@tide.example"),
        ('"Jo Vega" <Jo@Tide.example>', "Jo Vega", "jo@tide.example"),
        ("Jo Vega <jo@tide.example>", "Jo Vega", "jo@tide.example"),
        ("<jo@tide.example> Jo Vega", "Jo Vega", "jo@tide.example"),
        ('"Vega, Jo" <jo@tide.example>, Ada <ada@tide.example>', "Vega, Jo", "jo@tide.example"),
        ("jo@tide.example", "jo", "jo@tide.example"),
        ("jo at tide.example", "jo", "jo@tide.example"),
        ('"jo@tide.example" <jo@tide.example>', "jo", "jo@tide.example"),
        ('"jo at tide.example" <jo at tide.example>', "jo", "jo@tide.example"),
        ("=?utf-8?q?B=C3=A9a?= <bea@tide.example>", "Béa", "bea@tide.example"),
        ("=?utf-8?q?B=C3=A9a_=3Cbea=40tide=2Eexample=3E?=", "Béa", "bea@tide.example"),
        ("x at tide.example (=?iso-8859-1?q?G=F6ran?=)", "Göran", "x@tide.example"),
        ('"First \\"M.\\" Last" <x@tide.example>', 'First "M." Last', "x@tide.example"),
        ("root@localhost", "root", "root@localhost"),
        ("Jo Vega", "Jo Vega", ""),
    ],
)
def test_every_form_of_from(value: str, name: str, key: str) -> None:
    assert author({"from": value}) == Person(name, key)


@pytest.mark.parametrize("value", ["", "  ", "bogus@does.not.exist.com ()", "bogus at does.not.exist.com ()"])
def test_nobody(value: str) -> None:
    assert author({"from": value}) is None


def test_the_address_of_the_list_is_nobodys() -> None:
    assert author({"from": "kites@lists.example (Jo Vega)"}, "kites") == Person("Jo Vega", "")
    assert author({"from": "kites@lists.example (kites@lists.example)"}, "kites") is None
    post = {"list-post": " <mailto:kites@lists.example>"}
    assert author({"from": "Jo Vega <kites@lists.example>", **post}) == Person("Jo Vega", "")
    assert author({"from": "Jo Vega <jo@lists.example>", **post}) == Person("Jo Vega", "jo@lists.example")
    assert author({"from": '"Jo Vega via kites" <kites@lists.example>'}) == Person("Jo Vega", "")


def test_ten_thousand_addresses_cost_nothing() -> None:
    value = ", ".join(f"u{number}@tide.example" for number in range(10_000))

    assert author({"from": value}) == Person("u0", "u0@tide.example")
