import pytest

from newsletter.deliver.farewell import farewell_token

TOKEN = "Ab3-" * 7 + "_xyz"


@pytest.mark.parametrize(
    "head",
    [
        f"Subject: unsubscribe {TOKEN}",
        f"subject: Unsubscribe  {TOKEN} \r\nTo: back@example.org",
        f"Subject: unsubscribe\r\n {TOKEN}",
        f"Subject: =?utf-8?q?unsubscribe_{TOKEN.replace('_', '=5F')}?=",
        f"Auto-Submitted: no\r\nSubject: unsubscribe {TOKEN}",
    ],
)
def test_the_mail_that_a_mail_program_writes_for_its_button(head: str) -> None:
    assert farewell_token(f"From: ada@example.net\r\n{head}\r\n\r\n".encode()) == TOKEN


@pytest.mark.parametrize(
    "head",
    [
        "Subject: unsubscribe",
        f"Subject: Re: unsubscribe {TOKEN}",
        f"Subject: unsubscribe {TOKEN}x",
        f"Subject: unsubscribe {TOKEN[:-1]}é",
        f"Auto-Submitted: auto-replied\r\nSubject: unsubscribe {TOKEN}",
        f"X-Other: 1\r\n\r\nSubject: unsubscribe {TOKEN}",
        "Subject: =?broken?q?unsubscribe?=",
        "",
    ],
)
def test_every_other_mail_is_none(head: str) -> None:
    assert farewell_token(f"From: ada@example.net\r\n{head}\r\n\r\nunsubscribe {TOKEN}\r\n".encode()) is None


def test_bytes_of_any_kind_raise_nothing() -> None:
    for data in (b"", b"\0" * 100, b"Subject: unsubscribe \xff\xfe\n\n", b"Subject: " + b"=?" * 10_000):
        assert farewell_token(data) is None
