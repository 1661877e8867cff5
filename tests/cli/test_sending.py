"""The commands send, stop and deliveries: what they say and how they end."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.cli import main
from newsletter.store.database import Database
from newsletter.store.rights import take_right
from tests import campaign_services
from tests.loopback import atom, serving
from tests.mailed import NOW, add_readers, copies, needs_sink, sink

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command here and gives its exit code."""

    def call(*words: str | Path) -> int:
        monkeypatch.setenv("NEWSLETTER_ALLOW_NETWORKS", "127.0.0.0/8")
        monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return call


def opened(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'data' / 'newsletter.db'}")


def approved(home: Path, run: Run, delivery: str = "") -> None:
    """A home with an approved issue of a week long ago, and three readers."""
    with serving() as web:
        web["/0.xml"] = atom(("one", "The bridge opens", "2026-10-12T09:00:00Z", "It opens on a sunny day."))
        source = f"sources:\n  - name: S\n    kind: feed\n    url: {web.base}/0.xml\n"
        (home / "feeds.yaml").write_text(f"newsletter:\n  name: T\n  from: T <t@example.org>\n{source}{delivery}")
        assert run("build", "--home", home, "--week", "2026-W42") == 0
    database = opened(home)
    add_readers(database, ["a@example.org", "b@example.org", "gone@example.net"])
    database.close()
    assert run("approve", "1", "--no-links", "--home", home) == 0


@needs_sink
def test_an_issue_is_sent_from_the_shell(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with sink("rcpt-550@gone") as server:
        approved(tmp_path, run, f"delivery:\n  server: 127.0.0.1\n  port: {server.port}\n")
        capsys.readouterr()
        assert run("send", "1", "--now", "--home", tmp_path) == 3
        said = capsys.readouterr().out
        assert said.startswith("3 mails to send, at most 120 a minute: about a minute.\n")
        assert "Issue 1   done   3 of 3" in said
        assert "accepted 2 · passed over or no such address 1" in said
        assert copies(server) == {"a@example.org": 1, "b@example.org": 1}
    assert run("send", "1", "--home", tmp_path) == 1
    assert "Issue 1 has been sent already." in capsys.readouterr().err
    assert run("deliveries", "1", "--home", tmp_path) == 0
    said = capsys.readouterr().out
    assert "example.net" in said
    assert "passed over or no such address: 550 5.1.1 no such user" in said
    assert run("deliveries", "1", "--json", "--home", tmp_path) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["total"], found["counts"]["accepted"], found["errata"]) == ("done", 3, 2, [])
    assert found["answers"] == [{"state": "suppressed", "code": 550, "answer": "5.1.1 no such user", "count": 1}]
    assert run("deliveries", "1", "--reader", "gone@example.net", "--home", tmp_path) == 0
    assert "suppressed 550 5.1.1 no such user" in capsys.readouterr().out
    assert run("deliveries", "1", "--reader", "a@example.org", "--json", "--home", tmp_path) == 0
    assert [each["state"] for each in json.loads(capsys.readouterr().out)] == ["accepted"]


@needs_sink
def test_a_reader_who_was_erased_meanwhile_leaves_it_whole(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with sink() as server:
        approved(tmp_path, run, f"delivery:\n  server: 127.0.0.1\n  port: {server.port}\n")
        assert run("subscribers", "erase", "gone@example.net", "--home", tmp_path) == 0
        capsys.readouterr()
        with capture_logs() as logged:
            assert run("send", "1", "--now", "--home", tmp_path) == 0
        assert "accepted 2 · passed over or no such address 1" in capsys.readouterr().out
        assert copies(server) == {"a@example.org": 1, "b@example.org": 1}
    (line,) = [each for each in logged if each["event"] == "mails sent"]
    assert (line["end"], "why" in line) == ("done", False)


def test_what_cannot_be_is_said(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    approved(tmp_path, run)
    assert run("deliveries", "2", "--home", tmp_path) == 1
    assert "Issue 2 is not approved, so nobody gets it yet." in capsys.readouterr().err
    assert run("stop", "1", "--home", tmp_path) == 0
    assert "“newsletter send 1” goes on" in capsys.readouterr().out
    database = opened(tmp_path)
    with database.transaction() as db:
        take_right(db, "elsewhere", "alpha", now=NOW)
    database.close()
    assert run("send", "1", "--home", tmp_path) == 1
    assert "holds the right to send (alpha, seen" in capsys.readouterr().err
    assert run("send", "1", "--take-over", "--home", tmp_path) == 0
    assert "accepted 3" in capsys.readouterr().out
    assert len(list((tmp_path / "data" / "outbox").glob("issue-1.*.eml"))) == 3
    assert run("send", "1", "--uncertain", "leave", "--home", tmp_path) == 0
    assert "0 uncertain mails: left, and counted as accepted" in capsys.readouterr().out
    assert run("send", "1", "--erratum", "1", "--home", tmp_path) == 1


def test_the_approval_says_who_gets_it_and_what_it_waits_for(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    approved(tmp_path, run)
    said = capsys.readouterr().out
    assert "It goes to 3 readers.\n" in said
    assert "That hour passed long ago, so it waits for your word: “newsletter send 1”." in said


def test_a_test_counts_for_nothing(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    approved(tmp_path, run)
    assert run("send", "1", "--test", "me@example.org", "--home", tmp_path) == 0
    (made,) = (tmp_path / "data" / "outbox").glob("*.eml")
    assert b"[TEST]" in made.read_bytes()
    capsys.readouterr()
    assert run("deliveries", "1", "--json", "--home", tmp_path) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["queued"] == 3


def test_an_issue_is_handed_over_from_the_shell(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTMONK_KEY", "token")
    with campaign_services.serving("listmonk") as service:
        delivery = (
            f"  by: listmonk\n  address: {service.base}\n  api user: n\n  api key: from LISTMONK_KEY\n  lists: [3, 4]\n"
        )
        approved(tmp_path, run, f"delivery:\n{delivery}")
        capsys.readouterr()
        assert run("deliveries", "1", "--home", tmp_path) == 0
        said = capsys.readouterr().out
        assert "Issue 1   scheduled, due 2026-10-16" in said
        assert "listmonk, lists 3, 4: not handed over yet" in said
        service.login = "other"
        assert run("send", "1", "--now", "--home", tmp_path) == 1
        said = capsys.readouterr().err
        assert "It is paused: listmonk refuses the login or what it may do (401: invalid login)." in said
        service.login = None
        assert run("send", "1", "--now", "--home", tmp_path) == 0
        said = capsys.readouterr().out
        assert "listmonk, lists 3, 4: sending" in said
        assert "readers there 120 · sent 0" in said
        assert f"{service.base}/admin/campaigns/7" in said
        assert run("deliveries", "1", "--json", "--home", tmp_path) == 0
        (found,) = json.loads(capsys.readouterr().out)["campaigns"]
        assert found == {
            "service": "listmonk",
            "name": service.only()["name"],
            "lists": ["3", "4"],
            "state": "sending",
            "id": "7",
            "page": f"{service.base}/admin/campaigns/7",
            "scheduled_at": None,
            "readers": 120,
            "sent": 0,
            "trouble": None,
        }
        assert run("stop", "1", "--home", tmp_path) == 0
        assert service.only()["status"] == "paused"
        assert service.violations == []
