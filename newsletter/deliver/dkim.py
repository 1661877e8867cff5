"""DKIM: a mail is signed in the name of the sender's domain (RFC 6376, RFC 8463), what readers share only once."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.deliver.message import Cut, Signing
from newsletter.errors import UsageError

SIGNED = (
    "from",
    "reply-to",
    "subject",
    "date",
    "list-id",
    "list-unsubscribe-post",
    "list-help",
    "list-owner",
    "list-archive",
    "list-post",
    "archived-at",
    "mime-version",
    "content-language",
    "content-type",
    "to",
    "message-id",
    "list-unsubscribe",
)
"""The headers that are signed if they are there (RFC 8058, 4 demands those of List-Unsubscribe)."""
ONCE = ("from", "to", "subject", "date", "reply-to", "content-type")
"""Named once more than they are there, so that nobody can add another one (RFC 6376, 5.4.2)."""
_RSA_BITS = 2048
_SPACES = re.compile(rb"[ \t]+")
_LINE_SPACES = re.compile(rb"[ \t]+\r\n")
_HEADER = re.compile(rb"([!-9;-~]+):((?:[^\r\n]|\r\n[ \t])*)\r\n")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_VALUE_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Key:
    """A private key with its place in the DNS: SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    algorithm: str
    """Its name in a signature: rsa-sha256 or ed25519-sha256."""
    sign: Callable[[bytes], bytes]
    """Signs the signed headers."""


def read_key(pem: str, *, selector: str, domain: str, sender_domain: str) -> Key:
    """The key in ``pem`` (PKCS #8 or #1), for mail from ``sender_domain``. Raises UsageError with what to mend."""
    # It takes 20 ms to import, and most newsletters are signed by their mail server.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    check_aligned(domain, sender_domain)
    if not _SELECTOR.fullmatch(selector):
        raise UsageError(f"“dkim selector: {selector}” is no name in the DNS. Write one such as mail2026.")
    try:
        found = serialization.load_pem_private_key(_mended(pem), password=None)
    except (ValueError, TypeError) as fault:
        text = f"The DKIM key of selector {selector} cannot be read. It must be a private key in PEM form, without"
        raise UsageError(f"{text} a password: openssl genrsa -out dkim.pem 2048") from fault
    if isinstance(found, ed25519.Ed25519PrivateKey):
        signed = found.sign
        return Key(domain, selector, "ed25519-sha256", lambda data: signed(hashlib.sha256(data).digest()))
    if not isinstance(found, rsa.RSAPrivateKey):
        raise UsageError(f"The DKIM key of selector {selector} is neither RSA nor Ed25519. Make one of those.")
    if found.key_size < _RSA_BITS:
        text = f"The DKIM key of selector {selector} has {found.key_size} bits, too few to be believed."
        raise UsageError(f"{text} Make one of {_RSA_BITS}: openssl genrsa -out dkim.pem {_RSA_BITS}")
    key, how, digest = found, padding.PKCS1v15(), hashes.SHA256()
    return Key(domain, selector, "rsa-sha256", lambda data: key.sign(data, how, digest))


def check_aligned(domain: str, sender_domain: str) -> None:
    """Refuse a signature that says nothing about the sender (RFC 7489, 3.1.1). Raises UsageError."""
    signing, sending = domain.lower(), sender_domain.lower()
    if signing != sending and not sending.endswith(f".{signing}"):
        text = f"“dkim domain: {domain}” does not belong to the sender's address, which ends in {sender_domain}."
        raise UsageError(f"{text} Write {sender_domain} or the domain above it, or leave the line out.")


def _mended(pem: str) -> bytes:
    r"""``pem`` with its line ends: some ways to set a variable write them as \n."""
    return pem.replace("\\n", "\n").strip().encode("utf-8", "replace") + b"\n"


class Dkim:
    """Signs with each of its keys."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)

    def prepare(self, head: Cut, body: Cut) -> Signing:
        """Read what the readers of an edition share once."""
        return _Prepared(self.keys, head, body)


class _Prepared:
    """The signatures of one edition, but for what is a reader's own."""

    def __init__(self, keys: Sequence[Key], head: Cut, body: Cut) -> None:
        self._body = _relaxed_body(body)
        self._begun = hashlib.sha256(self._body.pieces[0])
        self._rest = Cut((b"", *self._body.pieces[1:]), self._body.holes)
        names, self._head = _signed_lines(head)
        self._keys = [(key, _template(key, names)) for key in keys]

    def body_hash(self, values: Sequence[bytes]) -> bytes:
        """The hash of the body with a reader's ``values`` in it (base64); what comes before the first one is known."""
        found = self._begun.copy()
        found.update(b"".join(self._rest.filled(values)))
        return base64.b64encode(found.digest())

    def signatures(self, values: Sequence[bytes]) -> bytes:
        """One DKIM-Signature a key."""
        hashed = self.body_hash(values)
        lines = _unfolded(b"".join(self._head.filled(values)))
        made = []
        for key, (line, canonical) in self._keys:
            value = base64.b64encode(key.sign(lines + canonical.replace(b"\0", hashed))).decode()
            folded = "\r\n ".join(value[at : at + _VALUE_WIDTH] for at in range(0, len(value), _VALUE_WIDTH))
            made.append(line.replace(b"\0", hashed) + folded.encode() + b"\r\n")
        return b"".join(made)


def _template(key: Key, names: Sequence[str]) -> tuple[bytes, bytes]:
    """The header up to its signature, and the same as it is signed; a zero octet stands for the body's hash."""
    listed, line = [], "h="
    for name in names:
        if len(line) + len(name) > _VALUE_WIDTH:
            listed.append(line)
            line = ""
        line += f"{name}:"
    parts = [
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;",
        f"d={key.domain}; s={key.selector};",
        *listed,
        f"{line[:-1]};",
        "bh=\0;",
        "b=",
    ]
    return "\r\n ".join(parts).encode(), ("dkim-signature:" + " ".join(parts).partition(": ")[2]).encode()


def _signed_lines(head: Cut) -> tuple[tuple[str, ...], Cut]:
    """The names that are signed, and the lines of those that are there in that order, as RFC 6376, 3.4.2 has them."""
    whole = b"".join(_marked(head))
    lines = {found[1].decode().lower(): found[2] for found in _HEADER.finditer(whole)}
    present = [name for name in SIGNED if name in lines]
    joined = b"".join(
        f"{name}:".encode() + _SPACES.sub(b" ", lines[name].replace(b"\r\n", b"")).strip(b" ") + b"\r\n"
        for name in present
    )
    return (*present, *ONCE), _unmarked(joined, head)


def _relaxed_body(body: Cut) -> Cut:
    """The body as RFC 6376, 3.4.4 has it: a hole holds no space, so that it may be done before it is filled."""
    whole = _SPACES.sub(b" ", _LINE_SPACES.sub(b"\r\n", b"".join(_marked(body)))).rstrip(b"\r\n")
    return _unmarked(whole + b"\r\n" if whole else b"", body)


def _marked(parts: Cut) -> list[bytes]:
    """The pieces with a mark in each hole."""
    found = list(parts.pieces)
    for number, (at, *_) in enumerate(parts.holes):
        found[at] = b"\0%d\1" % number
    return found


def _unmarked(data: bytes, parts: Cut) -> Cut:
    """``data`` cut again where the marks of ``parts`` stand, in whatever order."""
    pieces: list[bytes] = []
    holes: list[tuple[int, int, int, int]] = []
    end = 0
    for match in re.finditer(rb"\x00(\d+)\x01", data):
        pieces.append(data[end : match.start()])
        _, which, start, stop = parts.holes[int(match[1])]
        holes.append((len(pieces), which, start, stop))
        pieces.append(b"")
        end = match.end()
    return Cut((*pieces, data[end:]), tuple(holes))


def _unfolded(lines: bytes) -> bytes:
    """A reader's name may be so long that its line is broken."""
    return lines.replace(b"\r\n ", b" ") if b"\r\n " in lines else lines
