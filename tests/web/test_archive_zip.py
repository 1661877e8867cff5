import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.web.archive_zip import zipped
from tests.web.desk import Desk
from tests.web.issues import drafted_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with drafted_desk(tmp_path / "home") as (found, _):
        yield found


def test_editors_get_every_public_issue_as_one_file(desk: Desk) -> None:
    assert desk.client.get("/desk/archive.zip").status_code == 303
    ines = desk.signed_in()
    assert 'href="/desk/archive.zip"' in ines.get("/desk/archive").text
    answer = ines.get("/desk/archive.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="issues-2026-10-15.zip"'
    folder = desk.app.site / "issues"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        assert "issues/1/index.html" in found.namelist()
        assert {name: found.read(name) for name in found.namelist()} == {
            path.relative_to(desk.app.site).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def test_it_comes_in_pieces_and_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "large.bin").write_bytes(bytes(range(256)) * 8_000)
    (folder / "1" / "outside").symlink_to("/etc/hostname")
    pieces = list(zipped(folder))
    assert max(map(len, pieces)) < 100_000
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as found:
        assert found.namelist() == ["issues/1/large.bin"]


def test_an_archive_without_issues_is_an_empty_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(tmp_path / "none")))) as found:
        assert found.namelist() == []
