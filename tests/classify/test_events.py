from datetime import UTC, date, datetime

import pytest

from newsletter.classify.events import find_deadline, find_event, find_task, with_event
from newsletter.classify.stories import StoryContext, group_stories
from newsletter.model.item import Event, Item
from tests.classify.samples import NOW, mail, post
from tests.corpus import CORPUS, needs_corpus


def event(text: str, title: str = "News", **values: object) -> Event:
    found = find_event(post("x", title, text, **values), now=NOW)
    assert found is not None
    return found


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("KilnCon takes place March 15-17, 2027 in Turku.", date(2027, 3, 15), date(2027, 3, 17)),
        ("The conference will be held on 15 – 17 March 2027.", date(2027, 3, 15), date(2027, 3, 17)),
        ("Join us at the meetup from 30 November to 2 December 2026.", date(2026, 11, 30), date(2026, 12, 2)),
        ("When: 2027-03-15\nWe fire all day.", date(2027, 3, 15), None),
        ("Our summit is held on December 30 – January 2, 2027.", date(2026, 12, 30), date(2027, 1, 2)),
        ("The workshop is on the 24th of October 2026, everyone is welcome.", date(2026, 10, 24), None),
        ("Join us for the party on Tuesday November 3, 2026.", date(2026, 11, 3), None),
        ("Dates: 14.11.2026", date(2026, 11, 14), None),
    ],
)
def test_days_and_spans_of_days(text: str, start: date, end: date | None) -> None:
    found = event(text)
    assert (found.starts_at, found.ends_at, found.is_guess) == (start, end, False)


@pytest.mark.parametrize(
    ("text", "start", "end", "zone"),
    [
        ("Meetup on 3 November 2026, 19:00 UTC", at(2026, 11, 3, 19), None, "UTC"),
        (
            "Meetup on 3 November 2026 from 18:30 to 21:00 CET",
            at(2026, 11, 3, 17, 30),
            at(2026, 11, 3, 20),
            "Europe/Paris",
        ),
        ("Meetup on 3 July 2027 at 6 pm PT", at(2027, 7, 4, 1), None, "America/Los_Angeles"),
        ("Meetup on 3 November 2026, 7-10pm", datetime(2026, 11, 3, 19), datetime(2026, 11, 3, 22), None),
        ("Party on November 3, 2026 from 9pm – 1am", datetime(2026, 11, 3, 21), datetime(2026, 11, 4, 1), None),
        ("Meetup on 3 November 2026, 19:00 CST", datetime(2026, 11, 3, 19), None, None),
        ("Meetup on 3 November 2026, 19:00 UTC+2", at(2026, 11, 3, 17), None, "Etc/GMT-2"),
    ],
)
def test_hours_are_utc_when_the_zone_is_known_and_local_otherwise(
    text: str, start: datetime, end: datetime | None, zone: str | None
) -> None:
    found = event(text)
    assert (found.starts_at, found.ends_at, found.timezone) == (start, end, zone)


def test_a_missing_year_is_the_next_one_and_a_guess() -> None:
    found = event("We meet on 12 January in Ghent for our winter meetup, join us.")
    assert (found.starts_at, found.is_guess) == (date(2027, 1, 12), True)
    found = event("Join us at the meetup on Thursday, November 5.")
    assert found.starts_at == date(2026, 11, 5)
    assert find_event(post("x", "News", "Join us at the meetup on Monday, November 5."), now=NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "The bug was introduced on March 3, 2026 and fixed since.",
        "At the meetup on 1 September 2026 we talked about glazes.",
        "You may 5 times fire it. The meetup invites you.",
        "Nominations are open until 31 October 2026.",
        "Version 2026.11.3 was released.",
        "",
    ],
)
def test_what_is_no_date_to_attend(text: str) -> None:
    assert find_event(post("x", "News", text), now=NOW) is None


def test_answers_and_changes_invite_to_nothing() -> None:
    text = "Join us at the meetup on 3 November 2026."
    assert find_event(mail("x", "Re: Meetup", text, answers="y"), now=NOW) is None
    assert find_event(post("x", "Meetup", text, form="review"), now=NOW) is None


def test_minutes_name_the_next_meeting_not_their_own_day() -> None:
    found = event(
        "Present: five people.\n\nNext meeting: 27 October, 15:00 UTC.", title="Core meeting of 16 October: minutes"
    )
    assert found.starts_at == at(2026, 10, 27, 15)


def test_the_days_of_a_vote_are_a_deadline_and_no_date_to_attend() -> None:
    item = post("x", "Council election", "Voting will run from October 20th to October 23rd, 2026.")
    assert find_event(item, now=NOW) is None
    assert find_deadline(item, now=NOW) == date(2026, 10, 23)
    assert find_task(item, now=NOW)[0] == date(2026, 10, 23)


def test_structured_data_goes_before_prose() -> None:
    given = Event(date(2026, 12, 1))
    assert find_event(post("x", "Meetup", "Join us on 3 November 2026", event=given), now=NOW) is given


def test_everything_an_announcement_says() -> None:
    found = event(
        "KilnCon is coming back!\n\n"
        "Dates: March 15-17, 2027\n"
        "Location: Verkatehdas, Turku, Finland (https://verkatehdas.example)\n"
        "Cost: EUR 90 for everyone; late registrations will pay EUR 120 after February 15, 2027\n"
        "There are 240 seats. Register by 1 March 2027 at https://kilncon.example/tickets.\n",
        title="KilnCon 2027",
    )
    assert found == Event(
        starts_at=date(2027, 3, 15),
        ends_at=date(2027, 3, 17),
        place="Verkatehdas, Turku, Finland",
        cost="EUR 90",
        late_cost="EUR 120",
        late_from=date(2027, 2, 16),
        seats=240,
        deadline_at=date(2027, 3, 1),
        url="https://kilncon.example/tickets",
    )


@pytest.mark.parametrize(
    ("text", "cost", "late", "late_from"),
    [
        ("Tickets are $100 until March 31, 2027, then $150.", "$100", "$150", date(2027, 4, 1)),
        ("Tickets cost 40 € (from 1 April 2027: 55 €).", "40 €", "55 €", date(2027, 4, 1)),
        ("Entry is free.", "free", None, None),
        ("Cost: free", "free", None, None),
        ("We raised $2,000,000 last year.", None, None, None),
        ("Admission £5, £8 at the door.", "£5", "£8", None),
    ],
)
def test_prices(text: str, cost: str | None, late: str | None, late_from: date | None) -> None:
    found = event("The open day takes place on 8 May 2027. " + text)
    assert (found.cost, found.late_cost, found.late_from) == (cost, late, late_from)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Meetup on 3 November 2026 at the Old Brickworks in Ghent, Belgium.", "Old Brickworks in Ghent, Belgium"),
        ("Join us in Kraków on 3 November 2026 for a sprint.", "Kraków"),
        ("Where: Room 12, Town Hall\nWhen: 3 November 2026", "Room 12, Town Hall"),
        ("The Slow Wheel\n12 Canal Street\n3 November 2026\n6pm", "12 Canal Street"),
        ("2026-11-03 | Tampere, FI | Clay evening", "Tampere, FI"),
        ("The sprint on 3 November 2026 is for all who work in the Kiln controller project.", None),
    ],
)
def test_places(text: str, place: str | None) -> None:
    assert event(text, title="A party").place == place


@pytest.mark.parametrize(
    ("text", "seats"), [("room for 30 people", 30), ("Seats: 1,200", 1200), ("40 seats", 40), ("30 people came", None)]
)
def test_seats(text: str, seats: int | None) -> None:
    assert event(f"The meetup takes place on 8 May 2027: {text}.").seats == seats


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Nominations close on October 31, 2026.", date(2026, 10, 31)),
        ("The call for papers closes 2026-12-01, so write soon.", date(2026, 12, 1)),
        ("Please submit your talk by Friday, 6 November 2026.", date(2026, 11, 6)),
        ("Voting is open until the end of 3 November.", date(2026, 11, 3)),
        ("20 October 2026 is the deadline for proposals.", date(2026, 10, 20)),
        ("Proposals were due by 1 October 2026. Votes are due 5 November 2026.", date(2026, 11, 5)),
        ("Nominations and elections will be held later this month.", None),
        ("The train leaves by 9 November 2026.", None),
    ],
)
def test_days_by_which_something_is_due(text: str, due: date | None) -> None:
    assert find_deadline(post("x", "News", text), now=NOW) == due


def test_quoted_dates_do_not_count() -> None:
    assert find_deadline(post("x", "News", "> Nominations close on October 31, 2026.\nYes."), now=NOW) is None


def test_a_story_takes_the_date_of_any_opening() -> None:
    lead = mail("a", "KilnCon", "The agenda is https://x.example/p", links=("https://x.example/p",))
    page = post("p", "KilnCon", "KilnCon takes place March 15-17, 2027.", url="https://x.example/p")
    (story,) = group_stories([lead, page], context=StoryContext())
    found = with_event(story, now=NOW).event
    assert found
    assert found.starts_at == date(2027, 3, 15)


@needs_corpus
def test_dates_of_the_blog_of_march_2011() -> None:
    lines = (CORPUS / "openstack-2011/004_449696396c76473a.txt").read_text(encoding="utf-8").split("\n")

    def read(first: str, last: str) -> Event | None:
        begin = next(at for at, line in enumerate(lines) if line.startswith(first))
        stop = next(at for at, line in enumerate(lines) if at > begin and line.startswith(last))
        item = Item("x", "s", "feed", "post", ("x",), "Blog", text="\n".join(lines[begin:stop]))
        return find_event(item, now=datetime(2011, 3, 1, tzinfo=UTC))

    kung_fu = read("Join Rackspace Hosting", "Next week")
    assert kung_fu
    assert (kung_fu.starts_at, kung_fu.place) == (datetime(2011, 3, 16, 18), "510 Rio Grande")
    assert kung_fu.url == "http://schedule.sxsw.com/events/event_OE00338"
    party = read("Next week", "This blog post")
    assert party
    assert (party.starts_at, party.ends_at) == (datetime(2011, 3, 8, 19), datetime(2011, 3, 8, 22))
    assert (party.place or "").startswith("Hyatt Regency Santa Clara")
    summit = read("Here is the latest", "Devin Carlen")
    assert summit
    assert (summit.starts_at, summit.ends_at) == (date(2011, 4, 26), date(2011, 4, 29))
    assert (summit.cost, summit.late_cost, summit.seats) == ("$100", "$150", 350)
    assert summit.place == "Hyatt Regency in Santa Clara, CA"
    assert read("As we take stock", "The Xen.org") is None


def test_a_sentence_of_a_mail_goes_on_over_the_end_of_its_line() -> None:
    said = (
        "The meeting takes place from 20 to 22 November 2026 at the Old Weaving\nMill in Maribor, Slovenia. Come early."
    )
    mail = Item("i", "s", "mailing list", "mail", ("k",), "Our yearly meeting", text=said)
    event = find_event(mail, now=datetime(2026, 10, 16, tzinfo=UTC))
    assert event is not None
    assert event.place == "Old Weaving Mill in Maribor, Slovenia"


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        (
            "Nominations and elections will be held later this month.",
            date(2026, 10, 12),
            date(2026, 10, 31),
            "later this month",
        ),
        ("Our summit is planned for the end of May.", date(2027, 5, 21), date(2027, 5, 31), "the end of May"),
        ("The workshop will be next week, in the library.", date(2026, 10, 19), date(2026, 10, 25), "next week"),
    ],
)
def test_words_that_are_relative_give_a_guess_with_the_words(text: str, start: date, end: date, words: str) -> None:
    found = event(text, published_at=at(2026, 10, 12))
    assert (found.starts_at, found.ends_at, found.is_guess, found.words) == (start, end, True, words)


@pytest.mark.parametrize(
    "text",
    [
        "The elections were held last month.",
        "The bug was introduced in a workshop this week.",
        "Nobody knows what happens later this month.",
    ],
)
def test_relative_words_about_other_things_give_nothing(text: str) -> None:
    assert find_event(post("x", "News", text, published_at=at(2026, 10, 12)), now=NOW) is None


def test_relative_words_need_a_day_of_writing() -> None:
    text = "Elections will be held later this month."
    assert find_event(post("x", "News", text, published_at=None), now=NOW) is None


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Nominations close on Friday.", date(2026, 10, 16)),
        ("Please vote by Sunday.", date(2026, 10, 18)),
        ("Feature freeze on Thursday, so send your proposals.", date(2026, 10, 15)),
        ("Proposals are due tomorrow.", date(2026, 10, 13)),
        ("We meet on Friday.", None),
        ("The proposal was merged on Friday.", None),
    ],
)
def test_days_of_the_week_by_which_something_is_due(text: str, due: date | None) -> None:
    assert find_deadline(post("x", "News", text, published_at=at(2026, 10, 12)), now=NOW) == due


def test_a_guess_that_a_chat_mentions_is_no_date_of_the_chat() -> None:
    guess, real = Event(date(2026, 12, 1), is_guess=True), Event(date(2026, 12, 1))
    assert find_event(post("x", "Class", "", form="chat", event=guess), now=NOW) is None
    assert find_event(post("x", "Class", "", form="chat", event=real), now=NOW) is real
    [story] = group_stories([post("x", "Class", "", form="chat", event=guess)], context=StoryContext())
    assert story.event is None


def test_what_has_to_be_done_is_that_of_the_first_day() -> None:
    text = "The call for papers closes on 30 October 2026.\n\nNominations close on 23 October 2026."
    assert find_task(post("x", "News", text), now=NOW) == (date(2026, 10, 23), "Nominate")
    assert find_task(post("x", "News"), now=NOW) == (None, "")
