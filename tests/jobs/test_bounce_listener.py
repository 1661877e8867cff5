"""A mail server hands over what came back, over real LMTP; only what is stored is taken."""

import smtplib
import socket

import pytest

from newsletter.errors import UsageError
from newsletter.jobs.bounce_listener import listening_for_bounces
from tests.deliver.reports import delivery_report
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import home as home
from tests.pipeline.test_bounces import back, farewell, opened, reader, state

HERE = ("127.0.0.1", 0)


def test_a_report_is_taken_and_counts(home: Home) -> None:
    with opened(home).opened() as app, listening_for_bounces(home.folder, HERE, environ=home.environ) as place:
        ada, bob = reader(app), reader(app, "bob@example.net")
        to = [back(app, ada)]
        with smtplib.LMTP(*place, timeout=20) as server:
            assert server.sendmail("<>", to, delivery_report("hidden@example.org")) == {}
            assert state(app, ada) == "bouncing"
            assert state(app, bob) == "active"


def test_who_unsubscribes_by_mail_is_out(home: Home) -> None:
    with opened(home).opened() as app, listening_for_bounces(home.folder, HERE, environ=home.environ) as place:
        ada = reader(app)
        with smtplib.LMTP(*place, timeout=20) as server:
            assert server.sendmail("ada@example.net", ["back@example.org"], farewell(app, ada)) == {}
        assert state(app, ada) == "left"


def test_a_mail_of_a_person_is_sent_back(home: Home) -> None:
    with opened(home).opened() as app, listening_for_bounces(home.folder, HERE, environ=home.environ) as place:
        reader(app)
        with smtplib.LMTP(*place, timeout=20) as server, pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail("ada@example.net", ["back@example.org"], b"From: ada@example.net\r\n\r\nHello!\r\n")
        assert refused.value.smtp_code == 550


def test_while_nothing_can_be_stored_the_server_keeps_it(home: Home) -> None:
    with opened(home).opened() as app:
        to = [back(app, reader(app))]
    with listening_for_bounces(home.folder, HERE, environ=home.environ) as place:
        (home.folder / "feeds.yaml").rename(home.folder / "away.yaml")
        with smtplib.LMTP(*place, timeout=20) as server, pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail("<>", to, delivery_report(to[0]))
        assert refused.value.smtp_code == 451


def test_a_port_that_is_taken_is_named(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(HERE)
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(UsageError, match=f"127.0.0.1:{port}"),
            listening_for_bounces(home.folder, ("127.0.0.1", port), environ={}),
        ):
            pass
