"""All pages of a desk whose every text is an attack, looked at one after the other."""

from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser

from tests.web.attacks import Attack, Watch
from tests.web.every_page import paths_of
from tests.web.everything import everything
from tests.web.live import live, sign_in

_REFLECTED = ("/archive/search?q={}&person={}", "/desk/archive?q={}&project={}", "/desk/issues/2/search?q={}")
_KEYS = ("j", "e", "Escape", "w", "a", "u", "?")


def look_at_all(browser: Browser, home: Path, chosen: list[str], *, is_policy_off: bool) -> tuple[list[str], int]:
    """What ran on the pages of a desk made of the attacks ``chosen``, and how many pages were looked at."""
    attack = Attack(chosen)
    with everything(home, attack.said) as found, live(found.desk.web, is_open=True) as base:
        missing = [each for each in chosen if each not in attack.used]
        context = browser.new_context(base_url=base, bypass_csp=is_policy_off)
        sign_in(context, found.desk.app, base, "Ines")
        watch = Watch(context)
        reflected = [
            place.replace("{}", quote(each[:150], errors="replace"))
            for at, each in enumerate(chosen[:30])
            for place in _REFLECTED[at % 3 :][:1]
        ]
        paths = [*paths_of(found), *reflected]
        for path in paths:
            watch.look(base, path)
        watch.look(base, "/desk/issues/2/")
        for key in _KEYS:
            watch.page.keyboard.press(key)
            watch.page.wait_for_timeout(50)
            watch.look_here()
        context.close()
    return [*watch.ran, *(f"never written anywhere: {each[:80]}" for each in missing)], len(paths) + 1
