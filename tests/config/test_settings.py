import re

import pytest

from newsletter.config.settings import DeliverySettings
from newsletter.config.signing import DkimSettings
from newsletter.model.settings import BlurbSettings, NewsletterSettings
from tests.config.sample import problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\n"
TAIL = "sources:\n  - name: B\n    url: https://b.example/\n"


def told(lines: str, environ: dict[str, str] | None = None) -> list[str]:
    return [problem.removeprefix("feeds.yaml:") for problem in problems(HEAD + lines + TAIL, environ)]


def test_everything_about_the_newsletter_can_be_said() -> None:
    text = (
        "  reply to: b@bees.example\n  site: https://bees.example\n  language: sl\n"
        "  postal address: |\n    The Hive\n    Meadow 1\n  templates: my-templates\n  accent: c98a00\n"
        '  accent dark: "#fc6"\n'
    )
    assert read(HEAD + text + TAIL).newsletter == NewsletterSettings(
        "A",
        "a@bees.example",
        "b@bees.example",
        "https://bees.example",
        "sl",
        "The Hive\nMeadow 1",
        "my-templates",
        "#c98a00",
        "#ffcc66",
    )


def test_a_model_that_proposes_summaries() -> None:
    text = "  blurbs from: http://localhost:11434/v1\n  blurb model: small-3b\n"
    assert read(HEAD + text + TAIL).newsletter.blurbs == BlurbSettings("http://localhost:11434/v1", "small-3b")
    keyed = read(HEAD + text + "  blurb key: from K\n" + TAIL, {"K": "s3cret"}).newsletter.blurbs
    assert keyed == BlurbSettings("http://localhost:11434/v1", "small-3b", "s3cret")
    assert "s3cret" not in repr(keyed)
    assert read(HEAD + TAIL).newsletter.blurbs is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  blurbs from: http://x.example/v1\n", '4: "blurbs from:" needs a model.'),
        ("  blurb model: m\n", '4: "blurb model:" is of no use without "blurbs from:"'),
        ("  blurbs from: x.example\n  blurb model: m\n", '4: "x.example" is not a web address.'),
        (
            "  blurbs from: http://x.example/v1\n  blurb model: m\n  blurb key: abc\n",
            "6: A key stands in this file in plain sight.",
        ),
        (
            "  blurbs from: http://x.example/v1\n  blurb model: m\n  blurb key: from NONE\n",
            '6: "blurb key: from NONE" points to the environment',
        ),
    ],
)
def test_what_is_wrong_with_the_model_is_told(lines: str, said: str) -> None:
    (found,) = told(lines)
    assert found.startswith(said)


def test_everything_about_the_delivery_can_be_said() -> None:
    text = (
        "delivery:\n  server: mail.bees.example\n  port: 25\n  user: hive\n  password: from P\n"
        "  at most per minute: 60\n  also publish: feed\n  test readers: a@bees.example\n  attach: calendar file\n"
        "  dkim selector: [mail, b.mail]\n  dkim key: [from K, from L]\n  dkim domain: Bees.example\n"
    )
    found = read(HEAD + text + TAIL, {"P": "s3cret", "K": "k3y", "L": "l3y"}).delivery
    dkim = DkimSettings(("mail", "b.mail"), ("k3y", "l3y"), "bees.example")
    assert found == DeliverySettings(
        *("smtp", "mail.bees.example", 25, "hive", "s3cret", 60),
        *(("feed",), ("a@bees.example",), ("calendar file",), dkim),
    )
    assert not {"s3cret", "k3y", "l3y"} & set(re.findall(r"\w+", repr(found)))


def test_without_a_server_issues_go_to_a_folder() -> None:
    assert read(HEAD + TAIL).delivery == DeliverySettings()
    assert read(HEAD + "delivery:\n" + TAIL).delivery.by == "folder"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("delivery:\n  by: smtp\n", '5: Mail by smtp needs a server. Write "server:" and its name, or "by: folder".'),
        (
            "delivery:\n  by: pigeon\n",
            '5: by cannot be "pigeon". It can be: smtp, folder, listmonk, buttondown, mailchimp. '
            "A package that brought it may be missing: install it.",
        ),
        (
            "delivery:\n  server: mail server\n",
            '5: server must be the name of a mail server such as mail.example.org, not "mail server".',
        ),
        (
            "delivery:\n  server: mail.example.org:2525\n",
            '5: server must be a name alone. Write "mail.example.org", and "port: 2525" in a line of its own.',
        ),
        (
            "delivery:\n  server: a.example\n  port: 70000\n",
            '6: port must be a whole number from 1 to 65535, not "70000". 587 is usual.',
        ),
        (
            "delivery:\n  also publish: [web pages]\n",
            '5: also publish cannot be "web pages". Did you mean "web page"? It can be: web page, feed, calendar file.',
        ),
        (
            "delivery:\n  test readers: [me]\n",
            '5: test readers must be a mail address such as news@example.org, not "me".',
        ),
        ("delivery:\n  attach: issue\n", '5: attach cannot be "issue". It can be: calendar file.'),
        (
            "delivery:\n  dkim selector: mail\n",
            "5: Each key needs its selector, the name under which the DNS holds its public half. "
            'Write as many under "dkim selector:" as under "dkim key:".',
        ),
        (
            "delivery:\n  dkim selector: mail\n  dkim key: MIIEvQ\n",
            "6: A key stands in this file in plain sight. Change that key now, put the new one in the environment as "
            'DKIM_KEY and write "dkim key: from DKIM_KEY".',
        ),
        (
            "delivery:\n  dkim domain: a.example\n",
            '5: "dkim domain:" is of no use without "dkim selector:" and "dkim key:".',
        ),
        (
            "delivery:\n  dkim domain: my domain\n",
            '5: dkim domain must be a name in the DNS such as mail2026 or example.org, not "my domain".',
        ),
        (
            "delivery:\n  sever: a.example\n",
            '5: "sever" is not something "delivery" can have. Did you mean "server"?',
        ),
    ],
)
def test_what_is_wrong_with_the_delivery_is_told(lines: str, said: str) -> None:
    assert told(lines) == [said]


def test_a_secret_is_never_repeated() -> None:
    for written in ("s3cret", '"s3cret" x', "@s3cret: a", "#s3cret", "“s3cret”", "[s3cret]", "{s3cret: a}"):
        found = told(f"delivery:\n  server: a.example\n  password: {written}\n")
        assert len(found) == 1
        assert "s3cret" not in found[0]


def test_both_that_the_newsletter_needs_are_asked_for_at_once() -> None:
    assert problems("newsletter:\n  language: en\n" + TAIL) == [
        'feeds.yaml:1: "newsletter" has no "name:" and "from:". '
        'Write "name: My community weekly" and "from: Me <me@example.org>" under it.'
    ]
    assert problems("newsletter: Bees\n" + TAIL) == [
        'feeds.yaml:1: "newsletter:" needs lines with "key: value" under it, not "Bees".'
    ]


def test_people_who_are_not_named_stand_in_a_list_or_alone() -> None:
    found = read(HEAD + "  leave out names: [Ada Obi, bo@bees.example]\n" + TAIL).newsletter
    assert found.leave_out_names == ("Ada Obi", "bo@bees.example")
    assert read(HEAD + "  leave out names: Ada Obi\n" + TAIL).newsletter.leave_out_names == ("Ada Obi",)
    assert told("  leave out names: [Ada, <@>]\n") == [
        '4: "<@>" is no name. Write the name, the address or the account of one person.'
    ]
