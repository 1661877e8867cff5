from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from newsletter.render.press import safe_url
from newsletter.text import is_web_url
from tests.render import samples


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/b?c=1&d=2#e", "https://a.example/b?c=1&d=2#e"),
        ('https://a.example/"><tbody>', "https://a.example/%22%3E%3Ctbody%3E"),
        ("javascript:alert(1)", None),
        ("mailto:a@b.example", None),
        ("/relative", None),
        ("https://a.example/a b", None),
        ("", None),
        (None, None),
    ],
)
def test_safe_url(url: str | None, safe: str | None) -> None:
    assert safe_url(url) == safe


def test_addresses_of_the_site() -> None:
    assert samples.press(site="https://a.example/letter").issue_url(7) == "https://a.example/letter/issues/7/"
    assert samples.press(site=None).issue_url(7) is None
    assert samples.press(site="nonsense").site is None


def test_the_send_hour_is_that_of_the_newsletters_zone() -> None:
    assert samples.press().published_at(samples.issue()) == datetime(2027, 4, 16, 8, tzinfo=UTC)


def test_an_accent_that_cannot_be_read_is_not_used() -> None:
    assert samples.press(accent="#0b5d3b", accent_dark="#8fe0b8").accents == ("#0b5d3b", "#8fe0b8")
    assert samples.press(accent="#ffff00", accent_dark="#8fe0b8").accents == samples.press().accents
    assert samples.press(accent="red;}", accent_dark="#8fe0b8").accents == samples.press().accents


def test_names_do_not_depend_on_the_site() -> None:
    assert samples.press().urn("issue", 7) == samples.press(site=None).urn("issue", 7)
    assert samples.press().urn("issue", 7) != samples.press().urn("issue", 8)


@pytest.mark.parametrize(
    ("language", "tag"), [("en", "en"), ("pt_BR", "pt-BR"), ('x" onload="', "en"), ("", "en"), ("zh-Hans", "zh-Hans")]
)
def test_language(language: str, tag: str) -> None:
    assert samples.press(language=language).language == tag


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://a.example/x?y=[1]#z", "https://a.example?q='", "https://-"]
)
def test_a_plain_address_is_as_good_as_it_was(url: str) -> None:
    parts = urlsplit(url)
    assert is_web_url(url) == bool(parts.hostname)


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///x",
        "https://a.example:0/",
        "https://[x/",
        "https://a b/",
        "https://a/\u200b",
        "ftp://a/",
        "https://a/x\n",
    ],
)
def test_an_odd_address_is_none(url: str) -> None:
    assert not is_web_url(url)
