"""Mail addresses of readers: which text is exactly one, its one spelling for comparing, and how it is shown."""

import ipaddress
import re
from functools import lru_cache

LONGEST = 254
"""Of a whole address (RFC 5321, 4.5.3.1.3, less the brackets)."""
_LONGEST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"((?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-])+)"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ADDRESSES = re.compile(r"[^\s<>()\[\]\",:;@“”‘’']+@[^\s<>()\[\]\",:;@“”‘’']+")
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_LATIN_DOTS = str.maketrans({"。": None, "．": None, "｡": None})


def read_address(text: str) -> str | None:
    """The one address that ``text`` is, its domain in lower case ASCII (RFC 5891); None when it is none, or several.

    Quotation marks that are not needed are taken off; an address that needs them, one with other letters than ASCII
    before its "@", and a number in place of a domain are refused, for mail servers do not agree about them.
    """
    found = text.strip(" \t")
    local, at, domain = found.rpartition("@")
    if not at or len(found) > LONGEST + 60 or _UNSEEN.search(found):
        return None
    quoted = _QUOTED.fullmatch(local)
    local = quoted[1] if quoted else local
    if len(local) > _LONGEST_LOCAL or local.startswith(("-", "|")) or not _LOCAL.fullmatch(local):
        return None
    host = _ascii_domain(domain)
    if host is None or len(local) + 1 + len(host) > LONGEST:
        return None
    return f"{local}@{host}"


def find_address(text: str) -> str | None:
    """As :func:`read_address`; a name may stand before the address, which is in angle brackets then."""
    named = _NAMED.fullmatch(text.strip())
    return read_address(named[1] if named else text)


def address_key(address: str) -> str:
    """The one spelling of an address: case makes no difference, whatever servers may do (RFC 5321, 2.4)."""
    return address.strip().lower()


def domain_of(address: str) -> str:
    """What stands behind the "@", in lower case."""
    return address.rpartition("@")[2].lower()


def masked(address: str | None) -> str:
    """An address as others may see it: a…@example.org."""
    if not address:
        return "erased"
    return f"{address[0]}…@{domain_of(address)}"


def masked_in(text: str) -> str:
    """``text`` with every address in it as others may see it."""
    return _ADDRESSES.sub(lambda found: masked(found.group()), text)


@lru_cache(4096)
def _ascii_domain(domain: str) -> str | None:
    if domain != domain.translate(_LATIN_DOTS):
        return None
    try:
        host = domain.lower() if domain.isascii() else domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None
