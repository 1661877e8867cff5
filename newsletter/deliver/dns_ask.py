"""Questions to the DNS, by dnspython: each ends within some seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol

SECONDS = 4.0


class NoAnswer(Exception):
    """Nobody answered; that says nothing about the name."""


class Dns(Protocol):
    """Who is asked."""

    def texts(self, name: str) -> list[str]:
        """The TXT records, each joined; none when there is no such name. Raises NoAnswer."""

    def addresses(self, name: str) -> list[str]:
        """The IPv4 and IPv6 addresses."""

    def exchanges(self, name: str) -> list[str]:
        """The mail servers, the most wanted first; "" stands for a domain that takes no mail (RFC 7505)."""

    def pointers(self, address: str) -> list[str]:
        """The names of an address."""


@dataclass(frozen=True, slots=True)
class SystemDns:
    """The resolver of this machine, or the ``servers`` named; ``port`` is theirs."""

    servers: Sequence[str] = ()
    port: int = 53

    def texts(self, name: str) -> list[str]:
        """See :class:`Dns`."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def addresses(self, name: str) -> list[str]:
        """See :class:`Dns`."""
        return [each.address for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def exchanges(self, name: str) -> list[str]:
        """See :class:`Dns`."""
        found = sorted(self._ask(name, "MX"), key=lambda each: each.preference)
        return [each.exchange.to_text(omit_final_dot=True).strip(".") for each in found]

    def pointers(self, address: str) -> list[str]:
        """See :class:`Dns`."""
        import dns.reversename

        name = dns.reversename.from_address(str(ip_address(address))).to_text()
        return [each.target.to_text(omit_final_dot=True) for each in self._ask(name, "PTR")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        # Heavy: whoever shows the quick checks alone does without.
        import dns.exception
        import dns.resolver

        resolver = self._resolver()
        try:
            return list(resolver.resolve(name, kind, lifetime=SECONDS, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as wrong:
            raise NoAnswer(f"the DNS does not answer for {name}") from wrong

    def _resolver(self) -> Any:
        import dns.exception
        import dns.resolver

        try:
            found = dns.resolver.Resolver(configure=not self.servers)
        except dns.exception.DNSException as wrong:
            raise NoAnswer("no name server is set up on this machine") from wrong
        if self.servers:
            found.nameservers, found.port = list(self.servers), self.port
        return found
