import pytest

from newsletter.model.rule import Amount, Match, Rule
from tests.config.sample import problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\nsources:\n  - name: B\n    url: https://b.example/\nrules:\n"


def only(lines: str) -> Rule:
    return read(HEAD + lines).rules[0]


def told(lines: str) -> list[str]:
    return [problem.removeprefix("feeds.yaml:") for problem in problems(HEAD + lines)]


def test_a_rule_can_look_for_all_of_this() -> None:
    rule = only(
        "  - name: R\n    match:\n      source: b\n      kind: [Feed, GitHub]\n      project: nova\n"
        "      language: de\n"
        "      title: '*RC?'\n      text: [one, 'two: three']\n      author: /bot$/i\n      link: /blog/\n"
        "      replies: 20 or more\n      people: under 3\n      age: older than 2 days\n      length: over 100 words\n"
        "      has: [picture, link to Bees.Example]\n      not:\n        has: code\n"
        "        replies: over 90\n    keep: yes\n"
    )
    assert rule.match == Match(
        source=("b",),
        kind=("feed", "github"),
        project=("nova",),
        language=("de",),
        title=("*RC?",),
        text=("one", "two: three"),
        author=("/bot$/i",),
        link=("/blog/",),
        replies=Amount(20),
        people=Amount(None, 2),
        age=Amount(48),
        length=Amount(101),
        has=("picture", "link to bees.example"),
        none_of=Match(has=("code",), replies=Amount(91)),
    )


def test_a_rule_can_do_all_of_this() -> None:
    rule = only(
        "  - name: R\n    match: {title: x}\n    section: News\n    boost: -100\n    keep: yes\n"
        "    merge with: the original\n    show as: digest with link\n    pin: until fri\n    label: Release\n"
        "    because: It was asked for.\n    even many: yes\n    drop: no\n"
    )
    assert rule == Rule(
        name="R",
        match=Match(title=("x",)),
        section="news",
        boost=-100,
        keep=True,
        merge_with_original=True,
        show_as="digest with link",
        pin_until="Friday",
        label="Release",
        because="It was asked for.",
        even_many=True,
        line=8,
        number=1,
    )
    dated = only("  - name: R\n    match: {title: x}\n    pin: until 2026-12-24\n")
    assert (dated.pin_until, str(dated.pin_date)) == ("2026-12-24", "2026-12-24")


R = "  - name: R\n    match: {title: x}\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "  - match: {title: x}\n    drop: yes\n",
            '8: This rule has no "name:". Give it one, so that "why is this here" can say it.',
        ),
        (R, '8: Rule "R" does nothing. Write "section:", "boost:", "drop: yes" or what else it is to do.'),
        (
            R + "    drop: yes\n    keep: yes\n",
            '11: Rule "R" says both "drop: yes" and "keep: yes". Keep one of the two.',
        ),
        (
            R + "    drop: yes\n" + R.replace("name: R", "name: r") + "    keep: yes\n",
            '11: Two rules are called "r"; the first is on line 8. Give one another name.',
        ),
        (
            R + "    drop: yes\n    author: Jenkins\n",
            '11: "author" is not something a rule can have. Put it under "match:", 2 spaces further in.',
        ),
        (
            "  - name: R\n    match: Jenkins\n    drop: yes\n",
            '9: "match:" needs lines with "key: value" under it, not "Jenkins".',
        ),
        (
            "  - name: R\n    match: {titel: x}\n    drop: yes\n",
            '9: "titel" is not something "match" can have. Did you mean "title"?',
        ),
        (
            "  - name: R\n    match: {title:x}\n    drop: yes\n",
            '9: A space is missing after "title:". Write "title: x".',
        ),
        (
            "  - name: R\n    match: {title: [Nova: release, y]}\n    drop: yes\n",
            '9: The text "Nova: release" holds a colon. Put quotes around it: "Nova: release".',
        ),
        (
            "  - name: R\n    match: {source: [B, C]}\n    drop: yes\n",
            '9: Rule "R" looks for the source "C", and there is none.',
        ),
        (
            "  - name: R\n    match: {source: C}\n    drop: yes\n",
            '9: Rule "R" looks for the source "C", and there is none. The rule can never work.',
        ),
        (
            "  - name: R\n    match:\n      title: x\n      not: {source: C}\n    drop: yes\n",
            '11: Rule "R" makes an exception of the source "C", and there is none.',
        ),
        (
            "  - name: R\n    match:\n      title: x\n      not:\n    drop: yes\n",
            '11: "not:" has no lines under it. Say what the rule does not look for.',
        ),
        (
            "  - name: R\n    match: {title: x, not: {not: {title: y}}}\n    drop: yes\n",
            '9: "not" is not something "not" can have. It can have: source, kind, project, language, title, text, '
            "author, link, replies, people, age, length, has.",
        ),
        (
            "  - name: R\n    match: {has: a picture}\n    drop: yes\n",
            '9: has cannot be "a picture". Did you mean "picture"? '
            "It can be: picture, date, deadline, question, code, link to HOST.",
        ),
        (
            R + "    pin: Friday 13\n",
            '10: pin must say until when, for example "until Friday" or "until 2012-03-01", not "Friday 13".',
        ),
        (
            R + "    section: new\n",
            '10: There is no section "new". Did you mean "news"? '
            "Sections: highlights, events, developer, general, statistics, news.",
        ),
        (
            R + "    show as: picture with links\n",
            '10: show as cannot be "picture with links". Did you mean "picture with link"? '
            "It can be: line, short, digest with link, picture with link.",
        ),
        (R + "    merge with: the copy\n", '10: merge with cannot be "the copy". It can be: the original.'),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_once(lines: str, said: str) -> None:
    assert told(lines) == [said]


def test_a_source_that_has_a_mistake_of_its_own_is_still_there_for_rules() -> None:
    text = HEAD.replace("https://b.example/", "nowhere") + "  - name: R\n    match: {source: B}\n    drop: yes\n"
    assert len(problems(text)) == 1
