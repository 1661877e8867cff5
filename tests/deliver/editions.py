"""Editions written by hand, and the DNS that holds their keys."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from newsletter.deliver.edition_file import Bodies, Heading, placeholders_for, write_edition
from newsletter.deliver.message import Personal

SITE = "https://letter.example.org/"
AT = datetime(2027, 4, 16, 8, tzinfo=UTC)
HELD = placeholders_for("the whole of it")
HEADING = Heading(
    sender=("Lantern Letter", "letter@news.example.org"),
    subject="The charter goes to a vote; Wick 4",
    at=AT,
    list_name="Lantern Letter",
    list_label="letter.news.example.org",
    language="en",
    answers=("", "people@example.org"),
    has_reply_to=True,
    unsubscribe_url=f"{SITE}u/{HELD.unsubscribe}",
    archive_url=SITE,
    issue_url=f"{SITE}issues/57/",
)
ADA = Personal(
    "ada@example.net",
    7,
    "<issue-57.aa@news.example.org>",
    "ada-leaves--" + "u" * 20,
    "ada-changes-" + "p" * 20,
    "b" * 32,
)


def written(heading: Heading = HEADING, *, shift: int = 0, size: int = 40, **values: object) -> bytes:
    """An edition whose links stand ``shift`` letters further right, with ``size`` paragraphs."""
    leave, prefer = f"{SITE}u/{HELD.unsubscribe}", f"{SITE}r/{HELD.preferences}"
    paragraph = "A soft line with an umlaut: ä, two  spaces and \n.a dot, then it goes on and on. \n.\n"
    text = f"{'x' * shift}{leave}\n{paragraph * size}{prefer}\n"
    html = f"<p>{'y' * shift}{leave}</p>\n{f'<p>{paragraph}</p>' * size}{'z' * shift}{prefer}<p>\t </p>\n"
    return write_edition(replace(heading, **values), Bodies(text, html), HELD)  # type: ignore[arg-type]


def read(data: bytes) -> EmailMessage:
    """A mail as programs read it; it has no fault."""
    found = message_from_bytes(data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert [part.defects for part in found.walk() if part.defects] == []
    return found


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*how).decode()


def dns(**keys: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Callable[..., bytes]:
    """Answers dkimpy with the public half of the key of a selector."""

    def answer(name: bytes, timeout: int = 5) -> bytes:
        selector, _, rest = name.decode().rstrip(".").partition("._domainkey.")
        assert rest in ("news.example.org", "example.org", "lantern.example")
        public = keys[selector].public_key()
        if isinstance(public, rsa.RSAPublicKey):
            how = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public.public_bytes(*how))
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)

    return answer
