"""Reports are read field by field; what is written for people decides nothing."""

from datetime import date
from pathlib import Path

import pytest

from newsletter.deliver.bounces import ReportKind, judged, read_reports
from newsletter.deliver.tokens import make_token
from newsletter.deliver.verp import Returned, envelope_sender
from tests.corpus import CORPUS, needs_corpus
from tests.deliver.reports import complaint, delivery_report

TOKEN = make_token(b"s" * 32, "bounce", subscriber_id=4812, epoch=0, on=date(2011, 3, 4))
BACK = envelope_sender("bounces@example.org", TOKEN)
RECORDED = CORPUS / "hostile" / "mail"


def test_a_report_says_who_and_why() -> None:
    [report] = read_reports(delivery_report(BACK))
    assert (report.kind, report.status, report.words) == ("hard", "5.1.1", "550 5.1.1 No such user")
    assert (report.returned, report.recipient) == (Returned(TOKEN, "bounce"), "ada@example.net")
    assert report.message_id == "<issue-57.1@example.org>"


@pytest.mark.parametrize("way", ["envelope", "to", "returned"])
def test_the_sender_we_signed_is_found_wherever_it_stands(way: str) -> None:
    data = delivery_report(BACK if way == "to" else "x@example.org", returned=BACK if way == "returned" else "")
    [report] = read_reports(data, mailed_to=[BACK] if way == "envelope" else [])
    assert report.returned == Returned(TOKEN, "bounce")


def test_a_complaint_is_known_without_the_address_of_who_complained() -> None:
    [report] = read_reports(complaint(BACK))
    assert (report.kind, report.returned) == ("complaint", Returned(TOKEN, "bounce"))
    [other] = read_reports(complaint(BACK, kind="not-spam"))
    assert other.kind == "ignored"


@pytest.mark.parametrize(("status", "kind"), [
    ("5.1.1", "hard"), ("5.1.0", "hard"), ("5.1.2", "hard"), ("5.1.10", "hard"), ("5.2.1", "hard"),
    ("5.1.8", "ignored"),
    ("5.2.2", "soft"), ("4.2.2", "soft"), ("5.4.4", "soft"), ("5.3.0", "soft"), ("5.0.0", "soft"), ("", "soft"),
    ("5.7.1", "ignored"), ("4.7.0", "ignored"), ("5.3.4", "ignored"), ("5.6.0", "ignored"), ("2.0.0", "ignored"),
])  # fmt: skip
def test_what_a_status_says_about_the_reader(status: str, kind: ReportKind) -> None:
    assert judged(status) == kind


@pytest.mark.parametrize(("action", "kind"), [("delayed", "ignored"), ("relayed", "ignored"), ("delivered", "ignored")])
def test_only_what_failed_counts(action: str, kind: ReportKind) -> None:
    [report] = read_reports(delivery_report(BACK, action=action))
    assert report.kind == kind


def test_the_last_server_knows_better_than_a_general_code() -> None:
    [report] = read_reports(delivery_report(BACK, status="5.0.0", said="smtp; 552 5.2.2 Mailbox full"))
    assert (report.kind, report.status) == ("soft", "5.2.2")


def test_a_mail_of_a_person_is_no_report() -> None:
    assert (
        read_reports(b"From: Ada <ada@example.net>\nTo: bounces@example.org\nSubject: Hello\n\nStatus: 5.1.1\n") == ()
    )


def test_an_answer_of_a_machine_counts_against_nobody() -> None:
    head = f"From: Ada <ada@example.net>\nTo: {BACK}\nSubject: On holiday\nAuto-Submitted: auto-replied\n"
    [report] = read_reports(f"{head}\nBack on Monday.\n".encode())
    assert report.kind == "ignored"


def test_a_server_that_writes_no_report_is_a_soft_bounce() -> None:
    head = f"Return-Path: <>\nFrom: MAILER-DAEMON@old.example\nTo: {BACK}\nSubject: failure notice\n\nSorry.\n"
    [report] = read_reports(head.encode())
    assert (report.kind, report.returned) == ("soft", Returned(TOKEN, "bounce"))


@needs_corpus
@pytest.mark.parametrize(("name", "said"), [
    ("flanker/messages_bounce_mailbox-full.eml", [("soft", "5.2.2", "user@aol.com")]),
    ("flanker/messages_bounce_office365.eml", [("hard", "5.1.10", "noname@example.com")]),
    ("flanker/messages_bounce_delayed-broken.eml", [("soft", "4.2.2", "demo@example.com")]),
    ("flanker/messages_bounce_gmail-no-dns.eml", [("soft", "", "user@example.comm")]),
    ("mail/emails_multipart_report_emails_report_530.eml", [("soft", "5.3.0", "edwin@zzzzzzz.com")]),
])  # fmt: skip
def test_recorded_reports(name: str, said: list[tuple[str, str, str]]) -> None:
    found = read_reports((RECORDED / name).read_bytes())
    assert [(each.kind, each.status, each.recipient) for each in found] == said


@needs_corpus
def test_a_report_about_several_names_them_all() -> None:
    found = read_reports((RECORDED / "mail/emails_multipart_report_emails_multi_address_bounce1.eml").read_bytes())
    assert {each.kind for each in found} == {"hard"}
    assert len({each.recipient for each in found}) == len(found) == 5


@needs_corpus
@pytest.mark.parametrize("path", sorted(RECORDED.rglob("*.eml")), ids=lambda path: path.name)
def test_no_recorded_mail_breaks_the_reading(path: Path) -> None:
    for each in read_reports(path.read_bytes()):
        assert "\n" not in each.words
        assert each.returned is None
