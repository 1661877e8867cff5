"""What doctor finds out about mail: the server, the DNS records of the sender, the links that leave one."""

import base64
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from newsletter.config.load import Config
from newsletter.config.signing import DkimSettings
from newsletter.deliver import dns_records as records
from newsletter.deliver.dns_ask import Dns
from newsletter.deliver.transport import Smtp, SmtpSettings
from newsletter.errors import MailFault, UsageError
from newsletter.fetch.guard import Guard, allowed_networks, is_public
from newsletter.model.check import Check, fault, not_asked, ok, warning
from newsletter.render.address import parse_address

SECONDS = 4.0
PATH_OF_OURS = "healthz"
OURS = "newsletter"
_SMALLEST = 512 << 10
_SKEW_SECONDS = 60

Look = Callable[[], Check]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_STAYING = urllib.request.build_opener(_NoRedirects)
"""Goes nowhere that a server names: only the address that was looked at may be asked."""


def server_check(config: Config) -> Check:
    """Whether the mail server greets, encrypts, lets us in and takes large mails; nothing is sent."""
    delivery = config.delivery
    if delivery.way is not None and not delivery.server:
        return ok("mail server", f"None is named: mails go by the delivery “{delivery.by}”.")
    if not delivery.server or (delivery.by != "smtp" and delivery.way is None):
        return warning(
            "mail server", "None is named: mails are files in data/outbox. Write “server:” under “delivery:”."
        )
    where = f"{delivery.server}:{delivery.port}"
    settings = SmtpSettings(delivery.server, delivery.port, delivery.user, delivery.password, seconds=SECONDS)
    try:
        server = Smtp(settings).connect()
    except smtplib.SMTPAuthenticationError:
        return fault("mail server", f"{where} refuses the user or the password. Put those in the environment right.")
    except (MailFault, smtplib.SMTPException) as wrong:
        return fault("mail server", f"{where}: {wrong}")
    except ssl.SSLError as wrong:
        return fault("mail server", f"{where} cannot be trusted ({wrong.reason or wrong}). See its certificate.")
    except OSError as wrong:
        text = f"{where} cannot be reached ({wrong.strerror or wrong})."
        return fault("mail server", f"{text} Look at name and port, and whether a firewall is between.")
    try:
        return _capable(where, server, is_here=_is_loopback(delivery.server), user=delivery.user)
    finally:
        server.close()


def _capable(where: str, server: smtplib.SMTP, *, is_here: bool, user: str | None) -> Check:
    has_tls = isinstance(server.sock, ssl.SSLSocket)
    size = server.esmtp_features.get("size", "")
    if size.isdigit() and 0 < int(size) < _SMALLEST:
        return fault("mail server", f"{where} takes mails up to {size} bytes only: an issue does not fit.")
    if not (has_tls or is_here):
        return warning("mail server", f"{where} offers no encryption (STARTTLS): mails go in plain sight.")
    how = [
        "encrypted" if has_tls else "on this machine",
        f"signed in as {user}" if user else "without signing in",
        f"mails up to {int(size) >> 20} MiB" if size.isdigit() and int(size) else "any size",
        "PIPELINING" if server.has_extn("pipelining") else "no PIPELINING: sending is slower",
    ]
    return ok("mail server", f"{where} answers: {', '.join(how)}.")


def record_looks(config: Config, dns: Dns) -> list[tuple[str, Look]]:
    """What to ask the DNS about the sender's domain, by name."""
    found = parse_address(config.newsletter.sender)
    if config.delivery.by != "smtp" or found is None:
        return []
    sender = _domain(found[1])
    organisation = PublicSuffixList().privatesuffix(sender) or sender
    envelope = _domain(config.delivery.bounces.to or found[1])
    dkim = config.delivery.dkim
    signing = (dkim.domain or sender) if dkim.selectors else None

    def relay() -> list[str]:
        return _public_addresses(config.delivery.server or "", dns)

    looks: list[tuple[str, Look]] = [
        ("SPF", lambda: records.spf_check(dns, envelope, relay())),
        *_dkim_looks(dkim, signing or sender, dns),
        (
            "DMARC",
            lambda: records.dmarc_check(dns, sender, organisation, envelope=envelope, signing=signing),
        ),
        ("MX", lambda: records.mx_check(dns, envelope)),
        ("PTR", lambda: records.ptr_check(dns, relay())),
    ]
    return looks


def _dkim_looks(dkim: DkimSettings, domain: str, dns: Dns) -> list[tuple[str, Look]]:
    if not dkim.selectors:
        said = "Mails are not signed here; if the mail server does not do it, write “dkim selector:” and “dkim key:”."
        return [("DKIM", lambda: ok("DKIM", said))]

    def look(selector: str, pem: str) -> Look:
        return lambda: _key_check(selector, pem, domain, dns)

    return [(f"DKIM {name}", look(name, pem)) for name, pem in zip(dkim.selectors, dkim.keys, strict=True)]


def _key_check(selector: str, pem: str, domain: str, dns: Dns) -> Check:
    try:
        return records.dkim_check(dns, selector, domain, public_half(pem))
    except UsageError as wrong:
        return fault(f"DKIM {selector}", str(wrong))


def public_half(pem: str) -> str:
    """The public key of the private one in ``pem``, as a DKIM record holds it. Raises UsageError."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = form.load_pem_private_key(pem.replace("\\n", "\n").strip().encode() + b"\n", password=None)
    except (ValueError, TypeError) as wrong:
        raise UsageError("The DKIM key cannot be read: it must be a private key in PEM form, no password.") from wrong
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        data = public.public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    else:
        data = public.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(data).decode()


def site_check(config: Config) -> Check:
    """Whether readers reach the site, by HTTPS, and the links of their mails lead to this program (RFC 8058)."""
    site = config.newsletter.site
    if not site:
        text = "No site is named: mails have no link to leave with one click, which large providers want."
        return warning("site", f"{text} Write “site: https://…” under “newsletter:”.")
    if urlsplit(site).scheme != "https" and not _is_loopback(urlsplit(site).hostname or ""):
        return fault("site", f"{site} is not https, which one-click unsubscribing needs (RFC 8058). Set TLS up.")
    url = f"{site.rstrip('/')}/{PATH_OF_OURS}"
    try:
        with urllib.request.urlopen(_request(url), timeout=SECONDS) as answer:
            is_ours = answer.read(64).decode("latin-1").startswith(OURS)
    except urllib.error.HTTPError as wrong:
        wrong.close()
        is_ours = False
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "reason", wrong)
        return fault("site", f"{site} cannot be reached ({reason}). Start “newsletter serve”, look at proxy and DNS.")
    if not is_ours:
        text = f"{url} is not answered by this program: links to leave and to confirm lead nowhere."
        return fault("site", f"{text} Let the proxy hand {site} to “newsletter serve”.")
    return ok("site", f"{site} answers, and links of mails lead to this program.")


def clock_check(config: Config, environ: Mapping[str, str]) -> Check:
    """Whether this machine's clock agrees with a web server that is read anyway."""
    hosts = [each.address for each in config.sources if each.address.startswith(("http://", "https://"))]
    guard = Guard(allowed_networks(environ))
    for url in dict.fromkeys(hosts[:3]):
        parts = urlsplit(url)
        try:
            infos = socket.getaddrinfo(parts.hostname or "", None, type=socket.SOCK_STREAM)
            if not all(guard.allows(str(info[4][0])) for info in infos):
                continue
            with _STAYING.open(_request(f"{parts.scheme}://{parts.netloc}/"), timeout=SECONDS / 3) as answer:
                said = answer.headers.get("date")
        except urllib.error.HTTPError as wrong:
            said = wrong.headers.get("date")
            wrong.close()
        except (OSError, ValueError):
            continue
        if said:
            return _skew(parts.hostname or "", said)
    return not_asked("clock", "No web server of the sources could be asked what time it is.")


def _skew(host: str, said: str) -> Check:
    try:
        skew = abs((parsedate_to_datetime(said).astimezone(UTC) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return not_asked("clock", f"{host} says no time that can be read.")
    if skew > _SKEW_SECONDS:
        return fault("clock", f"This clock differs from that of {host} by {skew:,.0f} s. Set it by NTP.")
    return ok("clock", f"This clock agrees with that of {host}.")


def _request(url: str) -> urllib.request.Request:
    return urllib.request.Request(url, method="GET", headers={"User-Agent": "newsletter-doctor"})


def _public_addresses(server: str, dns: Dns) -> list[str]:
    """The addresses that mail leaves by, as far as that is the server's own; none when it is on this machine."""
    if not server or _is_loopback(server):
        return []
    try:
        return [str(ip_address(server.strip("[]")))]
    except ValueError:
        return [each for each in dns.addresses(server) if is_public(ip_address(each))]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _domain(address: str) -> str:
    name = address.rpartition("@")[2].lower()
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
