from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from newsletter.deliver.notice import Notice, notice_mail

AT = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
LONG = "https://letter.lantern.example/" + "x" * 90
NOTICE = Notice("draft:57", "Lantern: draft\r\nBcc: all@example.org", ("Word " * 40, LONG))


def test_a_notice_is_a_mail_that_no_program_answers() -> None:
    made = notice_mail(NOTICE, sender=("Lantern Letter", "letter@Lantern.example"), to="ines@lantern.example", at=AT)
    read = message_from_bytes(made.as_bytes(), policy=default)
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Subject"] == "Lantern: draft Bcc: all@example.org"
    assert read["Bcc"] is None
    assert read["Message-ID"].endswith("@lantern.example>")
    assert read["Date"] == "Thu, 15 Oct 2026 18:35:00 +0000"
    lines = read.get_content().splitlines()
    assert LONG in lines
    assert max(len(each) for each in lines if each != LONG) <= 72


def test_the_same_notice_has_the_same_name() -> None:
    def name(key: str, to: str) -> str:
        return str(notice_mail(Notice(key, "s", ()), sender=("", "a@b.example"), to=to, at=AT)["Message-ID"])

    assert name("draft:57", "i@b.example") == name("draft:57", "i@b.example")
    assert len({name("draft:57", "i@b.example"), name("late:57", "i@b.example"), name("draft:57", "o@b.example")}) == 3
