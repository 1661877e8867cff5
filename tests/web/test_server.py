"""newsletter serve as a process: what it prints, that it answers, and how it ends."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from newsletter.errors import UsageError
from newsletter.web.server import LOOPBACK, listen
from tests.web.desk import FEEDS

HEAVY = {"starlette", "uvicorn", "argon2", "authlib", "joserfc", "httpx2", "limits", "pyotp", "segno"}


def test_an_address_that_is_taken_or_cannot_be() -> None:
    address = listen(LOOPBACK, 0)
    try:
        port = address.socket.getsockname()[1]
        assert address.url == f"http://127.0.0.1:{port}/"
        with pytest.raises(UsageError, match="Name another one with --port"):
            listen(LOOPBACK, port)
        with pytest.raises(UsageError):
            listen("no such host.invalid", 0)
    finally:
        address.socket.close()


def test_ipv6_has_brackets() -> None:
    address = listen("::1", 0)
    assert address.url.startswith("http://[::1]:")
    address.socket.close()


@pytest.mark.slow
def test_it_serves_until_it_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    command = [sys.executable, "-m", "newsletter", "serve", "--home", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        try:
            assert url.startswith("http://127.0.0.1:")
            assert answer(f"{url}healthz") == b"newsletter: ok\n"
            assert b"newsletter editors add" in answer(f"{url}desk/")
        finally:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in err


def answer(url: str) -> bytes:
    """What is answered, as soon as anything is."""
    for _ in range(100):
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as reply:
                return bytes(reply.read())
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("no answer")


@pytest.mark.slow
def test_commands_start_without_the_web() -> None:
    code = (
        "import sys, newsletter.cli, newsletter.cli.service, newsletter.cli.demo, newsletter.cli.editors;"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
