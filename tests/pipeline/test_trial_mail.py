import re
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest

from newsletter.errors import UsageError
from newsletter.model.subscriber import Choice
from newsletter.pipeline import trial_mail
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.issue_preview import for_nobody
from newsletter.pipeline.signing import signer_of
from newsletter.pipeline.trial_mail import send_test, send_tests
from tests.deliver.editions import dns, pem, rsa_key
from tests.fakes import FixedClock
from tests.pipeline.letters import FEEDS, april, opened, store
from tests.pipeline.test_editions import made

SIGNING = f"{FEEDS}delivery:\n  dkim selector: mail\n  dkim key: from DKIM_KEY\n"


def test_a_test_is_the_very_mail_with_its_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(tmp_path, Choice("highlights"))
    monkeypatch.setattr(trial_mail, "edition_data", lambda *_: found.data)
    with opened(tmp_path) as app:
        assert "the test lies in" in send_test(app, 5, to="Ines <ines@example.net>", choice=Choice("highlights"))
        assert "the test lies in" in send_test(app, 5, to="ines@example.net")
        first, second = sorted((app.data / "outbox").glob("*.eml"))
    raw = first.read_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["To"] == "ines@example.net"
    assert str(mail["Subject"]).startswith("[TEST] The charter goes to a vote")
    assert mail["X-Test"] == "yes"
    assert re.match(r"<test-5\.", mail["Message-ID"])
    assert mail["Message-ID"] != message_from_bytes(second.read_bytes())["Message-ID"]
    whole = for_nobody(found.data, 5)
    assert raw.partition(b"\r\n\r\n")[2] == whole.partition(b"\r\n\r\n")[2]
    unlike = {"Subject", "To", "Message-ID", "Date", "X-Test"}
    same = [[item for item in message_from_bytes(each).items() if item[0] not in unlike] for each in (raw, whole)]
    assert same[0] == same[1]


def test_what_is_no_address_gets_no_test(tmp_path: Path) -> None:
    with opened(tmp_path) as app:
        store(app, april()[:1])
        for to in ("nobody", "a@b\r\nBcc: c@d", "a@b, c@d"):
            with pytest.raises(UsageError, match="not a mail address"):
                send_test(app, 1, to=to)


def test_a_test_is_signed_as_readers_mails_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(tmp_path, Choice())
    monkeypatch.setattr(trial_mail, "edition_data", lambda *_: found.data)
    (tmp_path / "feeds.yaml").write_text(SIGNING)
    environ = {"DKIM_KEY": pem(rsa_key())}
    with open_newsletter(tmp_path, environ=environ, now=FixedClock()) as app:
        send_test(app, 5, to="ines@example.net")
        (path,) = (app.data / "outbox").glob("*.eml")
    assert dkim.DKIM(path.read_bytes()).verify(dnsfunc=dns(mail=rsa_key()))


def test_a_key_that_cannot_sign_is_told_before_anything_leaves(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{SIGNING}  dkim domain: other.example\n")
    environ = {"DKIM_KEY": pem(rsa_key())}
    with (
        open_newsletter(tmp_path, environ=environ, now=FixedClock()) as app,
        pytest.raises(UsageError, match="does not belong to the sender"),
    ):
        signer_of(app)
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    with open_newsletter(tmp_path, environ={}, now=FixedClock()) as app:
        assert signer_of(app) is None


def test_the_test_readers_of_the_file_get_one_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(tmp_path, Choice())
    monkeypatch.setattr(trial_mail, "edition_data", lambda *_: found.data)
    with opened(tmp_path) as app, pytest.raises(UsageError, match="write “test readers: "):
        list(send_tests(app, 5))
    (tmp_path / "feeds.yaml").write_text(f"{FEEDS}delivery:\n  test readers: [a@example.net, b@example.net]\n")
    with open_newsletter(tmp_path, environ={}, now=FixedClock()) as app:
        assert len(list(send_tests(app, 5))) == 2
        mails = [message_from_bytes(path.read_bytes()) for path in (app.data / "outbox").glob("*.eml")]
    assert sorted(mail["To"] for mail in mails) == ["a@example.net", "b@example.net"]
