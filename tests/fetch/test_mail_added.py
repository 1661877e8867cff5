import pytest

from newsletter.fetch.mail_text import split_text

FOOTER = "_______________________________________________\nkites-dev mailing list\nkites-dev@lists.example"


@pytest.mark.parametrize(
    "added",
    [
        "-- \nAda Obi\nTide GmbH",
        "--\nAda",
        "- -- \nAda",
        FOOTER,
        "-- \nAda\n" + FOOTER,
        "----------------------------------------\nTo unsubscribe, mail kites-unsubscribe@lists.example",
        "__________________________________\nGet a free mailbox!\nhttp://mail.example",
        "-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\niQEzBAEB\n-----END PGP SIGNATURE-----",
        "-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: <https://lists.example/1.html>",
        "-------------- next part --------------\nA non-text attachment was scrubbed...\nName: pump.png\n"
        "Type: image/png\nSize: 4 bytes\nDesc: not available\nUrl : https://lists.example/pump.png",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
    ],
)
def test_what_stands_below_is_set_apart(added: str) -> None:
    said = split_text(f"The tide is high.\n\n{added}\n")

    assert said.body == "The tide is high."
    assert said.signature.splitlines()[-1] == added.splitlines()[-1]


@pytest.mark.parametrize(
    "text",
    [
        "Three things:\n- one\n-- two\n--- three\n_four_",
        "Title\n--------------------\nThe text below a title.",
        "--\n" + "\n".join(f"This is a text, line {number}." for number in range(20)),
        "diff\n--- a/pump.c\n+++ b/pump.c\n-old\n+new",
        "Sent from my office, as always.\nAda",
        "____________________\n" + "\n".join(f"Answer {number}: ..." for number in range(8)),
    ],
)
def test_what_a_person_wrote_stays(text: str) -> None:
    assert split_text(text).body == text


def test_a_signature_ends_where_a_quote_begins() -> None:
    said = split_text("Yes.\n\n-- \nAda\n\nOn 4 Dec 2025 Jo wrote:\n> Which?\n\nAnd once more: yes.\n")

    assert said.body == "Yes.\n\nAnd once more: yes."
    assert said.signature == "-- \nAda"


def test_a_signed_text_is_shown_without_its_frame() -> None:
    above = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n"
    below = "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----"

    assert split_text(f"{above}\nYes.\n{below}\n").body == "Yes."


def test_text_after_a_scrubbed_part_stays() -> None:
    text = (
        "Before.\n-------------- next part --------------\nA non-text attachment was scrubbed...\nName: a.png\n\n"
        "-------------- next part --------------\nAfter."
    )

    assert split_text(text).body == "Before.\nAfter."
