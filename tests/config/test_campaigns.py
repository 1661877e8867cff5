"""The keys about a service that sends in our place, and what is told about them."""

from pathlib import Path

import pytest

from newsletter.config.campaigns import CampaignSettings
from newsletter.config.load import read_config
from newsletter.errors import ConfigError
from newsletter.model.campaign import Segment
from newsletter.model.subscriber import Choice

HEAD = "newsletter:\n  name: Bees\n  from: Bees <b@bees.example>\ndelivery:\n"
ENVIRON = {"KEY": "k-us5", "API_USER": "news"}
LISTMONK = "  by: listmonk\n  address: https://lists.example.org\n  api user: from API_USER\n  api key: from KEY\n"
MAILCHIMP = "  by: mailchimp\n  api key: from KEY\n  audience: abc\n"


def read(text: str) -> CampaignSettings:
    found = read_config((HEAD + text).encode(), file="feeds.yaml", environ=ENVIRON, base=Path()).delivery.campaigns
    assert found is not None
    return found


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [f"{each.line}: {each.text}" for each in caught.value.problems]


def test_everything_about_listmonk() -> None:
    found = read(f"{LISTMONK}  lists: [3, 7]\n  as: draft\n")
    assert (found.service, found.address, found.user, found.key) == (
        "listmonk",
        "https://lists.example.org",
        "news",
        "k-us5",
    )
    assert (found.segments, found.is_draft) == ((Segment(("3", "7")),), True)
    assert "k-us5" not in repr(found)


def test_the_least_of_the_others() -> None:
    found = read("  by: buttondown\n  api key: from KEY\n")
    assert (found.service, found.address, found.segments, found.is_draft) == ("buttondown", None, (Segment(),), False)
    assert read(MAILCHIMP).audience == "abc"
    assert read("  by: Buttondown\n  api key: from KEY\n  lists: friends\n").segments == (Segment(("friends",)),)


def test_lists_with_the_same_wishes_go_together() -> None:
    lists = (
        "  lists:\n    - 3\n    - list: 4\n      sections: [events, news]\n    - list: 5\n      rhythm: highlights\n"
        "    - list: 6\n    - list: 8\n      sections: [events, news]\n    - 3\n"
    )
    assert read(LISTMONK + lists).segments == (
        Segment(("3", "6")),
        Segment(("4", "8"), Choice(sections=("events", "news"))),
        Segment(("5",), Choice("highlights")),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "  by: listmonk\n",
            [
                '5: "by: listmonk" needs an API key. Set LISTMONK_KEY',
                '5: "by: listmonk" needs an API user,',
                '5: "by: listmonk" needs to know to whom.',
                '5: "by: listmonk" needs to know where it is.',
            ],
        ),
        (
            "  by: buttondown\n",
            ['5: "by: buttondown" needs an API key. Set BUTTONDOWN_KEY and write "api key: from BUTTONDOWN_KEY".'],
        ),
        ("  by: mailchimp\n  api key: from KEY\n", ['5: "by: mailchimp" needs an audience.']),
        ("  by: buttondown\n  api key: abcdef\n", ["6: A key stands in this file in plain sight."]),
        (
            "  by: buttondown\n  api key: from NO_KEY\n",
            ['6: "api key: from NO_KEY" points to the environment, and NO_KEY is not set there.'],
        ),
        ("  by: buttondown\n  api key: from KEY\n  audience: x\n", ['7: "audience:" is for mailchimp alone.']),
        ("  by: buttondown\n  api key: from KEY\n  api user: x\n", ['7: "api user:" is for listmonk alone.']),
        ("  api key: from KEY\n", ['5: "api key:" is for handing over. Write "by: listmonk"']),
        ("  by: smtp\n  server: m.example\n  lists: [3]\n", ['7: "lists:" is for handing over.']),
        (f"{LISTMONK}  lists: [three]\n", ['9: lists must be the number of a list in listmonk, not "three".']),
        (f"{LISTMONK}  lists:\n    - list: 0\n", ['10: list must be the number of a list in listmonk, not "0".']),
        (f"{LISTMONK}  lists:\n    - sections: [events]\n", ['10: Which list is it? Write "list:"']),
        (
            f"{LISTMONK}  lists:\n    - list: 3\n      sections: [evnts]\n",
            ['11: There is no section "evnts". Did you mean "events"?'],
        ),
        (
            f"{LISTMONK}  lists:\n    - list: 3\n      rythm: monthly\n",
            ['11: "rythm" is not something one of "lists" can have. Did you mean "rhythm"?'],
        ),
        (f"{LISTMONK}  lists:\n    - list: 3\n      rhythm: daily\n", ['11: rhythm cannot be "daily".']),
        (f"{LISTMONK}  lists: [3]\n  as: later\n", ['10: as cannot be "later".']),
        (
            LISTMONK.replace("https", "http") + "  lists: [3]\n",
            ['6: A key would be sent to "http://lists.example.org" for everybody to read.'],
        ),
        (
            f"{MAILCHIMP}  lists: [tag]\n",
            ['8: lists must be the number of a segment or a tag at Mailchimp, not "tag".'],
        ),
    ],
)
def test_what_is_wrong_is_told(text: str, told: list[str]) -> None:
    found = mistakes(text)
    assert len(found) == len(told), found
    for said, expected in zip(found, told, strict=True):
        assert said.startswith(expected)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_a_key_stays_on_this_machine(address: str) -> None:
    assert read(LISTMONK.replace("https://lists.example.org", address) + "  lists: [3]\n").address == address
