import time

import pytest

from newsletter.fetch.robots import EVERYTHING, NOTHING, Rule, matches, parse_robots, path_of, robots_url

HOST = "https://example.org"


def allows(text: str, path: str) -> bool:
    return parse_robots(text.encode()).allows(HOST + path)


def test_the_group_of_all_when_none_names_us() -> None:
    text = "User-agent: *\nDisallow: /private/\nCrawl-delay: 1\n"
    assert not allows(text, "/private/a")
    assert allows(text, "/public")
    assert parse_robots(text.encode()).delay == 1


def test_our_own_groups_together_and_nothing_of_the_others() -> None:
    text = (
        "User-agent: other\nUser-agent: Newsletter/1.0\nDisallow: /a\n\n"
        "User-agent: *\nDisallow: /b\nCrawl-delay: 9\n\n"
        "user-agent: NEWSLETTER\nDisallow: /c # why not\n"
    )
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, True, False]
    assert parse_robots(text.encode()).delay is None
    assert [parse_robots(text.encode(), "other").allows(HOST + path) for path in ("/a", "/b", "/c")] == [
        False,
        True,
        True,
    ]


def test_an_own_group_without_rules_allows_everything() -> None:
    assert allows("User-agent: *\nDisallow: /\n\nUser-agent: newsletter\nDisallow:\n", "/a")


def test_other_lines_do_not_end_a_group() -> None:
    assert not allows("User-agent: *\nSitemap: https://example.org/s.xml\n\n\nDisallow: /a", "/a")
    assert not allows("User-agent: x\nSitemap: /s\nUser-agent: *\nDisallow: /a", "/a")


def test_rules_before_any_group_are_for_nobody() -> None:
    assert allows("Disallow: /\nUser-agent: *\nDisallow: /a", "/b")


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("Disallow: /example/page/disallowed.gif\nAllow: /example/page/", "/example/page/", True),
        ("Disallow: /example/page/disallowed.gif\nAllow: /example/page/", "/example/page/disallowed.gif", False),
        ("Disallow: /page\nAllow: /page", "/page", True),
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page.htm", False),
        ("Disallow: /*.htm", "/a/b.html", False),
        ("Disallow: /*.htm$", "/a/b.html", True),
        ("Disallow: /*.htm$", "/a.htm/b.htm", False),
        ("Disallow: *?print=", "/a?print=1", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar", False),
        ("Disallow: /%7Ejoe/", "/~joe/index.html", False),
        ("Disallow: /~joe/", "/%7ejoe/index.html", False),
        ("Disallow: /a%3cd.html", "/a%3Cd.html", False),
        ("Disallow: /a%2fb", "/a/b", True),
        ("Disallow: /föö", "/f%C3%B6%C3%B6", False),
        ("Disallow: private", "/private", True),
        ("Disallow:/a", "/a", False),
        ("DISALLOW : /a", "/a", False),
    ],
)
def test_which_rule_decides(rules: str, path: str, is_allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is is_allowed


def test_what_is_no_robots_file_allows_everything() -> None:
    for body in (b"", b"\x00\xff\xfe", b"<html><body>Disallow: /</body></html>", b"Disallow /"):
        assert parse_robots(body) == EVERYTHING


def test_line_ends_and_byte_order_marks() -> None:
    assert not parse_robots(b"\xef\xbb\xbfUser-agent: *\rDisallow: /a\r\nAllow: /b").allows(HOST + "/a")


def test_delays_that_cannot_be_meant() -> None:
    delays = {"0": None, "-1": None, "x": None, "0.5": 0.5, "1e9": 86_400.0, "nan": None}
    for text, delay in delays.items():
        assert parse_robots(f"User-agent: *\nCrawl-delay: {text}".encode()).delay == delay, text


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    began = time.process_time()
    assert not matches("/" + "a*" * 2000 + "b$", "/" + "a" * 3000)
    assert not matches("/" + "*a" * 2000 + "b", "/" + "a" * 3000)
    assert time.process_time() - began < 0.5


def test_the_longest_matching_rule_is_told() -> None:
    robots = parse_robots(b"User-agent: *\nDisallow: /a\nDisallow: /a/b\n")
    assert robots.rule_for(HOST + "/a/b/c") == Rule(False, "/a/b")
    assert str(robots.rule_for(HOST + "/a")) == "Disallow: /a"
    assert not NOTHING.allows(HOST + "/")


def test_addresses() -> None:
    assert robots_url("https://user:pw@example.org:8443/a/b?c#d") == "https://example.org:8443/robots.txt"
    assert path_of("https://example.org") == "/"
    assert path_of("https://example.org/a b?q=ü#x") == "/a%20b?q=%C3%BC"
