"""Every form of the web, sent in all the ways it should not be: words come back, and nothing stored is lost."""

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from newsletter.pipeline import passwords
from newsletter.pipeline.editors import remove_editor
from newsletter.pipeline.review import open_desk
from newsletter.web import approve, making
from newsletter.web.app import PAGES as MODULES
from newsletter.web.app import make_web
from newsletter.web.tip_form import new_limiter
from newsletter.web.tries import Tries
from tests.fakes import FixedClock
from tests.web import bad_forms
from tests.web.bad_forms import Bad, encoded
from tests.web.conftest import quick_hasher
from tests.web.desk import BASE, OWN, Desk, hidden
from tests.web.every_form import ELSEWHERE, FORMS, Form, filled_in
from tests.web.everything import everything
from tests.web.form_words import words_of
from tests.web.stored import Copy, Stored, stored_in

pytestmark = pytest.mark.slow

EXAMPLES = [pytest.param(form, id=f"{route}-{at}") for route, forms in FORMS.items() for at, form in enumerate(forms)]
CARD = re.compile(r"/items/(\w+)/")
_MAIN = re.compile(r"<main.*?</main>", re.S)
_TAG = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.S)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]|\\\\u00[01][0-9a-f]")
_ONLY_GROW = frozenset({"changes", "items", "item_revisions", "story_decisions"})
"""Tables from which nothing ever goes, and in which nothing is written over."""
_NEVER = ("Traceback", "sqlalchemy", "sqlite3", "Error:", "Exception", "KeyError", "<class", "object at 0x")


@dataclass
class Built:
    """A home that is ready for all forms; it is copied for each."""

    home: Path
    words: dict[str, str]
    now: datetime


@dataclass
class Ready:
    """A copy that runs, and who sends a form to it."""

    desk: Desk
    form: Form
    words: dict[str, str]
    home: Path

    def __post_init__(self) -> None:
        self.client = self.desk.signed_in_again(self.form.who).client if self.form.who else self.desk.browser()
        page = self.client.get("/tip")
        self.csrf = str(hidden(page.text)["csrf"])
        self.more: dict[str, str] = {}
        if self.form.first:
            path, fields = self.form.first
            answer = self.post(path, encoded({"csrf": self.csrf, **fields}))
            self.more = {name: value for name, value in hidden(answer.text).items() if name != "csrf"}
            secret = re.search(r"<code>([A-Z2-7 ]+)</code>", answer.text)
            if secret:
                self.words = {**self.words, "new_code": pyotp.TOTP(secret[1].replace(" ", "")).at(self.desk.clock.now)}

    @property
    def path(self) -> str:
        """Where it goes."""
        return filled_in(self.form, self.words)[0]

    @property
    def fields(self) -> dict[str, str | list[str]]:
        """What it says, without the token."""
        return {**self.more, **filled_in(self.form, self.words)[1]}

    def post(self, path: str, content: bytes, kind: str = bad_forms.URLENCODED, **headers: str) -> Response:
        """Send bytes; nobody counts how often."""
        self.desk.web.state.tries, self.desk.web.state.tip_limiter = Tries(), new_limiter()
        said = {**OWN, **headers, **({"content-type": kind} if kind else {})}
        answer = self.client.post(path, content=content, headers=said)
        if thread := self.desk.web.state.maker.thread:
            thread.join(20)
        return answer

    def send(self, fields: dict[str, Any] | None = None, **headers: str) -> Response:
        """Send the form as a page of ours does."""
        content = encoded({"csrf": self.csrf, **(self.fields if fields is None else fields)})
        return self.post(self.path, content, **headers)

    def spoil(self, bad: Bad) -> Response:
        """Send a bad form, with a token that is right if it can carry one."""
        content = bad.content
        if bad.kind.startswith("multipart"):
            content = bad_forms.multipart({"csrf": self.csrf}).removesuffix(b"--x--\r\n") + content
        elif bad.kind == bad_forms.URLENCODED:
            content = encoded({"csrf": self.csrf}) + b"&" + content
        return self.post(self.path, content, bad.kind)

    def stored(self) -> Stored:
        """What is stored now."""
        return stored_in(self.home)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = tmp_path_factory.mktemp("forms") / "home"
    with pytest.MonkeyPatch.context() as patch, everything(home) as found:
        patch.setattr(passwords, "HASHER", quick_hasher())
        return Built(home, words_of(found), found.desk.clock.now)


@pytest.fixture
def ready(built: Built, tmp_path: Path, form: Form, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    monkeypatch.setattr(approve, "check_links", lambda app, number, **_: open_desk(app, number))
    monkeypatch.setattr(making.Maker, "_read", lambda *_: None)
    home, clock = Path(shutil.copytree(built.home, tmp_path / "home")), FixedClock(built.now)
    web = make_web(home, environ={}, now=clock)
    with TestClient(web, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False) as client:
        yield Ready(Desk(web, clock, client), form, built.words, home)


def test_no_form_is_forgotten() -> None:
    """A new route that answers POST has its examples in every_form.py."""
    routes = {route.path: route for module in MODULES for route in module.ROUTES if "POST" in (route.methods or ())}
    assert set(routes) == {*FORMS, *ELSEWHERE}
    for name in set(ELSEWHERE.values()):
        assert Path(__file__).with_name(name).is_file(), name
    for path, forms in FORMS.items():
        assert forms, path


def check_words(answer: Response, why: str) -> None:
    """What is refused is refused in words, on a page."""
    assert answer.status_code < 500, (why, answer.text[:2000])
    assert not any(each in answer.text for each in _NEVER), why
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"].startswith("text/html"), why
    main = _MAIN.search(answer.text)
    assert main, why
    said = " ".join(html.unescape(_TAG.sub(" ", main[0])).split())
    assert "<h1" in main[0], why
    assert len(said.split()) >= 6, (why, said)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<main></main>",
        "<main><h1>Oh</h1></main>",
        "<main><h1>A mistake</h1><p>KeyError: it is what it is</p></main>",
    ],
)
def test_an_answer_that_says_nothing_is_seen(page: str) -> None:
    with pytest.raises(AssertionError):
        check_words(Response(400, html=page), "a test")
    with pytest.raises(AssertionError):
        check_words(
            Response(500, html="<main><h1>It failed</h1><p>Here are as many words as one may want.</p></main>"), ""
        )
    check_words(Response(404, html="<main><h1>Gone</h1><p>It is not there any more. Load it again.</p></main>"), "")


def check_same(before: Stored, after: Stored, why: str) -> None:
    """Nothing at all was stored, changed or lost."""
    assert before.lost(after) == {}, why
    assert before.new(after) == {}, why
    assert before.files == after.files, why


@pytest.mark.parametrize("form", EXAMPLES)
def test_the_same_twice_has_one_effect(ready: Ready, form: Form) -> None:
    before = ready.stored()
    fields = ready.fields
    answer = ready.send(fields)
    assert answer.status_code == form.answer, answer.text
    once = ready.stored()
    new = before.new(once)
    assert set(new) <= form.alters
    assert bool(new or before.lost(once)) == (form.is_seen and bool(form.alters))
    answer = ready.send(fields)
    check_words(answer, "twice")
    assert answer.status_code == form.again, answer.text
    twice = ready.stored()
    if form.is_made_anew:
        # How long a reading took is counted by its length, which differs.
        once_counts, twice_counts = ({**each.counts(), "reading_seconds": 0} for each in (once, twice))
        assert once_counts == twice_counts
        return
    assert (once.lost(twice), once.new(twice)) == ({}, {})


@pytest.mark.parametrize("form", EXAMPLES)
def test_what_cannot_be_changes_nothing(ready: Ready) -> None:
    before = ready.stored()
    _from_elsewhere(ready)
    _gone(ready)
    _incomplete(ready)
    answer = ready.send({**ready.fields, "more": bad_forms.MEGABYTE * 2})
    check_words(answer, "2 MB")
    assert answer.status_code == 413
    check_same(before, ready.stored(), "what cannot be")


def _from_elsewhere(ready: Ready) -> None:
    """Another's token, none, another site, nobody: what was typed stands in the answer, and waits to be sent."""
    fields = ready.fields
    for token in ({}, {"csrf": ""}, {"csrf": "f" * 40}, {"csrf": "\x00"}, {"csrf": ready.csrf[:-1]}):
        answer = ready.post(ready.path, encoded({**token, **fields}))
        check_words(answer, f"token {token}")
        assert answer.status_code == 403
        _check_kept(answer, ready.form, fields)
    for site in ("cross-site", "same-site", "none", "nonsense"):
        answer = ready.send(fields, **{"sec-fetch-site": site})
        check_words(answer, site)
        assert answer.status_code == 403
    if ready.form.who:
        answer = ready.desk.browser().post(ready.path, data={"csrf": ready.csrf, **fields}, headers=OWN)
        check_words(answer, "signed out")
        assert answer.status_code == 401
        _check_kept(answer, ready.form, fields)


def _check_kept(answer: Response, form: Form, fields: dict[str, Any]) -> None:
    """What was typed stands in the page that refuses it; secrets do not."""
    for name in form.texts if form.who else ():
        is_secret = "password" in name or name == "code"
        shown = html.unescape(answer.text)
        assert (fields[name] in shown) != is_secret or not fields[name]


def _gone(ready: Ready) -> None:
    """Issues and items that are not there, never were, or are another issue's."""
    path, leaves = ready.path, "leave" in ready.form.fields
    others = [re.sub(r"/(issues|archive)/\d+", rf"/\1/{number}", path) for number in (99, 0, 999999999, 1234567890)]
    names = ("0123456789ab", ready.words["old"], "%00", "%ED%A0%80", "x" * 300)
    others += [CARD.sub(f"/items/{name}/", path) for name in names]
    for other in set(others) - {path}:
        answer = ready.post(other, encoded({"csrf": ready.csrf, **ready.fields}))
        check_words(answer, other)
        # Whoever leaves a card that is gone has left it.
        assert answer.status_code == 404 or (leaves and answer.status_code == 204), other


def _incomplete(ready: Ready) -> None:
    """What a form comes without is not emptied."""
    for name in ready.form.needs:
        answer = ready.send({each: value for each, value in ready.fields.items() if each != name})
        check_words(answer, name)
        assert answer.status_code == 400
        assert f"“{name}”" in answer.text


@pytest.mark.parametrize("form", EXAMPLES)
def test_who_is_no_editor_any_more_changes_nothing(ready: Ready, form: Form) -> None:
    if not form.who:
        return
    remove_editor(ready.desk.app, form.who)
    before = ready.stored()
    answer = ready.send()
    check_words(answer, "removed")
    assert answer.status_code == 401
    check_same(before, ready.stored(), "removed")


@pytest.mark.parametrize("form", EXAMPLES)
def test_bad_input_is_refused_in_words_or_does_what_was_asked(ready: Ready, form: Form) -> None:
    before, fields = ready.stored(), ready.fields
    kept = Copy(ready.home)
    for bad in bad_forms.every(fields, form.texts):
        if _check_bad(ready, bad, before):
            kept.bring_back()
            ready.desk.web.state.maker = making.Maker()
            before = ready.stored()
    kept.close()


def _check_bad(ready: Ready, bad: Bad, before: Stored) -> bool:
    """Send it: it is refused, and nothing changed, or what it asked for was done, and nothing else (True)."""
    answer = ready.spoil(bad)
    check_words(answer, bad.why)
    after = ready.stored()
    lost, new, may = before.lost(after), before.new(after), ready.form.alters
    if answer.status_code >= 400:
        assert (lost, new) == ({}, {}), bad.why
    assert set(new) <= may, (bad.why, new)
    assert set(lost) <= may - _ONLY_GROW, (bad.why, lost)
    for text in (each for rows in new.values() for row in rows for each in row if isinstance(each, str)):
        assert len(text) < 100_000, bad.why
        assert not _UNSEEN.search(text), (bad.why, text[:300])
    return bool(lost or new)
