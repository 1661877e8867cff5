"""A token opens one thing for one person, and for long enough."""

from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.deliver.tokens import LENGTH, Claim, Purpose, make_token, read_token

SECRET, DAY = b"s" * 32, date(2011, 3, 4)
NOW = datetime(2011, 3, 4, 12, tzinfo=UTC)


def made(purpose: Purpose = "unsubscribe", secret: bytes = SECRET) -> str:
    return make_token(secret, purpose, subscriber_id=4812, epoch=3, on=DAY)


def test_it_says_who_it_is_for() -> None:
    assert read_token(SECRET, "unsubscribe", made(), now=NOW) == Claim(4812, 3, DAY)
    assert len(made()) == LENGTH


def test_it_is_good_for_one_purpose_and_one_secret() -> None:
    assert read_token(SECRET, "preferences", made(), now=NOW) is None
    assert read_token(b"t" * 32, "unsubscribe", made(), now=NOW) is None


def test_no_letter_of_it_can_be_another() -> None:
    token = made()
    for at, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        assert read_token(SECRET, "unsubscribe", f"{token[:at]}{other}{token[at + 1 :]}", now=NOW) is None


@pytest.mark.parametrize(("purpose", "days", "is_good"), [
    ("unsubscribe", 60, True), ("unsubscribe", 400, True), ("unsubscribe", 401, False),
    ("confirm", 60, True), ("confirm", 61, False),
])  # fmt: skip
def test_it_is_good_for_so_many_days(purpose: Purpose, days: int, is_good: bool) -> None:
    found = read_token(SECRET, purpose, made(purpose), now=NOW + timedelta(days=days))
    assert (found is not None) is is_good


@pytest.mark.parametrize("token", ["", "x", "=" * LENGTH, "é" * LENGTH, "A" * LENGTH, "A" * 10_000, "!" * LENGTH])
def test_what_is_none_is_refused(token: str) -> None:
    assert read_token(SECRET, "unsubscribe", token, now=NOW) is None
