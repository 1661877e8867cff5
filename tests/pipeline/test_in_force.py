"""What is said of a home whose feeds.yaml, or folder for data, is not what it should be."""

import os
import subprocess
from pathlib import Path

import pytest

from newsletter.errors import ConfigError, NewsletterError
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.doctor_here import permission_check
from newsletter.pipeline.in_force import close_to_others, config_in_force, issues_folder

GOOD = "newsletter:\n  name: T\n  from: T <t@example.org>\nsources:\n  - name: A\n    url: https://x.example/f.xml\n"


def said(home: Path) -> str:
    with pytest.raises(NewsletterError) as caught:
        config_in_force(home, {})
    return str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.mkdir()
    assert said(tmp_path) == f"{path} is a folder, not a file. Move it away, and write the file of that name."
    path.rmdir()
    os.mkfifo(path)
    assert said(tmp_path).startswith(f"{path} is a pipe or a device, not a file. Move it away")
    path.unlink()
    path.symlink_to("elsewhere.yaml")
    assert said(tmp_path).startswith(f"{path} leads to elsewhere.yaml, which is not there. Put the file there")
    path.unlink()
    assert "newsletter init DIR" in said(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert said(tmp_path) == f"{path} may not be read by you. Allow it: chmod u+r {path}, or ask its owner."


def test_data_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD)
    (tmp_path / "data").write_text("")
    with (
        pytest.raises(NewsletterError, match=r"data is a file, and .* in a folder of that name\. Move the file away\."),
        open_newsletter(tmp_path, environ={}),
    ):
        pass


def test_a_mark_at_the_start_is_as_good_as_none_and_utf_16_is_told(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert config_in_force(tmp_path, {})[0].newsletter.name == "T"
    (tmp_path / "data" / "feeds-in-force.yaml").unlink()
    path.write_text(GOOD, encoding="utf-16")
    assert said(tmp_path) == (
        "feeds.yaml:1: This file is not saved as UTF-8 (looks like UTF-16 from Windows). Save it again as UTF-8."
    )


def test_of_many_mistakes_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD)
    config_in_force(tmp_path, {})
    path.write_text(GOOD + "".join(f"    key{number}: x\n" for number in range(17)))
    config, fault, since = config_in_force(tmp_path, {})
    assert isinstance(fault, ConfigError)
    assert (len(fault.problems), fault.total, since is not None, len(config.sources)) == (10, 17, True, 1)
    assert str(fault).endswith("10 of 17 shown.")


def test_what_the_program_makes_is_closed_to_others_but_the_way_to_the_site(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD)
    tmp_path.chmod(0o755)
    before = os.umask(0o022)
    try:
        with open_newsletter(tmp_path, environ={}) as app:
            issues = issues_folder(app.data)
            app.site.mkdir()
    finally:
        os.umask(before)
    assert mode(app.data) == 0o711
    assert mode(issues) == 0o700
    assert mode(app.data / "feeds-in-force.yaml") == 0o600
    assert mode(app.site) == 0o755, "a web server may serve it as files"
    files = [path for path in app.data.iterdir() if path.is_file()]
    assert [path.name for path in files if mode(path) & 0o077] == []
    assert permission_check(tmp_path).standing == "ok"


def test_what_was_open_before_is_told_with_the_line_that_closes_it(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD)
    tmp_path.chmod(0o755)
    issues, kept = tmp_path / "data" / "issues", tmp_path / "data" / "feeds-in-force.yaml"
    issues.mkdir(parents=True)
    kept.write_text(GOOD)
    for path, how in ((tmp_path / "data", 0o755), (issues, 0o755), (kept, 0o644)):
        path.chmod(how)
    found = permission_check(tmp_path)
    assert found.standing == "warning"
    assert found.text.endswith(f"chmod o-rwx {issues} {kept}")
    subprocess.run(["chmod", "o-rwx", issues, kept], check=True)
    assert permission_check(tmp_path).standing == "ok"


def test_what_is_put_back_is_as_closed(tmp_path: Path) -> None:
    (tmp_path / "data" / "issues" / "0001").mkdir(parents=True)
    (tmp_path / "data" / "tips.key").write_text("")
    close_to_others(tmp_path / "nothing")
    for path in (tmp_path / "data", tmp_path / "data" / "issues"):
        path.chmod(0o755)
    close_to_others(tmp_path / "data")
    assert [mode(tmp_path / "data" / name) for name in ("", "issues", "tips.key")] == [0o711, 0o700, 0o600]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
