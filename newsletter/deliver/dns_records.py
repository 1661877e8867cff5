"""What the DNS says about mail of a domain: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MX and PTR."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from newsletter.deliver.dns_ask import Dns
from newsletter.model.check import Check, fault, ok, warning

_MOST_LOOKUPS = 10
Verdict = Literal["pass", "other", "too many"]


def spf_check(dns: Dns, domain: str, relay: Sequence[str]) -> Check:
    """Whether SPF of ``domain`` (that of the envelope) lets the addresses of our mail server send."""
    records = _spf_records(dns, domain)
    if len(records) > 1:
        return fault("SPF", f"{domain} has {len(records)} SPF records: none counts. Keep one TXT record v=spf1.")
    if not records:
        return warning("SPF", f"{domain} has no SPF record. Put a TXT record there: v=spf1 include:YOUR-RELAY -all")
    words = records[0].split()
    if any(word.lower() in ("+all", "all") for word in words):
        return fault("SPF", f"SPF of {domain} lets everybody send (+all). End it with -all or ~all.")
    if not relay:
        return ok("SPF", f"{domain}: {records[0]} (by which address mail leaves cannot be told from here).")
    looked = _Spf(dns)
    allowed = [address for address in relay if looked.allows(domain, address)]
    if looked.lookups > _MOST_LOOKUPS:
        return fault("SPF", f"SPF of {domain} asks the DNS more than {_MOST_LOOKUPS} times and fails. Shorten it.")
    if not allowed:
        text = f"SPF of {domain} does not name the mail server ({', '.join(relay[:3])}): add ip4:, ip6: or include:"
        return warning("SPF", f"{text}. If it sends by another address, that one must stand there.")
    return ok("SPF", f"SPF of {domain} lets {allowed[0]} send.")


@dataclass(slots=True)
class _Spf:
    """Evaluates records; macros and exists: are passed over, for they need a mail."""

    dns: Dns
    lookups: int = 0

    def allows(self, domain: str, address: str) -> bool:
        """Whether a mechanism that passes holds for ``address``."""
        records = _spf_records(self.dns, domain)
        if len(records) != 1 or self.lookups > _MOST_LOOKUPS:
            return False
        words = records[0].split()[1:]
        for word in words:
            if word[0] not in "-~?" and self._matches(word.lstrip("+"), domain, address):
                return True
        redirect = next((word[9:] for word in words if word.lower().startswith("redirect=")), "")
        return bool(redirect) and self._counted(redirect) and self.allows(redirect, address)

    def _matches(self, word: str, domain: str, address: str) -> bool:
        name, _, value = word.partition(":")
        kind, _, length = name.lower().partition("/")
        if kind in ("ip4", "ip6"):
            return _is_in(address, value)
        value, _, after = value.partition("/") if value else (domain, "", length)
        if "%" in value or kind not in ("include", "a", "mx") or not self._counted(value):
            return False
        if kind == "include":
            return self.allows(value, address)
        hosts = [value] if kind == "a" else self.dns.exchanges(value)
        suffix = f"/{after.partition('/')[0]}" if after and ":" not in address else ""
        return any(_is_in(address, f"{each}{suffix}") for host in hosts if host for each in self.dns.addresses(host))

    def _counted(self, _name: str) -> bool:
        self.lookups += 1
        return self.lookups <= _MOST_LOOKUPS


def _spf_records(dns: Dns, domain: str) -> list[str]:
    found = (each.strip() for each in dns.texts(domain))
    return [each for each in found if each.lower() == "v=spf1" or each.lower().startswith("v=spf1 ")]


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


def dkim_check(dns: Dns, selector: str, domain: str, public: str) -> Check:
    """Whether the DNS holds the public half of the key that mails are signed with; ``public`` is base64."""
    name, where = f"DKIM {selector}", f"{selector}._domainkey.{domain}"
    records = [tags for each in dns.texts(where) if "p" in (tags := _tags(each))]
    if not records:
        return fault(name, f"{where} holds no key. Put a TXT record there: v=DKIM1; k=…; p={public}")
    tags = records[0]
    found = "".join(tags["p"].split())
    if not found:
        return fault(name, f"The key at {where} is taken back (p= is empty). Sign with another one.")
    if found.rstrip("=") != public.rstrip("="):
        return fault(name, f"The key at {where} is another one than mails are signed with. Put this there: p={public}")
    if "y" in tags.get("t", "").split(":"):
        return warning(name, f"The key at {where} is marked as a trial (t=y): servers may not count it. Take that out.")
    return ok(name, f"{where} holds the key that mails are signed with.")


def dmarc_check(dns: Dns, sender: str, organisation: str, *, envelope: str, signing: str | None) -> Check:
    """Whether DMARC is there for the domain in From, and whether what we use agrees with it."""
    records: list[dict[str, str]] = []
    where = ""
    for where in dict.fromkeys((f"_dmarc.{sender}", f"_dmarc.{organisation}")):
        records = [tags for each in dns.texts(where) if (tags := _tags(each)).get("v", "").upper() == "DMARC1"]
        if records:
            break
    if not records:
        text = f"{sender} has no DMARC record; large providers want one. Put a TXT record at _dmarc.{organisation}:"
        return warning("DMARC", f"{text} v=DMARC1; p=none")
    if len(records) > 1:
        return fault("DMARC", f"{where} holds {len(records)} records: none counts. Keep one.")
    tags = records[0]
    by_key = signing is not None and _aligned(signing, sender, organisation, is_strict=tags.get("adkim") == "s")
    by_path = _aligned(envelope, sender, organisation, is_strict=tags.get("aspf") == "s")
    policy = tags.get("p", "none")
    if not (by_key or by_path):
        text = f"Neither the signature nor bounces ({envelope}) agree with {sender} as {where} wants it (p={policy})."
        return fault("DMARC", f"{text} Use the same domain for all, or aspf=r and adkim=r.")
    return ok("DMARC", f"{where}: p={policy}; {'the signature' if by_key else 'the envelope'} agrees with {sender}.")


def _aligned(domain: str, sender: str, organisation: str, *, is_strict: bool) -> bool:
    if is_strict or domain == sender:
        return domain == sender
    return domain == organisation or domain.endswith(f".{organisation}")


def mx_check(dns: Dns, domain: str) -> Check:
    """Whether mail that comes back, and answers, can arrive."""
    found = dns.exchanges(domain)
    if "" in found:
        return fault("MX", f"{domain} says that it takes no mail (RFC 7505): bounces and answers are lost.")
    if found:
        return ok("MX", f"Mail to {domain} goes to {found[0]}.")
    if dns.addresses(domain):
        return warning("MX", f"{domain} has no MX record; mail goes to its web address. Name a mail server there.")
    return fault("MX", f"{domain} has neither MX nor address: bounces and answers are lost, and servers refuse us.")


def ptr_check(dns: Dns, addresses: Sequence[str]) -> Check:
    """Whether the addresses of the mail server have names that lead back to them."""
    if not addresses:
        return ok("PTR", "By which address mail leaves cannot be told from here; its name should lead back to it.")
    bad = [each for each in addresses if not _leads_back(dns, each)]
    if bad:
        return warning("PTR", f"The name of {bad[0]} does not lead back to it. Its provider sets the PTR record.")
    return ok("PTR", f"The name of {addresses[0]} leads back to it.")


def _leads_back(dns: Dns, address: str) -> bool:
    wanted = ip_address(address)
    return any(ip_address(each) == wanted for name in dns.pointers(address) for each in dns.addresses(name))


def _tags(record: str) -> dict[str, str]:
    parts = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, equals, value in parts if equals}
