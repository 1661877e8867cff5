import pytest

from newsletter.demo.clock import WEEK
from newsletter.demo.letters import Letter, attribution, letters


def thread(folder: str, root: str) -> list[Letter]:
    found = [letter for letter in letters(folder) if letter.key == root]
    for letter in letters(folder):
        if letter.answers in found:
            found.append(letter)
    return found


def by_key(folder: str, key: str) -> Letter:
    return next(letter for letter in letters(folder) if letter.key == key)


def test_a_debate_has_more_than_twenty_replies_by_many_people() -> None:
    debate = thread("dev", "door-01")
    assert len(debate) - 1 > 20
    assert len({letter.writer.key for letter in debate}) >= 9
    assert all(letter.sent_at in WEEK for letter in debate)


def test_the_debate_holds_quotes_between_answers_and_signatures() -> None:
    debate = thread("dev", "door-01")
    between = [letter for letter in debate if "\n\n> " in letter.body and not letter.body.endswith("> ")]
    assert between
    assert any("\n-- \n" in letter.text for letter in debate)


def test_a_thread_of_the_week_before_has_doubled() -> None:
    bearing = thread("dev", "bearing-01")
    before = [letter for letter in bearing if letter.sent_at < WEEK.start]
    assert len(before) >= 5
    assert len(bearing) >= 2 * len(before)


def test_an_answer_is_later_than_what_it_answers() -> None:
    for folder in ("dev", "announce", "users"):
        for letter in letters(folder):
            assert letter.answers is None or letter.answers.sent_at < letter.sent_at, letter.key


def test_every_quoted_line_was_written_by_somebody_before() -> None:
    for folder in ("dev", "announce", "users"):
        for letter in letters(folder):
            before, at = "", letter.answers
            while at:
                before, at = before + " " + " ".join(at.body.split()), at.answers
            quoted = [line[2:] for line in letter.body.splitlines() if line.startswith("> ")]
            missing = [line for line in quoted if " ".join(line.split()).rstrip(".") not in before]
            assert not missing, letter.key


def test_references_lead_to_the_root() -> None:
    letter = by_key("dev", "door-04")
    assert letter.references == (by_key("dev", "door-01").message_id, by_key("dev", "door-02").message_id)


@pytest.mark.parametrize(
    ("folder", "key", "begins"),
    [
        ("dev", "door-02", "Oskari Lehtovaara wrote:\n> c) Locked"),
        ("dev", "door-04", "On Fri, 9 Oct 2026 at 09:31, Halvard Brekke wrote:\n> A lock"),
    ],
)
def test_above_a_quote_stands_whose_it_is(folder: str, key: str, begins: str) -> None:
    assert by_key(folder, key).text.startswith(begins)


def test_mail_programs_of_other_languages_name_the_quoted_in_theirs() -> None:
    quoted = by_key("dev", "door-02")
    german, french = by_key("dev", "min1013-01").writer, by_key("dev", "door-12").writer
    assert attribution(german, quoted) == "Am 09.10.2026 um 08:31 schrieb Halvard Brekke:"
    assert attribution(french, quoted) == "Le 9 oct. 2026 à 08:31, Halvard Brekke a écrit :"


def test_a_mail_may_have_a_subject_of_its_own() -> None:
    assert by_key("users", "u-ooo-01").subject.startswith("Out of office: ")
