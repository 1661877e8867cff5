"""The desk of a home whose feeds.yaml names what a package brought that is gone."""

from pathlib import Path

import pytest

from newsletter.pipeline.in_force import config_in_force
from tests.web.desk import FEEDS, running_desk

GONE = "  - name: The crier\n    kind: town crier\n    url: https://town.example/crier.txt\n    voice: loud\n"
MAIL = "delivery:\n  by: maildrop\n  folder: drop\n  also write: gemini\n"
PAGES = (
    *("/desk/", "/desk/sources", "/desk/sources/the-crier", "/desk/sources/file", "/desk/sources/file?edit=1"),
    *("/desk/sources/history", "/desk/deliveries", "/desk/subscribers", "/desk/health", "/desk/me", "/desk/archive"),
    *("/", "/desk/sources/add?address=https://town.example/", "/desk/sources/try"),
)


@pytest.mark.slow
def test_every_page_is_served_and_the_missing_package_is_told(tmp_path: Path) -> None:
    feeds = f"{FEEDS}sources:\n{GONE}{MAIL}"
    (tmp_path / "data").mkdir()
    (tmp_path / "feeds.yaml").write_text(feeds)
    (tmp_path / "data" / "feeds-in-force.yaml").write_text(feeds)
    assert config_in_force(tmp_path, {})[1] is None
    with running_desk(tmp_path, feeds) as desk:
        assert desk.app.problems == ()
        ines = desk.signed_in()
        known = {path: ines.get(path) for path in PAGES}
        assert {path: each.status_code for path, each in known.items() if each.status_code not in (200, 303)} == {}
        assert "The crier" in known["/desk/sources"].text
        assert "town crier" in known["/desk/sources/the-crier"].text
        assert "There is no kind" in known["/desk/health"].text
