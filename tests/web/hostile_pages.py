"""All pages of a desk whose every text is an attack, and all answers to forms that are; looked at one by one."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext

from newsletter.web.tip_form import new_limiter
from newsletter.web.tries import Tries
from tests.web.attacks import Attack, Watch
from tests.web.every_page import paths_of
from tests.web.everything import EDITOR, Everything, everything
from tests.web.form_words import words_of
from tests.web.hostile_posts import NOBODY, OLDER, SIGNED_IN, Sent, hostile_posts
from tests.web.live import live, sign_in

_REFLECTED = (
    "/archive/search?q={}&person={}",
    "/desk/archive?q={}&project={}",
    "/desk/issues/2/search?q={}",
    "/desk/issues/2/?section={}&at={}&said={}",
    "/desk/issues/2/dropped?q={}",
    "/desk/issues/2/late?url={}",
    "/desk/issues/2/approve?said={}",
    "/desk/issues/2/short?said={}",
    "/desk/issues/2/preview?as={}&view={}",
    "/desk/sign-in?next={}",
    "/desk/{}",
    "/{}",
)
_KEYS = ("j", "e", "Escape", "w", "a", "u", "?")


@dataclass(frozen=True)
class Looked:
    """What ran, how many pages were looked at, and which attacks stood on none of them."""

    ran: list[str]
    pages: int
    unseen: list[str]


class _Round:
    """One desk made of attacks, and the browsers that look at it."""

    def __init__(self, browser: Browser, found: Everything, base: str, *, is_policy_off: bool) -> None:
        self.found, self.base, self.pages, self.faults = found, base, 0, list[str]()
        contexts = [browser.new_context(base_url=base, bypass_csp=is_policy_off) for _ in range(2)]
        sign_in(contexts[0], found.desk.app, base, EDITOR)
        self.contexts: list[BrowserContext] = contexts
        self.editor, self.nobody = map(Watch, contexts)
        self._tokens: dict[Watch, str] = {}

    def get(self, path: str) -> None:
        """Open a page."""
        self.editor.look(self.base, path)
        self.pages += 1

    def post(self, sent: Sent) -> None:
        """Send a form as the one who sends it would."""
        app = self.found.desk.web.state
        app.tries, app.tip_limiter = Tries(), new_limiter()
        watch = self.nobody if sent.who == NOBODY else self.editor
        if watch not in self._tokens:
            watch.page.goto(f"{self.base}/tip")
            self._tokens[watch] = watch.page.locator("[name=csrf]").first.get_attribute("value") or ""
        several = [(name, value if isinstance(value, list) else [value]) for name, value in sent.fields.items()]
        fields = [(name, each) for name, values in several for each in values]
        said = "0" * 40 if sent.who == OLDER else self._tokens[watch]
        status = watch.send(self.base, sent.path, [("csrf", said), *fields])
        self.pages += 1
        if status >= 500 or (sent.status and status not in sent.status):
            self.faults.append(f"{sent.path[:100]} ({sent.who}) answered {status}, not {sent.status}")
        if sent.who == SIGNED_IN and "/desk/sign-in" in watch.page.url:
            self.sign_in_again()

    def sign_in_again(self) -> None:
        """A session of their own for the editor, whatever became of the last one."""
        self._tokens.clear()
        sign_in(self.contexts[0], self.found.desk.app, self.base, EDITOR)


def look_at_all(browser: Browser, home: Path, chosen: list[str], *, is_policy_off: bool) -> Looked:
    """Open every page of a desk made of the attacks ``chosen``, and send every form full of them."""
    attack = Attack(chosen)
    with everything(home, attack.said) as found, live(found.desk.web, is_open=True) as base:
        now = _Round(browser, found, base, is_policy_off=is_policy_off)
        for path in [*paths_of(found), *_reflected(chosen)]:
            now.get(path)
        now.get("/desk/issues/2/")
        for key in _KEYS:
            now.editor.page.keyboard.press(key)
            now.editor.page.wait_for_timeout(50)
            now.editor.look_here()
        words = words_of(found)
        now.sign_in_again()
        for sent in hostile_posts(found, words, attack.said):
            now.post(sent)
        unseen = now.nobody.unseen(now.editor.unseen(chosen))
        for context in now.contexts:
            context.close()
    return Looked([*now.editor.ran, *now.nobody.ran, *now.faults], now.pages, unseen)


def _reflected(chosen: list[str]) -> list[str]:
    """Addresses with attacks in them."""
    return [
        _REFLECTED[at % len(_REFLECTED)].replace("{}", quote(each[:150], safe="", errors="replace"))
        for at, each in enumerate(chosen[: 3 * len(_REFLECTED)])
    ]
