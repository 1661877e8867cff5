"""What is wrong with a certificate: which day it ran out, whose it is, who issued it."""

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from newsletter.fetch.connect import SystemResolver
from newsletter.fetch.guard import Guard
from newsletter.text import one_line, shorten

_SECONDS = 10
_NAMES = 3
# OpenSSL's x509_vfy.h.
_NOT_YET, _RAN_OUT, _SELF_SIGNED, _WRONG_HOST = 9, 10, 18, 62
_UNKNOWN_ISSUER = frozenset((2, 19, 20, 21))


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself."""

    names: tuple[str, ...]
    issuer: str
    begins_at: datetime
    ends_at: datetime


def verify_code(error: Exception) -> int | None:
    """Why the certificate was refused, as OpenSSL numbers it; None when ``error`` is about something else."""
    inner = getattr(error, "certificate_error", error)
    return inner.verify_code if isinstance(inner, ssl.SSLCertVerificationError) else None


async def seen_certificate(host: str, port: int, *, resolver: SystemResolver, guard: Guard) -> Certificate | None:
    """The certificate that ``host`` shows, for telling what is wrong with it: nothing is said over that connection."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError, TimeoutError, ssl.SSLError, aiohttp.ClientError, ValueError):
        async with asyncio.timeout(_SECONDS):
            place = (await resolver.resolve(host, port, socket.AF_UNSPEC))[0]
            where: tuple[object, ...] = (place["host"], place["port"])
            connection = guard((place["family"], socket.SOCK_STREAM, place["proto"], "", where))
            try:
                return await _shown(connection, where, context, host)
            finally:
                connection.close()
    return None


async def _shown(
    connection: socket.socket, where: tuple[object, ...], context: ssl.SSLContext, host: str
) -> Certificate | None:
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, where)
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=connection, ssl=context, server_hostname=host)
    try:
        shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        transport.abort()
    return read_certificate(shown) if shown else None


def read_certificate(data: bytes) -> Certificate | None:
    """The certificate in ``data`` (DER); None when it cannot be read."""
    # Only who meets a certificate that is no good needs to read one.
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        found = x509.load_der_x509_certificate(data)
        common = [str(each.value) for each in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        issuer = [
            str(each.value)
            for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
            for each in found.issuer.get_attributes_for_oid(oid)
        ]
        try:
            extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = extension.value.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            names = []
        begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None
    plain = tuple(shorten(one_line(each), 80) for each in dict.fromkeys([*names, *common]))
    return Certificate(plain, shorten(one_line(issuer[0]), 80) if issuer else "", begins, ends)


def certificate_words(code: int, host: str, shown: Certificate | None) -> str:
    """What is wrong, for an editor: ``code`` is OpenSSL's, ``shown`` the certificate if it could be looked at."""
    told = _wrong(code, host, shown)
    return f"{host} cannot be trusted: {told}{_whose(shown, host, is_named=code == _WRONG_HOST)}"


def _wrong(code: int, host: str, shown: Certificate | None) -> str:
    if code == _RAN_OUT:
        return f"its certificate ran out on {shown.ends_at:%Y-%m-%d}" if shown else "its certificate ran out"
    if code == _NOT_YET:
        return f"its certificate begins on {shown.begins_at:%Y-%m-%d} only" if shown else "its certificate begins later"
    if code == _WRONG_HOST:
        return f"its certificate is for {_listed(shown.names)}, not for {host}" if shown else "it is another's"
    if code == _SELF_SIGNED:
        return "it made its certificate itself, and nobody vouches for it"
    if code in _UNKNOWN_ISSUER:
        return "nobody who is known vouches for its certificate"
    return "its certificate is no good"


def _whose(shown: Certificate | None, host: str, *, is_named: bool) -> str:
    if shown is None:
        return ""
    names = "" if is_named else f"issued for {_listed(shown.names)}"
    issuer = f"by {shown.issuer}" if shown.issuer else ""
    said = " ".join(filter(None, (names or "issued", issuer)))
    return f" ({said})" if names or issuer else ""


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "nobody by name"
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more
