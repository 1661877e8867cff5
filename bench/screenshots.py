"""Screenshots of the desk: `python bench/screenshots.py docs/desk` writes them anew.

The desk shows the sample week of tests/web/week.py, in the distribution's Chromium; the clock stands still, so that
the same program gives the same pictures.
"""

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright

from tests.fakes import FixedClock
from tests.web.real import real_desk
from tests.web.week import NOW, build_week

_PHONE, _DESKTOP = (375, 812), (1280, 800)


@dataclass(frozen=True)
class Picture:
    """One page as it is looked at."""

    name: str
    path: str
    size: tuple[int, int] = _DESKTOP
    scheme: str = "light"


PICTURES = (
    Picture("review", "/desk/issues/1/"),
    Picture("review-dark", "/desk/issues/1/?section=developer", scheme="dark"),
    Picture("review-phone", "/desk/issues/1/", _PHONE),
    Picture("approve", "/desk/issues/1/approve"),
    Picture("approve-phone", "/desk/issues/1/approve", _PHONE, "dark"),
    Picture("preview", "/desk/issues/1/preview?view=desktop"),
)


def main() -> None:
    """Write every picture into the folder that is named."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/desk")
    folder.mkdir(parents=True, exist_ok=True)
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as home,
        real_desk(build_week(Path(home)), FixedClock(NOW)) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        context = desk.signed_in(browser).context
        for each in PICTURES:
            page = context.new_page()
            page.set_viewport_size({"width": each.size[0], "height": each.size[1]})
            page.emulate_media(color_scheme="dark" if each.scheme == "dark" else "light")
            page.goto(f"{desk.url}{each.path}", wait_until="networkidle")
            page.screenshot(path=folder / f"{each.name}.png")
            page.close()
        browser.close()
    for path in sorted(folder.glob("*.png")):
        sys.stdout.write(f"{path}  {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
