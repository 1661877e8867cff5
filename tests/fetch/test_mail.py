from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from newsletter.fetch.kinds import Aside
from newsletter.fetch.mail import MailSettings, parse_mails
from newsletter.model.item import Item, Person, Thread, item_id

DATA = Path(__file__).parents[1] / "data"
SETTINGS = MailSettings("kites", "mailing list", "kites-dev")
MONTH = (DATA / "pipermail/2025-December.txt").read_bytes()


def starts(data: bytes) -> list[int]:
    return [
        at for at in range(len(data)) if data.startswith(b"From ", at) and data[at:].split(b"\n")[0].endswith(b"2025")
    ]


def one(data: bytes | str, settings: MailSettings = SETTINGS) -> Item:
    [item] = parse_mails(data.encode() if isinstance(data, str) else data, [0], settings).items
    return item


def test_mails_become_items() -> None:
    first, second = parse_mails(MONTH, starts(MONTH), SETTINGS).items

    assert first == Item(
        id=item_id("kites", "long.1@kites.example"),
        source_id="kites",
        kind="mailing list",
        form="mail",
        native_keys=("long.1@kites.example",),
        title="[Kites-dev] Which line for the long kite?",
        author=Person("Mara Lindqvist", "mara@kites.example"),
        published_at=datetime(2025, 12, 4, 9, 15, tzinfo=UTC),
        text="Does anybody know a line that holds 40 kg and floats?",
        thread=Thread(
            "long.1@kites.example",
            1,
            2,
            datetime(2025, 12, 4, 9, 15, tzinfo=UTC),
            datetime(2025, 12, 4, 11, tzinfo=UTC),
        ),
    )
    assert second.thread == first.thread
    assert second.in_reply_to == ("long.1@kites.example",)
    assert second.text == "Polypropylene does, and it is orange as well.\n\nFrom what I saw it fades within a year."


def test_links_are_those_of_the_writer() -> None:
    item = one(
        "Subject: x\n\n> See http://quoted.example/\n\nSee https://tide.example/a_(b)?c=d#e, <http://tide.example:80/x>\n"
        "and (http://tide.example/x). Not http://user:pass@tide.example/ and not http:///x or ftp://tide.example/\n"
    )

    assert item.links == ("https://tide.example/a_(b)?c=d#e", "http://tide.example:80/x", "http://tide.example/x")


def test_a_mail_without_an_id_has_the_same_key_every_time() -> None:
    mail = "From: jo at tide.example (Jo)\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: x\n\nWords.\n"

    assert one(mail) == one(mail)
    assert one(mail).native_keys != one(mail.replace("Words", "Other words")).native_keys
    assert "@" not in one(mail).native_keys[0]
    assert one(mail).thread == Thread(one(mail).native_keys[0], 0, 1, one(mail).published_at, one(mail).published_at)


def test_a_mail_without_a_subject_is_called_by_its_first_words() -> None:
    assert one("From: jo\n\nThe tide is high today.\n").title == "The tide is high today."
    assert one("From: jo\n\n").title == "(no subject)"


def test_dates_that_cannot_be_are_unknown() -> None:
    settings = MailSettings("kites", "mbox", now=datetime(2026, 3, 2, tzinfo=UTC))

    bad = one("Date: someday\nSubject: x\n\nx", settings)
    ahead = one("Date: Mon, 1 Jun 2026 10:00:00 +0000\nSubject: x\n\nx", settings)

    assert (bad.published_at, bad.warnings) == (None, ("date cannot be read",))
    assert (ahead.published_at, ahead.warnings) == (None, ("date in the future: 2026-06-01",))
    assert one("Date: Tue, 3 Mar 2026 10:00:00 +0000\nSubject: x\n\nx", settings).published_at is not None
    assert one("Date:  \nSubject: x\n\nx", settings).warnings == ()


def test_the_page_of_an_archive_that_the_mail_names() -> None:
    assert one("Archived-At: <https://lists.example/1>\n\nx").url == "https://lists.example/1"
    assert one("Archived-At: <javascript:alert(1)>\n\nx").url is None


def test_ignored_words() -> None:
    settings = MailSettings("kites", "mbox", ignore=("out of office", "unsubscribe"))
    data = b"".join(
        b"From a Mon Mar  2 10:00:00 2025\nSubject: %s\n\n%s\n" % pair
        for pair in [(b"Out of Office: Jo", b"x"), (b"x", b"please UNSUBSCRIBE me"), (b"office", b"> unsubscribe\nNo.")]
    )

    parsed = parse_mails(data, [at for at in range(len(data)) if data.startswith(b"From a", at)], settings)

    assert [item.title for item in parsed.items] == ["office"]


def test_words_of_others_alone_show_when_they_answer_nothing() -> None:
    quote = "\n\n> The tide is high.\n>> Very.\n"

    assert one(f"Subject: look{quote}").text == "The tide is high.\nVery."
    assert one(f"Subject: look\nIn-Reply-To: <a@b>{quote}").text == ""


def test_what_is_no_mail_is_set_aside_with_its_place() -> None:
    settings = replace(SETTINGS, address="https://lists.example/2026-March.txt")
    parsed = parse_mails(b"\r\nSubject: x\n\nx", [0, 2], settings, 100)

    assert parsed.warnings == ("a mail was set aside: it is empty (byte 100)",)
    assert parsed.aside == (Aside(f"{settings.address}#byte=100", "it is empty (byte 100)", b"\r\n"),)
    assert [item.title for item in parsed.items] == ["x"]


def test_a_mail_answers_at_most_sixty_and_the_root() -> None:
    references = " ".join(f"<{number}@x>" for number in range(50_000))

    item = one(f"Subject: x\nMessage-ID: <me@x>\nReferences: {references} <me@x>\n\nx")

    assert item.in_reply_to[:2] == ("49999@x", "49998@x")
    assert item.in_reply_to[-1] == "0@x"
    assert len(item.in_reply_to) == 60
    assert item.thread is not None
    assert item.thread.root_id == "0@x"


def test_nothing_unseen_in_titles_and_texts() -> None:
    item = one("Subject: =?utf-8?q?a=0Ab=E2=80=AEc?=\n\none\x00\x1b[31m\u202etwo\r\nthree")

    assert item.title == "a bc"
    assert item.text == "one[31mtwo\nthree"
