"""Which addresses may be connected to: public ones, and those of networks the operator allows."""

import errno
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from newsletter.errors import UsageError

Network = IPv4Network | IPv6Network
ALLOW_VARIABLE = "NEWSLETTER_ALLOW_NETWORKS"
REFUSAL = "This address is inside your network; the program does not read such addresses. Allow it in settings"

# RFC 6890 and the IANA registries of special-purpose addresses; ``is_global`` alone differs between Python releases.
_SPECIAL_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3ffe::/16", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether ``address`` belongs to the public internet, IPv4 inside IPv6 unpacked."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _SPECIAL_IPV4)
    inside = inner_ipv4(address)
    if inside is not None:
        return is_public(inside)
    return address in _GLOBAL_UNICAST and address.is_global and not any(address in net for net in _SPECIAL_IPV6)


def inner_ipv4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that ``address`` leads to: mapped, 6to4, NAT64 or ISATAP."""
    number = int(address)
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF)
    return None


def networks_from(text: str) -> tuple[Network, ...]:
    """The networks that ``text`` lists, parted by commas or spaces: "127.0.0.0/8, ::1/128"."""
    found: list[Network] = []
    for word in text.replace(",", " ").split():
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            raise UsageError(f'"{word}" is not a network. Write for example 127.0.0.0/8.') from None
    return tuple(found)


def allowed_networks(environment: Mapping[str, str]) -> tuple[Network, ...]:
    """The networks that NEWSLETTER_ALLOW_NETWORKS allows."""
    try:
        return networks_from(environment.get(ALLOW_VARIABLE, ""))
    except UsageError as error:
        raise UsageError(f"{ALLOW_VARIABLE}: {error}") from None


def networks_of(url: str) -> tuple[Network, ...]:
    """The addresses of the one host that ``url`` names, each a network of its own; none when it has none now."""
    try:
        host = urlsplit(url).hostname or ""
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, ValueError):
        return ()
    return tuple(ip_network(each) for each in sorted(found))


class Guard:
    """Makes the sockets of the client, and only for addresses that may be read.

    It sees the address about to be connected, so a name that changes its answer, an odd spelling
    and a redirect all come past it.
    """

    def __init__(self, allow_networks: Iterable[Network] = ()) -> None:
        self._allowed = tuple(allow_networks)
        self.allows = lru_cache(4096)(self._allows)

    def _allows(self, text: str) -> bool:
        """Whether the address ``text`` may be connected to."""
        try:
            address = ip_address(text)
        except ValueError:
            return False
        inside = inner_ipv4(address) if isinstance(address, IPv6Address) else None
        if any(found in network for found in (address, inside) if found for network in self._allowed):
            return True
        return is_public(address)

    def __call__(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket for ``info``, as ``getaddrinfo`` gave it. Raises OSError for a refused address."""
        family, kind, protocol, _, where = info
        address = str(where[0])
        if not self.allows(address):
            raise OSError(errno.EACCES, refusal_of(address))
        return socket.socket(family, kind, protocol)


def refusal_of(address: str) -> str:
    """The refusal of ``address``, and how to allow it."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{REFUSAL}: its network in {ALLOW_VARIABLE} in the environment."
    return f"{REFUSAL}: {ALLOW_VARIABLE}={found}/{found.max_prefixlen} in the environment."
