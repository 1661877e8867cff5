import pytest

from newsletter.deliver.edition_file import placeholders_for
from newsletter.model.subscriber import Choice, Rhythm
from newsletter.pipeline.letterhead import heading_of, links_of, reason_of
from tests.render import samples


@pytest.mark.parametrize(
    ("rhythm", "sections", "wish"),
    [
        ("weekly", None, "you subscribed to Lantern Letter."),
        ("monthly", None, "you wished for Lantern Letter once a month."),
        ("highlights", None, "you wished for the highlights of Lantern Letter only."),
        ("weekly", ("events", "general"), "you chose these sections of Lantern Letter: Events, General Community."),
        ("monthly", ("events",), "you chose these sections of Lantern Letter, once a month: Events."),
        ("highlights", ("events",), "you chose these sections of Lantern Letter, the highlights only: Events."),
        ("weekly", ("gone",), "you chose these sections of Lantern Letter: none of today."),
    ],
)
def test_a_mail_says_why_it_comes(rhythm: Rhythm, sections: tuple[str, ...] | None, wish: str) -> None:
    found = reason_of(samples.press(), samples.issue(), Choice(rhythm, sections))
    assert found == f"You get this mail because {wish}"


def test_the_list_is_named_by_the_sender_and_a_rename_keeps_it() -> None:
    links = links_of(samples.press(), placeholders_for("x"))
    for name in ("Lantern Letter", "Another name"):
        press = samples.press(name=name, sender="Lantern <lantern.letter+Weekly@lantern.example>")
        heading = heading_of(press, samples.issue(), "A subject", links)
        assert heading.list_label == "lantern-letter-weekly.lantern.example"
        assert heading.list_name == name
        assert (heading.answers, heading.has_reply_to) == (("", "people@lantern.example"), True)


def test_without_an_address_for_answers_the_sender_gets_them() -> None:
    press = samples.press(reply_to=None, site=None)
    heading = heading_of(press, samples.issue(), "A subject", links_of(press, placeholders_for("x")))
    assert (heading.answers, heading.has_reply_to) == (("", "letter@lantern.example"), False)
    assert heading.farewells is None
    assert (heading.unsubscribe_url, heading.archive_url, heading.issue_url) == (None, None, None)
