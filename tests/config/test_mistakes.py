"""The likeliest mistakes: each gives one message with its line and its exact words, in either example."""

import pytest

from newsletter.config.load import read_config
from newsletter.config.surroundings import Strictness
from tests.config.sample import (
    BASE,
    ENVIRON,
    EXAMPLE,
    before_line,
    line_of,
    problems,
    put,
    read,
    replace_line,
    shared_example,
)
from tests.corpus import needs_corpus

LEFT_EDGE = "newsletter, schedule, sections, defaults, sources, rules, delivery"
KINDS = "feed, mailing list, mbox, gerrit, github, gitlab, launchpad, calendar, chat log, pad, web page, inbox"
TAB = "This line is moved in with a Tab. Use spaces: 2 for each step in."
MERGED = (
    "Two people changed this place and the file still holds both versions. "
    "Keep one and remove the <<<<<<<, ======= and >>>>>>> lines."
)
WIDE = "This file is not saved as UTF-8 (looks like UTF-16 from Windows). Save it again as UTF-8."
PLAIN_SIGHT = (
    "A password stands in this file in plain sight. Change that password now, put the new one in the "
    'environment as SMTP_PASSWORD and write "password: from SMTP_PASSWORD".'
)
NO_MATCH = 'has no "match:" with lines under it, so it would touch every item. Say what it looks for.'
CURLY = 'The curly quote “ is here, probably from a word processor. Type a plain ".'

IN_FULL = [
    (60, "\tkind: feed", TAB),
    (62, "    secton: general", '"secton" is not something a source can have. Did you mean "section"?'),
    (66, "    kind:mailing list", 'A space is missing after "kind:". Write "kind: mailing list".'),
    (
        149,
        "      title: Nova: release candidate",
        'The text after "title:" holds a colon. Put quotes around it: title: "Nova: release candidate".',
    ),
    (
        140,
        "    address: #openstack-news",
        "Put quotes around #openstack-news: everything after # is a note, so the value is empty. "
        'Write address: "#openstack-news".',
    ),
    (
        183,
        "      author: @jenkins",
        'Put quotes around @jenkins: a value may not begin with @. Write author: "@jenkins".',
    ),
    (149, '      title: [release candidate, “RC1”, "milestone:"]', CURLY),
    (149, "      title: “release candidate”", CURLY),
    (
        151,
        "section: highlights",
        f'"section" stands at the left edge, where only {LEFT_EDGE} may stand. '
        "It belongs to the rule or source above: put 4 spaces before it.",
    ),
    (
        106,
        "    section: event",
        'There is no section "event". Did you mean "events"? '
        "Sections: highlights, events, developer, general, statistics, news.",
    ),
    (
        105,
        "    url: HTTP://planet.example.org:80/atom.xml",
        '"Community calendar" reads the same address as "Planet OpenStack" on line 61. '
        "Every item would come twice. Remove one.",
    ),
    (18, "  send: 10:00", '"send: 10:00" needs a day and a time, for example "send: Friday 10:00".'),
    (18, "  send: Thurday 10:00", '"Thurday" is not a day. Did you mean "Thursday"?'),
    (
        14,
        "  timezone: CST",
        '"CST" is not a time zone. Name a city, for example Europe/Berlin or America/Chicago.',
    ),
    (
        18,
        "  send: Wednesday 10:00",
        'The issue would go out before its week is collected ("collect until" is Thursday 18:00). Move one of the two.',
    ),
    (
        156,
        "      source: openstack dev-list",
        'Rule "Long debates deserve a digest" looks for the source "openstack dev-list", and there is none. '
        'Did you mean "openstack-dev list"? The rule can never work.',
    ),
    (
        176,
        "      title: /(hiring|job opening/",
        'The pattern /(hiring|job opening/ is broken: a ")" is missing for the "(" at letter 1. '
        "If you want the plain words, leave the slashes away.",
    ),
    (
        166,
        "    boost: high",
        'boost must be a whole number from -100 to 100, not "high". 20 is a firm push.',
    ),
    (191, "  password: hunter2", PLAIN_SIGHT),
    (
        60,
        "    kind: rss",
        f'There is no kind "rss". For RSS and Atom write "kind: feed". Kinds: {KINDS}.',
    ),
]


@needs_corpus
@pytest.mark.parametrize(("line", "mistake", "told"), IN_FULL, ids=[mistake.strip() for _, mistake, _ in IN_FULL])
def test_in_the_full_example(line: int, mistake: str, told: str) -> None:
    assert problems(replace_line(shared_example(0), line, mistake)) == [f"feeds.yaml:{line}: {told}"]


@needs_corpus
@pytest.mark.parametrize("lines", [[], ["    match:"]])
def test_a_rule_that_touches_everything_in_the_full_example(lines: list[str]) -> None:
    full = shared_example(0)
    text = replace_line(full, 183, *(["    author: [Jenkins]"] if lines else []))
    text = replace_line(text, 182, *lines)
    assert problems(text) == [f'feeds.yaml:181: Rule "Robots are not people" {NO_MATCH}']


@needs_corpus
def test_lines_that_are_too_many_in_the_full_example() -> None:
    full = shared_example(0)
    assert problems(before_line(full, 77, "    weight: 30")) == [
        'feeds.yaml:77: "weight" stands twice in a source; the first is on line 76. Keep one.'
    ]
    left_by_a_merge = before_line(full, 146, "<<<<<<< mine", "# my note", "=======", "# their note", ">>>>>>> theirs")
    assert problems(left_by_a_merge) == [f"feeds.yaml:146: {MERGED}"]


@needs_corpus
def test_around_the_full_example() -> None:
    full = shared_example(0)
    assert problems(full.encode("utf-16")) == [f"feeds.yaml:1: {WIDE}"]
    unset = {name: value for name, value in ENVIRON.items() if name != "SMTP_PASSWORD"}
    assert problems(full, unset) == [
        'feeds.yaml:191: "password: from SMTP_PASSWORD" points to the environment, and SMTP_PASSWORD is not set '
        "there. Set it, then start again."
    ]


IN_OURS = [
    ("section: workshop", "\tsection: workshop", TAB),
    ("section: workshop", "  \tsection: workshop", TAB),
    (
        "weight: 20",
        "    wieght: 20",
        '"wieght" is not something a source can have. Did you mean "weight"?',
    ),
    ("kind: gerrit", "    kind:gerrit", 'A space is missing after "kind:". Write "kind: gerrit".'),
    (
        "name: Hive Weekly",
        "  name: Bees: the weekly  # ours",
        'The text after "name:" holds a colon. Put quotes around it: name: "Bees: the weekly".',
    ),
    (
        'accent: "#c98a00"',
        "  accent: #c98a00",
        'Put quotes around #c98a00: everything after # is a note, so the value is empty. Write accent: "#c98a00".',
    ),
    (
        'author: ["*[bot]"]',
        "        author: [*[bot], Zoe]",
        'Put quotes around *[bot]: a value may not begin with *. Write "*[bot]".',
    ),
    ('title: [swarm, "foulbrood:"]', "      title: [swarm, “foulbrood”]", CURLY),
    (
        'title: [swarm, "foulbrood:"]',
        '      title: "foulbrood”',
        'The curly quote ” is here, probably from a word processor. Type a plain ".',
    ),
    (
        "boost: 20",
        "boost: 20",
        f'"boost" stands at the left edge, where only {LEFT_EDGE} may stand. '
        "It belongs to the rule or source above: put 4 spaces before it.",
    ),
    (
        "draft ready: Thursday 18:30",
        "draft ready: Thursday 18:30",
        f'"draft ready" stands at the left edge, where only {LEFT_EDGE} may stand. '
        'It belongs to "schedule" above: put 2 spaces before it.',
    ),
    (
        "section: events",
        "    section: event",
        'There is no section "event". Did you mean "events"? Sections: highlights, events, workshop.',
    ),
    (
        "url: https://bees.example/dates.ics",
        "    url: https://www.planet.bees.example/atom.xml?utm_source=x",
        '"Meeting places" reads the same address as "Hive planet" on line 36. Every item would come twice. Remove one.',
    ),
    (
        "collect until: Thursday 18:00",
        "  collect until: 18:00",
        '"collect until: 18:00" needs a day and a time, for example "collect until: Thursday 18:00".',
    ),
    (
        "timezone: Europe/Ljubljana",
        "  timezone: Europe/Lubljana",
        '"Europe/Lubljana" is not a time zone. Did you mean "Europe/Ljubljana"?',
    ),
    (
        "source: Hive planet",
        "      source: Hive plant",
        'Rule "Swarm warnings" looks for the source "Hive plant", and there is none. Did you mean "Hive planet"? '
        "The rule can never work.",
    ),
    (
        "text: /\\b(for sale|selling)\\b/",
        "      text: /[for sale/",
        'The pattern /[for sale/ is broken: a "]" is missing for the "[" at letter 1. '
        "If you want the plain words, leave the slashes away.",
    ),
    ("boost: 20", "    boost: 101", 'boost must be a whole number from -100 to 100, not "101". 20 is a firm push.'),
    ("password: from SMTP_PASSWORD", "  password: @secret: #1", PLAIN_SIGHT),
    ("password: from SMTP_PASSWORD", "  password:secret", PLAIN_SIGHT),
    (
        "token: from GITHUB_TOKEN",
        "    token: ghp_abc",
        "A token stands in this file in plain sight. Change that token now, put the new one in the environment as "
        'GERRIT_TOKEN and write "token: from GERRIT_TOKEN".',
    ),
    (
        "url: https://review.bees.example",
        "    url: https://me:secret@review.bees.example/x",
        "A password stands in this address in plain sight. Change that password now, and write the address "
        "without it: https://review.bees.example/…",
    ),
    (
        "quote at most: 40 words",
        "   quote at most: 40 words",
        '"quote at most" is moved in by 3 spaces, the lines it belongs to are moved in by 2. Put 2 spaces before it.',
    ),
    (
        "weight: 20",
        "   weight: 20",
        '"weight" is moved in by 3 spaces, the lines it belongs to are moved in by 4. Put 4 spaces before it.',
    ),
    (
        "- name: Smoker reviews",
        "- name: Smoker reviews",
        "This list item stands at the left edge, the lines it belongs to are moved in by 2. Put 2 spaces before it.",
    ),
    (
        "- name: Smoker reviews",
        "    name: Smoker reviews",
        '"name" stands twice in a source; the first is on line 34. If another source begins here, put "- " before it.',
    ),
    (
        "projects: [smoker, frames]",
        "    projects: [smoker, frames",
        'The list after "projects:" begins with [ and has no closing ]. Put one at its end.',
    ),
    (
        'author: ["*[bot]"]',
        '        author: "*[bot]',
        'The text after "author:" begins with " and has no closing ". Put one at its end.',
    ),
    (
        "name: Hive Weekly",
        '  name: "Hive" Weekly',
        """More follows after the closing ". Quote all of it: name: '"Hive" Weekly'.""",
    ),
    (
        "name: Hive Weekly",
        "  name: Hive\x07 Weekly",
        "A character that cannot be seen (number 7) stands here. Remove it.",
    ),
    ("name: Hive Weekly", "  name:", '"name:" has no value. Write one, or remove the line.'),
    ("name: Hive Weekly", "  name: [Hive, Weekly]", '"name:" takes one value, not a list.'),
    ("defaults:", "default:", '"default" is not something feeds.yaml can have. Did you mean "defaults"?'),
    ("sources:", "feeds:", '"feeds" is not something feeds.yaml can have. Did you mean "sources"?'),
]


NOT_IN = '"{}" is not something {} can have. Did you mean "{}"?'
MISSPELT = [
    (
        "url: https://planet.bees.example/atom.xml",
        "    ulr: https://planet.bees.example/atom.xml",
        ("ulr", "a source", "url"),
    ),
    ("- name: Hive planet", "  - nmae: Hive planet", ("nmae", "a source", "name")),
    ("name: Hive Weekly", "  nam: Hive Weekly", ("nam", '"newsletter"', "name")),
    ("- id: events", "  - ids: events", ("ids", "a section", "id")),
    ("kind: gerrit", "    kid: gerrit", ("kid", "a source", "kind")),
    ("section: events", "    secton: event", ("secton", "a source", "section")),
    ("- name: Swarm warnings", "  - nmae: Swarm warnings", ("nmae", "a rule", "name")),
    ("drop: yes", "    dorp: yes", ("dorp", "a rule", "drop")),
]


@pytest.mark.parametrize(("old", "new", "told"), MISSPELT, ids=[new.strip() for _, new, _ in MISSPELT])
def test_a_misspelt_key_is_told_once_and_not_missed_as_well(old: str, new: str, told: tuple[str, str, str]) -> None:
    text = put(EXAMPLE, (old, new))
    assert problems(text) == [f"feeds.yaml:{line_of(text, new)}: {NOT_IN.format(*told)}"]


SLIPS = [
    (
        "- name: Smoker reviews",
        "  -name: Smoker reviews",
        'A space is missing after the dash. Write "- name: Smoker reviews".',
    ),
    (
        "- name: Smoker reviews",
        "  – name: Smoker reviews",
        'A list item begins with a plain dash and a space, not with "–". Write "- name: Smoker reviews".',
    ),
    (
        "- name: Smoker reviews",
        "  * name: Smoker reviews",
        'A list item begins with a plain dash and a space, not with "*". Write "- name: Smoker reviews".',
    ),
    (
        "- name: Hive planet",
        "  - name： Hive planet",
        'The colon after "name" is not a plain one (：). Write "name: Hive planet".',
    ),
    ("kind: gerrit", "    kind：gerrit", 'The colon after "kind" is not a plain one (：). Write "kind: gerrit".'),
    ("password: from SMTP_PASSWORD", "  password： hunter2", 'The colon after "password" is not a plain one (：).'),
    ("# The beekeepers' weekly.", "// The beekeepers", "A note begins with #, not with //. Write # The beekeepers."),
    (
        "name: Hive Weekly",
        "  name: [Hive] Weekly",
        'More follows after the closing ]. Quote all of it: name: "[Hive] Weekly".',
    ),
    (
        "name: Hive Weekly",
        "  name: 'Ada's Hive'",
        """More follows after the closing '. Quote all of it: name: "Ada's Hive".""",
    ),
    (
        "name: Hive Weekly",
        "  name: 'Hive' and 'Bee'",
        """More follows after the closing '. Quote all of it: name: "'Hive' and 'Bee'".""",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), SLIPS, ids=[new.strip() for _, new, _ in SLIPS])
def test_a_slip_of_the_hand_is_told_once_at_its_line(old: str, new: str, told: str) -> None:
    text = put(EXAMPLE, (old, new))
    assert problems(text) == [f"feeds.yaml:{line_of(text, new)}: {told}"]


def test_a_note_after_slashes_anywhere_but_not_in_a_text() -> None:
    for where in ("  - name: Smoker reviews", "    url: https://bees.example/dates.ics", "rules:"):
        at = line_of(EXAMPLE, where)
        text = before_line(EXAMPLE, at, "  // ours")
        assert problems(text) == [f"feeds.yaml:{at}: A note begins with #, not with //. Write # ours."]
    text = EXAMPLE.replace("name: Hive Weekly", "name: Hive\n    // – name\n    -name Weekly")
    assert read(text).newsletter.name == "Hive // – name -name Weekly"


def test_a_rule_among_the_sources_and_a_source_among_the_rules() -> None:
    rule = EXAMPLE[EXAMPLE.index("  - name: Honey for sale") : EXAMPLE.index("delivery:")]
    text = EXAMPLE.replace(rule, "").replace("  - name: Tips\n", f"{rule}  - name: Tips\n")
    at = line_of(text, "- name: Honey for sale")
    assert problems(text) == [f'feeds.yaml:{at}: "Honey for sale" looks like a rule. Put it under "rules:".']
    source = EXAMPLE[EXAMPLE.index("  - name: Meeting places") : EXAMPLE.index("  - name: Tips")]
    text = EXAMPLE.replace(source, "").replace("  - name: Honey", f"{source}  - name: Honey")
    at = line_of(text, "- name: Meeting places")
    assert problems(text) == [f'feeds.yaml:{at}: "Meeting places" looks like a source. Put it under "sources:".']


def told_of(text: str, *, how: Strictness = "run", environ: dict[str, str] | None = None) -> list[str]:
    """The warnings about a text without mistakes."""
    found = read_config(text.encode(), file="feeds.yaml", environ=environ or ENVIRON, base=BASE, how=how)
    return [str(each) for each in found.warnings]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "name: Hive Weekly",
            "  name: Hive #1",
            'Everything after # is a note, so this says "Hive". If #1 belongs to it, write name: "Hive #1".',
        ),
        (
            'title: [swarm, "foulbrood:"]',
            "      title: /swarm",
            '"/swarm" is looked for letter by letter. A pattern stands between two slashes: /swarm/.',
        ),
    ],
)
def test_what_was_perhaps_meant_otherwise_is_a_warning(old: str, new: str, told: str) -> None:
    text = put(EXAMPLE, (old, new))
    assert told_of(text) == [f"feeds.yaml:{line_of(text, new)}: {told}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Hive Weekly", "  name: Hive # 1"),
        ("name: Hive Weekly", '  name: "Hive #1"  #ours'),
        ("timezone: Europe/Ljubljana", "  timezone: Europe/Ljubljana  #ours"),
        ('title: [swarm, "foulbrood:"]', "      title: /swarm/i"),
        ('title: [swarm, "foulbrood:"]', "      link: /swarm"),
    ],
)
def test_what_is_meant_so_is_no_warning(old: str, new: str) -> None:
    assert told_of(put(EXAMPLE, (old, new))) == []


def test_an_empty_list_looks_for_nothing() -> None:
    text = put(EXAMPLE, ('title: [swarm, "foulbrood:"]', "      title: []"))
    assert problems(text) == [
        f"feeds.yaml:{line_of(text, 'title: []')}: "
        '"title:" is an empty list, which looks for nothing. Write what it looks for, or remove the line.'
    ]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "169.254.169.254", "localhost", "[::1]", "10.0.0.7"])
def test_an_address_in_the_own_network_is_a_warning_of_the_check(host: str) -> None:
    text = put(EXAMPLE, ("url: https://planet.bees.example/atom.xml", f"    url: http://{host}/atom.xml"))
    (told,) = told_of(text, how="try")
    at = line_of(text, f"http://{host}")
    assert told.startswith(
        f"feeds.yaml:{at}: This address is inside your network; the program does not read such addresses."
    )
    allowed = {**ENVIRON, "NEWSLETTER_ALLOW_NETWORKS": "0.0.0.0/0,::/0"}
    assert told_of(text, how="try", environ=allowed) == []
    assert told_of(text) == []
    public = put(EXAMPLE, ("url: https://planet.bees.example/atom.xml", "    url: http://9.9.9.9/atom.xml"))
    assert told_of(public, how="try") == []


def test_wrong_values_of_one_line_are_told_as_they_stand() -> None:
    text = put(EXAMPLE, ("skip: [2026-12-25]", "  skip: [soon, 2026-13-01, 2025-99-01]"))
    assert [problem.split('"')[1] for problem in problems(text)] == ["soon", "2026-13-01", "2025-99-01"]


def test_a_misspelt_match_is_told_once() -> None:
    text = EXAMPLE.replace("    match:\n      title: [swarm", "    mtach:\n      title: [swarm")
    at = line_of(text, "mtach:")
    assert problems(text) == [f"feeds.yaml:{at}: {NOT_IN.format('mtach', 'a rule', 'match')}"]


def test_a_key_without_letters_and_one_behind_a_space_that_nobody_sees() -> None:
    text = put(EXAMPLE, ("weight: 20", "    : 20"))
    (told,) = problems(text)
    assert told.startswith(f"feeds.yaml:{line_of(text, ': 20')}: A key is missing before the colon.")
    text = put(
        EXAMPLE, ("url: https://planet.bees.example/atom.xml", "    \u200burl: https://planet.bees.example/atom.xml")
    )
    at = line_of(text, "\u200burl:")
    assert problems(text) == [
        f"feeds.yaml:{at}: This line is moved in with a space that is not a plain one. Use spaces: 2 for each step in."
    ]


@pytest.mark.parametrize(("old", "new", "told"), IN_OURS, ids=[new.strip() for _, new, _ in IN_OURS])
def test_in_our_example(old: str, new: str, told: str) -> None:
    text = put(EXAMPLE, (old, new))
    assert problems(text) == [f"feeds.yaml:{line_of(text, new)}: {told}"]


def test_a_rule_that_touches_everything() -> None:
    lines = '    match:\n      title: [swarm, "foulbrood:"]\n      source: Hive planet\n'
    at = line_of(EXAMPLE, "- name: Swarm warnings")
    told = [f'feeds.yaml:{at}: Rule "Swarm warnings" {NO_MATCH}']
    assert problems(EXAMPLE.replace(lines, "")) == told
    assert problems(EXAMPLE.replace(lines, "    match:\n")) == told
    assert problems(EXAMPLE.replace(lines, lines.replace("      ", "    "))) == told


def test_one_key_twice_and_what_a_merge_left() -> None:
    at = line_of(EXAMPLE, "    weight: 20")
    told = f'feeds.yaml:{at + 1}: "weight" stands twice in a source; the first is on line {at}. Keep one.'
    assert problems(before_line(EXAMPLE, at + 1, "    Weight: 30")) == [told]
    conflict = [
        "<<<<<<< HEAD",
        "    weight: 20",
        "||||||| base",
        "    wight: 5",
        "=======",
        "    wight: 30",
        ">>>>>>> x",
    ]
    assert problems(replace_line(EXAMPLE, at, *conflict)) == [f"feeds.yaml:{at}: {MERGED}"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_saved_as_utf_16(encoding: str) -> None:
    assert problems(EXAMPLE.encode(encoding)) == [f"feeds.yaml:1: {WIDE}"]


def test_a_file_saved_as_latin_1() -> None:
    told = "This file is not saved as UTF-8 (looks like Latin-1 or Windows-1252). Save it again as UTF-8."
    assert problems(EXAMPLE.replace("Hive Weekly", "Bienenstöcke").encode("latin-1")) == [f"feeds.yaml:3: {told}"]


@pytest.mark.parametrize("name", ["SMTP_PASSWORD", "SMTP_USER", "GITHUB_TOKEN"])
def test_what_the_environment_does_not_hold(name: str) -> None:
    key = {"SMTP_PASSWORD": "password", "SMTP_USER": "user", "GITHUB_TOKEN": "token"}[name]
    at = line_of(EXAMPLE, f"from {name}")
    assert problems(EXAMPLE, {**ENVIRON, name: ""}) == [
        f'feeds.yaml:{at}: "{key}: from {name}" points to the environment, and {name} is not set there. '
        "Set it, then start again."
    ]


def test_several_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = put(
        EXAMPLE,
        ("send: Friday 10:00   # after breakfast", "\tsend:Friday 10:00"),
        ("section: workshop", "   sectoin: workshop"),
        ("projects: [smoker, frames]", "    projects: [@smoker, *frames]"),
        ("boost: 20", "boost: 200"),
        ("server: mail.bees.example", '  server: "mail.bees.example'),
    )
    found = problems(text)
    assert [int(problem.split(":")[1]) for problem in found] == [13, 13, 37, 44, 44, 64, 75]
    assert [problem.split(": ", 1)[1].split(".")[0] for problem in found] == [
        'A space is missing after "send:"',
        "This line is moved in with a Tab",
        '"sectoin" is moved in by 3 spaces, the lines it belongs to are moved in by 4',
        "Put quotes around *frames: a value may not begin with *",
        "Put quotes around @smoker: a value may not begin with @",
        f'"boost" stands at the left edge, where only {LEFT_EDGE} may stand',
        'The text after "server:" begins with " and has no closing "',
    ]


def test_at_most_ten_are_told() -> None:
    text = EXAMPLE + "".join(f"  unknown{number}: 1\n" for number in range(30))
    start = line_of(text, "unknown0")
    assert [int(problem.split(":")[1]) for problem in problems(text)] == list(range(start, start + 10))


def test_a_place_that_cannot_be_read_hides_no_other_mistake() -> None:
    text = put(
        EXAMPLE,
        ("weight: 20", "    weight: 99"),
        ("boost: 20", "    boost: - 20"),
        ("user: from SMTP_USER", "  use: x"),
    )
    found = problems(text)
    assert [int(problem.split(":")[1]) for problem in found] == [38, 64, 76]
    assert "A list cannot begin on the line of its key" in found[1]


def test_a_section_or_source_that_cannot_be_read_is_not_told_as_missing() -> None:
    broken = put(EXAMPLE, ("order: by date", "    order: - by date"), ("weight: 20", "    weight: - 20"))
    assert [int(problem.split(":")[1]) for problem in problems(broken)] == [22, 38]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}"])
def test_a_file_without_anything(text: str) -> None:
    assert problems(text) == [
        'feeds.yaml:1: There is no "newsletter:" with "name:" and "from:" under it. Write it at the top.'
    ]
