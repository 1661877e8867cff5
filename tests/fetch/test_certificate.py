"""Certificates that are no good are told with their day, their names and who issued them; over real TLS on loopback."""

import datetime as dt
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsletter.errors import Unreachable
from newsletter.fetch.certificate import certificate_words, read_certificate
from newsletter.fetch.client import WebClient
from tests.fetch.web import FAST, serving

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def made(
    folder: Path, *, names: list[str], begins: dt.datetime, ends: dt.datetime, issuer: str = "Careful CA"
) -> tuple[Path, Path]:
    """A certificate with its key in one file, and that of its issuer, whom the client may trust."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().serial_number(x509.random_serial_number())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        builder.subject_name(name(issuer))
        .issuer_name(name(issuer))
        .public_key(root_key.public_key())
        .not_valid_before(now - 4000 * DAY)
        .not_valid_after(now + 4000 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        builder.subject_name(name(names[0]))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    own = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "leaf.pem").write_bytes(own + leaf.public_bytes(pem))
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    return folder / "leaf.pem", folder / "root.pem"


async def page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="here")


async def refusal(leaf: Path, host: str) -> str:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(leaf)
    async with serving(page, tls=context) as base:
        port = int(base.rpartition(":")[2])
        settings = FAST.__class__(allow_networks=FAST.allow_networks, hosts={host: ("127.0.0.1", port)})
        async with WebClient(settings) as http:
            with pytest.raises(Unreachable) as caught:
                await http.get(f"https://{host}:{port}/feed")
    return str(caught.value)


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    def them(root: Path) -> None:
        trusting = ssl.create_default_context(cafile=str(root))
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)

    return them


async def test_one_that_ran_out_says_on_which_day_and_whose_it_is(
    tmp_path: Path, trust: Callable[[Path], None]
) -> None:
    leaf, root = made(tmp_path, names=["feeds.test"], begins=NOW - 90 * DAY, ends=NOW)
    trust(root)
    assert await refusal(leaf, "feeds.test") == (
        "feeds.test cannot be trusted: its certificate ran out on 2026-01-01 (issued for feeds.test by Careful CA)"
    )


async def test_one_for_another_host_names_it(tmp_path: Path, trust: Callable[[Path], None]) -> None:
    now = dt.datetime.now(dt.UTC)
    names = ["a.hosting.test", "b.hosting.test", "c.hosting.test", "d.hosting.test"]
    leaf, root = made(tmp_path, names=names, begins=now - DAY, ends=now + DAY)
    trust(root)
    assert await refusal(leaf, "feeds.test") == (
        "feeds.test cannot be trusted: its certificate is for a.hosting.test, b.hosting.test, c.hosting.test "
        "and 1 more, not for feeds.test (issued by Careful CA)"
    )


async def test_one_of_an_issuer_nobody_knows_says_who_that_is(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    leaf, _ = made(tmp_path, names=["feeds.test"], begins=now - DAY, ends=now + DAY)
    assert await refusal(leaf, "feeds.test") == (
        "feeds.test cannot be trusted: nobody who is known vouches for its certificate "
        "(issued for feeds.test by Careful CA)"
    )


def test_what_cannot_be_looked_at_is_told_without_it() -> None:
    assert read_certificate(b"no certificate") is None
    for code, words in ((10, "ran out"), (9, "begins later"), (62, "another's"), (18, "itself"), (99, "no good")):
        assert words in certificate_words(code, "x.test", None)
