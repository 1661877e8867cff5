"""approve and correct from the shell."""

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import Newsletter, home_with, newsletter
from tests.loopback import Web, serving

__all__ = ["newsletter"]


@pytest.fixture
def web() -> object:
    with serving() as made:
        yield made


def built(newsletter: Newsletter, folder: Path, web: Web, more: str = "") -> Path:
    home = home_with(folder, web, more)
    made = newsletter("build", "--home", home, "--week", "2025-W42")
    assert made.returncode == 0, made.stderr
    return home


def test_an_issue_is_looked_over_approved_and_taken_back(newsletter: Newsletter, tmp_path: Path, web: Web) -> None:
    home = built(newsletter, tmp_path, web)
    looked = newsletter("approve", "1", "--check-only", "--no-links", "--home", home)
    assert looked.returncode == 0
    assert "✓ Text part holds all 1 entry" in looked.stdout
    assert "! 1 link not checked yet" in looked.stdout or "! 2 links not checked yet" in looked.stdout
    done = newsletter("approve", "1", "--by", "Ines", "--no-links", "--home", home)
    assert "Issue 1 is approved by Ines. Its hour: Friday 2025-10-17 10:00 UTC." in done.stdout
    assert "There is no reader yet, so no mail goes out." in done.stdout
    assert f"It is public: {home / 'data' / 'site'}" in done.stdout
    again = newsletter("approve", "1", "--no-links", "--home", home)
    assert (again.returncode, again.stderr) == (1, "Issue 1 is approved already.\n")
    back = newsletter("approve", "1", "--take-back", "--home", home)
    assert back.stdout == "Issue 1 is a draft again.\n"


def test_what_stops_an_issue_stops_it_unless_somebody_says_anyway(
    newsletter: Newsletter, tmp_path: Path, web: Web
) -> None:
    home = built(newsletter, tmp_path, web)
    (home / "templates" / "email").mkdir(parents=True)
    (home / "templates" / "email" / "issue.txt").write_text("Read it on the web.")
    stopped = newsletter("approve", "1", "--no-links", "--home", home)
    assert stopped.returncode == 1
    assert "× Text part lacks 1 entry" in stopped.stdout
    assert stopped.stderr == "Issue 1 is not approved. --anyway approves it as it is.\n"
    done = newsletter("approve", "1", "--no-links", "--anyway", "--json", "--home", home)
    said = json.loads(done.stdout)
    assert (said["is_approved"], said["by"], said["checks"][0]["id"]) == (True, ["editor"], "text")


def test_links_are_asked(newsletter: Newsletter, tmp_path: Path, web: Web) -> None:
    home = home_with(tmp_path, web)
    web["/planet.xml"] = web.bodies["/planet.xml"].replace(b"https://planet.example", web.base.encode())
    web["/one"] = "here"
    newsletter("build", "--home", home, "--week", "2025-W42")
    looked = newsletter("approve", "1", "--check-only", "--json", "--home", home)
    checks = {each["id"]: each for each in json.loads(looked.stdout)["checks"]}
    assert checks["links"]["text"] == "1 link answers"


def test_two_people(newsletter: Newsletter, tmp_path: Path, web: Web) -> None:
    home = built(newsletter, tmp_path, web, "schedule:\n  approval: two people\n")
    first = newsletter("approve", "1", "--by", "Ines", "--no-links", "--home", home)
    assert "A second person has to" in first.stdout
    second = newsletter("approve", "1", "--by", "Bo", "--no-links", "--home", home)
    assert "approved by Ines and Bo" in second.stdout


def test_a_correction(newsletter: Newsletter, tmp_path: Path, web: Web) -> None:
    home = built(newsletter, tmp_path, web)
    newsletter("approve", "1", "--no-links", "--home", home)
    record = json.loads((home / "data" / "issues" / "0001" / "issue.json").read_text())
    (story,) = [each["story"] for section in record["sections"] for each in section["entries"]]
    nothing = newsletter("correct", "1", story, "--home", home)
    assert (nothing.returncode, nothing.stderr) == (2, "Say what is right: --title, --summary, --url or --note.\n")
    done = newsletter(
        "correct", "1", story[:6], "--summary", "It opens on Tuesday.", "--note", "Not on Monday.", "--home", home
    )
    assert "Correction 1 of issue 1 stands on its page." in done.stdout
    page = (home / "data" / "issues" / "0001" / "issue.html").read_text()
    assert "Not on Monday." in page
    assert (home / "data" / "issues" / "0001" / "erratum-1.eml").is_file()
