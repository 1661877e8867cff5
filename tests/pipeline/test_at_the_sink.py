"""Editions as a mail server takes them: each to its reader, whole, with nothing to warn of."""

import email
import hashlib
import importlib.util
import json
import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from pathlib import Path
from typing import Any

import pytest

from newsletter.deliver.message import Edition
from newsletter.deliver.verp import envelope_sender
from newsletter.model.subscriber import Choice
from newsletter.pipeline.editions import EditionMaker, make_editions
from tests.corpus import CORPUS, SHARED, needs_corpus
from tests.pipeline.letters import ADA, april, made_of, mail_of, opened, store, text_of
from tests.render import samples

SINK = SHARED / "tools" / "smtp_sink.py"
needs_sink = pytest.mark.skipif(not SINK.is_file(), reason=f"the sink is not at {SINK}")
CHOICES = {
    "sections": Choice(sections=("events", "general")),
    "monthly": Choice("monthly"),
    "highlights": Choice("highlights"),
    "everything": Choice(),
}


@pytest.fixture
def sink() -> Iterator[Any]:
    """A mail server that counts and warns."""
    spec = importlib.util.spec_from_file_location("smtp_sink", SINK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.SmtpSink() as running:
        yield running


@needs_sink
@pytest.mark.slow
def test_each_reader_gets_the_edition_of_the_choice(tmp_path: Path, sink: Any) -> None:
    told = april()
    with opened(tmp_path) as app:
        store(app, told)
        editions = {name: make_editions(app, made_of(told[-1]), [choice])[choice] for name, choice in CHOICES.items()}
    sent = {}
    with smtplib.SMTP("127.0.0.1", sink.port) as server:
        for name, data in editions.items():
            reader = replace(ADA, address=f"{name}@example.net", message_id=f"<{name}@lantern.example>")
            sent[name] = Edition.read(data)
            server.mail(envelope_sender("bounces@lantern.example", reader.bounce_token))
            server.rcpt(reader.address)
            server.docmd("DATA")
            server.send(b"".join(sent[name].pieces(reader)) + b".\r\n")
            assert server.getreply()[0] == 250
    assert len(sink.mails) == len(CHOICES)
    for got in sink.mails:
        name = got["rcpt"][0].partition("@")[0]
        reader = replace(ADA, address=got["rcpt"][0], message_id=f"<{name}@lantern.example>")
        assert got["warnings"] == []
        assert got["mail_from"] == envelope_sender("bounces@lantern.example", ADA.bounce_token)
        assert got["rcpt"] == [f"{name}@example.net"]
        assert got["message_id"] == f"<{name}@lantern.example>"
        whole = sent[name].for_reader(reader)
        assert got["size"] in (len(whole), len(b"".join(sent[name].pieces(reader))))
        assert got["sha256"] == hashlib.sha256(whole).hexdigest()
        headers = [key for key, _ in got["headers"]]
        assert len(headers) == len(set(headers)) == 17
        assert dict(got["headers"])["To"] == f"{name}@example.net"


@needs_corpus
@pytest.mark.slow
def test_titles_from_outside_bring_no_header_and_no_recipient(tmp_path: Path) -> None:
    rows = (CORPUS / "hostile" / "text" / "header_injection.jsonl").read_bytes().splitlines()
    strings = [json.loads(row)["value"] for row in rows]
    entries = tuple(samples.entry(f"x{at}", text, summary=text, author=text) for at, text in enumerate(strings))
    wanted: list[str] = []
    with opened(tmp_path) as app:
        for text in strings:
            issue = samples.issue(title=text, note=text, note_by=text, sections=(samples.section("general", entries),))
            data = EditionMaker(app, made_of(issue)).edition(Choice(sections=("general",))).data
            raw = Edition.read(data).for_reader(ADA)
            names = [name for name, _ in email.message_from_bytes(raw, policy=policy.compat32).items()]
            wanted = wanted or names
            assert names == wanted
            assert len(names) == len(set(names)) == 17
            mail = mail_of(data)
            assert mail["Bcc"] is None
            assert [each.addr_spec for each in mail["To"].addresses] == ["ada@example.net"]
            assert "<script>" not in text_of(mail, "html")
