import re
from contextlib import suppress
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from newsletter.deliver.dkim import Dkim, read_key
from newsletter.deliver.message import Edition
from newsletter.errors import UsageError
from tests.deliver.editions import ADA, dns, ed25519_key, pem, read, rsa_key, written

KEYS = dns(mail=rsa_key(), edwards=ed25519_key())


def signer(domain: str = "news.example.org", sender_domain: str = "news.example.org") -> Dkim:
    named = (("mail", pem(rsa_key())), ("edwards", pem(ed25519_key())))
    return Dkim([read_key(key, selector=name, domain=domain, sender_domain=sender_domain) for name, key in named])


def is_signed(mail: bytes) -> bool:
    checked = dkim.DKIM(mail)
    return all(checked.verify(idx=number, dnsfunc=KEYS) for number in range(2))


@pytest.mark.parametrize("shift", [0, 17, 31, 44, 58, 71])
@pytest.mark.parametrize("name", [None, "Ada, Größe " * 12])
def test_both_signatures_hold(shift: int, name: str | None) -> None:
    edition = Edition.read(written(shift=shift, size=3), signer=signer())
    for address in ("ada@example.net", "bo@example.net"):
        mail = edition.for_reader(replace(ADA, address=address, name=name))
        assert mail.count(b"DKIM-Signature: ") == 2
        assert is_signed(mail)
        assert re.sub(rb"(?m)^\.\.", b".", b"".join(edition.pieces(replace(ADA, address=address, name=name)))) == mail


@pytest.mark.parametrize("ending", [b"", b"\r\n\r\n \r\n", b"a \t b\r\n\t\r\n", b" \r\n"])
def test_a_body_is_hashed_as_the_standard_says(ending: bytes) -> None:
    data = written(size=1).rpartition(b"--=_")[0] + ending
    assert is_signed(Edition.read(data, signer=signer()).for_reader(ADA))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b"ada@example.net", b"eve@example.net"),
        (b"a soft", b"a hard"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"/u/ada-leaves", b"/u/eve-leaves"),
        (b"\r\nList-Post: NO", b"\r\nSubject: another\r\nList-Post: NO"),
        (b"\r\nList-Post: NO", b"\r\nFrom: eve@example.net\r\nList-Post: NO"),
    ],
)
def test_what_is_changed_or_added_is_seen(said: bytes, instead: bytes) -> None:
    mail = Edition.read(written(size=2).replace(b"A soft", b"a soft"), signer=signer()).for_reader(ADA)
    assert is_signed(mail)
    changed = mail.replace(said, instead)
    assert changed != mail
    with suppress(dkim.DKIMException):
        assert not is_signed(changed)


def test_what_must_be_signed_is() -> None:
    mail = read(Edition.read(written(), signer=signer()).for_reader(ADA))
    for header in mail.get_all("DKIM-Signature"):
        tags = dict(part.strip().split("=", 1) for part in str(header).split(";"))
        names = "".join(tags["h"].split()).split(":")
        assert set(names) == {name.lower() for name in mail.keys()} - {"dkim-signature"}  # noqa: SIM118
        assert names.count("from") == names.count("subject") == 2
        assert (tags["c"], tags["d"]) == ("relaxed/relaxed", "news.example.org")
        assert "l" not in tags
    head = Edition.read(written(), signer=signer()).for_reader(ADA).partition(b"\r\nFrom: ")[0]
    assert head.count(b"DKIM-Signature: ") == 2
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_the_domain_above_may_sign_and_no_other() -> None:
    mail = Edition.read(written(), signer=signer("example.org")).for_reader(ADA)
    assert b"d=example.org;" in mail
    assert is_signed(mail)
    for domain in ("example.net", "ws.example.org", "org.example"):
        with pytest.raises(UsageError, match="does not belong to the sender"):
            signer(domain)


def test_a_key_may_come_with_its_line_ends_written_out() -> None:
    named = {"selector": "mail", "domain": "example.org", "sender_domain": "example.org"}
    assert read_key(pem(rsa_key()).replace("\n", "\\n"), **named).algorithm == "rsa-sha256"


def test_what_is_no_good_key_is_refused_with_what_to_do() -> None:
    named = {"selector": "mail", "domain": "example.org", "sender_domain": "example.org"}
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(*how, serialization.NoEncryption()).decode()
    locked = rsa_key().private_bytes(*how, serialization.BestAvailableEncryption(b"x")).decode()
    for text, words in (
        ("", "cannot be read"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "cannot be read"),
        (locked, "without a password"),
        (other, "neither RSA nor Ed25519"),
        (pem(rsa_key(1024)), "1024 bits"),
    ):
        with pytest.raises(UsageError, match=words):
            read_key(text, **named)
    with pytest.raises(UsageError, match="no name in the DNS"):
        read_key(pem(rsa_key()), selector="a b", domain="example.org", sender_domain="example.org")
