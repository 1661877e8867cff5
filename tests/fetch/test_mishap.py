"""What nobody foresaw is logged whole, to stderr, by whoever runs the reader."""

import subprocess
import sys

from structlog.testing import capture_logs

from newsletter.fetch.mishap import log_mishap


def test_the_exception_that_is_handled_is_logged_with_its_facts() -> None:
    with capture_logs() as told:
        try:
            raise ZeroDivisionError("by the weather")
        except ZeroDivisionError:
            log_mishap("a reader failed", source="planet")
    assert [(each["event"], each["source"], each["log_level"]) for each in told] == [
        ("a reader failed", "planet", "error")
    ]
    assert told[0]["exc_info"]


def test_where_nobody_set_up_logs_it_goes_to_stderr_with_its_trace() -> None:
    code = (
        "from newsletter.fetch.mishap import log_mishap\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: log_mishap('a reader failed', source='planet')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    assert "a reader failed" in ran.stderr
    assert "planet" in ran.stderr
    assert "ZeroDivisionError" in ran.stderr


def test_a_home_that_reads_nothing_wrong_pays_nothing_for_it() -> None:
    code = "import sys, newsletter.fetch.mishap; print('structlog' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
