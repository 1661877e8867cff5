"""What a way of delivery of another package says is written down without the secrets that it was given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest

from newsletter.deliver.books import Books
from newsletter.deliver.by_way import ByWay
from newsletter.deliver.send_by_way import WayRun, send_by_way
from newsletter.deliver.setup import Report
from newsletter.deliver.ways import Mail, Way, made_way
from newsletter.deliver.work import Done, Letter, Order, Outlook, Pace, Work
from newsletter.errors import MailFault, PluginFault, ServiceFault

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRETS = {"token": "s3/cret", "api_key": ("k-one", "k-two"), "shelf": "oak"}
LEAK = "https://api.example/s3%2Fcret?k=k-two on\n oak"
SHOWN = "https://api.example/•••?k=••• on oak"


@dataclass(frozen=True)
class Shelf:
    """A way that says, or raises, what it is told to."""

    says: str | Exception = ""

    def deliver(self, mail: Mail) -> str:
        """As Way."""
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@dataclass
class OneMail:
    """A ledger of one mail."""

    done: list[Done] = field(default_factory=list)

    def due(self, after: int, count: int, but: Collection[str]) -> Sequence[Work]:
        """The mail, once."""
        names = {"address": "a@x.example", "edition": "", "domain": "x.example", "attempts": 0, "epoch": 0}
        return [] if after else [SimpleNamespace(subscriber_id=1, first_at=None, **names)]

    def write(self, done: Sequence[Done], begins: Sequence[int], paces: Sequence[Pace]) -> Collection[int]:
        """Remember it."""
        self.done += done
        return begins

    def skip(self, subscriber_id: int) -> bool:
        """Nobody left."""
        return False

    def outlook(self) -> Outlook:
        """Nothing is left."""
        return Outlook(0, 0, None)

    def order(self) -> Order:
        """As long as there is something."""
        return "go on"


@dataclass(frozen=True)
class Named:
    """A way as feeds.yaml names it."""

    way: Shelf
    name: str = "shelf"
    settings: Mapping[str, Any] = field(default_factory=lambda: SECRETS)

    def made(self) -> Way:
        """The way."""
        return self.way


def sent(says: str | Exception) -> tuple[Report, Done]:
    ledger = OneMail()
    books = Books(ledger, now=lambda: NOW, rest=lambda seconds: None)
    letter = Letter("from@x.example", "a@x.example", (b"Subject: Hi\r\n\r\nHi\r\n",), "<1@x.example>")
    run = WayRun(
        books=books,
        compose=lambda work: letter,
        way=Shelf(says),
        name="shelf",
        settings=SECRETS,
        repeats=False,
        per_minute=60,
        now=lambda: NOW,
        rest=lambda seconds: None,
    )
    report = send_by_way(run)
    [done] = ledger.done
    return report, done


@pytest.mark.parametrize(
    ("says", "state", "answer"),
    [
        (LEAK, "accepted", SHOWN),
        ("word " * 1_000, "accepted", f"{'word ' * 198}word…"),
        (MailFault(LEAK), "deferred", SHOWN),
        (MailFault(LEAK, is_final=True), "failed", SHOWN),
        (ServiceFault(LEAK, may_be_done=True), "unknown", f"{SHOWN}; the server may have taken it"),
        (
            ValueError(LEAK),
            "unknown",
            f"the delivery “shelf” failed (ValueError: {SHOWN}); the server may have taken it",
        ),
    ],
)
def test_its_words_are_kept_without_its_secrets(says: str | Exception, state: str, answer: str) -> None:
    report, done = sent(says)
    assert (done.state, done.answer) == (state, answer)
    if isinstance(says, ValueError):
        assert report.end == "paused"
        assert report.reason.startswith(f"The delivery “shelf” failed (ValueError: {SHOWN}). Tell who makes it")
    else:
        assert report.end == "done"


@pytest.mark.parametrize(
    "fault", [MailFault(LEAK), ServiceFault(LEAK, is_final=True), PluginFault(LEAK), OSError(LEAK)]
)
def test_so_it_is_with_single_mails(fault: Exception) -> None:
    with pytest.raises(MailFault) as caught:
        ByWay(Named(Shelf(fault))).send(EmailMessage(), sender="a@x.example", to=["b@x.example"])
    assert SHOWN in str(caught.value)
    assert "k-two" not in str(caught.value)
    assert caught.value.is_final is getattr(fault, "is_final", False)


def test_and_with_what_it_says_of_its_settings() -> None:
    @dataclass(frozen=True)
    class Picky:
        token: str

        def __post_init__(self) -> None:
            raise ValueError(f"{self.token} is too short")

    with pytest.raises(PluginFault, match="ValueError: ••• is too short"):
        made_way(Picky, {"token": "s3/cret"})
