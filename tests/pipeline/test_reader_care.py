"""What is due about readers is done, and a mailbox that cannot be read keeps nothing else waiting."""

import structlog

from newsletter.pipeline.bounces import take_reports
from newsletter.pipeline.reader_care import look_after_readers
from tests.deliver.reports import delivery_report
from tests.pipeline.conftest import Home
from tests.pipeline.test_bounces import back, in_mbox, mails, opened, reader, state


def test_a_week_of_care(home: Home) -> None:
    with opened(home).opened() as app:
        who = reader(app)
        in_mbox(home.folder / "back.mbox", delivery_report(back(app, who)))
        look_after_readers(app)
        assert state(app, who) == "bouncing"
        home.clock.move(days=1)
        look_after_readers(app)
        look_after_readers(app)
        assert mails(home) == ["Does Test weekly still reach you?"]
        home.clock.move(days=7)
        look_after_readers(app)
        assert state(app, who) == "active"


def test_a_mailbox_that_cannot_be_read_keeps_nothing_waiting(home: Home) -> None:
    with opened(home).opened() as app, structlog.testing.capture_logs() as logs:
        take_reports(app, delivery_report(back(app, reader(app))))
        home.clock.move(days=1)
        look_after_readers(app)
        assert len(mails(home)) == 1
    assert any("back.mbox" in str(each.get("trouble")) for each in logs)
