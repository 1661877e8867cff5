from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.deliver.tokens import Purpose, read_token
from newsletter.errors import MailFault
from newsletter.pipeline.personal import own_parts
from tests.pipeline.letters import opened

ON, NOW = date(2027, 4, 30), datetime(2027, 7, 30, tzinfo=UTC)


def test_a_readers_own_parts_are_good_for_that_reader_and_purpose_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as app, app.database.transaction() as db:
        own = own_parts(db, 5, "issue", host="lantern.example", on=ON)
        again = own_parts(db, 5, "issue", host="lantern.example", on=date(2027, 5, 1))
    ada, bo = (own.of(address="ada@straße.example", subscriber_id=each, epoch=3) for each in (7, 8))
    assert ada.address == "ada@xn--strae-oqa.example"
    tokens: dict[Purpose, str] = {
        "unsubscribe": ada.unsubscribe_token,
        "preferences": ada.preferences_token,
        "bounce": ada.bounce_token,
    }
    for purpose, token in tokens.items():
        for asked in tokens:
            claim = read_token(own.links, asked, token, now=NOW)
            assert (claim is not None) == (asked == purpose)
            assert claim is None or (claim.subscriber_id, claim.epoch) == (7, 3)
    assert ada.message_id != bo.message_id
    assert ada.message_id == again.of(address="a@b.example", subscriber_id=7, epoch=4).message_id
    assert "links" not in repr(own)
    with pytest.raises(MailFault):
        own.of(address="a b@c", subscriber_id=7, epoch=3)
