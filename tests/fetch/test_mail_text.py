import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.fetch.mail_text import split_text, without_quote_signs

ANSWERED = """Hi Jo,

On Thu, Dec 4, 2025 at 10:15 AM, Jo Vega <jo@tide.example> wrote:
> Which line floats?
>> And holds 40 kg?

Polypropylene does.

> Is there an orange one?

Yes.

--\x20
Ada
"""


def test_answers_between_quotes_stay() -> None:
    said = split_text(ANSWERED)

    assert said.body == "Hi Jo,\n\nPolypropylene does.\n\nYes."
    assert said.signature == "-- \nAda"
    assert said.quoted.startswith("On Thu")
    assert said.quoted.count(">") == 5


@pytest.mark.parametrize(
    "words",
    [
        "Jo Vega wrote:",
        "Jo Vega <jo@tide.example> writes:",
        "Jo Vega said:",
        "On Thu, Dec 4, 2025, Jo Vega wrote:",
        "On Thu, Dec 4, 2025 at 10:15 AM, Jo Vega\n<jo@tide.example> wrote:",
        "On Thu, Dec 4, 2025 at 10:15 AM, Jo Vega <jo@tide.example>\nwrote:",
        "On 4 Dec 2025, at 10:15,\nJo Vega\n<jo@tide.example> wrote:",
        "Am 04.12.2025 um 10:15 schrieb Jo Vega:",
        "Am Mittwoch, dem 19.02.2025 um 06:39 +0100 schrieb Jo Vega:",
        "Jo Vega schrieb am 04.12.2025 um 10:15:",
        "Le 4 déc. 2025 à 10:15, Jo Vega a écrit :",
        "El jue, 4 dic 2025 a las 10:15, Jo Vega (<jo@tide.example>) escribió:",
        "Il giorno gio 4 dic 2025 alle ore 10:15 Jo Vega ha scritto:",
        "Op do 4 dec. 2025 om 10:15 schreef Jo Vega <jo@tide.example>:",
        "Den 4.12.2025 10.15, skrev Jo Vega:",
        "W dniu 4.12.2025 o 10:15, Jo Vega napisał(a):",
        "Em qui., 4 de dez. de 2025 às 10:15, Jo Vega escreveu:",
        "2025/12/4 Jo Vega <jo@tide.example>",
        "2025-12-04 10:15 GMT+01:00 Jo Vega <jo@tide.example>:",
        "Jo Vega <jo@tide.example>:",
        "* Jo Vega (jo@tide.example) wrote:",
        "Quoting Jo Vega <jo@tide.example>:",
    ],
)
@pytest.mark.parametrize("gap", ["", "\n", "\n\n"])
def test_the_words_above_a_quote_go_with_it(words: str, gap: str) -> None:
    said = split_text(f"Before.\n\n{words}\n{gap}> The quote.\n\nAfter.\n")

    assert said.body == "Before.\n\nAfter."


def test_words_of_the_writer_above_a_quote_stay() -> None:
    said = split_text("I like this:\n> The quote.\n\nThe list says: read on.\n\n> More.\n")

    assert said.body == "I like this:\n\nThe list says: read on."


def test_words_above_a_quote_that_was_cut_go() -> None:
    said = split_text(
        "On Thu, 4 Dec 2025 at 10:15, Jo Vega wrote:\n\n[about ropes]\n\nYes. What Ada wrote:\nropes float.\n"
    )

    assert said.body == "[about ropes]\n\nYes. What Ada wrote:\nropes float."


@pytest.mark.parametrize("sign", [" > ", "  >", "JV> ", "JV>> ", "\t> "])
def test_other_signs_of_quotes(sign: str) -> None:
    assert split_text(f"Before.\n{sign}The quote.\nAfter.\n").body == "Before.\nAfter."
    assert split_text(f"{sign}The quote.\nAfter.\n").body == "After."


def test_what_is_typed_into_a_shell_is_no_quote() -> None:
    said = split_text("> How?\n\n>>> import tide\n>>> tide.height()\n3\n")

    assert said.body == ">>> import tide\n>>> tide.height()\n3"
    assert split_text(">> deep\n>>> deeper\n\nNo.\n").body == "No."


@pytest.mark.parametrize(
    "line", ["-----Original Message-----", "-----Ursprüngliche Nachricht-----", "----- Original Message -----"]
)
def test_a_whole_mail_below_the_answer_goes(line: str) -> None:
    said = split_text(f"Yes.\n\n{line}\nFrom: Jo Vega\nSent: Thursday\n\nWhich line floats?\n")

    assert said.body == "Yes."
    assert "Which line floats?" in said.quoted


@pytest.mark.parametrize(
    "block",
    ["From: Jo Vega\nSent: Thursday\nTo: list", "*From:* Jo Vega\n*Sent:* Thursday", "Von: Jo Vega\nGesendet: Do"],
)
def test_a_mail_below_that_begins_with_its_headers_goes(block: str) -> None:
    assert split_text(f"Yes.\n\n{'_' * 32}\n{block}\n\nWhich line floats?\n").body == "Yes."


def test_answers_below_a_whole_mail_stay() -> None:
    said = split_text("----- Original Message -----\nFrom: Jo\nSent: Thursday\nSubject: ropes\n\n> Which?\n\nOrange.\n")

    assert said.body == "Orange."


def test_a_forwarded_mail_stays() -> None:
    below = "\n---------- Forwarded message ----------\nFrom: Jo\nSent: Thursday\n\nThe tide is high.\n"
    outlook = "\n-----Original Message-----\nFrom: Jo\nSent: Thursday\n\nThe tide is high.\n"

    assert "The tide is high." in split_text(f"Look:\n{below}").body
    assert "The tide is high." in split_text(f"Look:\n{outlook}", is_forward=True).body
    assert "The tide is high." not in split_text(f"Look:\n{outlook}").body


def test_a_text_without_anything_is_itself() -> None:
    said = split_text("\n\nOne.\n\n\n\nTwo.  \n")

    assert (said.body, said.quoted, said.signature) == ("One.\n\nTwo.", "", "")
    assert split_text("").body == ""


def test_quotes_without_their_signs() -> None:
    assert without_quote_signs("> one\n>> two\n> > three\n>four") == "one\ntwo\nthree\nfour"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*ANSWERED.split("\n"), "_" * 40, "x mailing list", "--", "From: a", "Sent: b", ">>> c"]))
)
def test_no_line_is_lost_or_doubled(lines: list[str]) -> None:
    said = split_text("\n".join(lines))

    found = [line for part in (said.body, said.quoted, said.signature) for line in part.split("\n")]
    assert sorted(line.strip() for line in found if line.strip()) == sorted(
        line.strip() for line in lines if line.strip()
    )


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "line",
    [
        *("-- ", "--", "_" * 20, "-" * 25, ">", "> x", ">>> x", " > x", "AB> x", "x wrote:", "On 1 x wrote:", "x:"),
        *("-----BEGIN PGP SIGNATURE", "-----BEGIN PGP SIGNED", "-----Original Message-----", "From: x\nSent: x"),
        *("forwarded\n-----Original Message-----", "> x\n\nwrote:\n", "-- \n\n", "_" * 20 + "\nx", "> x\nx <x@y>:"),
        *("x" * 500 + "\n> y", "-------------- next part --------------", "schrieb schrieb schrieb"),
    ],
)
def test_no_text_takes_long(line: str) -> None:
    text = f"{line}\n" * (200_000 // len(line))

    said = split_text(text)

    assert len(said.body) + len(said.quoted) + len(said.signature) <= len(text)
