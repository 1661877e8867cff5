"""Recorded attacks and the one who watches a browser for anything that runs because of them."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Frame, Page, Response

from tests.corpus import CORPUS

FILES = ("xss", "event_handlers", "xss_long_list", "tokenizer")
_CALLS = """() => {
  for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (...said) => console.log(`RAN ${name}(${said.join(", ").slice(0, 200)}) at ${location.href}`);
  }
  document.addEventListener("securitypolicyviolation", (event) => {
    if (!event.effectiveDirective.startsWith("script")) return;
    console.log(`RAN but for the policy: ${event.blockedURI} ${event.sample} at ${location.href}`);
  });
}"""
_SEND = """([path, fields]) => {
  const form = document.createElement("form"), set = HTMLFormElement.prototype;
  form.setAttribute("method", "post");
  form.setAttribute("action", path);
  for (const [name, value] of fields) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  set.submit.call(form);
}"""
_SAID = """() => [document.documentElement.textContent, ...[...document.querySelectorAll("input, option, a, iframe")]
  .flatMap((each) => [...each.attributes].map(({ value }) => value))].join(" ")"""
_LOAD_FRAMES = """() => {
  const load = (each) => new Promise((done) => {
    each.addEventListener("load", done);
    each.loading = "eager";
    setTimeout(done, 3000);
  });
  return Promise.all([...document.querySelectorAll("iframe[loading=lazy]")].map(load));
}"""
_WOULD_RUN = """() => {
  const never = ["object", "embed", "applet", "frame", "frameset", "portal", "math", "marquee", "animate", "set"];
  const bad = [], own = (url, path) => url.startsWith(location.origin + path);
  const shown = (each, what) => bad.push(`${what}: ${each.outerHTML.slice(0, 200)}`);
  for (const each of document.querySelectorAll("*")) {
    for (const { name, value } of each.attributes) {
      const flat = value.replace(/[\\x00-\\x20]/g, "");
      if (/^on/i.test(name)) shown(each, "handler");
      if (/^(?:href|src|action|formaction|data|xlink:href|poster|background|srcdoc|values|to|from)$/i.test(name)
        && (/^(?:javascript|vbscript|livescript|mocha):/i.test(flat) || name.toLowerCase() === "srcdoc"
        || (/^data:/i.test(flat) && !/^data:image\\/(?:png|jpeg|gif|webp)/i.test(flat)))) shown(each, "address");
    }
    const name = each.localName;
    if (name === "script" && !own(each.src, "/static/") && !own(each.src, "/style/zone.js")) shown(each, "script");
    if (name === "base" && each.hasAttribute("href")) shown(each, "base");
    if (never.includes(name)) shown(each, "element");
    if (name === "iframe" && !each.src.startsWith(location.origin)) shown(each, "frame");
    if (name === "meta" && /refresh/i.test(each.httpEquiv) && !/^\\d+$/.test(each.content)) shown(each, "refresh");
    if (name === "link" && /stylesheet|import|preload/i.test(each.rel) && !own(each.href, "/")) shown(each, "link");
    if (name === "form" && !own(new URL(each.getAttribute("action") || "", document.baseURI).href, "/")) {
      shown(each, "form");
    }
  }
  return bad;
}"""


_PATIENCE = 100
_UNSEEN = re.compile(r"[\s\x00-\x20\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def _bare(text: str) -> str:
    return _UNSEEN.sub("", text)


def payloads(corpus: Path = CORPUS, files: tuple[str, ...] = FILES) -> list[str]:
    """Every attack of the recorded lists, in their order."""
    texts = [(corpus / "hostile" / "html" / f"{name}.jsonl").read_text(encoding="utf-8") for name in files]
    return [json.loads(line)["input"] for text in texts for line in text.split("\n") if line]


def sample(every: list[str], count: int) -> list[str]:
    """``count`` of them, spread over all."""
    step = len(every) / count
    return [every[int(at * step)] for at in range(count)]


class Attack:
    """Writes attacks wherever something is said: :meth:`said` is the Said of ``everything``.

    A short place gets one attack that fits there, a long one as many as fit; ``used`` has all that were written.
    Plain words follow, where there are some, so that what is told of two things stays two stories.
    """

    def __init__(self, chosen: list[str]) -> None:
        self.used: set[str] = set()
        self._told = 0
        self._all: Iterator[str] = itertools.cycle(chosen)
        self._short = itertools.cycle([each for each in chosen if 0 < len(" ".join(each.split())) <= 60] or ["<b>"])

    def said(self, words: str, most: int) -> str:
        """Attacks of at most ``most`` letters in all."""
        if most < 300:
            found = next(self._short)
            self.used.add(found)
            return f"{found} {words}" if " " in words and len(found) + len(words) < most else found
        if " " not in words or most < 1_500:
            return self._many(most)
        self._told += 1
        own = " ".join(f"told{self._told}by{each}" for each in range(40))
        return f"{self._many(most - len(own) - 1)}\n{own}"

    def _many(self, most: int) -> str:
        parts: list[str] = []
        for _ in range(500):
            found = next(self._all)
            if len(found) > most:
                # It is too long for the place; what can be stored of it is an attack of its own.
                parts = parts or [found[:most]]
                self.used.add(found)
                break
            if sum(map(len, parts)) + len(parts) + len(found) > most:
                self._all = itertools.chain([found], self._all)
                break
            parts.append(found)
            self.used.add(found)
            if len(parts) == len(self.used) and len(parts) > 400:
                break
        return "\n".join(parts)


class Watch:
    """Notes in ``ran`` whatever runs, would run but for the policy, or waits for a touch to run."""

    def __init__(self, context: BrowserContext) -> None:
        self.ran: list[str] = []
        context.add_init_script(f"({_CALLS})()")
        context.on("dialog", lambda dialog: (self.ran.append(f"dialog {dialog.message}"), dialog.dismiss()))
        context.on("console", lambda line: self.ran.append(line.text) if line.text.startswith("RAN ") else None)
        self._said: list[str] = []
        self._page = context.new_page()
        self._page.on("request", self._asked)
        self._own = ""

    def _asked(self, request) -> None:  # type: ignore[no-untyped-def]
        """A script, a document or a call to elsewhere is something that ran; a picture is only a picture."""
        is_own = request.url.startswith((self._own, "data:", "about:", "blob:"))
        if self._own and not is_own and request.resource_type not in ("image", "media", "font", "stylesheet"):
            self.ran.append(f"request {request.resource_type} {request.url[:200]}")

    @property
    def page(self) -> Page:
        """The page that is watched."""
        return self._page

    def look(self, base: str, path: str) -> None:
        """Open a page, and look at it and at all that is framed in it."""
        self._own = base
        self._open_still(base + path)
        self.look_here()

    def _open_still(self, url: str) -> Response | None:
        """Open a page, again while it says that it will be opened anew by itself: what is made for it is not there yet.

        Such a page may go away under whoever looks at it.
        """
        for _ in range(_PATIENCE):
            try:
                answer = self._page.goto(url, wait_until="load", timeout=60_000)
            except Error as fault:
                if "ERR_ABORTED" not in str(fault) and "interrupted" not in str(fault):
                    raise
                continue
            if answer is None or "refresh" not in answer.headers:
                return answer
        self.ran.append(f"{url[:120]} never stood still")
        return None

    def send(self, base: str, path: str, fields: list[tuple[str, str]]) -> int:
        """Send a form from the page as it stands, look at the answer, and say its status."""
        self._own = base
        try:
            found = self._sent(path, fields)
        except Error as fault:
            # Whoever closes on a form that is too large may lose the answer on its way (RFC 9112, 9.6): once more.
            if "ERR_HTTP_RESPONSE_CODE_FAILURE" not in str(fault):
                raise
            self._page.goto(f"{base}/tip")
            found = self._sent(path, fields)
        if found and "refresh" in found.headers:
            found = self._open_still(self._page.url)
        self.look_here()
        return found.status if found else 0

    def _sent(self, path: str, fields: list[tuple[str, str]]) -> Response | None:
        with self._page.expect_navigation(wait_until="load", timeout=60_000) as answer:
            self._page.evaluate(_SEND, [path, fields])
        return answer.value

    def unseen(self, chosen: Iterable[str]) -> list[str]:
        """Those of ``chosen`` that stood on no page, white space and what nobody sees aside."""
        said = _bare(" ".join(self._said))
        return [each for each in chosen if _bare(each) not in said]

    def look_here(self) -> None:
        """Look at the page as it stands."""
        if self._own and not self._page.url.startswith(f"{self._own}/"):
            self.ran.append(f"the page left for {self._page.url[:200]}")
        self._page.evaluate(_LOAD_FRAMES)
        self._page.wait_for_load_state("load")
        for frame in self._page.frames:
            if frame != self._page.main_frame and not frame.url.startswith(("http", "data")):
                self.ran.append(f"{self._page.url[:120]}: a frame of {frame.url!r} was not looked at")
                continue
            self.ran += [f"{self._page.url[:120]}: {each}" for each in self._in(frame)]
            self._said.append(self._text_of(frame))

    @staticmethod
    def _text_of(frame: Frame) -> str:
        try:
            return str(frame.evaluate(_SAID))
        except Error:
            return ""

    @staticmethod
    def _in(frame: Frame) -> list[str]:
        try:
            found: list[str] = frame.evaluate(_WOULD_RUN)
        except Error as fault:
            return [] if "detached" in str(fault) else [f"a frame cannot be looked at: {fault}"]
        return found
