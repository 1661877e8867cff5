from dataclasses import replace

from newsletter.deliver.edition_file import Bodies, placeholders_for, write_edition
from newsletter.deliver.message import Edition
from tests.deliver.editions import ADA, HEADING, HELD, SITE, read, written


def test_the_headers_are_these_and_no_others() -> None:
    mail = read(Edition.read(written()).for_reader(ADA))
    assert list(mail.items()) == [
        ("From", "Lantern Letter <letter@news.example.org>"),
        ("Reply-To", "people@example.org"),
        ("To", "ada@example.net"),
        ("Subject", "The charter goes to a vote; Wick 4"),
        ("Date", "Fri, 16 Apr 2027 08:00:00 +0000"),
        ("Message-ID", "<issue-57.aa@news.example.org>"),
        ("List-Id", "Lantern Letter <letter.news.example.org>"),
        (
            "List-Unsubscribe",
            f"<{SITE}u/{ADA.unsubscribe_token}>, "
            f"<mailto:people@example.org?subject=unsubscribe%20{ADA.unsubscribe_token}>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Help", "<mailto:people@example.org?subject=help>"),
        ("List-Owner", "<mailto:people@example.org>"),
        ("List-Archive", f"<{SITE}>"),
        ("List-Post", "NO"),
        ("Archived-At", f"<{SITE}issues/57/>"),
        ("MIME-Version", "1.0"),
        ("Content-Language", "en"),
        ("Content-Type", mail["Content-Type"]),
    ]
    assert mail.get_content_type() == "multipart/alternative"


def test_without_a_site_one_leaves_by_mail() -> None:
    data = written(unsubscribe_url=None, archive_url=None, issue_url=None, has_reply_to=False)
    mail = read(Edition.read(data).for_reader(ADA))
    assert mail["List-Unsubscribe"] == f"<mailto:people@example.org?subject=unsubscribe%20{ADA.unsubscribe_token}>"
    for name in ("List-Unsubscribe-Post", "List-Archive", "Archived-At", "Reply-To"):
        assert mail[name] is None


def test_one_click_is_promised_over_https_alone() -> None:
    data = written(unsubscribe_url=f"http://127.0.0.1:8000/u/{HELD.unsubscribe}")
    mail = read(Edition.read(data).for_reader(ADA))
    assert mail["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/u/ada-leaves")
    assert mail["List-Unsubscribe-Post"] is None


def test_a_calendar_comes_as_a_file() -> None:
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n".encode() * 30
    data = write_edition(HEADING, Bodies("text\n", "<p>html</p>\n", calendar), HELD)
    mail = read(Edition.read(data).for_reader(ADA))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    (part,) = mail.iter_attachments()
    assert part.get_filename() == "events.ics"
    assert part.get_payload(decode=True) == calendar
    assert max(map(len, data.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78


def test_soft_line_ends_stay() -> None:
    flowed = "One line \nand on.\n\n-- \nFrom us\n"
    mail = read(Edition.read(write_edition(HEADING, Bodies(flowed, "<p></p>"), HELD)).for_reader(ADA))
    part = mail.get_body(("plain",))
    assert part is not None
    assert part["Content-Type"].params["format"] == "flowed"
    assert part.get_content() == flowed.replace("\n", "\r\n").removesuffix("\r\n")


def test_placeholders_follow_from_the_content_and_have_a_tokens_length() -> None:
    first, second = placeholders_for("a"), placeholders_for("b")
    assert len({first.unsubscribe, first.preferences, second.unsubscribe, second.preferences}) == 4
    assert {len(first.unsubscribe), len(first.preferences)} == {32}
    assert placeholders_for("a") == first
    assert written() == written(replace(HEADING))
