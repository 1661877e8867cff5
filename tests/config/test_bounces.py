"""Where mail comes back to, as the part "delivery" says it."""

import pytest

from newsletter.config.bounces import BounceSettings
from tests.config.sample import problems, read

HEAD = "newsletter:\n  name: A\n  from: a@bees.example\nsources:\n  - name: B\n    url: https://b.example/\ndelivery:\n"


def test_nothing_is_read_when_nothing_is_said() -> None:
    assert read(HEAD + "  by: folder\n").delivery.bounces == BounceSettings()


def test_a_mailbox_a_server_and_a_listener() -> None:
    to = "  bounces to: back@bees.example\n"
    found = read(HEAD + to + "  bounce mailbox: Maildir\n  bounce listener: 127.0.0.1:2424\n").delivery.bounces
    assert found == BounceSettings("back@bees.example", "Maildir", listener=("127.0.0.1", 2424))
    text = "  bounce server: imap.bees.example\n  bounce user: u\n  bounce password: from P\n"
    text += "  bounce encryption: starttls\n"
    imap = read(HEAD + to + text, {"P": "s3cret"}).delivery.bounces
    assert (imap.server, imap.user, imap.password, imap.encryption) == ("imap.bees.example", "u", "s3cret", "starttls")
    assert "s3cret" not in repr(imap)


@pytest.mark.parametrize(("lines", "said"), [
    ("  bounce mailbox: Maildir\n", 'Write "bounces to:'),
    ("  bounces to: a@b.example\n  bounce server: i.example\n", 'Write "bounce password: from BOUNCE_PASSWORD"'),
    ("  bounces to: a@b.example\n  bounce password: geheim\n", "stands in this file in plain sight"),
    ("  bounces to: a@b.example\n  bounce port: 993\n", 'of no use without "bounce server:"'),
    ("  bounces to: a@b.example\n  bounce listener: everywhere\n", "such as 127.0.0.1:2424"),
    ("  bounces to: a@b.example\n  bounce listener: 127.0.0.1:99999\n", "such as 127.0.0.1:2424"),
    ("  bounces to: nobody\n", "bounces to"),
    ("  bounces too: a@b.example\n", '"bounces to"'),
])  # fmt: skip
def test_what_is_missing_is_told_with_its_line(lines: str, said: str) -> None:
    told = problems(HEAD + lines)
    assert any(said in each for each in told), told
    assert all(each.startswith("feeds.yaml:") for each in told)
