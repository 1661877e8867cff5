import pytest

from newsletter.classify.sentences import paragraphs, sentences


@pytest.mark.parametrize(
    "line",
    [
        "-------- Original Message --------",
        "---- Forwarded message ----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "[Fwd: Cooling of the large kiln]",
        "[Forwarded by Ada Obi]",
        "-----Original Message-----",
        "On Monday Ada Obi wrote:",
        "> What somebody else said.",
        "Subject: Cooling",
    ],
)
def test_lines_around_what_was_passed_on_are_nobodys_words(line: str) -> None:
    assert list(paragraphs(f"Before it.\n{line}\nBehind it.")) == ["Before it.", "Behind it."]


def test_words_about_a_forward_are_words() -> None:
    text = "The forwarded message was lost on its way, so that nobody read it."
    assert list(paragraphs(text)) == [text]


def test_code_lists_and_what_stands_below_a_signature_are_no_prose() -> None:
    text = "One line\ngoes on.\n```\ncode\n```\n- a point\n  of a list\n\nThe end.\n--\nAda"
    assert list(paragraphs(text)) == ["One line goes on.", "The end."]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Version 2011.1.1 is out, e.g. for Mr. Obi. It cools.", 2),
        ("It cools (slowly. By itself) at night. We sleep.", 2),
        ("In Kerala.The company said so.", 2),
        ("窯は冷える。夜も静かだ。", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_sees_it(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count
