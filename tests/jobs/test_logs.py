"""What a running service logs: every line of a reading names its source, in whatever thread or process it was said."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.cli.logs import set_up_logs
from newsletter.errors import UsageError
from tests.loopback import atom, serving

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("good", "gone", "wild")
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')


def lines_of_a_run(home: Path, form: str) -> Iterator[str]:
    """What `newsletter run` writes to stderr until all three sources were read and it was stopped."""
    with serving() as web:
        web["/good.xml"] = atom(("one", "First words", "2026-10-12T09:00:00Z", "Hello there."))
        text = "".join(f"  - name: The {name} one\n    kind: feed\n    url: {web.base}/{name}.xml\n" for name in NAMES)
        (home / "feeds.yaml").write_text(HEAD + text)
        environ = {**os.environ, "NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSLETTER_LOG": form}
        command = [sys.executable, "-m", "tests.jobs.shouting", "run", "--home", str(home), "--port", "0"]
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        left = set(NAMES)
        try:
            for line in process.stderr:
                yield line
                is_end = re.search(r'event"?[=:] ?"?(read|source)\b', line)
                if is_end and (found := [name for name in left if f"The {name} one" in line]):
                    left.discard(found[0])
                    if not left:
                        process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


def pairs(line: str) -> dict[str, str]:
    """A line of key=value, which must be nothing else."""
    assert PAIR.sub("", line) == "", line
    return {key: json.loads(value) if value[:1] == '"' else value for key, value in PAIR.findall(line)}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "logfmt"])
def test_every_line_of_a_reading_names_its_source(tmp_path: Path, form: str) -> None:
    read = json.loads if form == "json" else pairs
    said: dict[str, set[str]] = defaultdict(set)
    for line in lines_of_a_run(tmp_path, form):
        found: dict[str, Any] = read(line.rstrip("\n"))
        about = next((name for name in NAMES if f"{name}.xml" in line or f"The {name} one" in line), None)
        if about is not None:
            assert found["source"] == f"The {about} one", line
            assert found["job"] == "read source", line
            said[about].add(f"{found['event']}".partition(" about ")[0])
        else:
            assert found["event"] in {"started", "first_start", "stopped", "public"}, line
    heard = {"task", "thread", "process"}
    assert said["good"] == heard | {"read"}
    assert said["gone"] == heard | {"source"}
    assert said["wild"] == heard | {"reader_failed", "source"}


def test_a_form_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_LOG", "xml")
    with pytest.raises(UsageError, match="NEWSLETTER_LOG is “xml”"):
        set_up_logs()


def test_a_line_and_its_end_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import structlog

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    written: list[str] = []
    monkeypatch.setattr(sys, "stderr", Pipe())
    set_up_logs()
    structlog.get_logger().info("read", new=3)
    assert len(written) == 1, "whatever another thread wrote in between would stand in the same line"
    assert written[0].endswith("}\n")


def test_no_line_holds_the_address_of_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    import structlog

    set_up_logs()
    structlog.get_logger().info("refused", trouble="550 <ada.obi@example.org>: no such user", at="bo@x.example.com")
    structlog.get_logger().info("read", url="https://l.example.org/list/dev@l.example.org/", source="dev@l.example.org")
    refused, read = map(json.loads, capsys.readouterr().err.splitlines())
    assert (refused["trouble"], refused["at"]) == ("550 <…@example.org>: no such user", "…@x.example.com")
    assert (read["url"], read["source"]) == ("https://l.example.org/list/dev@l.example.org/", "dev@l.example.org")
