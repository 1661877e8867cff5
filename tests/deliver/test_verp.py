"""An envelope sender tells whose mail came back, whatever a server does to its letters."""

from datetime import date

import pytest

from newsletter.deliver.tokens import make_token
from newsletter.deliver.verp import Errand, Returned, envelope_sender, returned_to

TOKEN = make_token(b"s" * 32, "bounce", subscriber_id=4812, epoch=0, on=date(2011, 3, 4))


@pytest.mark.parametrize("errand", ["bounce", "probe"])
@pytest.mark.parametrize("change", [str, str.lower, str.upper, "<{}>".format, "Bounces <{}>".format])
def test_it_comes_back_as_it_went(errand: Errand, change: "type[str]") -> None:
    sender = envelope_sender("bounces@example.org", TOKEN, errand=errand)
    assert len(sender.partition("@")[0]) <= 64, "RFC 5321, 4.5.3.1.1"
    assert returned_to([None, "other@example.org", change(sender)]) == Returned(TOKEN, errand)


@pytest.mark.parametrize(
    "address", ["bounces@example.org", "bounces+b-short@example.org", "", f"bounces+x-{'a' * 39}@e.org"]
)
def test_other_addresses_say_nothing(address: str) -> None:
    assert returned_to([address]) is None
