"""Pure helpers on strings: one line, shorten, slug, canonical addresses."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|_hsenc|_hsmi|oly_\w+_id|ref_src|ref_url|"
    r"source|ref|spm|cmpid|share|at_medium|at_campaign|guccounter|s_kwcid|wt_mc|ncid|trk|feature)$",
    re.IGNORECASE,
)
_TRACKING_ALONE = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|_hsenc|_hsmi|oly_\w+_id|at_medium|at_campaign|"
    r"s_kwcid|wt_mc)$",
    re.IGNORECASE,
)
"""Those that mean nothing but who follows whom; "source" or "ref" may choose what a page shows."""
_PLAIN_PATH = re.compile(r"[\w/:@!$&'()*+,;=~.-]*", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#][!-~]*)?", re.ASCII)
"""Most addresses: nothing in them is to be looked at twice."""
_INDEX = re.compile(r"/(index|default)\.(html?|php|aspx?)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_WORDS_A_MINUTE = 220


def one_line(text: str | None) -> str:
    """``text`` on one line: white space folded, control and direction characters gone."""
    text = text or ""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()


def without_controls(text: str) -> str:
    """``text`` with line breaks kept and characters nobody can see removed."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shorten(text: str, length: int) -> str:
    """At most ``length`` characters of ``text``, cut between words and ended with "…"."""
    text = one_line(text)
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > length // 2 else cut).rstrip(" ,;:.-–—(") + "…"


def shorten_words(text: str, count: int) -> str:
    """At most ``count`` words of ``text``, ended with "…" when some were cut."""
    words = text.split()
    if len(words) <= count:
        return " ".join(words)
    return " ".join(words[:count]).rstrip(" ,;:.-–—(") + "…"


def slug(text: str) -> str:
    """``text`` as a short name for addresses and ids: lower case letters, digits and "-"."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return made or "x" + "-".join(f"{ord(letter):x}" for letter in text[:12])


def search_words(text: str) -> list[str]:
    """The words of ``text`` as they are looked for: case, accents and signs do not count."""
    return _WORD.findall(without_accents(text))


def without_accents(text: str) -> str:
    """``text`` in small letters without accents, as it is looked for."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def word_count(text: str) -> int:
    """How many words ``text`` holds."""
    return len(text.split())


def reading_minutes(words: int) -> int:
    """Minutes an adult needs for that many words, at least 1."""
    return max(1, round(words / _WORDS_A_MINUTE))


def is_web_url(url: str) -> bool:
    """Whether ``url`` is an absolute http or https address without unseen characters."""
    if _PLAIN_URL.fullmatch(url):
        return True
    if not url or _UNSEEN.search(url) or _SPACE.search(url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of ``url`` in lower case without "www.", or "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def without_tracking(url: str) -> str:
    """``url`` without the parameters that only tell where a reader came from; the rest stays letter for letter."""
    before, mark, after = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = after.partition("#")
    kept = "&".join(each for each in query.split("&") if not _TRACKING_ALONE.match(each.partition("=")[0]))
    return url if kept == query else f"{before}{'?' if kept else ''}{kept}{hash_mark}{fragment}"


@lru_cache(16_384)
def canonical_url(url: str) -> str:
    """One spelling for the addresses that show the same page; for comparing, not for linking.

    Scheme, "www.", default ports, tracking parameters, index files, a trailing slash, an empty
    query, mobile hosts and plain fragments do not count (RFC 3986, section 6.2).
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in ("http", "https") or not host:
        return url.strip()
    host = re.sub(r"^(www\d?|m|mobile|amp)\.(?=[^.]+\.)", "", host)
    if port and port not in (80, 443):
        host = f"{host}:{port}"
    path = parts.path if _PLAIN_PATH.fullmatch(parts.path) else quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._")
    path = re.sub(r"/amp/?$", "", re.sub(r"/{2,}", "/", _INDEX.sub("/", path))).rstrip("/")
    query = parse_qsl(parts.query, keep_blank_values=True) if parts.query else []
    pairs = [(key, value) for key, value in query if not _TRACKING.match(key)]
    if host == "youtu.be" and path.count("/") == 1:
        host, pairs, path = "youtube.com", [("v", path[1:])], "/watch"
    if host == "youtube.com" and path == "/watch":
        pairs = [pair for pair in pairs if pair[0] == "v"]  # the second to start at, the list it was found in
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("", host, path, urlencode(sorted(pairs)), fragment)).removeprefix("//")
