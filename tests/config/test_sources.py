from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.config.load import read_config
from newsletter.errors import ConfigError
from newsletter.model.source import Source
from tests.config.sample import BASE, problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\n"
B = "  - name: B\n    url: https://b.example/\n"


def only(lines: str, before: str = "") -> Source:
    return read(HEAD + before + "sources:\n" + lines).sources[0]


def told(lines: str) -> list[str]:
    return [problem.removeprefix("feeds.yaml:") for problem in problems(HEAD + "sources:\n" + lines)]


def test_everything_common_can_be_said_of_a_source() -> None:
    source = only(
        "  - name: B\n    kind: Feed\n    url: https://b.example/\n    section: news\n    weight: -50\n"
        "    check every: 15 minutes\n    at most per week: no limit\n    quote at most: 60\n"
        "    when broken for: 1 week\n"
        "    then: tell the editor\n    show as: picture with link\n    paused: yes\n"
    )
    assert source == Source(
        id="b",
        name="B",
        kind="feed",
        settings={"url": "https://b.example/"},
        section="news",
        weight=-50,
        check_every=timedelta(minutes=15),
        at_most_per_week=None,
        quote_at_most=60,
        broken_for=timedelta(weeks=1),
        show_as="picture with link",
        paused=True,
        line=5,
        address_line=7,
    )


def test_defaults_hold_until_a_source_says_otherwise() -> None:
    defaults = "defaults:\n  weight: 10\n  at most per week: 3\n  section: news\n  show as: line\n"
    source = only("  - name: B\n    url: https://b.example/\n    weight: 0\n", defaults)
    assert (source.weight, source.at_most_per_week, source.section, source.show_as) == (0, 3, "news", "line")


def test_a_file_is_looked_for_beside_feeds_yaml() -> None:
    lines = "  - name: B\n    kind: calendar\n    file: {}\n"
    assert only(lines.format("dates/b.ics")).settings["file"] == str(BASE / "dates/b.ics")
    assert only(lines.format(BASE / "b.ics")).settings["file"] == str(BASE / "b.ics")


def test_a_file_elsewhere_is_read_only_where_the_environment_allows_it(tmp_path: Path) -> None:
    def said(name: str, environ: dict[str, str] | None = None) -> tuple[list[str], str]:
        text = f"{HEAD}sources:\n  - name: B\n    kind: calendar\n    file: {name}\n"
        try:
            config = read_config(text.encode(), file="feeds.yaml", environ=environ or {}, base=tmp_path / "home")
        except ConfigError as fault:
            return [str(each) for each in fault.problems], ""
        return [], config.sources[0].settings["file"]

    (tmp_path / "home").mkdir()
    (tmp_path / "srv").mkdir()
    (tmp_path / "home" / "link.ics").symlink_to(tmp_path / "srv" / "b.ics")
    for name in ("/etc/passwd", "../srv/b.ics", "link.ics", "~/b.ics"):
        [problem], _ = said(name)
        assert problem.startswith(f'feeds.yaml:7: file "{name}" lies outside the folder of this newsletter. Put it')
        assert "NEWSLETTER_ALLOW_FOLDERS=/" in problem
    allowed = {"NEWSLETTER_ALLOW_FOLDERS": f"relative: {tmp_path / 'srv'} :/nowhere"}
    assert said("link.ics", allowed) == ([], str(tmp_path / "home" / "link.ics"))
    assert said("../srv/b.ics", allowed)[0] == []
    assert said("/etc/passwd", allowed)[0]
    (tmp_path / "home" / "loop").symlink_to(tmp_path / "home" / "loop")
    for name in ("loop", "~nobody-of-that-name/b.ics"):
        assert "must be the name of a file or a folder" in said(name)[0][0]


def test_the_name_of_a_reader_is_a_kind_too_and_kinds_that_come_later_are_valid() -> None:
    assert only("  - name: B\n    kind: Web-Page\n    url: https://b.example/\n    watch: main\n").kind == "web page"
    assert only("  - name: B\n    kind: inbox\n    mailbox: tips\n").address_line == 5


def test_one_server_may_be_read_for_two_projects() -> None:
    lines = "  - name: {0}\n    kind: gerrit\n    url: https://review.example\n    projects: [{0}]\n"
    found = read(HEAD + "sources:\n" + lines.format("nova") + lines.format("swift")).sources
    assert [source.name for source in found] == ["nova", "swift"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  - url: https://b.example/\n", '5: This source has no "name:". Give it one that readers understand.'),
        ("  - name: B\n", '5: "B" has no address. Write "url:" and the address to read.'),
        ("  - name: B\n    kind: feed\n", '5: "B" has no "url:", and a source of kind feed needs it.'),
        (
            "  - name: B\n    kind: web page\n",
            '5: "B" has no "file:" or "url:", and a source of kind web page needs it.',
        ),
        (
            "  - name: B\n    kind: inbox\n",
            '5: "B" has no "address:" or "mailbox:", and a source of kind inbox needs it.',
        ),
        (
            "  - name: B\n    projects: [nova]\n",
            '5: "B" has no "kind:". Without an address it cannot be found by looking.',
        ),
        (
            B + "    look ahead: 2 weeks\n    kind: feed\n",
            '7: "look ahead" is not something a source can have. Only sources of these kinds can: calendar.',
        ),
        (
            B + "    interval: 2 hours\n",
            '7: "interval" is not something a source can have. Did you mean "check every"?',
        ),
        (
            B + "    colour: red\n    kind: pad\n",
            '7: "colour" is not something a source can have. It can have: name, kind, section, weight, check every, '
            "at most per week, quote at most, when broken for, then, show as, paused, at most per vendor, hold bursts, "
            "check at least every, "
            "vendor, vendor hosts, url.",
        ),
        (
            B + "    colour: red\n",
            '7: "colour" is not something a source can have. It can have: name, kind, section, weight, check every, '
            "at most per week, quote at most, when broken for, then, show as, paused, at most per vendor, hold bursts, "
            "check at least every, "
            "vendor, vendor hosts, url.",
        ),
        (
            B + B.replace("b.ex", "c.ex"),
            '7: Two sources are called "B"; the first is on line 5. Give one another name.',
        ),
        (
            B.replace("B", "A b") + B.replace("B", "a-b").replace("b.ex", "c.ex"),
            '7: "a-b" is too much like "A b" on line 5. Give one another name.',
        ),
        (B + "    weight: 60\n", '7: weight must be a whole number from -50 to 50, not "60". 0 is the middle.'),
        (
            B + "    then: panic\n",
            '7: then cannot be "panic". It can be: tell the editor, pause, drop.',
        ),
        (
            "  - name: B\n    kind: gerrit\n    url: https://b.example/\n    take: [merged, mergd]\n",
            '8: take cannot hold "mergd". Did you mean "merged"? '
            "It can hold: merged, open, abandoned, waiting more than N days, first-time contributor.",
        ),
        (
            "  - name: B\n    kind: feed\n    url: https://b.example/\n    real author from: titel\n",
            '8: real author from cannot be "titel". Did you mean "title"? It can be: title, author, body.',
        ),
        (
            "  - name: B\n    kind: inbox\n    mailbox: x\n    publish without review: always\n",
            '8: publish without review cannot be "always". It can be: never.',
        ),
        (
            '  - name: "B\\r\\nBcc: x@y.example"\n    url: https://b.example/\n',
            "5: name holds a line break or a character that cannot be seen. Write it on one line.",
        ),
        (
            "  - name: " + "b" * 101 + "\n    url: https://b.example/\n",
            "5: name is longer than 100 letters. Shorten it.",
        ),
        ("  - [a, b]\n", '5: The source has no lines with "key: value". Begin it with "- name:".'),
    ],
)
def test_what_is_wrong_with_a_source_is_told_once(lines: str, said: str) -> None:
    assert told(lines) == [said]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("rss", ' For RSS and Atom write "kind: feed".'),
        ("Atom", ' For RSS and Atom write "kind: feed".'),
        ("blog", ' Write "kind: feed".'),
        ("ics", ' For dates write "kind: calendar".'),
        ("irc", ' Write "kind: chat log".'),
        ("website", ' Write "kind: web page".'),
        ("gitub", ' Did you mean "github"?'),
        ("xyzzy", ""),
    ],
)
def test_a_kind_that_there_is_not_is_told_with_the_likely_one(kind: str, hint: str) -> None:
    (found,) = told(B + f"    kind: {kind}\n    watch: main\n")
    assert found.startswith(f'7: There is no kind "{kind}".{hint} Kinds: feed, ')


def test_names_of_any_sort_become_harmless_ids() -> None:
    names = ["../../etc/x", "<script>alert(1)</script>", "{{ 7*7 }}", "中文", "no"]
    lines = "".join(f"  - name: '{name}'\n    url: https://b.example/{at}\n" for at, name in enumerate(names))
    assert [source.id for source in read(HEAD + "sources:\n" + lines).sources] == [
        "etc-x",
        "script-alert-1-script",
        "7-7",
        "x4e2d-6587",
        "no",
    ]


def test_a_source_may_speak_for_a_company() -> None:
    text = "defaults:\n  at most per vendor: 3\n" + SOURCES_OF_A_COMPANY
    acme, other = read(HEAD_ALONE + text).sources
    assert (acme.vendor, acme.vendor_hosts, acme.at_most_per_vendor) == ("Acme", ("acme.example", "acme.test"), None)
    assert (other.vendor, other.vendor_hosts, other.at_most_per_vendor) == (None, (), 3)


def test_what_is_wrong_with_a_company_is_told() -> None:
    lines = "    vendor hosts: [acme.example, nonsense]\n"
    assert problems(HEAD_ALONE + "sources:\n  - name: B\n    url: https://b.example/\n" + lines) == [
        'feeds.yaml:7: "vendor hosts:" needs "vendor:" with the name of the company.',
        'feeds.yaml:7: vendor hosts must be names of hosts such as company.example, not "nonsense".',
    ]


HEAD_ALONE = "newsletter:\n  name: A\n  from: a@bees.example\n"
SOURCES_OF_A_COMPANY = """sources:
  - name: Acme
    url: https://acme.example/feed
    vendor: Acme
    vendor hosts: [www.Acme.example, acme.test]
    at most per vendor: no limit
  - name: Other
    url: https://other.example/feed
"""
